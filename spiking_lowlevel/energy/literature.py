"""The energy of a spiking network as papers report it: firing rates times textbook numbers.

    E = E_MAC Σ FLOPs(l), l before the first neuron  +  E_AC Σ rate(l) FLOPs(l), all other l

FLOPs(l): multiply-accumulates of a layer over all time steps, taps on the padding included.
E_MAC = 4.6 pJ, E_AC = 0.9 pJ. Zhou et al., "Spikformer" (ICLR 2023, arXiv 2209.15425), and the
papers that follow it. What the first layers see is taken to be an image, and what every other one
sees to be spikes; neither is looked at.
"""

from abc import abstractmethod
from dataclasses import dataclass

from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel, Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import FP32
from spiking_lowlevel.registry import register


def before_neurons(layer: Layer, recording: Recording) -> bool:
    """Whether a layer ran before any spiking neuron did, and so sees the image."""
    for each in recording.layers:
        if each.op == "neuron":
            return False
        if (each.name, each.op) == (layer.name, layer.op):
            return True
    return True


class RateProtocol(CostModel):
    """Layers priced by how many spikes an element of their input holds on average.

    E = E_MAC FLOPs before the first neuron, else E_AC · `mean_spikes` · FLOPs, in pJ
    """

    scope = (
        "layers with synapses, taps on the padding included, real inputs charged as if they were "
        "spikes; free: norms, neurons, sums, gates, pools, biases, memory"
    )

    @abstractmethod
    def mean_spikes(self, layer: Layer, recording: Recording) -> float:
        """Spikes that the protocol assumes in an element of a layer's input, on average."""

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The energy of a layer in pJ; nothing where it has no synapses."""
        if not layer.synaptic:
            return Price()
        macs = layer.total.macs_dense
        if before_neurons(layer, recording):
            return Price(compute=macs * FP32.mac)
        return Price(compute=self.mean_spikes(layer, recording) * macs * FP32.add.value)

    def constants(self) -> dict[str, Constant]:
        """Energy of an addition and of a multiplication."""
        return {"add": FP32.add, "multiply": FP32.multiply}

    @property
    def arithmetic(self) -> Arithmetic:
        """Single precision."""
        return FP32


@register
@dataclass(frozen=True)
class LiteratureProtocol(RateProtocol):
    """As usually reported: firing rate x textbook operations x 0.9 pJ, 4.6 pJ in the first layers.

    The rate is the share of a layer's input that is not zero, whatever its height. A layer whose
    input is real has none; the protocol charges it all the same, with the mean rate of all neurons,
    the one global rate of STEP (arXiv 2505.11151). A network without neurons is all
    multiply-accumulates. Spikformer (arXiv 2209.15425): `SOPs(l) = fr · T · FLOPs(l)`.
    """

    def mean_spikes(self, layer: Layer, recording: Recording) -> float:
        """The firing rate: the layer's own, or that of all neurons where its input is real."""
        return recording.mean_rate if layer.activity == Activity.REAL else layer.rate
