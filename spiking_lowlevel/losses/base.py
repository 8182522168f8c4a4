"""What a loss is: how far restored images are from clean ones."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn


class Loss(nn.Module, ABC):
    """Maps restored and clean images, both [B, 3, H, W], to a scalar to minimise."""

    kind: ClassVar[str] = "loss"

    @abstractmethod
    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The loss, a scalar; `restored` is not clamped."""
