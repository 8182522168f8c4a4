"""Small valid pictures of every kind that a reader may meet, and headers that promise too much."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

RNG = np.random.default_rng(0)
BYTES = RNG.integers(256, size=(11, 17, 4), dtype=np.uint8)
WORDS = RNG.integers(65536, size=(11, 17, 4), dtype=np.uint16)
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
HUGE = ((1, 2**31 - 1), (60_000, 60_000), (10_000, 10_000), (2**24, 2**24), (0, 7))
SUFFIXES = (".png", ".jpg", ".tif", ".webp", ".bmp")
Spoil = Callable[[bytes, int, int], bytes]
"""Changes the bytes of a file at a place, by an amount."""
_FOUND = 1500  # pixels a side at most where a decoder takes what is missing for grey


@cache
def valid() -> tuple[bytes, ...]:
    """The pictures, always the same."""
    return (*_plain(), *_lines(), *_animated(), *_deep(), *_with_metadata())


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _modes() -> dict[str, Image.Image]:
    rgba = Image.fromarray(BYTES)
    modes = {m: rgba.convert(m) for m in ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "F", "I")}
    modes["I;16"] = Image.fromarray(WORDS[..., 0])
    return modes


def _plain() -> Iterator[bytes]:
    takes = {
        "PNG": ("1", "L", "LA", "RGB", "RGBA", "P", "I;16"),
        "JPEG": ("1", "L", "RGB", "CMYK"),
        "TIFF": ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "I;16", "I", "F"),
        "WEBP": ("RGB", "RGBA"),
        "BMP": ("1", "L", "RGB", "RGBA", "P"),
    }
    for form, names in takes.items():
        for name in names:
            yield _saved(_modes()[name], form)
    rgb = _modes()["RGB"]
    yield from (_saved(rgb, "TIFF", compression=c) for c in ("tiff_lzw", "tiff_adobe_deflate"))
    yield from (_saved(_modes()["1"], "TIFF", compression=c) for c in ("group4", "packbits"))
    yield _saved(rgb, "TIFF", compression="jpeg")
    yield _saved(rgb, "JPEG", progressive=True)
    yield _saved(rgb, "WEBP", lossless=True)
    yield _saved(_modes()["P"], "PNG", transparency=3)


def _lines() -> Iterator[bytes]:
    """One pixel wide, and one pixel high."""
    for form in ("PNG", "JPEG", "TIFF", "WEBP", "BMP"):
        yield _saved(Image.fromarray(BYTES[:1, :, :3]), form)
        yield _saved(Image.fromarray(BYTES[:, :1, :3]), form)


def _animated() -> Iterator[bytes]:
    pictures = [Image.fromarray(BYTES[..., i : i + 3]) for i in (0, 1)]
    for form in ("PNG", "TIFF", "WEBP", "MPO"):
        yield _saved(pictures[0], form, save_all=True, append_images=pictures[1:])


def _deep() -> Iterator[bytes]:
    for suffix in (".png", ".tiff"):
        for channels in (3, 4):
            yield cv2.imencode(suffix, WORDS[..., :channels])[1].tobytes()
    rows = np.pad(WORDS[..., :2].astype(">u2").reshape(11, -1).view(np.uint8), ((0, 0), (1, 0)))
    yield png((17, 11), 16, 4, zlib.compress(rows.tobytes()))


def _with_metadata() -> Iterator[bytes]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(34665)[0x829A] = 0.5
    exif.get_ifd(34853)[2] = (1.0, 2.0, 3.0)
    rgb, kept = Image.fromarray(BYTES[..., :3]), {"exif": exif.tobytes(), "icc_profile": ICC}
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "Rain", zip=True)
    texts.add_itxt("Author", "Ré", "fr", "Auteur", zip=True)
    yield _saved(rgb, "PNG", pnginfo=texts, dpi=(300, 300), **kept)
    for form in ("JPEG", "TIFF", "WEBP"):
        yield _saved(rgb, form, dpi=(72, 72), **kept)
    yield _saved(rgb, "JPEG", comment=b"a comment", xmp=b"<x/>")
    yield interlaced()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    size: tuple[int, int], depth: int, colour: int, idat: bytes, before: bytes = b"", lace: int = 0
) -> bytes:
    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, lace)
    body = chunk(b"IHDR", head) + before + chunk(b"IDAT", idat) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def interlaced() -> bytes:
    """One pixel of grey in the seven passes of Adam7, and a text behind it."""
    return png((1, 1), 8, 0, zlib.compress(b"\0\x80"), chunk(b"tEXt", b"Title\0Rain"), lace=1)


def _deflated(count: int) -> bytes:
    """A stream that inflates to so many zeros."""
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(count // 2**20)) + packer.flush()


@cache
def bombs() -> tuple[bytes, ...]:
    """Files of some kilobytes that inflate to far more, and ones that say that they hold more."""
    flat, stream = zlib.compress(bytes(18 * 11)), _deflated(2**28)
    texts = (
        chunk(b"zTXt", b"Title\0\0" + stream),
        chunk(b"iTXt", b"Title\0\1\0\0\0" + stream),
        chunk(b"iCCP", b"ICC\0\0" + stream),
        chunk(b"zTXt", b"Title\0\0" + _deflated(2**20)) * 80,
    )
    tags = ImageFileDirectory_v2()
    tags[270] = "a" * 70_000
    return (
        png((17, 11), 8, 0, stream),
        *(png((17, 11), 8, 0, flat, text) for text in texts),
        *(png(size, 8, 2, stream[:4000]) for size in HUGE),
        *(png(size, 16, 6, stream[:4000]) for size in HUGE),
        _saved(Image.fromarray(BYTES[..., :3]), "TIFF", tiffinfo=tags),
        *(webp_canvas(_less(size, 2**24)) for size in HUGE),
        b"II*\0" + struct.pack("<I", 8) + b"\xff\xff" + bytes(range(256)) * 20,
        b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 256, 4, 2**31, 8) + bytes(4),
    )


def webp_canvas(size: tuple[int, int]) -> bytes:
    """An animation of one small frame that says it has a canvas of that size."""
    frame = _saved(Image.fromarray(BYTES[..., :3]), "WEBP", lossless=True)[12:]
    width, height = (struct.pack("<I", max(1, side) - 1)[:3] for side in size)
    head = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + width + height
    place = bytes(6) + struct.pack("<I", 16)[:3] + struct.pack("<I", 10)[:3] + bytes(4)
    parts = head + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    parts += b"ANMF" + struct.pack("<I", len(place + frame)) + place + frame
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts


def promised(data: bytes, size: tuple[int, int]) -> bytes:
    """The file with another size in its header, its checksum put right; as it is if it has none."""
    width, height = size
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        head = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
        return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    if data[:2] == b"BM":
        return data[:18] + struct.pack("<ii", width & 0x7FFFFFFF, height & 0x7FFFFFFF) + data[26:]
    if data[:2] == b"\xff\xd8":
        return _promised_jpeg(data, size)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _promised_tiff(data, size)
    if data[:4] == b"RIFF":
        return webp_canvas(_less(size, 2**24))
    return data


def _less(size: tuple[int, int], most: int) -> tuple[int, int]:
    """A size that a format can tell, and if it is one that we take, no more than a test has to."""
    most = _FOUND if size[0] * size[1] <= 110_000_000 else most
    return min(size[0], most), min(size[1], most)


def _promised_jpeg(data: bytes, size: tuple[int, int]) -> bytes:
    width, height = _less(size, 65_535)
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        at = data.find(marker)
        if at >= 0:
            return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]
    return data


def _promised_tiff(data: bytes, size: tuple[int, int]) -> bytes:
    order = "<" if data[:2] == b"II" else ">"
    out = bytearray(data)
    start = int.from_bytes(data[4:8], "little" if order == "<" else "big")
    if start + 2 > len(data):
        return data
    (count,) = struct.unpack_from(f"{order}H", data, start)
    for i in range(count):
        at = start + 2 + 12 * i
        if at + 12 > len(data):
            break
        (tag,) = struct.unpack_from(f"{order}H", data, at)
        if tag in (256, 257):
            struct.pack_into(f"{order}HHII", out, at, tag, 4, 1, size[tag - 256])
    return bytes(out)
