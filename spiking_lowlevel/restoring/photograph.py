"""One photograph from its file to the restored one, and what is written beside it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import IO

import numpy as np
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restore import Tiling
from spiking_lowlevel.restoring import extras, reading, writing
from spiking_lowlevel.restoring.ensemble import Ensemble
from spiking_lowlevel.restoring.picture import Picture
from spiking_lowlevel.restoring.restorer import Restorer
from spiking_lowlevel.restoring.rows import Rows
from spiking_lowlevel.restoring.streaming import Progress, restore_rows
from spiking_lowlevel.restoring.tiling import halved, out_of_memory


@dataclass(frozen=True)
class Way:
    """How photographs are restored.

    Args:
        restorer: the network.
        tiling: the tiles that it goes over a picture in.
        ensemble: whether to take the mean over eight flips and rotations.
        spikes: whether to map where it spikes.
    """

    restorer: Restorer
    tiling: Tiling
    ensemble: bool = False
    spikes: bool = False

    @property
    def network(self) -> Callable[[Tensor], Tensor]:
        """Restores tiles, with the rates of spikes beside them if these are asked for."""
        net: Callable[[Tensor], Tensor] = self.restorer.tiles
        if self.spikes:
            net = extras.Spiking(self.restorer.network, net)
        return Ensemble(net) if self.ensemble else net


@dataclass(frozen=True, eq=False)
class Restored:
    """A restored picture beside the one it was made of.

    Args:
        before: what was read.
        after: the restored one.
        rates: rate of spikes per neuron and step [H, W, 1], if they were asked for.
        notes: what does not survive, in words.
    """

    before: Picture
    after: Picture
    rates: Rows | None
    notes: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.before.pixels.shape[:2]

    def write(self, file: IO[bytes], form: str, quality: int | None) -> None:
        """Write the restored picture in a format."""
        writing.write(file, self.after, form or self.before.format, quality)

    def extra(self, word: str) -> tuple[np.ndarray, str]:
        """A picture beside it, by its word, and a note if it is reduced."""
        before, turned = self.before.pixels, self.before.kept.orientation
        if word == "compare":
            image, factor = extras.side_by_side(before, self.after.pixels, turned)
        else:
            assert self.rates is not None
            image, factor = extras.spikes_over(before, self.rates, turned)
        return image, f"{word} at 1/{factor} of the size" if factor > 1 else ""

    def close(self) -> None:
        """Free the space on disk."""
        for rows in (self.before.pixels, self.after.pixels, self.rates):
            if rows is not None:
                rows.close()


def restore(file: IO[bytes], way: Way, form: str, progress: Progress | None) -> Restored:
    """Read and restore a photograph.

    Args:
        file: of any of the formats.
        way: the network and its tiles.
        form: the format it is to be written in; empty for its own.
        progress: is told after every tile.

    Raises:
        UserError: it cannot be read or restored, or the format cannot hold it.
    """
    picture = reading.read(file)
    try:
        lost = writing.check(picture, form or picture.format)
        after, rates, smaller = _restored(picture.pixels, way, progress)
    except BaseException:
        picture.pixels.close()
        raise
    notes = (*picture.notes, *lost, *smaller)
    return Restored(picture, replace(picture, pixels=after), rates, notes)


def _restored(
    pixels: Rows, way: Way, progress: Progress | None
) -> tuple[Rows, Rows | None, tuple[str, ...]]:
    """Restored pixels and rates of spikes; with smaller tiles if memory runs out, and a note."""
    H, W, _ = pixels.shape
    out = Rows.empty(pixels.shape, pixels.dtype)
    rates = Rows.empty((H, W, 1), np.float32) if way.spikes else None
    tiling: Tiling | None = way.tiling
    notes: tuple[str, ...] = ()
    try:
        while tiling is not None:
            try:
                restore_rows(way.network, pixels, out, tiling, rates, progress)
                return out, rates, notes
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
            tiling = halved(tiling, max(H, W))
            notes = (f"memory ran out: tiles of {tiling.tile}",) if tiling else ()
        raise UserError("memory ran out, even in the smallest tiles")
    except BaseException:
        out.close()
        if rates is not None:
            rates.close()
        raise


def restored(file: IO[bytes], way: Way, form: str, progress: Progress | None) -> closing[Restored]:
    """`restore` for a with statement, which frees the space on disk at its end."""
    return closing(restore(file, way, form, progress))
