"""The drops that fall through the view during one exposure, and how they are distributed.

Drops are uniform in the frustum that a camera sees, so their distance z has the density p(z) ~ z²;
length and width of a streak go as 1/z: near drops are long, wide and few. Wind, number, length and
brightness are drawn for the picture, and again for every drop around these values.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
THINNEST = 1.2  # pixels: a thinner streak is drawn this wide and dimmer
BRIGHTEST = 1.1  # of full scale: peaks saturate softly towards it


@dataclass(frozen=True)
class RainStatistics:
    """How the streaks of a kind of rain are distributed; lengths in pixels of a 481x321 picture.

    Sigmas are standard deviations of the natural logarithm; peaks are fractions of full scale.

    Args:
        drops: median number of streaks per megapixel.
        drops_sigma: sigma of that number, picture to picture.
        length: streak length of a median drop, in pixels.
        length_sigma: sigma of the length, drop to drop.
        length_img: sigma of the length, picture to picture.
        width: full streak width of a median drop, in pixels.
        width_sigma: sigma of the width, drop to drop.
        peak: peak brightness of a median drop, in [0, 1].
        peak_sigma: sigma of the peak, drop to drop.
        peak_img: sigma of the peak, picture to picture.
        angle_sd: standard deviation of the wind's angle from the vertical, picture to picture, in
            degrees.
        jitter: standard deviation of the angle, drop to drop, in degrees.
        layers: fewest and most wind layers of a picture, each with a direction of its own.
        layer_sd: standard deviation of the angle, layer to layer, in degrees.
        depth: distance of the farthest drops over that of the nearest, at least 1.
        soft: 1 for spindle-shaped streaks, 0 for hard-edged bars.
        bead: depth of the brightness beads along a streak, in [0, 1].
        width_img: sigma of the width, picture to picture.
    """

    drops: float
    drops_sigma: float
    length: float
    length_sigma: float
    length_img: float
    width: float
    width_sigma: float
    peak: float
    peak_sigma: float
    peak_img: float
    angle_sd: float
    jitter: float
    layers: tuple[int, int] = (1, 1)
    layer_sd: float = 0.0
    depth: float = 2.0
    soft: float = 1.0
    bead: float = 0.25
    width_img: float = 0.0


class Drops(NamedTuple):
    """The streaks of N drops, each field [N]: pixels, radians from the vertical, full scale 1."""

    x: Array
    y: Array
    angle: Array
    length: Array
    width: Array
    peak: Array
    bead_phase: Array
    bead_frequency: Array


def draw_drops(
    height: int, width: int, statistics: RainStatistics, rng: np.random.Generator, scale: float
) -> Drops:
    """Draw all drops in and around a picture; some of them miss it."""
    # The order of the draws is part of the result: another order means another picture for a seed.
    p = statistics
    layers = int(rng.integers(p.layers[0], p.layers[1] + 1))
    wind = rng.normal(0, p.angle_sd)
    typical_length = p.length * scale * np.exp(rng.normal(0, p.length_img))
    typical_peak = p.peak * np.exp(rng.normal(0, p.peak_img))
    rate = p.drops * np.exp(rng.normal(0, p.drops_sigma))
    # Half the longest streak of margin on every side: else the borders would get less rain.
    longest = 3 * typical_length
    H, W = height + longest, width + longest
    n = int(rng.poisson(rate * H * W / 1e6 / scale**2))
    angle = draw_angles(n, wind, layers, p, rng)
    z = draw_distances(n, p.depth, rng)
    length = np.minimum(typical_length * np.exp(rng.normal(0, p.length_sigma, n)) / z, longest)
    log_width = rng.normal(0, p.width_img) + rng.normal(0, p.width_sigma, n)
    true_width = p.width * scale * np.exp(log_width) / z
    peak = typical_peak * np.exp(rng.normal(0, p.peak_sigma, n))
    peak *= np.minimum(1, true_width / THINNEST)
    return Drops(
        x=rng.random(n) * W - longest / 2,
        y=rng.random(n) * H - longest / 2,
        angle=angle,
        length=length,
        width=np.maximum(true_width, THINNEST),
        peak=BRIGHTEST * np.tanh(peak / BRIGHTEST),
        bead_phase=rng.random(n) * 2 * np.pi,
        bead_frequency=rng.uniform(1.0, 4.0, n),
    )


def draw_angles(
    n: int, wind: float, layers: int, statistics: RainStatistics, rng: np.random.Generator
) -> Array:
    """Angles from the vertical [n] in radians: wind + layer + jitter, all given in degrees."""
    layer = rng.integers(0, layers, n)
    of_layer = rng.normal(0, statistics.layer_sd if layers > 1 else 0.0, layers)
    return np.deg2rad(wind + of_layer[layer] + rng.normal(0, statistics.jitter, n))


def draw_distances(n: int, depth: float, rng: np.random.Generator) -> Array:
    """Distances z [n] of density ~ z², the farthest `depth` times the nearest, with median 1."""
    z = np.cbrt(1 + rng.random(n) * (depth**3 - 1))
    return z / np.cbrt(1 + 0.5 * (depth**3 - 1))


def touching(drops: Drops, height: int, width: int) -> Drops:
    """Those of the drops whose streaks can touch the picture."""
    reach_x = 0.5 * drops.length * np.abs(np.sin(drops.angle)) + drops.width + 1
    reach_y = 0.5 * drops.length * np.abs(np.cos(drops.angle)) + drops.width + 1
    inside_x = (drops.x > -reach_x) & (drops.x < width + reach_x)
    inside_y = (drops.y > -reach_y) & (drops.y < height + reach_y)
    on = np.flatnonzero(inside_x & inside_y)
    return Drops(*(values[on] for values in drops))
