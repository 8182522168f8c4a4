"""What it costs to be watched: images restored plainly, with spikes and with energy counted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import (
    Candidate,
    Clock,
    Laps,
    Spread,
    Timed,
    clock_of,
    in_turn,
    pairwise,
    spread,
)
from spiking_lowlevel.callbacks.spike_counts import SpikeCounter
from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.neurons.watch import watch

PLAIN = "not watched"
_HOOKS = "putting on hooks"


def watching(
    subject: Subject, rounds: int, warmup: int, clock: Clock | None = None
) -> dict[str, Any]:
    """Seconds of one forward pass, alone and under each watcher, in turn; and their ratios.

    Hooks are put on before the clock starts and taken off after, as the callbacks do it for a whole
    validation; what they add up once, at its end, is left out.
    """
    spikes, energy = SpikeCounter(), OpCounter(subject.restorer)
    forward = steps.inference(subject, subject.images())
    candidates = {
        PLAIN: forward,
        "SpikeRates": _watched(forward, lambda: watch(subject.restorer, spikes)),
        "EnergyTracker": _watched(forward, lambda: energy),
    }
    title = f"watching, {subject.name}"
    timed = in_turn(candidates, rounds, warmup, clock or clock_of(subject.device), title)
    seconds = {way: _without_hooks(each) for way, each in timed.items()}
    return {
        way: {"seconds": each, "over_plain": pairwise(each, seconds[PLAIN])}
        for way, each in seconds.items()
    }


def _watched(
    forward: Candidate, context: Callable[[], AbstractContextManager[object]]
) -> Candidate:
    def step(laps: Laps) -> None:
        with context():
            laps.lap(_HOOKS)
            forward(laps)

    return step


def _without_hooks(timed: Timed) -> Spread:
    return spread(sum(parts.values()) - parts.get(_HOOKS, 0.0) for parts in timed.rounds)
