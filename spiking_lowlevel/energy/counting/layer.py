"""What one layer was seen to do: exact integers, before any of it has a price.

All numbers are sums over every image that was watched.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from spiking_lowlevel.energy.counting.activity import SPIKES, Activity


@dataclass(frozen=True)
class Tally:
    """The calls of a layer whose input was of one activity class, and what they would take.

    Args:
        calls: how often.
        elements: input elements, zeros included.
        nonzero: of these not zero.
        units: Σ|k| for inputs u·k; the elements that are not zero where there are no levels.
        accumulations: Σ|k| · fan-out, the additions if spikes are all that is transmitted.
        macs: multiply-accumulates with every element of the input, taps on the padding left out.
        macs_nonzero: those of them whose input is not zero.
        macs_dense: the textbook number, taps on the padding included.
        scalings: multiplications after the sum, where the spikes have one odd height (GRADED).
        coincidences: of products of two spiking activations, Σ k·k: a bound from below that only
            hardware which skips on both sides could reach.
    """

    calls: int = 0
    elements: int = 0
    nonzero: int = 0
    units: int = 0
    accumulations: int = 0
    macs: int = 0
    macs_nonzero: int = 0
    macs_dense: int = 0
    scalings: int = 0
    coincidences: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        return _sum(self, other)


@dataclass(frozen=True)
class Operations:
    """Operations that are not synaptic, by kind.

    Args:
        multiply: multiplications.
        add: additions and subtractions.
        compare: comparisons, maxima, rounding steps.
        select: a value passed on or not, as a spike gates it.
        nonlinear: sigmoids, exponentials, roots, divisions: free in models of additions and
            multiplications, and therefore listed.
        bias: additions of a bias.
    """

    multiply: int = 0
    add: int = 0
    compare: int = 0
    select: int = 0
    nonlinear: int = 0
    bias: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        return _sum(self, other)


@dataclass(frozen=True)
class Geometry:
    """Of a layer with weights: what one position of its kernel looks like.

    Args:
        kernel: sides of the kernel; () for a matrix product.
        stride: steps of it.
        groups: parts that do not see each other.
        transposed: whether it is a transposed convolution.
        input: shape of the last input, batch first.
        output: shape of the last output.
        weights: number of weights; 0 where both factors are activations.
        biases: number of biases.
    """

    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    groups: int = 1
    transposed: bool = False
    input: tuple[int, ...] = ()
    output: tuple[int, ...] = ()
    weights: int = 0
    biases: int = 0


@dataclass(frozen=True)
class Layer:
    """One kind of operation in one module, over all its calls.

    Args:
        name: full name of the module; "" for the network itself.
        op: "conv2d", "conv_transpose2d", "linear", "matmul", ... for layers with synapses (see
            `synaptic`), "neuron", or what else it is: "norm", "pool", "interpolate", "elementwise".
        calls: how often it ran.
        frames: Σ of the first dimension of its inputs: images times time steps.
        inputs: what came in, by class; only of layers with synapses.
        declared: whether all levels were declared by neurons, not inferred from values.
        levels: the largest number D of levels of its spikes, in or out; 0 for real values.
        other: operations that are not synaptic.
        geometry: of a layer with weights.
        outputs: output elements.
        spikes: output elements of a neuron that are not zero.
        updates: membrane updates: neurons times time steps.
        state: membranes that are kept at once for one image.
        steps: of a neuron, for every time step the spikes and the elements.
        copies: how many equal frames every input held; 1 where all frames differ.
    """

    name: str
    op: str
    calls: int = 0
    frames: int = 0
    inputs: dict[Activity, Tally] = field(default_factory=dict)
    declared: bool = True
    levels: int = 0
    other: Operations = Operations()
    geometry: Geometry = Geometry()
    outputs: int = 0
    spikes: int = 0
    updates: int = 0
    state: int = 0
    steps: tuple[tuple[int, int], ...] = ()
    copies: int = 1

    @property
    def synaptic(self) -> bool:
        """Whether weights or other activations are multiplied with what comes in."""
        return bool(self.inputs)

    @property
    def activity(self) -> Activity:
        """The class that all calls are priced as: the most general one that was seen."""
        return max(self.inputs, default=Activity.ZERO)

    @property
    def total(self) -> Tally:
        """All calls together, whatever class they had."""
        return sum(self.inputs.values(), Tally())

    @property
    def accumulations(self) -> int:
        """Additions that spikes cause; none as soon as one call saw real values."""
        return 0 if self.activity == Activity.REAL else self.total.accumulations

    @property
    def macs(self) -> int:
        """Multiply-accumulates: of all calls, as soon as one of them saw real values."""
        return self.total.macs if self.activity == Activity.REAL else 0

    @property
    def spike_driven(self) -> bool:
        """Whether additions alone will do: its input is spikes of known levels, or nothing."""
        return self.synaptic and self.activity in SPIKES

    @property
    def rate(self) -> float:
        """Share of a neuron's outputs, or of a layer's inputs, that is not zero."""
        if self.op == "neuron":
            return self.spikes / self.outputs if self.outputs else 0.0
        total = self.total
        return total.nonzero / total.elements if total.elements else 0.0

    @property
    def mean_level(self) -> float:
        """Mean k of the spikes that came in; 1 for binary ones."""
        total = self.total
        return total.units / total.nonzero if total.nonzero else 0.0


def _sum(a: Any, b: Any) -> Any:  # noqa: ANN401
    theirs = vars(b)
    return type(a)(**{name: number + theirs[name] for name, number in vars(a).items()})
