"""Training split among processes, which have to exchange gradients and not only to run."""

import pytest
import torch
from conftest import ROOT

from spiking_lowlevel.bench.build import build
from spiking_lowlevel.bench.options import parse
from spiking_lowlevel.bench.processes import WAYS, processes
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.errors import UserError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    config = str(ROOT / "configs" / "derain" / "demo.yaml")
    words = ["--config", config, "--model.network.width=4", "--crop=16", "--train-batch=2"]
    return build(parse(words).sides[0], "cpu")


def test_two_processes_take_turns_with_one(small: Subject):
    found = processes(small, 2, rounds=2, warmup=1)
    assert (found["batch_each"], found["threads_each"]) == (1, 1)
    seconds = found["seconds"]
    assert all(len(seconds[way]["rounds"]) == 2 for way in WAYS)
    quotient = seconds[WAYS[1]]["rounds"][0] / seconds[WAYS[2]]["rounds"][0]
    assert found["over_ideal"]["rounds"][0] == pytest.approx(quotient)


def test_what_cannot_be_split_is_refused(small: Subject):
    with pytest.raises(UserError, match="--train-batch 2 cannot be split among 3 processes"):
        processes(small, 3, rounds=1, warmup=1)
