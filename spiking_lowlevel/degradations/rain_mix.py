"""Rain of several kinds in one training: every picture draws the preset that it is rained on with.

A network that has seen one preset alone knows one density of rain: trained on heavy rain it wipes
texture off lightly rained pictures, trained on light rain it leaves most of a heavy one standing.
"""

from dataclasses import dataclass

import numpy as np

from spiking_lowlevel.degradations.base import Degradation, Image
from spiking_lowlevel.degradations.rain import Preset, Rain
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class RainMix(Degradation):
    """The rain of `Rain`, with a preset drawn anew for every picture.

    Args:
        presets: the benchmark sets whose rain is meant; see `Rain`.
        shares: of the presets among the pictures, each > 0, in any unit; equal when left out.
        scale: size of the streaks, > 0; 1 suits pictures of about 481x321 pixels.

    Raises:
        UserError: there is no such preset, none is given, a share is missing or not positive, or
            the scale is not positive.
    """

    presets: tuple[Preset, ...] = ("rain200l", "rain200h", "rain12")
    shares: tuple[float, ...] | None = None
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.presets:
            raise UserError("RainMix: presets is empty; give at least one")
        for preset in self.presets:
            Rain(preset, self.scale)  # refuses what it does not know
        if self.shares is None:
            return
        if len(self.shares) != len(self.presets) or not min(self.shares) > 0:
            raise UserError(
                f"RainMix: shares is {self.shares}; it is one number above 0 for each of the "
                f"{len(self.presets)} presets"
            )

    def __call__(self, clean: Image, rng: np.random.Generator) -> Image:
        """A rainy copy [H, W, 3] of `clean`; equal states of `rng` give equal bytes."""
        shares = np.asarray(self.shares or [1.0] * len(self.presets))
        drawn = rng.choice(len(self.presets), p=shares / shares.sum())
        return Rain(self.presets[drawn], self.scale)(clean, rng)
