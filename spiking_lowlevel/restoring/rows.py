"""Pixels by rows, in memory or in a file, as large pictures are kept while they are restored."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Self

import numpy as np

BAND = 2**21
"""Bytes that go through memory at once where a picture is read, written or reduced row by row."""
_LARGEST_IN_MEMORY = 2**24


@dataclass(frozen=True, eq=False)
class Rows:
    """An array [H, W, C] of which some rows at a time are in memory.

    Small ones are kept whole. Others lie in an unnamed file of the folder for temporary files
    (`TMPDIR`), which is gone with the process, however that ends. A file and no memory map: a full
    disk is an error then, and no signal that ends the process.

    Args:
        shape: height, width and channels.
        dtype: of the values.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    _store: np.ndarray | IO[bytes]

    @classmethod
    def empty(cls, shape: tuple[int, int, int], dtype: Any) -> Self:  # noqa: ANN401
        """Room for such an array."""
        kind = np.dtype(dtype)
        small = np.prod(shape, dtype=np.int64) * kind.itemsize <= _LARGEST_IN_MEMORY
        return cls(shape, kind, np.zeros(shape, kind) if small else tempfile.TemporaryFile())

    @classmethod
    def of(cls, array: np.ndarray) -> Self:
        """An array [H, W, C] that is in memory already."""
        height, width, channels = array.shape
        return cls((height, width, channels), array.dtype, array)

    def read(self, first: int, last: int) -> np.ndarray:
        """The rows [last − first, W, C]; not to be written to."""
        if isinstance(self._store, np.ndarray):
            return self._store[first:last]
        _, width, channels = self.shape
        self._store.seek(first * self._row)
        data = self._store.read((last - first) * self._row)
        return np.frombuffer(data, self.dtype).reshape(-1, width, channels)

    def write(self, first: int, rows: np.ndarray) -> None:
        """Put rows [n, W, C] in their place."""
        if isinstance(self._store, np.ndarray):
            self._store[first : first + len(rows)] = rows
        else:
            self._store.seek(first * self._row)
            self._store.write(np.ascontiguousarray(rows, self.dtype).data)
            self._store.flush()  # a full disk shows here, and not when the file is closed

    def bands(self, multiple: int = 1) -> list[tuple[int, int]]:
        """First and last rows of bands that go through memory at once, multiples of a number."""
        height = max(1, BAND // self._row // multiple) * multiple
        return [(y, min(y + height, self.shape[0])) for y in range(0, self.shape[0], height)]

    def close(self) -> None:
        """Free the space on disk now."""
        if not isinstance(self._store, np.ndarray):
            self._store.close()

    @contextmanager
    def closed_after_an_error(self) -> Iterator[None]:
        """Frees the space on disk if what happens inside fails."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    @property
    def _row(self) -> int:
        return self.shape[1] * self.shape[2] * self.dtype.itemsize
