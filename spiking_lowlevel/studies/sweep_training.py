"""Training and testing a point of a sweep, once."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from time import perf_counter
from typing import Any

from spiking_lowlevel import config_file
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.runs import CONFIG, has_weights, is_run, next_run, runs
from spiking_lowlevel.studies.sweep_points import Point

TRAINED = "trained.json"
"""In the run folder of a point that was trained to the end: the seconds that `slv fit` took."""
PER_IMAGE = Path("test", "per_image.csv")


def done(point: Point, root: Path) -> Path | None:
    """The newest run of a point that was trained to the end with the same configuration."""
    for run in reversed(runs(root / point.name)):
        if is_run(run) and (run / TRAINED).is_file() and has_weights(run):
            saved = config_file.read(run / CONFIG)
            if isinstance(saved, dict) and _decisive(saved) == _decisive(point.config):
                return run
    return None


def train(point: Point, root: Path) -> Path:
    """Train a point by `slv fit`, in a process of its own; give back the run folder.

    Raises:
        UserError: it failed.
    """
    run, start = next_run(root / point.name), perf_counter()
    launch(["fit", *point.words])
    seconds = perf_counter() - start
    if not has_weights(run):
        raise UserError(f"{run} has no best checkpoint; points are chosen by validation")
    write_text(run / TRAINED, json.dumps({"seconds": round(seconds, 3)}) + "\n")
    return run


def evaluate(run: Path) -> None:
    """Test a run by `slv test`, in a process of its own, where that was not done yet.

    Raises:
        UserError: it failed.
    """
    if not (run / PER_IMAGE).is_file():
        launch(["test", "--run", str(run)])


def train_seconds(run: Path) -> float:
    """What `slv fit` took for a run, start-up and validation included."""
    return float(json.loads((run / TRAINED).read_text(encoding="utf-8"))["seconds"])


def launch(words: list[str]) -> None:
    """Run `slv` in a process of its own, which may itself start others on several devices.

    Raises:
        UserError: it failed; the message is the last that it said.
    """
    command = [sys.executable, "-m", "spiking_lowlevel.cli", *words]
    said = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stderr is not None
        for line in process.stderr:
            sys.stderr.write(line)
            said.append(line.rstrip())
    if process.returncode:
        ours = [line.removeprefix("slv: ") for line in said if line.startswith("slv: ")]
        last = next(filter(None, reversed(ours or said)), "it said nothing")
        raise UserError(f"slv {words[0]} left with exit code {process.returncode}: {last}")


def _decisive(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration without where its run is put."""
    kept = deepcopy(config)
    kept["trainer"].pop("logger", None)
    return kept
