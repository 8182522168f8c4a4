"""What a spike does to the membrane potential that caused it.

h: the membrane potential before the reset, s: the spikes in {0, 1}, both [B, C, H, W].
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor


class Reset(ABC):
    """Maps the membrane potential at the time of firing to the one that the next step starts from.

    Neurons that did not fire keep their potential.
    """

    @abstractmethod
    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""


@dataclass(frozen=True)
class ToZero(Reset):
    """Hard reset: v = (1 − s) h + s · value.

    Args:
        value: potential of a neuron that has just fired.
    """

    value: float = 0.0

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""
        kept = (1 - s) * h
        return kept + self.value * s if self.value else kept


@dataclass(frozen=True)
class Subtract(Reset):
    """Soft reset: v = h − s · threshold. What exceeded the threshold is kept."""

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""
        return h - s * threshold


@dataclass(frozen=True)
class NoReset(Reset):
    """A spike leaves the membrane as it is: v = h."""

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential h itself."""
        return h
