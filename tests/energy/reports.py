"""A network of nine layers that was never built, two images through it, and simple prices."""

from dataclasses import dataclass
from typing import ClassVar

from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel, Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording, Uncounted
from spiking_lowlevel.energy.report.report import Report, make_report


def pair(add: float, multiply: float, precision: str = "test") -> Arithmetic:
    source = "set by us"
    return Arithmetic(
        Constant(add, "pJ", precision, source, "ours"),
        Constant(multiply, "pJ", precision, source, "ours"),
        8,
    )


@dataclass(frozen=True)
class Simple(CostModel):
    """1 pJ an addition, 5 pJ a multiply-accumulate, and so many an output as memory."""

    memory: float = 0.0

    scope: ClassVar[str] = "synapses, biases, memory"

    def price(self, layer: Layer, recording: Recording) -> Price:
        add, other = self.arithmetic.add.value, layer.other
        compute = layer.accumulations * add + layer.macs * self.arithmetic.mac
        return Price(
            compute + (other.add + other.bias) * add + 4 * layer.total.scalings,
            memory=self.memory * layer.outputs,
        )

    def constants(self) -> dict[str, Constant]:
        return {"add": self.arithmetic.add}

    @property
    def arithmetic(self) -> Arithmetic:
        return pair(1.0, 4.0)


@dataclass(frozen=True)
class Bits(CostModel):
    """One bit operation an addition."""

    unit: ClassVar[str] = "bit operations"
    scope: ClassVar[str] = "synapses"

    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(float(layer.accumulations + 8 * layer.macs))

    def constants(self) -> dict[str, Constant]:
        return {}


def synapse(name: str, kind: Activity, *, op: str = "conv2d", **numbers: int) -> Layer:
    tally = Tally(calls=1, **numbers)
    return Layer(name, op, 1, 8, {kind: tally}, levels=int(kind == Activity.BINARY), outputs=100)


STEM = Layer(
    "stem.conv",
    "conv2d",
    calls=1,
    frames=8,
    inputs={Activity.REAL: Tally(1, 200, 200, 200, 676, 676, 676, 900)},
    other=Operations(bias=100),
    geometry=Geometry((3, 3), (1, 1), 1, False, (8, 1, 5, 5), (8, 2, 5, 5), 18, 2),
    outputs=400,
    copies=4,
)
FIRING = Layer(
    "stem.neuron",
    "neuron",
    calls=1,
    frames=8,
    levels=8,
    other=Operations(multiply=400, add=440, compare=400),
    outputs=400,
    spikes=40,
    updates=400,
    state=50,
    steps=((0, 100), (10, 100), (10, 100), (20, 100)),
)
BINARY = synapse(
    "body.conv",
    Activity.BINARY,
    elements=400,
    nonzero=40,
    units=40,
    accumulations=720,
    macs=6000,
    macs_nonzero=720,
    macs_dense=7200,
)
MULTILEVEL = Layer(
    "body.levels",
    "linear",
    calls=1,
    frames=8,
    inputs={Activity.MULTILEVEL: Tally(1, 100, 10, 60, 600, 1000, 100, 1000)},
    declared=False,
    levels=8,
    outputs=80,
)
GRADED = Layer(
    "body.graded",
    "linear",
    calls=1,
    frames=8,
    inputs={Activity.GRADED: Tally(1, 100, 10, 10, 100, 1000, 100, 1000, scalings=80)},
    outputs=80,
)
ZERO = synapse("body.silent", Activity.ZERO, op="linear", elements=100, macs=900, macs_dense=900)
SILENT = Layer("body.neuron", "neuron", 1, 8, outputs=100, updates=100, state=12, steps=((0, 100),))
SUM = Layer("body", "elementwise", 1, 8, other=Operations(add=20, nonlinear=2), outputs=100)
NORM = Layer("body.norm", "norm", 1, 8, other=Operations(add=10, multiply=10), outputs=10)

RECORDING = Recording(
    "Tiny",
    images=2,
    pixels=50,
    time_steps=4,
    layers=(STEM, FIRING, BINARY, MULTILEVEL, GRADED, ZERO, SILENT, SUM, NORM),
    uncounted=(Uncounted("mylib::blur", "body.conv", 3, 300),),
    counted_calls=97,
    missed_parameters=("body.extra.weight",),
    parameters=1234,
)


def report(*models: CostModel, trained: bool = True, recording: Recording = RECORDING) -> Report:
    return make_report(recording, models or (Simple(), Bits()), trained=trained, title="by hand")


def many(stages: int, layers: int) -> Recording:
    """A network of so many stages with so many convolutions and as many neurons each."""
    found = []
    for stage in range(stages):
        for i in range(layers):
            place = f"net.stage{stage}.block_of_layers.{i}"
            numbers = {"elements": 10, "nonzero": 10, "macs": 100 + i, "macs_dense": 100}
            found.append(synapse(f"{place}.convolution", Activity.REAL, **numbers))
            found.append(Layer(f"{place}.neuron", "neuron", 1, 8, outputs=10, spikes=i))
    return Recording("Many", 2, 50, 4, tuple(found), counted_calls=1)
