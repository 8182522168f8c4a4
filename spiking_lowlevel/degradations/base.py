"""What a degradation is: a seeded function that spoils a clean photograph."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""An 8-bit RGB image [H, W, 3]."""


class Degradation(ABC):
    """Makes the degraded picture of a pair from the clean one; all chance comes from `rng`.

    Subclasses are frozen dataclasses, so that they serve as defaults and read back from a config.
    """

    kind: ClassVar[str] = "degradation"

    @abstractmethod
    def __call__(self, clean: Image, rng: np.random.Generator) -> Image:
        """A degraded copy [H, W, 3] of `clean`; equal states of `rng` give equal bytes."""
