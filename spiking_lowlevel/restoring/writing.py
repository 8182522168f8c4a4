"""Restored pictures as files: of the format they came in, with all that came with them."""

from dataclasses import replace
from typing import IO

import numpy as np
from PIL import Image as Pillow

from spiking_lowlevel.decoding import one_line
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring import png_file, tiff_file
from spiking_lowlevel.restoring.picture import Kept, Picture
from spiking_lowlevel.restoring.rows import Rows

_LONGEST = {"JPEG": 65_500, "WEBP": 16_383}
_LONGEST_SEGMENT = 65_504  # bytes, where XMP has a name of 29 before it
QUALITY = 95


def check(picture: Picture, form: str) -> tuple[str, ...]:
    """What is lost by writing in that format, in words, told before anything is restored.

    Raises:
        UserError: the format cannot hold the picture.
    """
    height, width, channels = picture.pixels.shape
    if max(height, width) > _LONGEST.get(form, height + width):
        raise UserError(f"is {width}x{height}; {form} ends at {_LONGEST[form]} pixels a side")
    if channels in (2, 4) and form in ("JPEG", "BMP"):
        raise UserError(f"has an alpha channel, which {form} cannot hold; see --format png")
    deep = picture.pixels.dtype == np.uint16 and form not in ("PNG", "TIFF")
    lost = [f"16 bits, written as 8, since {form} has no more"] if deep else []
    if form == "JPEG":
        lost += [f"{name}, too long for JPEG" for name in _too_long(picture.kept)]
    return tuple(lost)


def write(file: IO[bytes], picture: Picture, form: str, quality: int | None = None) -> None:
    """Write a picture as PNG, JPEG, TIFF, WEBP or BMP.

    Args:
        file: to write to.
        picture: what `check` has let through.
        form: the format.
        quality: of JPEG and WebP, 1 to 100; without it 95, or lossless as the input was.

    Raises:
        UserError: what its file held beside the pixels has no place in the format.
        OSError: the file cannot be written to.
    """
    try:
        _write(file, picture, form, quality)
    except (OSError, MemoryError, UserError):
        raise
    except Exception as error:  # damaged tags may be of any value
        raise UserError(
            f"holds data beside its pixels that {form} cannot hold: {one_line(error)}"
        ) from None


def _write(file: IO[bytes], picture: Picture, form: str, quality: int | None) -> None:
    kept = picture.kept
    if form == "PNG":
        own = kept.chunks if picture.format == "PNG" else ()
        chunks = own or png_file.chunks_of(kept.icc, kept.exif, kept.dpi)
        png_file.write(file, picture.pixels, chunks)
        return
    if form == "TIFF":
        tiff_file.write(file, picture.pixels, kept)
        return
    if form == "JPEG":
        kept = replace(kept, **dict.fromkeys(map(str.lower, _too_long(kept)), b""))
    options: dict[str, object] = {"icc_profile": kept.icc or None, "exif": kept.exif}
    options |= {"dpi": kept.dpi} if kept.dpi else {}
    options |= {"xmp": kept.xmp} if kept.xmp else {}
    options["quality"] = quality or QUALITY
    if form == "JPEG":
        own = kept.saved if picture.format == "JPEG" else {}
        options |= {"subsampling": 0, **own}
    if form == "WEBP":
        options["exact"] = True
        options["lossless"] = quality is None and picture.format != "JPEG" and kept.saved.get(
            "lossless", picture.format != "WEBP"
        )  # fmt: skip
        if options["lossless"]:
            del options["quality"]  # of lossless WebP it is the effort
    _as_pillow(picture.pixels).save(file, format=form, **options)


def _too_long(kept: Kept) -> list[str]:
    """What is more than one segment of a JPEG holds."""
    lengths = {"EXIF": len(kept.exif), "XMP": len(kept.xmp)}
    return [name for name, length in lengths.items() if length > _LONGEST_SEGMENT]


def _as_pillow(pixels: Rows) -> Pillow.Image:
    """Pixels in 8 bits as one image of Pillow, four bytes a pixel in memory."""
    height, width, channels = pixels.shape
    image = Pillow.new(("L", "LA", "RGB", "RGBA")[channels - 1], (width, height))
    for y, below in pixels.bands():
        rows = pixels.read(y, below)
        if rows.dtype == np.uint16:
            rows = ((rows.astype(np.uint32) + 128) // 257).astype(np.uint8)
        band = rows[..., 0] if channels == 1 else rows
        image.paste(Pillow.fromarray(np.ascontiguousarray(band)), (0, y))
    return image
