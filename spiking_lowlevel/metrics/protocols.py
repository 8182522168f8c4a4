"""Metric protocols: which channel, which window and which border a published number means."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from spiking_lowlevel.metrics.psnr import luma, psnr
from spiking_lowlevel.metrics.ssim import gaussian_window, ssim_map, uniform_window
from spiking_lowlevel.registry import register


class Protocol(ABC):
    """A way of scoring restored images against clean ones, one image at a time.

    Subclasses are frozen dataclasses, so that they serve as defaults and read back from a config.
    """

    kind: ClassVar[str] = "protocol"

    @abstractmethod
    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""


def _side(largest: int, image: Tensor) -> int:
    """The largest odd window side that fits the image, at most `largest`."""
    short = min(largest, *image.shape[-2:])
    return short - 1 + short % 2


@register
@dataclass(frozen=True)
class RGB(Protocol):
    """RGB in floating point; SSIM with a flat 7x7 window, unbiased, inside the image.

    What VLIF's test script prints; equal to scikit-image's `structural_similarity` with its
    defaults, `channel_axis` and `data_range` 1. The window shrinks for images under 7 pixels.
    """

    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""
        side = _side(7, clean)
        unbias = side**2 / max(1, side**2 - 1)
        similarity = ssim_map(restored, clean, uniform_window(side), unbias=unbias)
        return {"psnr": psnr(restored, clean), "ssim": similarity.mean((1, 2, 3))}


@register
@dataclass(frozen=True)
class Luma(Protocol):
    """BT.601 limited-range luma in floating point; SSIM with an 11x11 Gaussian, inside the image.

    The channel and window of the deraining tables (PReNet's and RCDNet's scripts): nothing is
    rounded, no border is cropped. The window shrinks for images under 11 pixels.
    """

    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""
        a, b = luma(restored), luma(clean)
        similarity = ssim_map(a, b, gaussian_window(_side(11, clean)))
        return {"psnr": psnr(a, b), "ssim": similarity.mean((1, 2, 3))}
