"""1 − SSIM: the loss that VLIF, ESDNet and SpikeRain were trained with.

An 11x11 Gaussian window with σ = 1.5 pixels, zeros around the image so that border pixels count,
the mean over everything. Equations in `metrics.ssim`.
"""

from torch import Tensor

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.metrics.ssim import gaussian_window, ssim_map
from spiking_lowlevel.registry import register


@register
class SSIMLoss(Loss):
    """One minus structural similarity, in the form of the published deraining networks."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        # The authors round the window to single precision; so do we, to agree in double as well.
        self.register_buffer("window", gaussian_window(11, 1.5).float(), persistent=False)

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """1 − mean SSIM of images [B, 3, H, W], a scalar in [0, 2]."""
        return 1 - ssim_map(restored, clean, self.window, padding=5).mean()
