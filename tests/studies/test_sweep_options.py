"""What a command line of `slv sweep` asks for, and what it is told where it asks wrongly."""

from pathlib import Path

import pytest

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.sweep_options import parse

ONE = ["--config", "a.yaml", "-o", "out"]


def test_words_of_sweep_are_kept_from_fit():
    words = [*ONE, "--steps=4,1,4", "--neurons", "NILIF,LIF,NILIF", "--data.crop", "-1"]
    plan = parse([*words, "--seeds", "1,0", "--size", "64x96", "--neuron-argument=visual_neuron"])
    assert plan.words == ("--config", "a.yaml", "--data.crop", "-1")
    assert plan.steps == (1, 4)
    assert plan.neurons == ("NILIF", "LIF")
    assert plan.arguments == ("visual_neuron",)
    assert plan.seeds == (1, 0)
    assert plan.size == (64, 96)
    assert plan.out == Path("out")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*ONE, "--steps", "1,two"], "at least 1, given 'two'"),
        ([*ONE, "--steps", "0,1"], "at least 1, given '0'"),
        ([*ONE, "--seeds", "a"], "whole numbers such as 0,1, given 'a'"),
        ([*ONE, "--neurons", ","], "expected a name"),
        (ONE[:2], "required: -o"),
        (ONE[2:], "give --config FILE"),
        ([*ONE, "--run=runs/0"], "--config RUN/config.yaml"),
        ([*ONE, "--ckpt_path", "a.ckpt"], "trains every point from its start"),
    ],
)
def test_mistakes_are_told(words: list[str], message: str):
    with pytest.raises(UserError) as error:
        parse(words)
    assert message in str(error.value)
