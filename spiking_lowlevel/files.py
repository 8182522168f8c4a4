"""Files that are never half there, and names of files that may be anything but a slash."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

LONGEST_NAME = 255
"""Bytes of the longest name of a file that file systems take."""
# Controls, ends of lines, what turns the direction of writing round, and bytes that are no UTF-8.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; renamed to `path` at the end, removed after an error.

    Makes the folder where it is missing.

    Raises:
        OSError: the folder cannot be made, the name is too long, or it is a folder's; told before
            anything is written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _require_place(path)
    beside = path.with_name(_beside(path.name))
    beside.unlink(missing_ok=True)  # a link of that name is not written through
    try:
        yield beside
        os.replace(beside, path)
    except OSError as error:
        if error.errno and error.filename is None:  # a full disk does not say what for
            error.filename = str(path)
        raise
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8")


def printable(name: object) -> str:
    r"""A name or path as a text of one line that every terminal shows as it is.

    >>> print(printable("a picture\nwith a line.png"))
    a picture\nwith a line.png
    """
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], str(name))


def _beside(name: str) -> str:
    """The name while a file is written: with .part behind, cut where that would be too long."""
    if len(os.fsencode(name)) + len(".part") <= LONGEST_NAME:
        return f"{name}.part"
    return f"{name[:32]}-{crc32(os.fsencode(name)):08x}.part"


def _require_place(path: Path) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
