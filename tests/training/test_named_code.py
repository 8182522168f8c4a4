"""A configuration has classes of the field built, and nothing else called."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from spiking_lowlevel.cli import main

CONFIG = yaml.safe_load((ROOT / "configs" / "derain" / "demo.yaml").read_text())
TOUCH = {"class_path": "os.system", "init_args": {"command": "touch canary"}}
NAMED: dict[str, tuple[str, object]] = {
    "model.loss: os.system": ("model.init_args.loss", TOUCH),
    "model.optimizer: os.abort": ("model.init_args.optimizer", {"class_path": "os.abort"}),
    "trainer.callbacks.on_fit_start: os.system": (
        "trainer.callbacks",
        [{"class_path": "LambdaCallback", "init_args": {"on_fit_start": TOUCH}}],
    ),
    "model.scheduler.lr_lambda: ": (
        "model.init_args.scheduler",
        {"class_path": "LambdaLR", "init_args": {"lr_lambda": "os._exit"}},
    ),
}


@pytest.mark.parametrize("said", NAMED)
def test_functions_are_not_called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    config: dict[str, Any] = copy.deepcopy(CONFIG)
    place, value = NAMED[said]
    *path, last = place.split(".")
    part = config
    for key in path:
        part = part[key]
    part[last] = value
    Path("config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(SystemExit) as leave:
        main(["fit", "--config", "config.yaml", "--trainer.max_steps=0"])
    assert leave.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f"slv: {said}")
    assert "nothing else is built or called" in err
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]
