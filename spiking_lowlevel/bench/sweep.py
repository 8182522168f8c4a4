"""How cost grows when one thing grows: image area, time steps, batch or width."""

from dataclasses import replace
from math import log
from typing import Any

from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.build import build
from spiking_lowlevel.bench.compare import settle
from spiking_lowlevel.bench.memory import peak
from spiking_lowlevel.bench.options import Side, Sweep
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import Candidate, clock_of, in_turn

_PIXEL_BYTES = 3 * 4  # in single precision
_OPTIONS = {"steps": "time_steps", "width": "width"}


def sweep(
    sides: tuple[Side, ...],
    what: tuple[str, ...],
    swept: Sweep,
    device: str,
    threads: int,
    rounds: int,
    warmup: int,
) -> dict[str, Any]:
    """Times, and peak memory, of every side at every value; all values in turn.

    Returns:
        For every side and every one of `what` a list along the values, and the exponents p of
        seconds ~ amount^p that fit all values and the last two; of pixels for an area.
    """
    amounts = [value**2 if swept.name == "area" else value for value in swept.values]
    found: dict[str, Any] = {"values": list(swept.values), "amounts": amounts, "sides": {}}
    for side in sides:
        found["sides"][side.name] = {}
    points = {(s.name, value): _at(s, swept.name, value) for s in sides for value in swept.values}
    for kind in (k for k in ("inference", "training") if k in what):
        title = f"{swept.name}, {kind}"
        built = {f"{name} {value}": build(p, device) for (name, value), p in points.items()}
        candidates = {place: _candidate(subject, kind) for place, subject in built.items()}
        clock = clock_of(next(iter(built.values())).device)
        timed = in_turn(candidates, rounds, warmup, clock, title)
        for name, along in found["sides"].items():
            along[kind] = [timed[f"{name} {value}"].whole for value in swept.values]
    if "memory" in what:
        for side in sides:
            along = [points[side.name, value] for value in swept.values]
            found["sides"][side.name] |= _memory(along, swept.name, device, threads)
    for along in found["sides"].values():
        times = {k: [each["median"] for each in v] for k, v in along.items() if k in what}
        along["exponents"] = {
            "all": {k: exponent(amounts, v) for k, v in times.items()},
            "last two": {k: exponent(amounts[-2:], v[-2:]) for k, v in times.items()},
        }
    return found


def exponent(amounts: list[int], costs: list[float]) -> float | None:
    """The p of cost ~ amount^p that fits best: least squares of the logarithms.

    >>> exponent([1, 2, 4], [3.0, 6.0, 12.0])
    1.0
    """
    if len(amounts) < 2:
        return None
    x, y = [log(a) for a in amounts], [log(c) for c in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return round(products / sum((a - mean_x) ** 2 for a in x), 3)


def _at(side: Side, name: str, value: int) -> Side:
    """The side at one value of what is swept."""
    if name == "area":
        return replace(side, size=(value, value), crop=value, train_batch=side.train_batch or 1)
    if name == "batch":
        return replace(side, batch=value, train_batch=value)
    return replace(side, words=(*side.words, f"--model.network.{_OPTIONS[name]}={value}"))


def _memory(along: list[Side], name: str, device: str, threads: int) -> dict[str, list[int]]:
    """Peaks of a side along what is swept, in bytes; for an area also the images themselves."""
    kinds = ("restoring",) if name == "area" else ("inference", "training")
    peaks = {f"{k}_bytes": [peak(s, k, device, threads).over for s in along] for k in kinds}
    if name == "area":
        peaks["image_bytes"] = [_PIXEL_BYTES * s.batch * s.size[0] * s.size[1] for s in along]
    return peaks


def _candidate(subject: Subject, kind: str) -> Candidate:
    settle(subject)
    subject.fuse()
    if kind == "training":
        return steps.training(subject, subject.crops())
    return steps.inference(subject, subject.images())
