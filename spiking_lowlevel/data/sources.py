"""Where one image lies: a file, or one half of a file that holds two images side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spiking_lowlevel.data.images import image_size, read_image
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import printable

Half = Literal["left", "right"]


@dataclass(frozen=True)
class Source:
    """A place that an image [H, W, 3] is read from.

    Args:
        path: the file.
        half: which half of the file's columns; None for the whole file.
    """

    path: Path
    half: Half | None = None

    def __str__(self) -> str:
        name = printable(self.path)
        return f"{name} ({self.half} half)" if self.half else name

    def read(self) -> Image:
        """The pixels as 8-bit RGB [H, W, 3].

        Raises:
            UserError: the file cannot be read, or has no two equal halves.
        """
        return self.cut(read_image(self.path))

    def cut(self, image: Image) -> Image:
        """This source's part of the pixels [H, W, 3] of its file."""
        if self.half is None:
            return image
        width = self._half_width(image.shape[1])
        return image[:, :width] if self.half == "left" else image[:, width:]

    def size(self) -> tuple[int, int]:
        """Height and width, read from the file's header alone.

        Raises:
            UserError: the file is missing or no image, or has no two equal halves.
        """
        height, width = image_size(self.path)
        return height, width if self.half is None else self._half_width(width)

    def _half_width(self, width: int) -> int:
        if width % 2:
            raise UserError(
                f"{printable(self.path)} is {width} pixels wide, so it has no two equal halves; "
                "it is no pair side by side: remove it or name another layout"
            )
        return width // 2
