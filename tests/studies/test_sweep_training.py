"""What is trained anew and what is not, and what is said of a process that fails."""

import json
from pathlib import Path

import pytest
import yaml

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.runs import BEST, CONFIG, VERSIONS
from spiking_lowlevel.studies.sweep_points import Point
from spiking_lowlevel.studies.sweep_training import TRAINED, done, launch, train_seconds

CONFIGURATION = {"trainer": {"max_steps": 2, "logger": {"root": "elsewhere"}}, "data": {"crop": 16}}
POINT = Point("LIF", 2, None, (), CONFIGURATION, 1)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder of `POINT` that was trained to the end."""
    run = tmp_path / POINT.name / "0"
    (run / BEST).parent.mkdir(parents=True)
    (run / BEST).touch()
    (run / VERSIONS).touch()
    saved = {**CONFIGURATION, "trainer": {"max_steps": 2, "logger": {"root": "here"}}}
    (run / CONFIG).write_text(yaml.safe_dump(saved))
    (run / TRAINED).write_text(json.dumps({"seconds": 12.5}))
    return run


def test_a_run_of_the_same_configuration_is_enough(run: Path, tmp_path: Path):
    assert done(POINT, tmp_path) == run
    assert train_seconds(run) == 12.5


@pytest.mark.parametrize("missing", [TRAINED, BEST, VERSIONS], ids=str)
def test_a_run_that_was_stopped_is_not(run: Path, tmp_path: Path, missing: str | Path):
    (run / missing).unlink()
    assert done(POINT, tmp_path) is None


def test_a_run_of_another_configuration_is_not(run: Path, tmp_path: Path):
    longer = {**CONFIGURATION, "trainer": {"max_steps": 3, "logger": {"root": "here"}}}
    assert done(Point("LIF", 2, None, (), longer, 1), tmp_path) is None


def test_a_process_that_fails_says_why(capsys: pytest.CaptureFixture[str]):
    launch(["--version"])
    with pytest.raises(UserError, match=r"slv fti left with exit code 2: .*no verb 'fti'"):
        launch(["fti"])
    assert "no verb" in capsys.readouterr().err
