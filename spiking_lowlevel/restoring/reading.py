"""Picture files of any kind, decoded into rows, with everything that is to survive."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms, JpegImagePlugin, TiffImagePlugin

from spiking_lowlevel.decoding import faults_told, opened
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring import png_file
from spiking_lowlevel.restoring.picture import Kept, Picture
from spiking_lowlevel.restoring.rows import Rows

_TARGETS = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "PA": "RGBA",
}
_TARGETS |= dict.fromkeys(("RGB", "RGBX", "YCbCr", "CMYK", "P"), "RGB")
_ORIENTATION, _EXIF_FOLDERS = 0x0112, (34665, 34853, 40965)
Convert = Callable[[Pillow.Image], Pillow.Image]


def read(file: IO[bytes]) -> Picture:
    """Decode a picture.

    Raises:
        UserError: it is no picture, is damaged, or cannot be restored without losing data.
    """
    with opened(file) as image:
        _check(image)
        if not _is_deep(image, file):
            return _decoded(image, file)
        image.load()  # tells what is damaged, where OpenCV would guess
        kept, form = _kept(image, file), str(image.format)
    del image
    with faults_told():
        return Picture(_deep_rows(file), form, kept)


def _check(image: Pillow.Image) -> None:
    """Refuse what cannot be restored as a picture, before anything is decoded."""
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise UserError(f"holds {frames} pages or frames, of which one would be kept; split it")
    deep = image.mode == "I" and image.format == "PNG"
    if image.mode not in _TARGETS and not image.mode.startswith("I;16") and not deep:
        what = {"F": "floating-point", "I": "32-bit", "LAB": "CIELAB"}.get(image.mode, image.mode)
        raise UserError(f"has {what} pixels; 8-bit and 16-bit grey or RGB are taken")


def _decoded(image: Pillow.Image, file: IO[bytes]) -> Picture:
    image.load()  # before its tags: a TIFF is turned upright, and loses the tag that says how
    kept, notes = _kept(image, file), []
    if image.format == "MPO":
        notes.append("the first picture of several in its JPEG; the others are not written")
    if image.mode.startswith("I"):
        if "transparency" in image.info:
            notes.append("its transparent grey is not kept")
        return Picture(_rows(image, lambda band: band, np.uint16), "PNG"
                       if image.format == "PNG" else "TIFF", kept, tuple(notes))  # fmt: skip
    target = _TARGETS[image.mode]
    if "transparency" in image.info:
        target = "LA" if target == "L" else "RGBA"
    convert: Convert = lambda band: band.convert(target)  # noqa: E731
    if image.mode == "CMYK":
        convert, kept, note = _out_of_cmyk(kept)
        notes.append(note)
    elif image.mode in ("P", "PA"):
        notes.append(f"written as {target}, since restored colours are not those of its palette")
    elif image.mode == "1":
        notes.append("black and white, written as grey")
    form = "JPEG" if image.format == "MPO" else str(image.format)
    return Picture(_rows(image, convert, np.uint8), form, kept, tuple(notes))


def _rows(image: Pillow.Image, convert: Convert, dtype: Any) -> Rows:  # noqa: ANN401
    """The pixels of a picture as rows, converted band by band."""
    width, height = image.size
    first = np.asarray(convert(image.crop((0, 0, width, 1))))
    rows = Rows.empty((height, width, first.size // width), dtype)
    with rows.closed_after_an_error():
        for y, below in rows.bands():
            band = np.asarray(convert(image.crop((0, y, width, below))))
            rows.write(y, band.reshape(below - y, width, -1).astype(dtype))
    return rows


def _is_deep(image: Pillow.Image, file: IO[bytes]) -> bool:
    """Whether the colours have 16 bits, of which Pillow gives 8."""
    if image.mode.startswith("I"):
        return False
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (8,))) > 8
    if image.format == "PNG":
        file.seek(len(png_file.SIGNATURE) + 16)
        return file.read(1) == b"\x10"
    return False


def _deep_rows(file: IO[bytes]) -> Rows:
    """Pixels of 16 bits, decoded by OpenCV."""
    import cv2

    file.seek(0)
    name = getattr(file, "name", None)
    if isinstance(name, (str, Path)) and Path(name).is_file():
        data = np.memmap(name, np.uint8, "r")
    else:
        data = np.frombuffer(file.read(), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise UserError("is damaged, or of a kind of 16 bits that cannot be read")
    file.seek(len(png_file.SIGNATURE) + 17)
    grey_and_alpha = bytes(data[:4]) == b"\x89PNG" and file.read(1) == b"\x04"
    order = [0, 3] if grey_and_alpha else [2, 1, 0, 3][: pixels.shape[-1]]
    height, width = pixels.shape[:2]
    rows = Rows.empty((height, width, len(order)), np.uint16)
    with rows.closed_after_an_error():
        for y, below in rows.bands():
            rows.write(y, pixels[y:below][..., order])
    return rows


def _out_of_cmyk(kept: Kept) -> tuple[Convert, Kept, str]:
    """How printing colours become RGB: by the profile of the picture where it has a good one."""
    told = "CMYK, written as RGB"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(kept.icc))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        way = ImageCms.buildTransform(profile, target, "CMYK", "RGB")
    except (OSError, ImageCms.PyCMSError):
        plain: Convert = lambda band: band.convert("RGB")  # noqa: E731
        return plain, replace(kept, icc=b""), f"{told} without a profile"
    convert: Any = lambda band: ImageCms.applyTransform(band, way)  # noqa: E731
    return convert, replace(kept, icc=target.tobytes()), f"{told} (sRGB) by its profile"


def _kept(image: Pillow.Image, file: IO[bytes]) -> Kept:
    info, exif = image.info, image.getexif()
    saved: dict[str, Any] = {}
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(image)
        saved = {"subsampling": max(0, sampling), "progressive": "progressive" in info}
        if info.get("comment"):
            saved["comment"] = info["comment"]
    if image.format == "WEBP":
        saved = {"lossless": _is_lossless(file)}
    folders = {tag: dict(exif.get_ifd(tag)) for tag in _EXIF_FOLDERS if tag in exif}
    tags = getattr(image, "tag_v2", None)
    dpi = info.get("dpi")
    return Kept(
        icc=info.get("icc_profile") or b"",
        exif=info.get("exif") or (exif.tobytes() if exif else b""),
        xmp=_bytes(info.get("xmp")),
        dpi=(float(dpi[0]), float(dpi[1])) if dpi else None,
        orientation=int(exif.get(_ORIENTATION, 1)),
        chunks=png_file.kept_chunks(file) if image.format == "PNG" else (),
        tags={**dict(exif), **folders},
        tag_types=dict(tags.tagtype) if tags is not None else {},
        saved=saved,
        packed=info.get("compression") != "raw",
        extra=(tags.get(TiffImagePlugin.EXTRASAMPLES, (2,)) if tags is not None else (2,))[0],
    )


def _is_lossless(file: IO[bytes]) -> bool:
    """Whether the pixels of a WebP are in a chunk VP8L, which may come after other chunks."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        if head[:3] == b"VP8" and head[3:4] in b"L ":
            return head[3:4] == b"L"
        length = int.from_bytes(head[4:], "little")
        file.seek(length + length % 2, 1)
    return False


def _bytes(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b""
