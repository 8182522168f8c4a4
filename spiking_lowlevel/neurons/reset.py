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
    def gradient(
        self, h: Tensor, s: Tensor, threshold: float, g: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """Gradients of h and of s from that of the potential after the reset, g; None for zero."""


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

    def gradient(
        self, h: Tensor, s: Tensor, threshold: float, g: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """(1 − s) g and (value − h) g."""
        return torch.addcmul(g, g, s, value=-1), (self.value - h).mul_(g)


@dataclass(frozen=True)
class Subtract(Reset):
    """Soft reset: v = h − s · threshold. What exceeded the threshold is kept."""

    def __call__(self, h: Tensor, s: Tensor, threshold: float | Tensor) -> Tensor:
        """The membrane potential after the reset, of the shape of h."""
        return h - s * threshold

    def write(self, h: Tensor, s: Tensor, threshold: float, out: Tensor) -> None:
        """The same, written into `out`, which may be h."""
        torch.sub(h, s, alpha=threshold, out=out)

    def gradient(
        self, h: Tensor, s: Tensor, threshold: float, g: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """The gradient g itself and −threshold · g."""
        return g, g * -threshold


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

    def gradient(
        self, h: Tensor, s: Tensor, threshold: float, g: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """The gradient g itself, and none for s."""
        return g, None
