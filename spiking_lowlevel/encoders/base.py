"""What an encoder is: how an image becomes an input current over time."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn


class Encoder(nn.Module, ABC):
    """Turns an image into a current; the constructor takes the number of time steps T first."""

    kind: ClassVar[str] = "encoder"

    @abstractmethod
    def forward(self, image: Tensor) -> Tensor:
        """Current [T, B, 3, H, W] that stands for an image [B, 3, H, W] in [0, 1]."""
