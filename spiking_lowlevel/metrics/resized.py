"""The protocol that compares pictures after bringing them all to one size."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.metrics.protocols import Protocol, Scores, returned, to_bytes
from spiking_lowlevel.metrics.psnr import psnr
from spiking_lowlevel.metrics.ssim import uniform_ssim
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class Resized(Protocol):
    """8-bit images resized to 512x512; PSNR on RGB, SSIM on grey with a flat 7x7 window, unbiased.

    `metrics.py` of SpikeRain. Both images are resized by OpenCV's bilinear filter for 8 bit
    whatever their shape, so the blur of it counts as well. PSNR over all pixels and channels; SSIM
    on Y = 0.299 R + 0.587 G + 0.114 B rounded to 8 bit, inside the image; no border is cropped.

    Args:
        side: height and width after resizing in pixels, at least 1.

    Raises:
        UserError: the side is not positive.
    """

    side: int = 512

    def __post_init__(self) -> None:
        if self.side < 1:
            raise UserError(f"Resized: side is {self.side}; give a number of pixels, at least 1")

    def __call__(self, restored: Tensor, clean: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""
        (a, grey_a), (b, grey_b) = (self._resized(x) for x in (restored, clean))
        scores = {"psnr": psnr(a, b), "ssim": uniform_ssim(grey_a, grey_b)}
        return {key: returned(values, clean) for key, values in scores.items()}

    def _resized(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """RGB [B, 3, side, side] and grey [B, 1, side, side], whole 255ths in float64."""
        pictures = to_bytes(images.detach()).cpu().numpy().astype(np.uint8).transpose(0, 2, 3, 1)
        size = (self.side, self.side)
        small = [cv2.resize(np.ascontiguousarray(picture), size) for picture in pictures]
        grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None] for picture in small]
        rgb, luma = (torch.from_numpy(np.stack(x)).movedim(-1, 1) for x in (small, grey))
        return rgb.double() / 255, luma.double() / 255
