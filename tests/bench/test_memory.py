"""The account of memory counts what a step holds, and not what was held before."""

import os
import subprocess
import sys

import pytest
import torch
from conftest import ROOT

from spiking_lowlevel.bench.memory import in_child, peak
from spiking_lowlevel.bench.options import parse
from spiking_lowlevel.errors import UserError

MIB = 2**20


# In a process that keeps no freed memory, as `slv` makes this one do.
PROGRAM = """
import torch
from spiking_lowlevel.bench.memory import Account

held = torch.ones(400 * 2**18)
del held
account = Account(torch.device("cpu"))
before = account.peak().over
held = torch.ones(200 * 2**18)
del held
print(before, account.peak().over)
"""


def test_what_was_freed_before_does_not_count_and_what_is_freed_meanwhile_does():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    before, over = map(int, done.stdout.split())
    assert before < 100 * MIB
    assert 190 * MIB < over < 300 * MIB


def test_a_step_is_measured_in_a_process_of_its_own():
    config = str(ROOT / "configs" / "derain" / "demo.yaml")
    plan = parse(["--config", config, "--model.network.width=4", "--crop=16", "--train-batch=1"])
    held = torch.ones(600 * MIB // 4)  # here, not there
    found = peak(plan.sides[0], "training", "cpu", 1)
    assert 0 < found.over < 200 * MIB
    assert 100 * MIB < found.base < 600 * MIB + held.numel()


def test_a_process_that_was_ended_is_told_in_words():
    with pytest.raises(UserError, match="most likely the machine ran out of memory"):
        in_child(os._exit, 9)
