"""Which run a path means, and what it stands for on the command line."""

from pathlib import Path

import pytest

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.runs import expand, find_run


def make(run: Path, weights: str = "") -> Path:
    run.mkdir(parents=True)
    for name in ("config.yaml", "versions.json"):
        (run / name).touch()
    if weights:
        (run / weights).parent.mkdir(exist_ok=True)
        (run / weights).touch()
    return run


def test_an_experiment_means_its_newest_run_that_came_to_a_checkpoint(tmp_path: Path):
    make(tmp_path / "2", "checkpoints/best.ckpt")
    newest = make(tmp_path / "10", "checkpoints/best.ckpt")
    assert find_run(tmp_path) == newest
    failed = make(tmp_path / "11")
    assert find_run(tmp_path) == newest
    assert find_run(failed) == failed


def test_a_run_stands_for_its_configuration_and_its_weights(tmp_path: Path):
    trained = make(tmp_path / "0", "checkpoints/best.ckpt")
    config = ["--config", str(trained / "config.yaml")]
    checkpoint = ["--ckpt_path", str(trained / "checkpoints" / "best.ckpt")]
    expected = ["test", *config, *checkpoint, "--x", "1"]
    assert expand(["test", "--run", str(trained), "--x", "1"]) == expected
    assert expand(["test", f"--run={trained}", "--x", "1"]) == expected
    imported = make(tmp_path / "imported", "weights.safetensors")
    assert expand(["--run", str(imported)]) == ["--config", str(imported / "config.yaml")]


def test_a_run_without_weights_and_a_folder_without_runs_are_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no .*best\.ckpt yet"):
        expand(["test", "--run", str(make(tmp_path / "0"))])
    with pytest.raises(UserError, match="holds no run"):
        find_run(tmp_path / "nothing")
