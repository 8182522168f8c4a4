"""Decoded pictures, kept within a bound of memory."""

from pathlib import Path
from typing import Any

from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.degradations.base import Image


class PictureCache:
    """Reads image files, and keeps their 8-bit pixels as long as they fit into the bound.

    What is kept stays: every epoch draws all pictures of a set, and where they do not fit, the one
    that was used longest ago is the very one that comes next.

    Args:
        megabytes: the bound, of 2**20 bytes each; 0 keeps nothing.
    """

    def __init__(self, megabytes: float) -> None:
        self._free = self._bound = int(megabytes * 2**20)
        self._kept: dict[Path, Image] = {}

    def __getstate__(self) -> dict[str, Any]:
        # A process that is spawned gets the bound and reads for itself; pixels are not sent along.
        return {"_free": self._bound, "_bound": self._bound, "_kept": {}}

    def read(self, path: Path) -> Image:
        """The pixels of an image file as 8-bit RGB [H, W, 3], read-only.

        Raises:
            UserError: the file is missing, truncated or no image.
        """
        if path in self._kept:
            return self._kept[path]
        image = read_image(path)
        image.flags.writeable = False
        if image.nbytes <= self._free:
            self._kept[path] = image
            self._free -= image.nbytes
        return image
