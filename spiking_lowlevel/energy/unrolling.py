"""The energy of networks with integer spikes: a spike of level k is k spikes of height 1.

    E = E_MAC Σ FLOPs(l), l before the first neuron  +  E_AC Σ T D fr(l) FLOPs(l), all other l

fr: firing rate over T·D slots, so that T D fr(l) FLOPs(l) is the mean level of the input times the
multiply-accumulates of all time steps. Luo et al., "Integer-valued training and spike-driven
inference spiking neural network" (SpikeYOLO, ECCV 2024, arXiv 2407.20708), and its I-LIF neuron,
which NI-LIF is with 1/D folded into the next weights.
"""

from dataclasses import dataclass

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.literature import RateProtocol
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class IntegerUnrolling(RateProtocol):
    """As reported for integer spikes: mean level x textbook operations x 0.9 pJ an addition.

    Equal to `LiteratureProtocol` where all spikes are 0 or 1. A layer whose input is real gets the
    mean rate of all neurons times the mean level of the spikes that other layers see.
    SpikeYOLO (arXiv 2407.20708): `E_AC · T · D · fr · FLOPs`.
    """

    def mean_spikes(self, layer: Layer, recording: Recording) -> float:
        """The mean level k of an input element, zeros included."""
        if layer.activity != Activity.REAL:
            total = layer.total
            return total.units / total.elements if total.elements else 0.0
        return recording.mean_rate * mean_level(recording)


def mean_level(recording: Recording) -> float:
    """Mean level k of all spikes that enter layers; 1 where none do."""
    seen = [each.total for each in recording.synaptic if each.activity != Activity.REAL]
    spikes = sum(total.nonzero for total in seen)
    return sum(total.units for total in seen) / spikes if spikes else 1.0
