"""What one model asks for a network, layer by layer and beside its baselines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel
from spiking_lowlevel.energy.baselines import ann_twin, integers, matched_bits, total, total_in
from spiking_lowlevel.energy.counting.layer import Layer, Operations
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import INT8
from spiking_lowlevel.energy.thresholds import break_even_rate


@dataclass(frozen=True)
class Charge:
    """What a model asks for one layer and one image, in its unit.

    Args:
        synapses: additions or multiply-accumulates, as its input needs.
        other: all other operations: biases, scalings, membranes, norms, gates.
        memory: reading and writing weights, states, activations.
        addressing: finding out where to.
    """

    synapses: float = 0.0
    other: float = 0.0
    memory: float = 0.0
    addressing: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.synapses + self.other + self.memory + self.addressing


@dataclass(frozen=True)
class Baseline:
    """What the same network would cost without spikes, run once.

    Args:
        name: "ANN" in the prices of the model; "ANN int8" and "bit-matched" in integers.
        bits: width of these integers; None in the prices of the model.
        total: per image, in the unit of the bill that it stands in.
    """

    name: str
    bits: int | None
    total: float


@dataclass(frozen=True)
class Bill:
    """What one model asks for a network, per image.

    Args:
        model: class name of the model, with its arguments where a class is there twice.
        unit: of every price: "pJ", or what the model counts.
        scope: one sentence on what has a price, and what has none.
        constants: what the model stands on, by name.
        arithmetic: its additions and multiplications, where it has such.
        charges: one a layer, in the order of the recording.
        baselines: of the same network without spikes; those in integers are arithmetic alone, and
            stand beside models of arithmetic alone.
        break_even: the firing rate above which binary spikes cost more than one run with real
            values, in this model's arithmetic; above 1 no rate ever does. None where the model also
            asks for memory, which the rate leaves out.
    """

    model: str
    unit: str
    scope: str
    constants: dict[str, Constant]
    arithmetic: Arithmetic | None
    charges: tuple[Charge, ...]
    baselines: tuple[Baseline, ...] = ()
    break_even: float | None = None

    @property
    def total(self) -> float:
        """All layers together."""
        return sum(charge.total for charge in self.charges)


def bill(name: str, model: CostModel, recording: Recording) -> Bill:
    """What a model asks for a recording, under the name that the report calls it by."""
    found, arithmetic = charges(model, recording), model.arithmetic
    alone = not any(charge.memory or charge.addressing for charge in found)
    rate = None
    if arithmetic and alone and recording.neurons:
        rate = break_even_rate(arithmetic, recording.time_steps)
    return Bill(
        name,
        model.unit,
        model.scope,
        model.constants(),
        arithmetic,
        charges=found,
        baselines=_baselines(model, recording, in_integers=arithmetic is not None and alone),
        break_even=rate,
    )


def _baselines(
    model: CostModel, recording: Recording, *, in_integers: bool
) -> tuple[Baseline, ...]:
    twin, images = ann_twin(recording), recording.images
    found = [Baseline("ANN", None, total(twin, model) / images)]
    if in_integers:
        bits = matched_bits(recording)
        matched = total_in(twin, integers(bits)) / images
        found.append(Baseline("ANN int8", INT8.bits, total_in(twin, INT8) / images))
        found.append(Baseline("bit-matched", bits, matched))
    return tuple(found)


def charges(model: CostModel, recording: Recording) -> tuple[Charge, ...]:
    """What a model asks for each layer of a recording, per image."""
    # Asked a second time without them, it tells what the other operations of a synaptic layer cost.
    bare = replace(recording, layers=tuple(map(_bare, recording.layers)))
    return tuple(
        _charge(model, layer, recording, without, bare)
        for layer, without in zip(recording.layers, bare.layers, strict=True)
    )


def _charge(
    model: CostModel, layer: Layer, recording: Recording, without: Layer, bare: Recording
) -> Charge:
    price = model.price(layer, recording)
    synapses = 0.0
    if layer.synaptic:
        same = layer == without
        synapses = price.compute if same else model.price(without, bare).compute
    parts = synapses, price.compute - synapses, price.memory, price.addressing
    return Charge(*(part / recording.images for part in parts))


def _bare(layer: Layer) -> Layer:
    inputs = {kind: replace(tally, scalings=0) for kind, tally in layer.inputs.items()}
    return replace(layer, inputs=inputs, other=Operations()) if layer.synaptic else layer


def names(models: Sequence[CostModel]) -> list[str]:
    """Class names of models, with their arguments for those whose class is there twice."""
    classes = [type(model).__name__ for model in models]
    return [
        repr(model) if classes.count(name) > 1 else name
        for model, name in zip(models, classes, strict=True)
    ]
