"""Kinds of modules of all sides in turn: what a step spends in each of them."""

from typing import Any

import torch

from spiking_lowlevel.bench.kind_timer import KindTimer
from spiking_lowlevel.bench.subject import Subject, plainly
from spiking_lowlevel.bench.timing import Laps, Timed, clock_of, in_turn
from spiking_lowlevel.data.base import Pair


def kinds(subjects: list[Subject], what: str, rounds: int) -> dict[str, Any]:
    """Seconds by kind of "inference" or "training", of every side in turn."""
    timers = {s.name: _Candidate(s, training=what == "training") for s in subjects}
    timed = in_turn(timers, rounds, warmup=1, title=f"kinds, {what}")
    return {name: _told(timed[name], timers[name].calls) for name in timers}


class _Candidate:
    def __init__(self, subject: Subject, training: bool) -> None:
        self.subject, self.calls = subject, {}
        self.images, self.batch = subject.images(), subject.crops() if training else None

    def __call__(self, laps: Laps) -> None:
        timer = KindTimer(clock_of(self.subject.device))
        self._learn(timer, self.batch) if self.batch else self._restore(timer)
        self.calls = timer.calls
        for way in ("forward", "backward"):
            for kind, seconds in getattr(timer, way).items():
                laps.seconds[f"{way}/{kind}"] = seconds

    def _restore(self, timer: KindTimer) -> None:
        network = self.subject.restorer.eval()
        with (
            plainly(network),
            torch.inference_mode(),
            self.subject.autocast(),
            timer.watching(network),
        ):
            network.padded(self.images)

    def _learn(self, timer: KindTimer, batch: Pair) -> None:
        task = self.subject.task.train()
        with plainly(task.network):
            with self.subject.autocast(), timer.watching(task.network, task.loss):
                loss = task.loss(task.network(batch.degraded), batch.clean)
            timer.run_backward(loss)
            task.zero_grad()


def _told(timed: Timed, calls: dict[str, int]) -> dict[str, Any]:
    """Every kind with its calls and seconds, the longest first."""
    rows: dict[str, dict[str, Any]] = {}
    for part in dict.fromkeys(part for round in timed.rounds for part in round):
        way, _, kind = part.partition("/")
        rows.setdefault(kind, {"calls": calls.get(kind, 0)})[way] = timed.part(part)
    ordered = sorted(rows.items(), key=lambda row: -_median(row[1]))
    return {"seconds": timed.whole, "kinds": dict(ordered)}


def _median(row: dict[str, Any]) -> float:
    return sum(row[way]["median"] for way in ("forward", "backward") if way in row)
