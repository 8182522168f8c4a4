"""Which words are whose."""

import pytest

from spiking_lowlevel.bench.options import parse
from spiking_lowlevel.bench.parser import SWEEPS, Sweep
from spiking_lowlevel.errors import UserError

ONE = ["--config", "a.yaml", "--model.network.width", "8"]


def test_words_of_bench_are_kept_from_fit():
    plan = parse([*ONE, "--size", "64x96", "--rounds=2", "--data.crop", "-1", "-o", "b.json"])
    (side,) = plan.sides
    assert side.words == (*ONE, "--data.crop", "-1")
    assert side.size == (64, 96)
    assert (plan.rounds, plan.warmup, plan.what) == (2, 2, ("inference", "training"))
    assert str(plan.out) == "b.json"


def test_a_second_side_is_the_first_with_words_added():
    words = [*ONE, "--fuse", "--size", "32", "--vs", "--compile", "network", "--batch=2"]
    a, b = parse(words).sides
    assert (a.name, b.name) == ("A", "B")
    assert b.words == (*ONE, "--compile", "network")
    assert b.typed == ("--compile", "network", "--batch=2")
    assert (a.fuse, b.fuse) == (True, True)
    assert (b.size, a.batch, b.batch) == ((32, 32), 1, 2)


@pytest.mark.parametrize("own", [["--config", "b.yaml"], ["--config=b.yaml"], ["--run", "runs/b"]])
def test_a_second_configuration_shares_images_and_nothing_else(own: list[str]):
    words = [*ONE, "--fuse", "--size", "32", "--crop", "16", "--rounds", "3", "--vs", *own]
    plan = parse(words)
    b = plan.sides[1]
    assert b.words == tuple(own)
    assert (b.size, b.crop, b.fuse) == ((32, 32), 16, False)
    assert plan.rounds == 3


def test_nothing_after_vs_is_the_same_again():
    a, b = parse([*ONE, "--vs"]).sides
    assert a.words == b.words


def test_sweeps_and_what_are_lists():
    plan = parse([*ONE, "--sweep", "area", "--sweep=steps=4,1,4", "--what", "memory,inference"])
    assert plan.sweeps == (Sweep("area", SWEEPS["area"]), Sweep("steps", (1, 4)))
    assert plan.what == ("inference", "memory")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "8o"], "64x96, given '8o'"),
        (["--size", "0"], "given '0'"),
        (["--rounds", "0"], "at least 1, given '0'"),
        (["--what", "trainig"], "Did you mean: training?"),
        (["--sweep", "aera"], "Did you mean: area?"),
        (["--sweep", "area=x"], "given 'x'"),
        (["-o", "out.txt"], "ends in .json, given 'out.txt'"),
        (["--vs", "--rounds", "3"], "--rounds is for both sides; write it before --vs"),
        (["--vs", "--vs"], "compares two sides"),
    ],
)
def test_mistakes_say_what_is_allowed(words: list[str], message: str):
    with pytest.raises(UserError) as error:
        parse([*ONE, *words])
    assert message in str(error.value)
