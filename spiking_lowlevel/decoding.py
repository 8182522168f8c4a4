"""Picture files as strangers make them: opened within bounds, and refused in a line."""

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import printable

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
"""What is taken, by its content. The other formats of Pillow start programs or are no pictures."""
LARGEST = 110_000_000
"""Pixels of the largest picture that is taken, a little over 100 megapixels."""
LARGEST_FILE = 2**30
"""Bytes of the largest file: more than as many pixels of four channels in 16 bits take."""


class NoPicture(UserError):  # noqa: N818  as it is told
    """A file is none of the formats that are taken."""


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Pillow.Image]:
    """A picture of which the header is read; what its decoding stumbles over is told as below.

    Pillow's bound is replaced by ours. Its warnings of odd metadata are nobody's to mend.

    Args:
        file: that can be gone back in.

    Raises:
        UserError: it is no picture, is too large, or is damaged: in a line, without its name.
    """
    try:
        with faults_told(), _quiet, Pillow.open(file, formats=FORMATS) as image:
            _require_size(*image.size)
            yield image
    except NoPicture:
        file.seek(0, io.SEEK_END)
        if file.tell() == 0:
            raise NoPicture("is empty") from None
        raise


@contextmanager
def faults_told() -> Iterator[None]:
    """What a decoder stumbles over, as a line for the user.

    Raises:
        UserError: something was wrong.
    """
    try:
        yield
    except UserError:
        raise
    except UnidentifiedImageError:
        raise NoPicture("is no PNG, JPEG, TIFF, WebP or BMP") from None
    except OSError as error:
        raise UserError(error.strerror or f"is damaged: {one_line(error)}") from None
    except MemoryError:
        raise UserError("does not fit into memory") from None
    except Exception as error:  # decoders raise anything over damaged data
        raise UserError(f"is damaged: {one_line(error)}") from None


def open_file(path: Path) -> IO[bytes]:
    """A file to read a picture from, no pipe that would be waited for.

    Raises:
        UserError: it is a pipe, a socket or a device, or larger than any picture that is taken.
        OSError: it cannot be opened.
    """
    found = os.stat(path)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise UserError("is a pipe, a socket or a device, and no file")
    if found.st_size > LARGEST_FILE:
        raise UserError(
            f"is a file of {found.st_size / 1e9:.1f} GB; at most {LARGEST_FILE / 1e9:.1f} are taken"
        )
    return path.open("rb")  # refuses a folder, locked or not


def one_line(error: BaseException) -> str:
    """What an error says, in a line of bounded length."""
    return printable(" ".join(str(error).split()))[:120] or type(error).__name__


def _require_size(width: int, height: int) -> None:
    if width * height > LARGEST:
        raise UserError(
            f"has {width}x{height} = {width * height / 1e6:.0f} megapixels; at most "
            f"{LARGEST / 1e6:.0f} are taken"
        )
    if width < 1 or height < 1:
        raise UserError(f"is damaged: it has {width}x{height} pixels")


class _Quiet:
    """Pillow without its bound and its warnings, while any thread is inside.

    Both are one for the whole process, so the last thread to leave brings them back.
    """

    def __init__(self) -> None:
        self._lock, self._inside = Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._bound, Pillow.MAX_IMAGE_PIXELS = Pillow.MAX_IMAGE_PIXELS, None
                self._warnings = warnings.catch_warnings()
                self._warnings.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._warnings.__exit__(None, None, None)
                Pillow.MAX_IMAGE_PIXELS = self._bound


_quiet = _Quiet()
