"""Protocols on luma: limited range as in MATLAB and BasicSR, full range as in pyiqa.

The range alone moves PSNR by a constant 20 log10(255 / 219) = 1.32 dB.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from spiking_lowlevel.metrics.protocols import PixelProtocol, Scores
from spiking_lowlevel.metrics.psnr import luma, psnr
from spiking_lowlevel.metrics.ssim import fitting_side, gaussian_ssim, gaussian_window, ssim_map
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class Luma(PixelProtocol):
    """Limited-range luma of 8-bit images, unrounded; SSIM with an 11x11 Gaussian, inside the image.

    The channel of the deraining tables: BasicSR with `test_y_channel: true`, PReNet's and RCDNet's
    scripts. Y = 16 to 235 by BT.601, PSNR against a peak of 255; no border is cropped; σ is 1.5
    pixels. The window shrinks for images under 11 pixels.

    Args:
        eight_bit: round both images to 8 bit first, as saving and reading a picture does.
        crop: border in pixels that is left out at every side (BasicSR's `crop_border`).
        rounded: round Y to whole numbers, half up, as MATLAB's `rgb2ycbcr` does with 8-bit images.
    """

    rounded: bool = False

    def score(self, a: Tensor, b: Tensor) -> Scores:
        """`psnr` [B] in dB, against a peak of 255, and `ssim` [B] of images [B, 3, H, W]."""
        y, z = (_rounded(luma(x)) if self.rounded else luma(x) for x in (a, b))
        return {"psnr": psnr(y, z), "ssim": gaussian_ssim(y, z)}


@register
@dataclass(frozen=True)
class LumaRounded(Luma):
    """Limited-range luma rounded to 8 bit; SSIM with an 11x11 Gaussian, inside the image.

    `evaluate_PSNR_SSIM.m` of Restormer and DRSformer, where `rgb2ycbcr` gets 8-bit images and
    gives them back. Otherwise `Luma`.

    Args:
        eight_bit: round both images to 8 bit first, as saving and reading a picture does.
        crop: border in pixels that is left out at every side.
        rounded: round Y to whole numbers, half up.
    """

    rounded: bool = True


@register
@dataclass(frozen=True)
class LumaCropped(Luma):
    """Limited-range luma of 8-bit images, unrounded, without a border of 4 pixels.

    `evaluation.py`, which ships with ESDNet, VLIF and SpikeRain. The border is left out of PSNR
    and SSIM, whose 11x11 Gaussian then stays inside of what is left. Otherwise `Luma`.

    Args:
        eight_bit: round both images to 8 bit first, as saving and reading a picture does.
        crop: border in pixels that is left out at every side.
        rounded: round Y to whole numbers, half up.
    """

    crop: int = 4


def _rounded(y: Tensor) -> Tensor:
    # A sum that should be a half is often a hair below; other sums are at least 8e-4 away from it.
    return (255 * y + 0.5 + 1e-9).floor() / 255


@register
@dataclass(frozen=True)
class LumaFull(PixelProtocol):
    """Full-range luma, PSNR on unrounded and SSIM on rounded values, as pyiqa computes them.

    `psnry` and `ssim` of pyiqa (0.1.16) with their defaults. Y = 0.299 R + 0.587 G + 0.114 B, the
    first channel of YIQ. PSNR is −10 log10(mse + ε) and so at most 80 dB. For SSIM, 255 Y is
    rounded half to even; 11x11 Gaussian with σ 1.5 pixels, in weights of single precision, inside
    the image; negative values of the map count as 0. No border is cropped.
    The window shrinks for images under 11 pixels.

    Args:
        eight_bit: round both images to 8 bit first, as saving and reading a picture does.
        crop: border in pixels that is left out at every side (pyiqa's `crop_border`).
        epsilon: ε ≥ 0, added to the mean squared error of values in [0, 1].
    """

    epsilon: float = 1e-8

    def score(self, a: Tensor, b: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W]."""
        error = (_full_luma(a) - _full_luma(b)).square().mean((1, 2, 3))
        # One value in a thousand lies half-way: only single precision rounds it as pyiqa does.
        y, z = ((255 * _full_luma(x.float())).round().double() / 255 for x in (a, b))
        similarity = ssim_map(y, z, gaussian_window(fitting_side(11, y)).float())
        return {
            "psnr": -10 * (error + self.epsilon).log10(),
            "ssim": similarity.clamp(min=0).mean((1, 2, 3)),
        }


def _full_luma(rgb: Tensor) -> Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=rgb.dtype, device=rgb.device)
    return (rgb * weights[:, None, None]).sum(1, keepdim=True)
