"""PNG files written row by row, in 8 and 16 bits, with everything beside the pixels.

Pillow writes no colours of 16 bits, and holds a whole picture in memory to write it.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np

from spiking_lowlevel.restoring.rows import Rows

Chunk = tuple[bytes, bytes]
"""Type and content of a chunk."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_KEPT = {
    b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI", b"pHYs", b"eXIf", b"tEXt",
    b"zTXt", b"iTXt", b"tIME", b"oFFs", b"sCAL",
}  # fmt: skip


def write(file: IO[bytes], pixels: Rows, chunks: tuple[Chunk, ...] = ()) -> None:
    """Write pixels [H, W, 1 to 4] in uint8 or uint16, and chunks before them."""
    height, width, channels = pixels.shape
    depth, colour = 8 * pixels.dtype.itemsize, _COLOUR_TYPES[channels]
    file.write(SIGNATURE)
    _put(file, b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    for kind, content in chunks:
        _put(file, kind, content)
    packer = zlib.compressobj(6, strategy=zlib.Z_FILTERED)
    above = np.zeros(width * channels * pixels.dtype.itemsize, np.uint8)
    for first, last in pixels.bands():
        rows = pixels.read(first, last)
        packed = rows.astype(rows.dtype.newbyteorder(">")).reshape(last - first, -1).view(np.uint8)
        filtered = _filtered(packed, above, channels * pixels.dtype.itemsize)
        _put(file, b"IDAT", packer.compress(filtered.tobytes()))
        above = packed[-1]
    _put(file, b"IDAT", packer.flush())
    _put(file, b"IEND", b"")


def kept_chunks(file: IO[bytes]) -> tuple[Chunk, ...]:
    """The chunks of a PNG file that tell of its colours, its making and its texts, as they are."""
    file.seek(len(SIGNATURE))
    return tuple(chunk for chunk in _chunks(file) if chunk[0] in _KEPT)


def chunks_of(icc: bytes, exif: bytes, dpi: tuple[float, float] | None) -> tuple[Chunk, ...]:
    """A colour profile, EXIF data and dots per inch as chunks; none for what is empty."""
    chunks: list[Chunk] = []
    if icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)))
    if dpi:
        x, y = (round(d / 0.0254) for d in dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", x, y, 1)))
    if exif:
        chunks.append((b"eXIf", exif.removeprefix(b"Exif\0\0")))
    return tuple(chunks)


def _chunks(file: IO[bytes]) -> Iterator[Chunk]:
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in _KEPT:
            yield kind, file.read(length)
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)


def _put(file: IO[bytes], kind: bytes, content: bytes) -> None:
    file.write(struct.pack(">I", len(content)) + kind + content)
    file.write(struct.pack(">I", zlib.crc32(kind + content)))


def _filtered(rows: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    """Rows [n, bytes] as differences to their neighbours, each by the filter that leaves least."""
    b = np.concatenate([above[None], rows[:-1]])
    a, c = np.zeros_like(rows), np.zeros_like(rows)
    a[:, step:], c[:, step:] = rows[:, :-step], b[:, :-step]
    ways = np.stack([rows, rows - a, rows - b, rows - _paeth(a, b, c)])
    cost = np.abs(ways.view(np.int8).astype(np.int16)).sum(-1, dtype=np.int64)
    best = cost.argmin(0)
    out = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    out[:, 0] = np.array([0, 1, 2, 4], np.uint8)[best]
    out[:, 1:] = ways[best, np.arange(len(rows))]
    return out


def _paeth(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Of the neighbours to the left, above and between: the one closest to a + b − c."""
    left, up, corner = (n.astype(np.int16) for n in (a, b, c))
    to_a, to_b, to_c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    return np.where((to_a <= to_b) & (to_a <= to_c), a, np.where(to_b <= to_c, b, c))
