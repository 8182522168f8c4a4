"""Rain for many small crops: layers of streaks are made once, then cut anew for every crop.

O = clip(B + S) as in `rain`; S is a piece of a layer that `Rain` makes. Layers have no borders of
their own: a piece of a large one is distributed as a small one is. But wind, number, length and
brightness of the drops belong to a layer, so of these there are as many draws as layers.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from spiking_lowlevel.degradations.base import Degradation, Image
from spiking_lowlevel.degradations.rain import Preset, Rain, fall
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class RainBank(Degradation):
    """The rain of `Rain`, cut out of ready layers: a fraction of its cost for training crops.

    A picture that is higher or wider than a layer, as whole photographs are, gets the very rain
    that `Rain` gives it. So scores on such pictures are those of `Rain`.

    Args:
        preset: the benchmark set whose rain is meant: light, heavy, or many fine streaks.
        layers: how many there are to draw from, each with a wind and brightness of its own.
        side: of a square layer, in pixels; more than that of the crops, and less than that of
            pictures to be scored.
        scale: size of the streaks, > 0; 1 suits pictures of about 481x321 pixels.
        seed: of the layers, at least 0.

    Raises:
        UserError: there is no such preset, or a number is out of its range.
    """

    preset: Preset = "rain200l"
    layers: int = 256
    side: int = 128
    scale: float = 1.0
    seed: int = 2  # its 256 layers come closest to the mean brightness of Rain

    def __post_init__(self) -> None:
        Rain(self.preset, self.scale)  # refuses what it does not know
        for name, value, least in (
            ("layers", self.layers, 1),
            ("side", self.side, 1),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise UserError(f"RainBank: {name} is {value}; it is at least {least}")

    def __call__(self, clean: Image, rng: np.random.Generator) -> Image:
        """A rainy copy [H, W, 3] of `clean`; equal states of `rng` give equal bytes."""
        height, width, _ = clean.shape
        if max(height, width) > self.side:
            return Rain(self.preset, self.scale)(clean, rng)
        layer = _layer(self, int(rng.integers(self.layers)))
        top = rng.integers(self.side - height + 1)
        left = rng.integers(self.side - width + 1)
        streaks = layer[top : top + height, left : left + width]
        if rng.random() < 0.5:  # wind blows as often from the left as from the right
            streaks = streaks[:, ::-1]
        return fall(clean, streaks.astype(np.uint16))


def _layer(bank: RainBank, index: int) -> NDArray[np.uint8]:
    """Layer [side, side] of a bank, in grey levels clipped at 255, as the sum will be anyway."""
    # Each is made when it is first drawn: no wait at the start, no layer made that a short run does
    # not draw, and every loader process fills its own bank, with the same layers in any order.
    made = _made(bank)
    if index not in made:
        rng = np.random.default_rng((bank.seed, index))
        streaks = Rain(bank.preset, bank.scale).streaks(bank.side, bank.side, rng)
        made[index] = np.minimum(streaks, 255).astype(np.uint8)
    return made[index]


@lru_cache(maxsize=4)
def _made(bank: RainBank) -> dict[int, NDArray[np.uint8]]:
    """The layers that this process has made so far, shared by equal banks."""
    return {}
