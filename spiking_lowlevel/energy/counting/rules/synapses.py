"""Layers with synapses: convolutions, linear layers, and products of two activations."""

from math import prod

import torch
from torch import Tensor

from spiking_lowlevel.energy.counting.activity import SPIKES, Activity
from spiking_lowlevel.energy.counting.call import Call, Rule
from spiking_lowlevel.energy.counting.fanout import Axis, places, reach
from spiking_lowlevel.energy.counting.layer import Geometry, Tally
from spiking_lowlevel.energy.counting.ledger import Ledger
from spiking_lowlevel.energy.counting.origin import DATA, Origin
from spiking_lowlevel.energy.counting.row import Row
from spiking_lowlevel.energy.counting.sight import Sight, look

_SUMS = DATA._replace(sums=True)


def _convolution(call: Call) -> Origin:
    x, weight, out, ledger = call["input"], call["weight"], call.first, call.ledger
    axes = _axes(call)
    sight = look(x, ledger.origins[x].levels, ledger.inference)
    transposed, groups = bool(call["transposed"]), call["groups"] or 1
    channels = weight.shape[1] if transposed else weight.shape[0] // groups
    dense = prod(x.shape if transposed else out.shape) * prod(weight.shape[1:])
    tally = Tally(
        calls=1,
        elements=x.numel(),
        nonzero=round(float(sight.nonzero.sum())),
        units=round(float(sight.units.sum())),
        accumulations=channels * reach(sight.units, axes),
        macs=x.shape[0] * x.shape[1] * channels * places(axes),
        macs_nonzero=channels * reach(sight.nonzero, axes),
        macs_dense=dense,
        scalings=out.numel() if sight.activity == Activity.GRADED else 0,
    )
    kind = f"conv{'_transpose' if transposed else ''}{x.dim() - 2}d"
    row = ledger.synapses(kind, weight)
    row.geometry = Geometry(
        kernel=tuple(weight.shape[2:]),
        stride=tuple(call["stride"]),
        groups=groups,
        transposed=transposed,
        input=tuple(x.shape),
        output=tuple(out.shape),
        weights=weight.numel(),
        biases=0 if call["bias"] is None else call["bias"].numel(),
    )
    _write(row, sight, tally, x.shape[0], out, biased=call["bias"] is not None)
    if sight.activity != Activity.ZERO:
        row.equal_frames(_copies(x, ledger))
    return _SUMS


def _axes(call: Call) -> tuple[Axis, ...]:
    x, weight, out = call["input"], call["weight"], call.first
    dims = x.dim() - 2
    wide = {n: _per_axis(call[n], dims) for n in ("stride", "padding", "dilation")}
    return tuple(
        Axis(
            input=x.shape[2 + a],
            output=out.shape[2 + a],
            kernel=weight.shape[2 + a],
            stride=wide["stride"][a],
            padding=wide["padding"][a],
            dilation=wide["dilation"][a],
            transposed=bool(call["transposed"]),
        )
        for a in range(dims)
    )


def _per_axis(given: list[int], dims: int) -> list[int]:
    return list(given) * dims if len(given) == 1 else list(given)


def _copies(x: Tensor, ledger: Ledger) -> int:
    """How many equal frames x [T·B, C, ...] holds, time first; 1 if it holds different ones."""
    count, left = divmod(x.shape[0], ledger.batch)
    if count < 2 or left:
        return 1
    first = x[: ledger.batch]
    for frame in x.split(ledger.batch)[1:]:
        if not torch.equal(first[0, :, 0], frame[0, :, 0]) or not torch.equal(first, frame):
            return 1
    return count


def _product(call: Call) -> Origin:
    """A [..., n, k] · b [..., k, m]; the factor that is less of an activation is the weight."""
    a, b, added = _factors(call)
    ledger, out = call.ledger, call.first
    ranks = ledger.origins[a].rank, ledger.origins[b].rank
    n, k, m = a.shape[-2], a.shape[-1], b.shape[-1]
    macs = prod(a.shape[:-2]) * n * k * m
    if ranks[0] == ranks[1]:
        row = ledger.synapses("matmul", None, (tuple(a.shape[-2:]), tuple(b.shape[-2:])))
        seen = [_look(x, ledger) for x in (a, b)]
        sight, tally = _both(a, b, *seen)
    else:
        x, weight, fan_out = (a, b, m) if ranks[0] > ranks[1] else (b, a, n)
        row = ledger.synapses("linear", weight)
        sight = _look(x, ledger)
        tally = _tally(x, sight, fan_out)
        row.geometry = Geometry(
            input=tuple(x.shape),
            output=tuple(out.shape),
            weights=weight.numel(),
            biases=0 if added is None else added.numel(),
        )
    scalings = out.numel() if sight.activity == Activity.GRADED else 0
    tally = tally + Tally(macs=macs, macs_dense=macs, scalings=scalings)
    rows = prod(a.shape[:-1]) if ranks[0] >= ranks[1] else prod(b.shape[:-2]) * m
    _write(row, sight, tally, _frames(rows, ledger), out, biased=added is not None)
    return _SUMS if ranks[0] != ranks[1] else DATA  # a norm needs a weight to be folded into


def _frames(rows: int, ledger: Ledger) -> int:
    """Images times time steps among the rows of a product, which may also be tokens or pixels.

    By what its module was given: [T·B, ...], or time first, [T, B, ...].
    """
    shape = ledger.entered[-1] if ledger.entered else ()
    if len(shape) > 2 and shape[1] == ledger.batch != shape[0]:
        return shape[0] * shape[1]
    return shape[0] if len(shape) > 1 and rows % shape[0] == 0 else rows


def _factors(call: Call) -> tuple[Tensor, Tensor, Tensor | None]:
    names, added = _PRODUCTS[call.op]
    a, b = (call[name] for name in names)
    if call.op in ("dot", "vdot"):
        a, b = a[None], b[:, None]
    elif b.dim() == 1:
        b = b[:, None]
    elif a.dim() == 1:
        a = a[None]
    bias = call[added] if added is not None and call["beta"] != 0 else None
    return a, b, bias


def _look(x: Tensor, ledger: Ledger) -> Sight:
    return look(x.reshape(-1, x.shape[-1]), ledger.origins[x].levels, ledger.inference)


def _tally(x: Tensor, sight: Sight, fan_out: int) -> Tally:
    units, nonzero = round(float(sight.units)), round(float(sight.nonzero))
    return Tally(
        calls=1,
        elements=x.numel(),
        nonzero=nonzero,
        units=units,
        accumulations=units * fan_out,
        macs_nonzero=nonzero * fan_out,
    )


def _both(a: Tensor, b: Tensor, of_a: Sight, of_b: Sight) -> tuple[Sight, Tally]:
    """Of two activations the one whose events cost less is the one that drives the sum."""
    tallies = _tally(a, of_a, b.shape[-1]), _tally(b, of_b, a.shape[-2])
    spikes = [sight.activity in SPIKES for sight in (of_a, of_b)]
    if not any(spikes):
        driver = min(0, 1, key=lambda i: tallies[i].macs_nonzero)
    elif all(spikes):
        driver = min(0, 1, key=lambda i: tallies[i].accumulations)
    else:
        driver = spikes.index(True)
    sight = (of_a, of_b)[driver]
    together = 0
    if all(spikes) and sight.activity != Activity.ZERO:
        sight = sight._replace(activity=max(of_a.activity, of_b.activity))
        of_columns = (_k(a, of_a).sum(-2) * _k(b, of_b).sum(-1)).sum()
        together = round(float(of_columns))
    declared = of_a.declared and of_b.declared
    return sight._replace(declared=declared), tallies[driver] + Tally(coincidences=together)


def _k(x: Tensor, sight: Sight) -> Tensor:
    """The |k| of spikes u·k, in float64."""
    size = x.detach().double().abs()
    total = float(size.sum())
    return size * (float(sight.units) / total) if total else size


def _write(row: Row, sight: Sight, tally: Tally, frames: int, out: Tensor, biased: bool) -> None:
    row.calls += 1
    row.frames += frames
    row.outputs += out.numel()
    row.levels = max(row.levels, sight.levels)
    row.declared = row.declared and sight.declared
    row.synapses(sight.activity, tally)
    if biased:
        row.operations(bias=out.numel())


_PRODUCTS: dict[str, tuple[tuple[str, str], str | None]] = {
    "mm": (("self", "mat2"), None),
    "bmm": (("self", "mat2"), None),
    "mv": (("self", "vec"), None),
    "dot": (("self", "tensor"), None),
    "vdot": (("self", "other"), None),
    "addmm": (("mat1", "mat2"), "self"),
    "addmv": (("mat", "vec"), "self"),
    "baddbmm": (("batch1", "batch2"), "self"),
}
RULES: dict[str, Rule] = {
    **dict.fromkeys(("convolution", "_convolution", "convolution_overrideable"), _convolution),
    **dict.fromkeys(_PRODUCTS, _product),
}
