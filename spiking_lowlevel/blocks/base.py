"""What a block is: features over time to features over time."""

from abc import ABC
from typing import ClassVar

from torch import Tensor, nn


class Block(nn.Module, ABC):
    """A part of a network: [T, B, C, H, W] to [T, B, C', H', W']."""

    kind: ClassVar[str] = "block"


def per_frame(layer: nn.Module, x: Tensor) -> Tensor:
    """Run a layer that knows no time, [N, C, H, W] to [N, C', H', W'], on x [T, B, C, H, W]."""
    return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
