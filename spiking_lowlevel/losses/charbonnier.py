"""Charbonnier loss: mean √((p − q)² + ε²), an absolute error that is smooth at zero.

Charbonnier et al., "Two deterministic half-quadratic regularization algorithms" (ICIP 1994).
"""

from torch import Tensor

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.registry import register


@register
class Charbonnier(Loss):
    """Mean of a smoothed absolute error.

    Args:
        epsilon: error ε > 0, in units of the image range [0, 1], below which the loss is quadratic.
    """

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The loss of images [B, 3, H, W], a scalar of at least ε."""
        return smoothed(restored - clean, self.epsilon)


def smoothed(error: Tensor, epsilon: float) -> Tensor:
    """Mean √(error² + ε²), a scalar, of an error of any shape."""
    return (error.square() + epsilon**2).sqrt().mean()
