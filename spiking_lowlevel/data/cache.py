"""Decoded pictures, kept within a bound of memory."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.degradations.base import Image


class PictureCache:
    """Reads image files, and keeps their 8-bit pixels until those read since fill the bound.

    What was used least recently goes first; a picture larger than the bound is not kept.

    Args:
        megabytes: the bound, of 2**20 bytes each; 0 keeps nothing.
    """

    def __init__(self, megabytes: float) -> None:
        self._bound, self._used = int(megabytes * 2**20), 0
        self._kept: OrderedDict[Path, Image] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        # A process that is spawned gets the bound and reads for itself; pixels are not sent along.
        return {"_bound": self._bound, "_used": 0, "_kept": OrderedDict()}

    def read(self, path: Path) -> Image:
        """The pixels of an image file as 8-bit RGB [H, W, 3], read-only.

        Raises:
            UserError: the file is missing, truncated or no image.
        """
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        image = read_image(path)
        image.flags.writeable = False
        if image.nbytes <= self._bound:
            self._keep(path, image)
        return image

    def _keep(self, path: Path, image: Image) -> None:
        self._kept[path] = image
        self._used += image.nbytes
        while self._used > self._bound:
            self._used -= self._kept.popitem(last=False)[1].nbytes
