"""A report as JSON: the stable interface, exact integers, read back as it was written.

Keys of a file with `"schema": 1`; numbers of operations are sums over all `images`, prices are per
image and in the `unit` of their model:

    schema              version of this list
    title, trained, versions
                        as given to `make_report`
    network, images, pixels, time_steps, counted_calls, parameters, missed_parameters
                        fields of `Recording`
    uncounted           list of {op, module, calls, elements}
    layers              list, in the order in which they ran:
        name, op, calls, frames, declared, levels, outputs, spikes, updates, state, copies
                        fields of `Layer`
        steps           list of [spikes, elements], one a time step
        inputs          by class, such as BINARY (see `Activity`), the fields of `Tally`
        other           fields of `Operations`
        geometry        fields of `Geometry`
        charges         by model {synapses, other, memory, addressing}
        derived         {activity, rate, mean_level, accumulations, macs, spike_driven, flags}
    models              list of {model, unit, scope, arithmetic, break_even}, with
        constants       by name {value, unit, precision, source, fidelity}
        baselines       list of {name, bits, total}
        derived         {total}
    derived             {spike_driven_fraction, silent_fraction, coverage, mean_rate, macs_dense,
                        understatement, spikes_per_synapse}

What stands under `derived` follows from the rest; it is there for readers of the file and is not
read back. `arithmetic` is null or {add, multiply, bits}. Keys may be added without a new version.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from spiking_lowlevel.energy.base import Arithmetic, Constant
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording, Uncounted
from spiking_lowlevel.energy.report.bill import Baseline, Bill, Charge
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text

V = TypeVar("V")

SCHEMA = 1
_RECORDING = ("network", "images", "pixels", "time_steps", "counted_calls", "parameters")
_LAYER = (
    "name",
    "op",
    "calls",
    "frames",
    "declared",
    "levels",
    "outputs",
    "spikes",
    "updates",
    "state",
    "copies",
)
_BILL = ("model", "unit", "scope", "break_even")


def write_json(report: Report, path: Path) -> None:
    """Write a report, whole or not at all."""
    write_text(path, json.dumps(as_dict(report), indent=1, allow_nan=False) + "\n")


def read_json(path: Path) -> Report:
    """Read what `write_json` wrote.

    Raises:
        UserError: there is no such file, or it is none of these or of another version.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"there is no energy report at {path}") from None
    except ValueError as error:
        raise UserError(f"{path} is not an energy report: {error}") from None
    return from_dict(found)


def as_dict(report: Report) -> dict[str, Any]:
    """A report as plain values, by the keys that the module lists."""
    r = report.recording
    return {
        "schema": SCHEMA,
        "title": report.title,
        "trained": report.trained,
        "versions": report.versions,
        **{key: getattr(r, key) for key in _RECORDING},
        "derived": {
            "spike_driven_fraction": r.spike_driven_fraction,
            "silent_fraction": report.silent_fraction,
            "coverage": r.coverage,
            "mean_rate": r.mean_rate,
            "macs_dense": r.macs_dense,
            "understatement": report.understatement,
            "spikes_per_synapse": report.spikes_per_synapse,
        },
        "models": [_bill(bill) for bill in report.bills],
        "missed_parameters": list(r.missed_parameters),
        "uncounted": [asdict(each) for each in r.uncounted],
        "layers": [_layer(report, i) for i in range(len(r.layers))],
    }


def from_dict(found: Any) -> Report:  # noqa: ANN401
    """The report that `as_dict` gave.

    Raises:
        UserError: it is none, or one of another version.
    """
    version = found.get("schema") if isinstance(found, dict) else None
    if version != SCHEMA:
        raise UserError(
            f"not an energy report that this version reads: schema {version}, expected {SCHEMA}"
        )
    try:
        return _report(found)
    except (KeyError, TypeError) as error:
        raise UserError(f"the energy report is not whole: {error!r}") from error


def _report(found: dict[str, Any]) -> Report:
    recording = Recording(
        **{key: found[key] for key in _RECORDING},
        layers=tuple(_read_layer(each) for each in found["layers"]),
        uncounted=tuple(Uncounted(**each) for each in found["uncounted"]),
        missed_parameters=tuple(found["missed_parameters"]),
    )
    bills = tuple(_read_bill(each, found["layers"]) for each in found["models"])
    return Report(recording, bills, found["trained"], found["title"], found["versions"])


def _layer(report: Report, i: int) -> dict[str, Any]:
    layer = report.recording.layers[i]
    return {
        **{key: getattr(layer, key) for key in _LAYER},
        "steps": [list(step) for step in layer.steps],
        "inputs": {kind.name: asdict(tally) for kind, tally in layer.inputs.items()},
        "other": asdict(layer.other),
        "geometry": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(layer.geometry).items()
        },
        "charges": {bill.model: asdict(bill.charges[i]) for bill in report.bills},
        "derived": {
            "activity": layer.activity.name,
            "rate": layer.rate,
            "mean_level": layer.mean_level,
            "accumulations": layer.accumulations,
            "macs": layer.macs,
            "spike_driven": layer.spike_driven,
            "flags": [str(flag) for flag in report.flags(layer)],
        },
    }


def _read_layer(found: dict[str, Any]) -> Layer:
    geometry: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in found["geometry"].items()
    }
    return Layer(
        **{key: found[key] for key in _LAYER},
        steps=tuple((spikes, elements) for spikes, elements in found["steps"]),
        inputs={Activity[kind]: _made(Tally, tally) for kind, tally in found["inputs"].items()},
        other=_made(Operations, found["other"]),
        geometry=_made(Geometry, geometry),
    )


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        **{key: getattr(bill, key) for key in _BILL},
        "arithmetic": asdict(bill.arithmetic) if bill.arithmetic else None,
        "constants": {name: asdict(constant) for name, constant in bill.constants.items()},
        "baselines": [asdict(each) for each in bill.baselines],
        "derived": {"total": bill.total},
    }


def _read_bill(found: dict[str, Any], layers: list[dict[str, Any]]) -> Bill:
    arithmetic = found["arithmetic"]
    if arithmetic:
        add, multiply = _made(Constant, arithmetic["add"]), _made(Constant, arithmetic["multiply"])
        arithmetic = Arithmetic(add, multiply, arithmetic["bits"])
    return Bill(
        **{key: found[key] for key in _BILL},
        arithmetic=arithmetic,
        constants={name: _made(Constant, each) for name, each in found["constants"].items()},
        charges=tuple(Charge(**layer["charges"][found["model"]]) for layer in layers),
        baselines=tuple(Baseline(**each) for each in found["baselines"]),
    )


def _made(kind: type[V], given: dict[str, Any]) -> V:
    """A value of the fields that it knows: keys may be added without a new version."""
    known = {field.name for field in fields(kind)}  # pyright: ignore[reportArgumentType]
    return kind(**{name: value for name, value in given.items() if name in known})
