"""What is timed, in which order, and what is made of it."""

import pytest
from bench.subjects import FakeClock

from spiking_lowlevel.bench.figures import aligned, ratio, seconds
from spiking_lowlevel.bench.timing import Laps, in_turn, pairwise, per_second, spread


def test_candidates_take_turns_and_warm_up_apart():
    clock, order = FakeClock(), []
    takes = {"A": iter([9.0, 1.0, 2.0, 6.0]), "B": iter([8.0, 2.0, 1.0, 3.0])}

    def candidate(name: str):
        def step(laps: Laps) -> None:
            order.append(name)
            clock.wait(next(takes[name]))
            laps.lap("first")
            clock.wait(0.5)
            laps.lap("second")

        return step

    timed = in_turn({name: candidate(name) for name in takes}, rounds=3, warmup=1, clock=clock)
    assert "".join(order) == "ABABABAB"
    assert timed["A"].warmup == [9.5]
    assert timed["A"].whole == spread([1.5, 2.5, 6.5])
    assert timed["B"].part("first") == spread([2, 1, 3])
    assert timed["B"].part("second") == spread([0.5] * 3)


def test_quotients_are_of_the_same_round():
    a, b = spread([2.0, 3.0, 8.0]), spread([1.0, 3.0, 2.0])
    assert pairwise(a, b) == {"median": 2, "min": 1, "max": 4, "rounds": [2, 1, 4]}
    assert per_second(6, b)["rounds"] == [6, 2, 3]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.554, 1.482, 1.587], "1.55 s [1.48-1.59]"),
        ([0.0412, 0.04, 1.2], "41.2 ms [40.0-1200]"),
        ([0.000123], "0.123 ms [0.123-0.123]"),
        ([32.61], "32.6 s [32.6-32.6]"),
    ],
)
def test_seconds_are_told_to_three_figures(values: list[float], expected: str):
    assert seconds(spread(values)) == expected


def test_quotients_are_told_to_two_decimals():
    assert ratio(spread([1.936, 2.72, 1.9])) == "1.94 [1.90-2.72]"


def test_columns_are_aligned():
    assert aligned([["", "step"], ["A", "1 s"], ["long", "1000 s"]]) == [
        "        step",
        "A        1 s",
        "long  1000 s",
    ]
