"""Direct coding: the image itself is the input current of every time step.

x[t] = image;   image: [B, 3, H, W] in [0, 1],  x: [T, B, 3, H, W].
"""

from torch import Tensor

from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.registry import register


@register
class Direct(Encoder):
    """Repeats the image over time; the first layers of the network learn the code.

    Args:
        time_steps: number of time steps T ≥ 1.
    """

    def __init__(self, time_steps: int) -> None:
        super().__init__()
        self.time_steps = time_steps

    def forward(self, image: Tensor) -> Tensor:
        """A view [T, B, 3, H, W] of an image [B, 3, H, W]; no copy is made."""
        return image.expand(self.time_steps, *image.shape)
