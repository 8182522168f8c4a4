"""Metric protocols: which pixels, which channel and which window a published number means."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError

Scores = dict[str, Tensor]


class Protocol(ABC):
    """A way of scoring restored images against clean ones, one image at a time.

    Subclasses are frozen dataclasses, so that they serve as defaults and read back from a config.
    """

    kind: ClassVar[str] = "protocol"

    @property
    def name(self) -> str:
        """What tables and files call it: the class, and every field that is not at its default."""
        options = fields(self) if is_dataclass(self) else ()
        changed = [f for f in options if getattr(self, f.name) != f.default]
        inside = ", ".join(f"{f.name}={getattr(self, f.name)}" for f in changed)
        return type(self).__name__ + (f"({inside})" if inside else "")

    @abstractmethod
    def __call__(self, restored: Tensor, clean: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""


@dataclass(frozen=True)
class PixelProtocol(Protocol):
    """Protocols that begin alike: images as a file holds them, without a border, in float64.

    Args:
        eight_bit: round both images to 8 bit first, as saving and reading a picture does.
        crop: border in pixels that is left out at every side.

    Raises:
        UserError: the border is negative, or leaves nothing of an image.
    """

    eight_bit: bool = True
    crop: int = 0

    def __post_init__(self) -> None:
        if self.crop < 0:
            raise UserError(f"{self.name}: crop is {self.crop}; give a number of pixels, 0 or more")

    def __call__(self, restored: Tensor, clean: Tensor) -> Scores:
        """`psnr` [B] in dB and `ssim` [B] of images [B, 3, H, W] in [0, 1]."""
        scores = self.score(self._read(restored), self._read(clean))
        return {key: returned(values, clean) for key, values in scores.items()}

    @abstractmethod
    def score(self, a: Tensor, b: Tensor) -> Scores:
        """The scores [B] of images [B, 3, H, W] in [0, 1], read as the fields say, in float64."""

    def _read(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        if 2 * self.crop >= min(height, width):
            raise UserError(
                f"{self.name} leaves out {self.crop} pixels at every side, and nothing is left of "
                f"an image of {height}x{width} pixels; score larger images, or set crop"
            )
        inside = images[..., self.crop : height - self.crop, self.crop : width - self.crop]
        return to_bytes(inside) / 255 if self.eight_bit else in_double(inside)


def to_bytes(images: Tensor) -> Tensor:
    """Images in [0, 1] as whole numbers from 0 to 255, in float64, rounded half to even.

    These are the pixels of the pictures that `slv predict` saves.
    """
    single = images.to(torch.promote_types(images.dtype, torch.float32))
    return in_double((single.clamp(0, 1) * 255).round())


def in_double(images: Tensor) -> Tensor:
    """Images in float64: on their device, or on the processor where the device has no float64."""
    return (images.cpu() if images.device.type == "mps" else images).double()


def returned(values: Tensor, like: Tensor) -> Tensor:
    """Values on the device of the images, in the most exact type that it has."""
    return (values.float() if like.device.type == "mps" else values).to(like.device)
