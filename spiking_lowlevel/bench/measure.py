"""Inference and training of all sides in turn, with the convolutions of each alone beside them."""

from collections.abc import Callable
from typing import Any

from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.convolutions import Recorder, record
from spiking_lowlevel.bench.floor import replay, told
from spiking_lowlevel.bench.subject import Subject, plainly
from spiking_lowlevel.bench.timing import (
    Candidate,
    Laps,
    Spread,
    Timed,
    clock_of,
    in_turn,
    pairwise,
    per_second,
    spread,
)

PHASES = ("forward", "backward", "optimizer")
MakeStep = Callable[[Subject], Candidate]


def inference(subjects: list[Subject], rounds: int, warmup: int) -> dict[str, Any]:
    """Seconds to restore the images of every side, floors, and quotients round by round."""
    found = _measured(
        subjects, lambda s: steps.inference(s, s.images()), rounds, warmup, "inference"
    )
    for subject in subjects:
        _add(found["sides"][subject.name], list(subject.images().shape))
    return found


def training(subjects: list[Subject], rounds: int, warmup: int) -> dict[str, Any]:
    """Seconds of a training step of every side and its phases, floors, and quotients."""
    found = _measured(subjects, lambda s: steps.training(s, s.crops()), rounds, warmup, "training")
    for subject in subjects:
        _add(found["sides"][subject.name], list(subject.crops().degraded.shape))
    return found


def _measured(
    subjects: list[Subject], make: MakeStep, rounds: int, warmup: int, title: str
) -> dict[str, Any]:
    candidates = {s.name: make(s) for s in subjects}
    records = {s.name: _record(s, candidates[s.name]) for s in subjects}
    for subject in subjects:
        calls = records[subject.name].convolutions
        candidates[_floor(subject)] = replay(calls, subject.device)
    clock = clock_of(subjects[0].device)
    timed = in_turn(candidates, rounds, warmup, clock, title)
    sides = {
        s.name: {
            **_times(timed[s.name]),
            **_floors(timed[s.name].whole, timed[_floor(s)].whole, records[s.name]),
        }
        for s in subjects
    }
    found: dict[str, Any] = {"sides": sides}
    if len(subjects) == 2:
        found["ratio"] = pairwise(sides["A"]["seconds"], sides["B"]["seconds"])
    return found


def _floor(subject: Subject) -> str:
    return f"{subject.name} convolutions"


def _record(subject: Subject, step: Candidate) -> Recorder:
    with plainly(subject.network), plainly(subject.restorer):
        return record(lambda: step(Laps()))


def _times(timed: Timed) -> dict[str, Any]:
    phases = [phase for phase in PHASES if phase in timed.rounds[0]]
    return {
        "seconds": timed.whole,
        "warmup_seconds": timed.warmup,
        "phases": {phase: timed.part(phase) for phase in phases},
    }


def _floors(seconds: Spread, floor: Spread, recorder: Recorder) -> dict[str, Any]:
    counted = told(recorder)
    macs = counted["convolution_macs"]
    return {
        **counted,
        "macs_per_second": per_second(macs, seconds),
        "floor_seconds": floor,
        "floor_fraction": pairwise(floor, seconds) if macs else spread([0.0]),
    }


def _add(side: dict[str, Any], shape: list[int]) -> None:
    side["images"] = shape
    side["pictures_per_second"] = per_second(shape[0], side["seconds"])
