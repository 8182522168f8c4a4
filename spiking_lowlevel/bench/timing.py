"""Rounds in turn: every candidate once, then every one again, so that all meet the same machine."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import TypedDict

import torch
from tqdm import tqdm

Clock = Callable[[], float]
"""Seconds from some moment on."""


class Spread(TypedDict):
    """The median of one value a round, the range, and the values."""

    median: float
    min: float
    max: float
    rounds: list[float]


def spread(values: Iterable[float]) -> Spread:
    """The spread of one value a round."""
    rounds = list(values)
    return Spread(median=median(rounds), min=min(rounds), max=max(rounds), rounds=rounds)


def pairwise(over: Spread, under: Spread) -> Spread:
    """The spread of quotients, round by round."""
    return spread(a / b for a, b in zip(over["rounds"], under["rounds"], strict=True))


def per_second(count: float, seconds: Spread) -> Spread:
    """The spread of a rate, for something that is done `count` times a round."""
    return spread(count / each for each in seconds["rounds"])


class Laps:
    """A stopwatch that runs from the start, and says what every part of a candidate took."""

    def __init__(self, clock: Clock = perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock, self._last = clock, clock()

    def lap(self, name: str) -> None:
        """Give the name of a part to the time since the last lap."""
        now = self._clock()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now

    @property
    def total(self) -> float:
        """The seconds of all laps."""
        return sum(self.seconds.values())


Candidate = Callable[[Laps], None]
"""Something to time: it ends every part of what it does with a lap."""


@dataclass
class Timed:
    """What the rounds of one candidate took: whole warm-up calls, and the parts of those after."""

    warmup: list[float] = field(default_factory=list)
    rounds: list[dict[str, float]] = field(default_factory=list)

    @property
    def whole(self) -> Spread:
        """Seconds of whole rounds."""
        return spread(sum(parts.values()) for parts in self.rounds)

    def part(self, name: str) -> Spread:
        """Seconds of one part."""
        return spread(parts.get(name, 0.0) for parts in self.rounds)


def in_turn(
    candidates: Mapping[str, Candidate],
    rounds: int,
    warmup: int,
    clock: Clock = perf_counter,
    title: str = "",
) -> dict[str, Timed]:
    """Time every candidate once a round: A B A B, first to warm up, then for the record."""
    timed = {name: Timed() for name in candidates}
    total = (warmup + rounds) * len(candidates)
    with tqdm(total=total, desc=title, unit="step", leave=False, disable=None, delay=1) as bar:
        for i in range(warmup + rounds):
            for name, candidate in candidates.items():
                laps = Laps(clock)
                candidate(laps)
                if i < warmup:
                    timed[name].warmup.append(laps.total)
                else:
                    timed[name].rounds.append(laps.seconds)
                bar.update()
    return timed


def clock_of(device: torch.device) -> Clock:
    """A clock that waits for what a device has been given to do."""

    def waiting() -> float:
        torch.cuda.synchronize(device)
        return perf_counter()

    return waiting if device.type == "cuda" else perf_counter
