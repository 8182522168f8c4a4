"""Which layers are told together: none, the cheap ones, those of a stage."""

from collections.abc import Sequence
from dataclasses import replace

from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.rows import Row, row

_MANY = 40
"""Layers above which a table tells of stages instead."""
_NETWORK = "(network)"


def every_layer(report: Report) -> list[Row]:
    """One row a layer, in the order in which they ran."""
    return [
        row(report, x.name or _NETWORK, x.op, [i]) for i, x in enumerate(report.recording.layers)
    ]


def main_layers(report: Report) -> list[Row]:
    """One row a layer with synapses or neurons, in order; then one for all others of each kind."""
    layers = report.recording.layers
    main = [i for i, x in enumerate(layers) if x.synaptic or x.op == "neuron"]
    found = [row(report, layers[i].name or _NETWORK, layers[i].op, [i]) for i in main]
    return found + _others(report, [i for i in range(len(layers)) if i not in set(main)])


def stages(report: Report) -> list[Row]:
    """For every stage of the network: its synapses, its neurons, the rest of it."""
    return [
        row(report, stage, op, chosen)
        for stage, members in _places(report).items()
        for op, chosen in _kinds(report.recording.layers, members)
    ]


def whole_stages(report: Report) -> list[Row]:
    """One row for everything in a stage of the network."""
    return [row(report, stage, "", members) for stage, members in _places(report).items()]


def costliest(report: Report, model: str, number: int) -> list[Row]:
    """The layers that cost most by one model, dearest first, and all others as one row."""
    layers, charges = report.recording.layers, report.bill(model).charges
    order = sorted(range(len(layers)), key=lambda i: -charges[i].total)
    first, rest = order[:number], order[number:]
    if len(rest) == 1:
        first, rest = order, []
    found = [row(report, layers[i].name or _NETWORK, layers[i].op, [i]) for i in first]
    if not rest:
        return found
    # Without remarks: they would be of most layers there are.
    return [*found, replace(row(report, f"{len(rest)} others", "", rest), flags=())]


def readable(report: Report) -> list[Row]:
    """Layers as long as there are few, else stages."""
    rows = main_layers(report)
    return rows if len(rows) <= _MANY else stages(report)


def total(report: Report) -> Row:
    """All layers as one row, without remarks."""
    return replace(row(report, "total", "", range(len(report.recording.layers))), flags=())


def stage_names(names: Sequence[str]) -> list[str]:
    """The part of the network that each module belongs to: the first part of its name that differs.

    >>> stage_names(["net.down.0.conv", "net.down.1.conv", "net.up"])
    ['down', 'down', 'up']
    """
    parts = [name.split(".") if name else [] for name in names]
    inner = [part for part in parts if part]
    depth = 0
    while len({tuple(p[: depth + 1]) for p in inner}) == 1 and any(
        len(p) > depth + 1 for p in inner
    ):
        depth += 1
    return [part[min(depth, len(part) - 1)] if part else _NETWORK for part in parts]


def _places(report: Report) -> dict[str, list[int]]:
    """Where in the recording the layers of each stage are."""
    found: dict[str, list[int]] = {}
    for i, stage in enumerate(stage_names([layer.name for layer in report.recording.layers])):
        found.setdefault(stage, []).append(i)
    return found


def _kinds(layers: Sequence[Layer], members: list[int]) -> list[tuple[str, list[int]]]:
    """Members by kind, with a word for what each kind does."""
    kinds: dict[str, list[int]] = {"synaptic": [], "neuron": [], "other": []}
    for i in members:
        layer = layers[i]
        kind = "neuron" if layer.op == "neuron" else "synaptic" if layer.synaptic else "other"
        kinds[kind].append(i)
    found = []
    for kind, chosen in kinds.items():
        ops = {layers[i].op for i in chosen}
        found.append((ops.pop() if len(ops) == 1 else kind, chosen))
    return [(op, chosen) for op, chosen in found if chosen]


def _others(report: Report, members: list[int]) -> list[Row]:
    by_op: dict[str, list[int]] = {}
    for i in members:
        by_op.setdefault(report.recording.layers[i].op, []).append(i)
    found = []
    for op, chosen in by_op.items():
        alone = report.recording.layers[chosen[0]].name or _NETWORK
        name = alone if len(chosen) == 1 else f"({len(chosen)} modules)"
        found.append(row(report, name, op, chosen))
    return found
