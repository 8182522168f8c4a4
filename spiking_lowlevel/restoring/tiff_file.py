"""TIFF files written strip by strip, in 8 and 16 bits, with the tags of the file they come from.

Pillow writes no colours of 16 bits, and holds a whole picture in memory to write it.
"""

import shutil
import tempfile
import zlib
from typing import IO

import numpy as np
from PIL import TiffImagePlugin as Tiff

from spiking_lowlevel.restoring.picture import Kept
from spiking_lowlevel.restoring.rows import Rows

_DEFLATE, _NONE = 8, 1
# How pixels are stored, and where: said anew. A preview or a mask would be of the old pixels.
_STRUCTURE = {
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288,
    289, 290, 291, 292, 293, 301, 317, 318, 319, 320, 322, 323, 324, 325, 330, 332, 333, 334, 336,
    338, 339, 340, 341, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559,
}  # fmt: skip
_ICC, _XMP = 34675, 700


def write(file: IO[bytes], pixels: Rows, kept: Kept) -> None:
    """Write pixels [H, W, 1 to 4] in uint8 or uint16, with tags, colour profile and resolution."""
    height, width, channels = pixels.shape
    bands = pixels.bands()
    with tempfile.TemporaryFile() as strips:
        sizes = [strips.write(_strip(pixels.read(*band), kept.packed)) for band in bands]
        ifd = _tags(kept)
        ifd[Tiff.IMAGEWIDTH], ifd[Tiff.IMAGELENGTH] = width, height
        ifd[Tiff.BITSPERSAMPLE] = (8 * pixels.dtype.itemsize,) * channels
        ifd[Tiff.COMPRESSION] = _DEFLATE if kept.packed else _NONE
        ifd[Tiff.PHOTOMETRIC_INTERPRETATION] = 2 if channels > 2 else 1
        ifd[Tiff.SAMPLESPERPIXEL], ifd[Tiff.PLANAR_CONFIGURATION] = channels, 1
        ifd[Tiff.ROWSPERSTRIP] = bands[0][1]
        ifd.tagtype[Tiff.STRIPOFFSETS] = ifd.tagtype[Tiff.STRIPBYTECOUNTS] = 4
        ifd[Tiff.STRIPBYTECOUNTS] = tuple(sizes)
        ifd[Tiff.STRIPOFFSETS] = tuple(sum(sizes[:i]) for i in range(len(sizes)))
        if kept.packed:
            ifd[Tiff.PREDICTOR] = 2
        if channels in (2, 4):
            ifd[Tiff.EXTRASAMPLES] = (kept.extra,)
        ifd.save(file)
        strips.seek(0)
        shutil.copyfileobj(strips, file)


def _strip(rows: np.ndarray, packed: bool) -> bytes:
    """Rows [n, W, C] as the bytes of a strip, packed as differences to the pixel on the left."""
    little = rows.astype(rows.dtype.newbyteorder("<"))
    if not packed:
        return little.tobytes()
    little[:, 1:] -= rows[:, :-1]
    return zlib.compress(little.tobytes())


def _tags(kept: Kept) -> Tiff.ImageFileDirectory_v2:
    ifd = Tiff.ImageFileDirectory_v2(prefix=b"II")
    for tag, value in kept.tags.items():
        if tag not in _STRUCTURE:
            if tag in kept.tag_types:
                ifd.tagtype[tag] = kept.tag_types[tag]
            if isinstance(value, dict):
                ifd.tagtype[tag] = 4
            ifd[tag] = value
    if kept.dpi and Tiff.X_RESOLUTION not in kept.tags:
        ifd[Tiff.RESOLUTION_UNIT] = 2
        ifd[Tiff.X_RESOLUTION], ifd[Tiff.Y_RESOLUTION] = kept.dpi
    for tag, content, kind in ((_ICC, kept.icc, 7), (_XMP, kept.xmp, 1)):
        ifd.tagtype[tag] = kind
        if content:
            ifd[tag] = content
    if kept.orientation != 1:
        ifd[274] = kept.orientation
    return ifd
