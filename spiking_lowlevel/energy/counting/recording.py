"""All that was seen of a network: its layers, the images, and what no rule was known for."""

from dataclasses import dataclass

from spiking_lowlevel.energy.counting.layer import Layer


@dataclass(frozen=True)
class Uncounted:
    """An operation that no rule is known for.

    Args:
        op: its full name, such as "mylib::blur".
        module: full name of the module that called it.
        calls: how often.
        elements: output elements of all calls.
    """

    op: str
    module: str
    calls: int
    elements: int


@dataclass(frozen=True)
class Recording:
    """What a network did with some images, as exact integers.

    Args:
        network: name of its class.
        images: number of images; all other numbers are sums over them.
        pixels: Σ of height times width of the images.
        time_steps: T, the number of frames that its neurons see of one image.
        layers: in the order in which they first ran.
        uncounted: operations without a rule.
        counted_calls: operations with a rule, those that only move data left out.
        missed_parameters: names of the parameters that no counted operation has used.
        parameters: number of parameter elements.
    """

    network: str
    images: int
    pixels: int
    time_steps: int
    layers: tuple[Layer, ...]
    uncounted: tuple[Uncounted, ...] = ()
    counted_calls: int = 0
    missed_parameters: tuple[str, ...] = ()
    parameters: int = 0

    @property
    def synaptic(self) -> tuple[Layer, ...]:
        """The layers with synapses: convolutions, linear layers, products of activations."""
        return tuple(layer for layer in self.layers if layer.synaptic)

    @property
    def neurons(self) -> tuple[Layer, ...]:
        """The layers of spiking neurons."""
        return tuple(layer for layer in self.layers if layer.op == "neuron")

    @property
    def coverage(self) -> float:
        """Share of the calls that a rule was known for."""
        missed = sum(each.calls for each in self.uncounted)
        return self.counted_calls / (self.counted_calls + missed) if missed else 1.0

    @property
    def macs_dense(self) -> int:
        """The textbook multiply-accumulates of all layers, taps on the padding included."""
        return sum(layer.total.macs_dense for layer in self.layers)

    @property
    def spike_driven_fraction(self) -> float:
        """Share of `macs_dense` in layers that additions alone can answer."""
        driven = sum(layer.total.macs_dense for layer in self.layers if layer.spike_driven)
        return driven / self.macs_dense if self.macs_dense else 0.0

    @property
    def mean_rate(self) -> float:
        """Spikes that are not zero over all neurons and time steps."""
        outputs = sum(layer.outputs for layer in self.neurons)
        return sum(layer.spikes for layer in self.neurons) / outputs if outputs else 0.0
