"""Protocols on the three colour channels."""

from dataclasses import dataclass

from torch import Tensor

from spiking_lowlevel.metrics.protocols import PixelProtocol, Scores
from spiking_lowlevel.metrics.psnr import psnr
from spiking_lowlevel.metrics.ssim import gaussian_ssim, uniform_ssim
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class RGB(PixelProtocol):
    """RGB in floating point; SSIM with a flat 7x7 window, unbiased, inside the image.

    What VLIF's test script prints. PSNR over all pixels and channels; no border is cropped; SSIM
    is scikit-image's `structural_similarity` with its defaults, `channel_axis` and `data_range` 1.
    The window shrinks for images under 7 pixels.

    Args:
        eight_bit: round both images to 8 bit first.
        crop: border in pixels that is left out at every side.
    """

    eight_bit: bool = False

    def score(self, a: Tensor, b: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W]."""
        return {"psnr": psnr(a, b), "ssim": uniform_ssim(a, b)}


@register
@dataclass(frozen=True)
class RGB8(PixelProtocol):
    """RGB in 8 bit; SSIM with an 11x11 Gaussian, inside the image, mean of the channels.

    What BasicSR reports with `test_y_channel: false`. PSNR over all pixels and channels; no border
    is cropped; σ is 1.5 pixels. The window shrinks for images under 11 pixels.

    Args:
        eight_bit: round both images to 8 bit first.
        crop: border in pixels that is left out at every side (BasicSR's `crop_border`).
    """

    def score(self, a: Tensor, b: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W]."""
        return {"psnr": psnr(a, b), "ssim": gaussian_ssim(a, b)}
