"""What a spike does to the membrane potential that caused it.

h: the membrane potential before the reset, s: the spikes in {0, 1}, both [B, C, H, W].
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor


class Reset(ABC):
    """Maps the membrane potential at the time of firing to the one that the next step starts from.

    Neurons that did not fire keep their potential.
    """

    @abstractmethod
    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""

    @abstractmethod
    def write(self, h: Tensor, s: Tensor, threshold: float, out: Tensor) -> None:
        """The same, written into `out`, which may be h."""

    @abstractmethod
    def slope(self, h: Tensor, threshold: float, ds_dh: Tensor | None) -> Tensor | None:
        """dv/dh, the way through the spikes included unless ds/dh is None; None for 1."""


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

    def write(self, h: Tensor, s: Tensor, threshold: float, out: Tensor) -> None:
        """The same, written into `out`, which may be h."""
        torch.addcmul(h, h, s, value=-1, out=out)
        if self.value:
            out.add_(s, alpha=self.value)

    def slope(self, h: Tensor, threshold: float, ds_dh: Tensor | None) -> Tensor | None:
        """1 − s + (value − h) ds/dh."""
        silent = torch.lt(h, threshold, out=torch.empty_like(h))
        if ds_dh is None:
            return silent
        if not self.value:
            return silent.addcmul_(h, ds_dh, value=-1)
        return silent.addcmul_(self.value - h, ds_dh)


@dataclass(frozen=True)
class Subtract(Reset):
    """Soft reset: v = h − s · threshold. What exceeded the threshold is kept."""

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""
        return h - s * threshold

    def write(self, h: Tensor, s: Tensor, threshold: float, out: Tensor) -> None:
        """The same, written into `out`, which may be h."""
        torch.sub(h, s, alpha=threshold, out=out)

    def slope(self, h: Tensor, threshold: float, ds_dh: Tensor | None) -> Tensor | None:
        """1 − threshold ds/dh."""
        return None if ds_dh is None else 1 - threshold * ds_dh


@dataclass(frozen=True)
class NoReset(Reset):
    """A spike leaves the membrane as it is: v = h."""

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential h itself."""
        return h

    def write(self, h: Tensor, s: Tensor, threshold: float, out: Tensor) -> None:
        """The same, written into `out`, which may be h."""
        if out is not h:
            out.copy_(h)

    def slope(self, h: Tensor, threshold: float, ds_dh: Tensor | None) -> Tensor | None:
        """1, whether it fires or not."""
        return None
