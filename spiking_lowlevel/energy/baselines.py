"""What a spiking network has to beat: itself, run once with real values.

The twin has the same layers and T = 1; what it costs is told in the arithmetic of a model, in
integers of 8 bits, and in integers of as many bits as T steps of D levels can tell apart, which a
rate-coded network is worth (Yan, Bai, Wong: "Reconsidering the energy efficiency of spiking neural
networks", arXiv 2409.08290).
"""

from dataclasses import replace

from spiking_lowlevel.energy.base import Arithmetic, CostModel
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import INT8, arithmetic_energy


def ann_twin(recording: Recording) -> Recording:
    """The same network run once as an ANN: no time, real values, rectifiers for neurons.

    Layers that ran once a time step run once; layers that ran once an image stay. All inputs are
    REAL and all of their elements count. A rectifier takes one comparison an output. What spikes
    gated stays a selection, and operations whose frames were not noted are taken to have run every
    step; both favour the twin. Where a number is no multiple of T, as those that depend on spikes
    may be, it is rounded, half up.
    """
    layers = tuple(_once(layer, repeats(layer, recording)) for layer in recording.layers)
    return replace(recording, time_steps=1, layers=layers)


def repeats(layer: Layer, recording: Recording) -> int:
    """How often a layer ran on an image where its twin runs once: T, or 1 if it ran once anyway.

    It ran every step if its frames an image are a multiple of T, as they are where none were noted.
    """
    steps = max(1, recording.images) * recording.time_steps
    every_step = layer.op == "neuron" or not layer.frames % steps
    return recording.time_steps if every_step else 1


def matched_bits(recording: Recording) -> int:
    """Bits that tell as many values apart as T steps of D levels: ⌈log2(T·D + 1)⌉.

    D: the most levels of any of its neurons.
    """
    levels = max((layer.levels for layer in recording.neurons), default=1)
    return (recording.time_steps * max(1, levels)).bit_length()


def integers(bits: int) -> Arithmetic:
    """Arithmetic of integers of a width, scaled from that of 8 bits.

    e_add = 0.03 pJ · b / 8,  e_mul = 0.2 pJ · (b / 8)²
    """
    precision, rule = f"int{bits}", "scaled from 8 bits: additions as b, multiplications as b²"
    add, multiply = (
        replace(
            constant,
            value=constant.value * (bits / INT8.bits) ** power,
            precision=precision,
            source=f"{constant.source}; {rule}",
            fidelity="ours",
        )
        for constant, power in ((INT8.add, 1), (INT8.multiply, 2))
    )
    return Arithmetic(add, multiply, bits)


def total(recording: Recording, model: CostModel) -> float:
    """What a model asks for all layers and images, in its unit."""
    return sum(model.price(layer, recording).total for layer in recording.layers)


def total_in(recording: Recording, arithmetic: Arithmetic) -> float:
    """Energy in pJ of all additions and multiplications of a network, over all images.

    Of `ann_twin(...)` with `INT8` or `integers(matched_bits(...))` it is the quantised baseline.
    """
    return sum(arithmetic_energy(layer, arithmetic) for layer in recording.layers)


def _once(layer: Layer, steps: int) -> Layer:
    if layer.op == "neuron":
        return _rectifier(layer, steps)
    # No spike is left: what only neurons have is dropped by building the layer anew.
    return Layer(
        layer.name,
        layer.op,
        calls=layer.calls,
        frames=_share(layer.frames, steps),
        inputs={Activity.REAL: _real(layer.total, steps)} if layer.synaptic else {},
        other=Operations(**{kind: _share(n, steps) for kind, n in vars(layer.other).items()}),
        geometry=layer.geometry,
        outputs=_share(layer.outputs, steps),
        copies=1 if steps > 1 else layer.copies,
    )


def _rectifier(layer: Layer, steps: int) -> Layer:
    outputs = _share(layer.outputs, steps)
    return Layer(
        layer.name,
        "rectifier",
        calls=layer.calls,
        frames=_share(layer.frames, steps),
        other=Operations(compare=outputs),
        outputs=outputs,
    )


def _real(seen: Tally, steps: int) -> Tally:
    elements, macs = _share(seen.elements, steps), _share(seen.macs, steps)
    return Tally(
        calls=seen.calls,
        elements=elements,
        nonzero=elements,
        units=elements,
        accumulations=macs,
        macs=macs,
        macs_nonzero=macs,
        macs_dense=_share(seen.macs_dense, steps),
    )


def _share(number: int, steps: int) -> int:
    return (2 * number + steps) // (2 * steps)  # in integers: numbers may exceed 2⁵³
