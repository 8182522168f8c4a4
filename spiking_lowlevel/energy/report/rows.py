"""The rows of a table: single layers, or layers taken together, with everything per image."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.energy.horowitz import scalings
from spiking_lowlevel.energy.report.bill import Charge
from spiking_lowlevel.energy.report.flags import MEANINGS
from spiking_lowlevel.energy.report.report import Report

STATE_BYTES = 4
"""Of one membrane, as the watched network holds it."""


@dataclass(frozen=True)
class Row:
    """Some layers of a report, told together.

    Args:
        name: of the layer, or what the layers have in common.
        op: what they do.
        layers: of the recording.
        charges: of these layers, by model.
        flags: remarks, each with the number of its layers where there are several.
        images: that the layers saw.
    """

    name: str
    op: str
    layers: tuple[Layer, ...]
    charges: dict[str, tuple[Charge, ...]]
    flags: tuple[str, ...]
    images: int

    def mean(self, number: Callable[[Layer], int]) -> float:
        """Per image, over all layers of the row."""
        return sum(map(number, self.layers)) / self.images

    def price(self, model: str) -> float:
        """Per image, in the unit of the model."""
        return sum(charge.total for charge in self.charges[model])

    @property
    def synaptic(self) -> tuple[Layer, ...]:
        """The layers with synapses."""
        return tuple(layer for layer in self.layers if layer.synaptic)

    @property
    def tally(self) -> Tally:
        """All inputs of the layers with synapses."""
        return _sum(self.synaptic)

    @property
    def rate(self) -> float | None:
        """Share of nonzero values in what neurons give, or in what synapses see.

        Layers that see real values count only where no layer of the row sees spikes. None where a
        row has both synapses and neurons, or neither.
        """
        neurons = [layer for layer in self.layers if layer.op == "neuron"]
        if bool(neurons) == bool(self.synaptic):
            return None
        if neurons:
            outputs = sum(layer.outputs for layer in neurons)
            return sum(layer.spikes for layer in neurons) / outputs if outputs else 0.0
        tally = _sum(_spiking(self.synaptic) or self.synaptic)
        return tally.nonzero / tally.elements if tally.elements else 0.0

    @property
    def level(self) -> float | None:
        """Mean level of the spikes that came in; None for real values and where none came."""
        total = _sum(_spiking(self.synaptic))
        return total.units / total.nonzero if total.nonzero else None

    @property
    def state(self) -> int:
        """Bytes of the membranes of one image."""
        return STATE_BYTES * sum(layer.state for layer in self.layers)

    @property
    def input(self) -> str:
        """Class of what comes in, with a question mark if inferred; or the share of spikes."""
        told = {_class(layer) for layer in self.synaptic}
        if len(told) < 2:
            return "".join(told)
        dense = self.tally.macs_dense
        driven = sum(x.total.macs_dense for x in self.synaptic if x.spike_driven)
        return f"{driven / dense:.0%} spikes" if dense else "mixed"


def operations(layer: Layer) -> int:
    """All operations that are not synaptic."""
    return sum(vars(layer.other).values()) + scalings(layer)


def row(report: Report, name: str, op: str, members: Iterable[int]) -> Row:
    """Layers of a report, given by their places, as one row."""
    members = list(members)
    layers = tuple(report.recording.layers[i] for i in members)
    charges = {b.model: tuple(b.charges[i] for i in members) for b in report.bills}
    remarks = Counter(flag for layer in layers for flag in report.flags(layer))
    order = sorted(remarks, key=lambda flag: list(MEANINGS).index(flag.name))
    alone = len(layers) == 1
    told = tuple(str(f) if alone else f"{remarks[f]} {f}" for f in order)
    return Row(name, op, layers, charges, told, report.recording.images)


def _spiking(layers: Iterable[Layer]) -> list[Layer]:
    return [layer for layer in layers if layer.activity != Activity.REAL]


def _sum(layers: Iterable[Layer]) -> Tally:
    return sum((layer.total for layer in layers), Tally())


def _class(layer: Layer) -> str:
    kind = layer.activity
    word = kind.name.lower()
    if kind == Activity.MULTILEVEL:
        word = f"{layer.levels} levels"
    sure = layer.declared or kind == Activity.REAL
    return word if sure else f"{word}?"
