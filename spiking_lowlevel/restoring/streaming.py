"""Pictures of any size through a network, tile by tile: memory grows with the tile, not with them.

The result is that of the strategy on the whole picture, since the same tiles are merged by the same
weights; but only one row of tiles is in memory, and rows are done with when the next begin below.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from spiking_lowlevel.restore import Tiling
from spiking_lowlevel.restoring.rows import Rows

Network = Callable[[Tensor], Tensor]
"""Makes of degraded tiles [B, 3, h, w] restored ones on the CPU, with further channels or none."""
Progress = Callable[[int, int], None]
"""Is told after every tile how many are done, and how many there are."""


def restore_rows(
    network: Network,
    source: Rows,
    out: Rows,
    tiling: Tiling,
    further: Rows | None = None,
    progress: Progress | None = None,
) -> None:
    """Restore a picture in tiles from rows to rows; `out` gets what `source` is of.

    Grey goes in as three equal channels and comes back as their mean; alpha is left as it is.
    Values are rounded half to even.

    Args:
        network: restores tiles, for instance `Restorer.tiles`.
        source: grey, grey and alpha, RGB or RGBA [H, W, 1 to 4] in uint8 or uint16.
        out: of the shape and type of the source.
        tiling: side of the tiles, where they lie, and how they are merged.
        further: gets the channels after the first three [H, W, C], as they are.
        progress: is told after every tile.
    """
    H, W, channels = source.shape
    height, width = tiling.side(H), tiling.side(W)
    ys, xs = tiling.starts(H, height), tiling.starts(W, width)
    planes = 3 + (further.shape[2] if further else 0)
    weights = tiling.weights(height, width).float()
    band = _Band(torch.zeros(planes + 1, height, W))
    for i, (y, below) in enumerate(zip(ys, [*ys[1:], H], strict=True)):
        rows = source.read(y, y + height)
        for j, x in enumerate(xs):
            restored = network(_batch(rows[:, x : x + width]))[0]
            band.add(x, restored, weights)
            if progress is not None:
                progress(i * len(xs) + j + 1, len(ys) * len(xs))
        done = band.take(below - y)
        if channels in (2, 4):
            out.write(y, np.concatenate([_levels(done, out), rows[: below - y, :, -1:]], -1))
        else:
            out.write(y, _levels(done, out))
        if further is not None:
            further.write(y, done[3:].permute(1, 2, 0).numpy())


class _Band:
    """Σ weight·tile and Σ weight [planes + 1, h, W] over the rows that are not done with."""

    def __init__(self, room: Tensor) -> None:
        self.sums = room

    def add(self, x: int, tile: Tensor, weights: Tensor) -> None:
        """A tile [planes, h, w] whose first column is x."""
        window = self.sums[..., x : x + weights.shape[1]]
        window[:-1].addcmul_(tile, weights)
        window[-1] += weights

    def take(self, rows: int) -> Tensor:
        """The weighted mean [planes, rows, W] of the upper rows; the others move up."""
        done = self.sums[:-1, :rows] / self.sums[-1:, :rows]
        self.sums = torch.cat([self.sums[:, rows:], torch.zeros_like(self.sums[:, :rows])], 1)
        return done


def _batch(pixels: np.ndarray) -> Tensor:
    """The colours of pixels [h, w, C] as a batch [1, 3, h, w] in [0, 1]."""
    colours = pixels[..., :1] if pixels.shape[-1] < 3 else pixels[..., :3]
    scaled = colours.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return torch.from_numpy(scaled.transpose(2, 0, 1).copy())[None].expand(1, 3, -1, -1)


def _levels(restored: Tensor, out: Rows) -> np.ndarray:
    """Restored colours [3 or more, n, W] as the values [n, W, 1 or 3] of a picture."""
    colours = restored[:3] if out.shape[2] > 2 else restored[:3].mean(0, keepdim=True)
    scaled = colours.clamp(0, 1) * np.iinfo(out.dtype).max
    return scaled.round().permute(1, 2, 0).numpy().astype(out.dtype)
