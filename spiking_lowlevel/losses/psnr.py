"""PSNR loss: minus the peak signal-to-noise ratio, (10 / ln 10) · mean_b ln(mse_b + ε).

mse_b: mean squared error of image b over channels and pixels. It is finite for equal images.
"""

from torch import Tensor

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.metrics.psnr import luma as to_luma
from spiking_lowlevel.registry import register


@register
class PSNRLoss(Loss):
    """Minus the PSNR in dB, image by image.

    Args:
        luma: compare BT.601 limited-range luma instead of RGB.
        epsilon: ε > 0, added to the mean squared error; 1e-8 bounds the loss at −80 dB.
    """

    def __init__(self, luma: bool = False, epsilon: float = 1e-8) -> None:
        super().__init__()
        self.luma = luma
        self.epsilon = epsilon

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The loss of images [B, 3, H, W], a scalar in dB."""
        a, b = (to_luma(x) if self.luma else x for x in (restored, clean))
        return 10 * ((a - b).square().mean((1, 2, 3)) + self.epsilon).log10().mean()
