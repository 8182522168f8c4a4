"""From degraded to restored images of any size: whole, or in overlapping tiles.

Attention pools over all that a network sees, so tiles change the result: a strategy is part of what
a published number means. Every strategy pads by repeating the last row and column, crops back, and
clamps to [0, 1] at the end.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.footprint import bytes_per_pixel


class Strategy(ABC):
    """A way to restore images that may be larger than what a network takes at once.

    Subclasses are frozen dataclasses, so that they serve as defaults and read back from a config.
    """

    @abstractmethod
    def __call__(self, network: Network, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size."""


@dataclass(frozen=True)
class Whole(Strategy):
    """The whole image at once; memory grows with its area."""

    def __call__(self, network: Network, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size."""
        return network.restore(degraded)


@dataclass(frozen=True)
class Tiling(Strategy):
    """Overlapping tiles of one size, merged by a weighted mean.

    Args:
        tile: side of a tile, in pixels.
        overlap: pixels that neighbours share, at least.

    Raises:
        UserError: the overlap is negative, or not smaller than the tile.
    """

    tile: int
    overlap: int

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.tile:
            raise UserError(
                f"{type(self).__name__}: tile {self.tile} and overlap {self.overlap}; the overlap "
                "is at least 0 and smaller than the tile"
            )

    @torch.no_grad()
    def __call__(self, network: Network, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size."""
        H, W = degraded.shape[-2:]
        height, width = self.side(H), self.side(W)
        places = (self.starts(H, height), self.starts(W, width))
        return merged(network, degraded, places, self.weights(height, width)).clamp(0, 1)

    @abstractmethod
    def side(self, length: int) -> int:
        """Side of the tiles along a side of an image, neither longer than it nor than `tile`."""

    @abstractmethod
    def starts(self, length: int, tile: int) -> list[int]:
        """First pixels of the tiles along a side of an image, which is at least as long as one."""

    @abstractmethod
    def weights(self, height: int, width: int) -> Tensor:
        """Positive weights [height, width] of the pixels of a tile, in float64."""


@dataclass(frozen=True)
class Tiles(Tiling):
    """Overlapping tiles, evenly spread, that fade into each other along linear ramps.

    Where one tile ends its neighbour has full weight, so no seam is left; no tile overlaps more
    than it has to, so tiles may be shorter than asked for. An image that fits in one tile is
    restored whole. What size is best depends on the network: some that were trained on crops do
    better on tiles like these, others need the context of larger ones.

    Args:
        tile: longest side of a tile, in pixels.
        overlap: pixels that neighbours share, at least.
    """

    tile: int = 96
    overlap: int = 16

    def side(self, length: int) -> int:
        """As short as the same number of tiles allows: shared pixels are computed twice."""
        return even_side(length, self.tile, self.overlap)

    def starts(self, length: int, tile: int) -> list[int]:
        """First pixels of as few tiles as cover a side, at even distances."""
        return spread_starts(length, tile, self.overlap)

    def weights(self, height: int, width: int) -> Tensor:
        """Ramps along all four borders of a tile [height, width], 1 inside."""
        return torch.outer(ramps(height, self.overlap), ramps(width, self.overlap))


@dataclass(frozen=True)
class PublishedTiles(Tiling):
    """Tiles as in the test scripts of VLIF, ESDNet and SpikeRain, for their numbers to compare.

    Tiles start at every multiple of tile − overlap, the last one at the border; a pixel counts by
    the inverse of its distance from the middle of the tile. A side no longer than a tile, at which
    those scripts fail, is covered by one tile of its length.

    Args:
        tile: side of a tile, in pixels.
        overlap: pixels that neighbours share; the last two share more.
    """

    tile: int = 80
    overlap: int = 8

    def side(self, length: int) -> int:
        """The tile, or the whole of a shorter side."""
        return min(self.tile, length)

    def starts(self, length: int, tile: int) -> list[int]:
        """First pixels of the tiles along a side, as the authors place them."""
        return published_starts(length, tile, self.tile - self.overlap)

    def weights(self, height: int, width: int) -> Tensor:
        """The inverse of the distance from the middle of a tile [height, width]."""
        return inverse_distance(height, width)


@dataclass(frozen=True)
class WithinMemory(Strategy):
    """The whole image in one pass where memory allows, else feathered tiles as large as it allows.

    The bound is a number and not what happens to be free, since attention pools over a tile: the
    same image has to give the same result on every machine. Fewer pixels are computed twice than
    with `Tiles` of the default size; whether the result is better depends on the crops that the
    network was trained on.

    Args:
        gigabytes: what the features of one pass may take, in 2**30 bytes, beside weights and image.
        overlap: pixels that neighbouring tiles share, at least.

    Raises:
        UserError: the bound is not above 0, or the overlap is negative.
    """

    gigabytes: float = 2.0
    overlap: int = 32

    def __post_init__(self) -> None:
        if self.gigabytes <= 0 or self.overlap < 0:
            raise UserError(
                f"WithinMemory: gigabytes {self.gigabytes:g} and overlap {self.overlap}; the bound "
                "is above 0, the overlap at least 0"
            )

    def __call__(self, network: Network, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size."""
        images, _, H, W = degraded.shape
        pixels = self.gigabytes * 2**30 / max(1, bytes_per_pixel(network)) / images
        if pixels >= H * W:
            return network.restore(degraded)
        side = int(pixels**0.5) // network.multiple * network.multiple
        if side <= self.overlap:
            raise UserError(
                f"WithinMemory: {self.gigabytes:g} gigabytes hold tiles of {side} pixels, which "
                f"the overlap of {self.overlap} leaves nothing of; raise gigabytes"
            )
        return Tiles(side, self.overlap)(network, degraded)


def merged(
    network: Network, image: Tensor, places: tuple[list[int], ...], weights: Tensor
) -> Tensor:
    """Σ weight·tile / Σ weight over the tiles [B, 3, h, w] at all places, row by row.

    Args:
        network: restores each tile.
        image: the images [B, 3, H, W].
        places: the first rows, and the first columns of the tiles.
        weights: of the pixels of a tile [h, w], all positive.
    """
    height, width = weights.shape
    weights = weights.to(image)
    total, share = torch.zeros_like(image), torch.zeros_like(image[:1, :1])
    for y, x in product(*places):
        window = (..., slice(y, y + height), slice(x, x + width))
        total[window] += network.padded(image[window]) * weights
        share[window] += weights
    return total / share


def published_starts(length: int, tile: int, stride: int) -> list[int]:
    """First pixels of the tiles along a side of at least `tile` pixels, as the authors place them.

    0, stride, 2·stride, ... below the length; of these not the ones whose tile reaches the end; and
    one that ends where the image does.

    >>> published_starts(153, 80, 72)
    [0, 72, 73]
    """
    return [s for s in range(0, length, stride) if s + tile < length] + [length - tile]


def spread_starts(length: int, tile: int, overlap: int) -> list[int]:
    """First pixels of as few tiles as cover a side with that overlap, at even distances.

    >>> spread_starts(480, 256, 32)
    [0, 224]
    """
    steps = -(-(length - tile) // max(1, tile - overlap))
    return [round(i * (length - tile) / max(1, steps)) for i in range(steps + 1)]


def even_side(length: int, tile: int, overlap: int) -> int:
    """The shortest side, in steps of 16 pixels, of as many tiles as sides of `tile` would need.

    >>> even_side(481, 336, 16), even_side(321, 336, 16), even_side(480, 96, 16)
    (256, 321, 96)
    """
    tile = min(tile, length)
    count = len(spread_starts(length, tile, overlap))
    needed = -(-(length + (count - 1) * overlap) // count)
    return min(tile, -(-needed // 16) * 16)


def inverse_distance(height: int, width: int) -> Tensor:
    """1 / √((y − height/2)² + (x − width/2)² + 1e-3), the published weights of a tile, float64."""
    y, x = ((torch.arange(side).double() - side / 2).square() for side in (height, width))
    return (y[:, None] + x + 1e-3).rsqrt()


def ramps(tile: int, overlap: int) -> Tensor:
    """Weights [tile] in float64 that rise over the overlap at either end, and are 1 between."""
    inside = torch.arange(1, tile + 1, dtype=torch.float64)
    nearest = torch.minimum(inside, inside.flip(0))
    return (nearest / (overlap + 1)).clamp(max=1)
