"""Where spikes stop paying: rates and counts to hold a network against."""

from dataclasses import dataclass
from typing import Literal

from spiking_lowlevel.energy.base import Arithmetic, Constant
from spiking_lowlevel.energy.baselines import repeats
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.recording import Recording


@dataclass(frozen=True)
class Band:
    """Two published limits: below both of them spikes pay, above both they do not.

    Args:
        low: the stricter one.
        high: the other.
    """

    low: Constant
    high: Constant

    def place(self, value: float) -> Literal["below", "within", "above"]:
        """Where a value lies; both limits are within."""
        if value < self.low.value:
            return "below"
        return "above" if value > self.high.value else "within"


def _quoted(value: float, unit: str, source: str) -> Constant:
    return Constant(value, unit, "", source, "second-hand")


_YAN = "Yan, Bai, Wong, arXiv 2409.08290"
MEAN_RATE = Band(
    _quoted(0.057, "spikes/neuron/step", f"{_YAN} v4, abstract: 5.7 % at T = 5"),
    _quoted(0.064, "spikes/neuron/step", f"{_YAN} v2 and v3, abstract: 6.4 % for T from 5 to 10"),
)
"""Mean firing rate below which spikes beat integers of as many bits, data movement counted."""

_DAMPFHOFFER = "Dampfhoffer et al., IEEE TETCI 2023, abstract: by how the ANN reuses data"
SPIKES_PER_SYNAPSE = Band(
    _quoted(0.15, "spikes/synapse/inference", _DAMPFHOFFER),
    _quoted(1.38, "spikes/synapse/inference", _DAMPFHOFFER),
)
"""Spikes that a synapse may carry an inference for the network to compete with an ANN."""


def break_even_rate(arithmetic: Arithmetic, time_steps: int) -> float:
    """The firing rate r at which T steps of additions cost one step of multiply-accumulates.

    r = E_MAC / (T · E_AC); above 1 binary spikes are never dearer, which tells nothing of them.
    """
    return arithmetic.mac / (time_steps * arithmetic.add.value)


def understatement(honest: float, usual: float) -> float | None:
    """How many times more a network costs than the usual protocol tells; None where that is 0."""
    return honest / usual if usual else None


def spikes_per_synapse(recording: Recording) -> float | None:
    """Spikes that a synapse carries while one image is processed, on average.

    Σ AC / Σ (MACs / steps), over the layers that see spikes: every tap inside an image is a synapse
    of its own, a layer that runs T times has each of them once, and a spike of level k is k spikes.
    Layers with real input have no spikes to count; None where there are no others.
    """
    driven = [each for each in recording.synaptic if each.activity != Activity.REAL]
    synapses = sum(each.total.macs / repeats(each, recording) for each in driven)
    return sum(each.accumulations for each in driven) / synapses if synapses else None
