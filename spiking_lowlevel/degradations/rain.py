"""Rain streaks as in the benchmark sets: O = clip(B + S), the same S in all three channels.

B, O: clean and rainy picture [H, W, 3], 8 bits a channel; S ≥ 0: streak layer [H, W], see
`streaks`. So it is in the real pairs: O − B is never negative and, unless it clips at 255, grey to
0.1 grey levels; there is no haze, veil or transparency.

The presets are fitted to real pairs. Real pairs / this module on the same backgrounds (± is the
standard deviation over pictures; covered: fraction of pixels with S > 3 grey levels):

    preset      measured on            PSNR of O in dB, luma            covered
    rain200l    100 of Rain100L        26.90 ± 3.9 / 26.6 ± 4.2         0.24 / 0.24
    rain200h    25 of Rain100H/200H    14.49 ± 4.1 / 13.5–14.7 ± 4.3    0.83 / 0.79
    rain12      12 of Rain12           30.14 ± 3.4 / 29.8 ± 3.7         0.31 / 0.28

Wind, number, length and brightness of the drops vary from picture to picture, hence the ± 4 dB.
Rain200L/H (which extend Rain100L/H): Yang et al., "Deep joint rain detection and removal from a
single image" (2017); Rain12: Li et al., "Rain streak removal using layer priors" (2016).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spiking_lowlevel.degradations.base import Degradation, Image
from spiking_lowlevel.degradations.drops import RainStatistics
from spiking_lowlevel.degradations.streaks import streak_layer
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register

Preset = Literal["rain200l", "rain200h", "rain12"]
PRESETS: dict[str, RainStatistics] = {
    "rain200l": RainStatistics(
        drops=2450,
        drops_sigma=0.25,
        length=33,
        length_sigma=0.60,
        length_img=0.35,
        width=3.2,
        width_sigma=0.30,
        peak=0.165,
        peak_sigma=0.50,
        peak_img=0.40,
        angle_sd=14.5,
        jitter=1.8,
        depth=1.8,
        soft=1.0,
        bead=0.35,
    ),
    "rain200h": RainStatistics(
        drops=11500,
        drops_sigma=0.38,
        length=42,
        length_sigma=0.45,
        length_img=0.45,
        width=1.9,
        width_sigma=0.30,
        width_img=0.20,
        peak=0.165,
        peak_sigma=0.40,
        peak_img=0.33,
        angle_sd=6.0,
        jitter=1.5,
        layers=(1, 3),
        layer_sd=6.0,
        depth=1.5,
        soft=0.15,
        bead=0.05,
    ),
    "rain12": RainStatistics(
        drops=7000,
        drops_sigma=0.25,
        length=17,
        length_sigma=0.55,
        length_img=0.35,
        width=2.5,
        width_sigma=0.25,
        peak=0.105,
        peak_sigma=0.50,
        peak_img=0.35,
        angle_sd=10,
        jitter=3.0,
        depth=1.8,
        soft=1.0,
        bead=0.35,
    ),
}


@register
@dataclass(frozen=True)
class Rain(Degradation):
    """Streaks of rain, added to the picture: O = clip(B + S), rounded to 8 bits.

    Args:
        preset: the benchmark set whose rain is meant: light, heavy, or many fine streaks.
        scale: size of the streaks, > 0; 1 suits pictures of about 481x321 pixels.

    Raises:
        UserError: there is no such preset, or the scale is not positive.
    """

    preset: Preset = "rain200l"
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UserError(f"Rain: preset is {self.preset!r}; choose one of {', '.join(PRESETS)}")
        if not self.scale > 0:
            raise UserError(f"Rain: scale is {self.scale}; the size of streaks is above 0")

    def __call__(self, clean: Image, rng: np.random.Generator) -> Image:
        """A rainy copy [H, W, 3] of `clean`; equal states of `rng` give equal bytes."""
        height, width, _ = clean.shape
        return fall(clean, self.streaks(height, width, rng))

    def streaks(self, height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint16]:
        """A layer of streaks S [H, W] in whole grey levels, not clipped at 255."""
        layer = streak_layer(height, width, PRESETS[self.preset], rng, self.scale)
        # The layer is rounded before the sum: so float rounding cannot tint a streak.
        return (255 * layer + 0.5).astype(np.uint16)


def fall(clean: Image, streaks: NDArray[np.uint16]) -> Image:
    """O = clip(B + S): `clean` [H, W, 3] with streaks [H, W] added to every channel."""
    return np.minimum(clean + streaks[..., None], 255).astype(np.uint8)
