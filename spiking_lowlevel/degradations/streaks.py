"""The light that falling drops leave in one exposure: a layer of streaks S [H, W].

    S(u) = Σ_n p l w ∫∫ f(t, s) (1 + b sin(2πνt + φ)) κ(u − c − t l d − s w e) dt ds
    f(t, s) = (1 − q) + q cos(πt) cos²(πs);   t, s in [−1/2, 1/2]

Drop n has its own centre c, length l, width w, direction d (e: perpendicular to it), peak p, and
beads of frequency ν and phase φ; b: depth of the beads, q: softness, κ: bilinear interpolation. So
a streak keeps its brightness at every sub-pixel position and angle. Beads stand for the oscillation
of drops: Garg and Nayar, "Photorealistic rendering of rain streaks" (2006).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiking_lowlevel.degradations.drops import (
    Array,
    Drops,
    RainStatistics,
    draw_drops,
    touching,
)


class Samples(NamedTuple):
    """Points of light, each field [M]: pixels, (0, 0) at the first pixel's centre; full scale 1."""

    x: Array
    y: Array
    light: Array


def streak_layer(
    height: int,
    width: int,
    statistics: RainStatistics,
    rng: np.random.Generator,
    scale: float = 1.0,
) -> NDArray[np.float32]:
    """A layer of streaks S [H, W] ≥ 0 in fractions of full scale, not clipped at 1.

    `scale` enlarges the streaks and thins them out, as if the picture had been enlarged by it.
    """
    drops = touching(draw_drops(height, width, statistics, rng, scale), height, width)
    return splat(lay_samples(drops, statistics.soft, statistics.bead), height, width)


def lay_samples(drops: Drops, soft: float, bead: float) -> Samples:
    """Cover every streak by a grid of samples at most one pixel apart, of its brightness x area."""
    f4 = np.float32
    along = np.maximum(2, np.ceil(drops.length)).astype(np.int64)
    across = np.maximum(2, np.ceil(drops.width)).astype(np.int64)
    n, t, s = grid(along, across)

    def per_sample(values: Array) -> NDArray[np.float32]:
        return values.astype(f4)[n]

    sin, cos = np.sin(drops.angle), np.cos(drops.angle)
    length, width = drops.length, drops.width
    x = per_sample(drops.x) + t * per_sample(length * sin) + s * per_sample(width * cos)
    y = per_sample(drops.y) + t * per_sample(length * cos) - s * per_sample(width * sin)
    light = per_sample(drops.peak * (length / along) * (width / across))
    if soft > 0:
        light *= (1 - f4(soft)) + f4(soft) * np.cos(f4(np.pi) * t) * np.cos(f4(np.pi) * s) ** 2
    if bead > 0:
        waves = per_sample(2 * np.pi * drops.bead_frequency)
        light *= 1 + f4(bead) * np.sin(waves * t + per_sample(drops.bead_phase))
    return Samples(x, y, light)


def grid(
    along: NDArray[np.int64], across: NDArray[np.int64]
) -> tuple[NDArray[np.int32], Array, Array]:
    """The drop n and the places t, s in (−1/2, 1/2) of along x across samples a drop, all [M]."""
    count = along * across
    n = np.repeat(np.arange(len(count), dtype=np.int32), count)
    index = np.arange(len(n), dtype=np.int32) - (np.cumsum(count) - count).astype(np.int32)[n]
    columns = across.astype(np.int32)[n]
    row = index // columns
    t = (row + 0.5) * (1 / along).astype(np.float32)[n] - 0.5
    s = (index - row * columns + 0.5) * (1 / across).astype(np.float32)[n] - 0.5
    return n, t, s


def splat(samples: Samples, height: int, width: int) -> NDArray[np.float32]:
    """Share every sample among its four pixels, by bilinear weights, and add up: [H, W]."""
    on = (samples.x > -1) & (samples.x < width) & (samples.y > -1) & (samples.y < height)
    x, y, light = (values[np.flatnonzero(on)] for values in samples)
    left, top = np.floor(x), np.floor(y)
    right_weight, lower_weight = x - left, y - top
    # A frame of one pixel takes what falls beside the picture.
    W = width + 2
    size = (height + 2) * W
    corner = (top.astype(np.int64) + 1) * W + left.astype(np.int64) + 1
    lower = light * lower_weight
    light -= lower  # what is left is for the upper row
    total = np.bincount(corner, light * (1 - right_weight), size + W + 1)
    total[1:] += np.bincount(corner, light * right_weight, size + W)
    total[W:] += np.bincount(corner, lower * (1 - right_weight), size + 1)
    total[W + 1 :] += np.bincount(corner, lower * right_weight, size)
    return total[:size].reshape(height + 2, W)[1:-1, 1:-1].astype(np.float32)
