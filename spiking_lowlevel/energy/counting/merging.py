"""Recordings of one network put together: of several processes, exactly."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import zip_longest

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.energy.counting.recording import Recording, Uncounted


def merged(recordings: Sequence[Recording]) -> Recording:
    """What several recordings of one network saw together; sums of exact integers.

    A parameter was missed if none of them has counted it.
    """
    return reduce(_both, recordings)


def _both(a: Recording, b: Recording) -> Recording:
    layers = {(layer.name, layer.op): layer for layer in a.layers}
    for layer in b.layers:
        key = (layer.name, layer.op)
        layers[key] = _layer(layers[key], layer) if key in layers else layer
    uncounted = {(each.op, each.module): each for each in a.uncounted}
    for each in b.uncounted:
        old = uncounted.get((each.op, each.module), Uncounted(each.op, each.module, 0, 0))
        total = replace(each, calls=old.calls + each.calls, elements=old.elements + each.elements)
        uncounted[each.op, each.module] = total
    missed = set(b.missed_parameters)
    return replace(
        a,
        images=a.images + b.images,
        pixels=a.pixels + b.pixels,
        time_steps=max(a.time_steps, b.time_steps),  # of no picture, no step was seen
        layers=tuple(layers.values()),
        uncounted=tuple(uncounted.values()),
        counted_calls=a.counted_calls + b.counted_calls,
        missed_parameters=tuple(n for n in a.missed_parameters if n in missed),
    )


def _layer(a: Layer, b: Layer) -> Layer:
    classes = sorted({*a.inputs, *b.inputs})
    pairs = zip_longest(a.steps, b.steps, fillvalue=(0, 0))
    return replace(
        b,  # its shapes are the last ones
        calls=a.calls + b.calls,
        frames=a.frames + b.frames,
        inputs={c: a.inputs.get(c, Tally()) + b.inputs.get(c, Tally()) for c in classes},
        declared=a.declared and b.declared,
        levels=max(a.levels, b.levels),
        other=a.other + b.other,
        outputs=a.outputs + b.outputs,
        spikes=a.spikes + b.spikes,
        updates=a.updates + b.updates,
        state=max(a.state, b.state),
        steps=tuple((s + t, n + m) for (s, n), (t, m) in pairs),
        copies=min((x.copies for x in (a, b) if x.activity != Activity.ZERO), default=1),
    )
