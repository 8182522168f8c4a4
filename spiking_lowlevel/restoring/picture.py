"""A decoded picture, with everything of its file that is to survive."""

from dataclasses import dataclass, field
from typing import Any

from spiking_lowlevel.restoring.png_file import Chunk
from spiking_lowlevel.restoring.rows import Rows

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP", ".bmp": "BMP",
}  # fmt: skip
"""Format of a file by its suffix."""


@dataclass(frozen=True)
class Kept:
    """What a file holds beside its pixels; empty where it does not.

    Args:
        icc: colour profile.
        exif: EXIF data, as in a JPEG.
        xmp: XMP packet.
        dpi: dots per inch, across and down.
        orientation: the EXIF tag, 1 to 8; pixels are as stored, not turned by it.
        chunks: of a PNG, as they are.
        tags: of a TIFF or of EXIF data, by number.
        tag_types: of the tags of a TIFF.
        saved: how it was coded, as options of Pillow: sampling of a JPEG, lossless WebP.
        packed: whether a TIFF is compressed.
        extra: what the alpha of a TIFF means, its tag ExtraSamples.
    """

    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    chunks: tuple[Chunk, ...] = ()
    tags: dict[int, Any] = field(default_factory=dict)
    tag_types: dict[int, int] = field(default_factory=dict)
    saved: dict[str, Any] = field(default_factory=dict)
    packed: bool = True
    extra: int = 2


@dataclass(frozen=True)
class Picture:
    """Pixels, and what belongs to them.

    Args:
        pixels: grey, grey and alpha, RGB or RGBA [H, W, 1 to 4] in uint8 or uint16, as stored.
        format: of the file, by its content: PNG, JPEG, TIFF, WEBP or BMP.
        kept: what is written back unchanged.
        notes: what does not survive, in words.
    """

    pixels: Rows
    format: str
    kept: Kept
    notes: tuple[str, ...] = ()
