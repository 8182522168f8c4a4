"""Every example runs, and is short enough to read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_runs(path: Path, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_is_short(path: Path):
    assert len(path.read_text().splitlines()) < 40


def test_a_neuron_by_hand_prints_what_the_equation_says():
    done = subprocess.run(
        [sys.executable, str(EXAMPLES[0])], capture_output=True, text=True, check=True
    )
    # v: 0.6, 0.9, then 1.05 ≥ 1 fires, and again from zero
    lines = done.stdout.splitlines()
    assert lines[0].endswith("[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]")
    # one membrane runs through the four pixels of every frame: fires at each third of 32 steps
    assert lines[2].endswith("[0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.25, 0.25]")
