"""Every shipped configuration builds and trains through the real command line."""

from pathlib import Path

import pytest
import yaml
from conftest import ROOT, TINY

from spiking_lowlevel.cli import main

CONFIGS = sorted((ROOT / "configs").rglob("*.yaml"))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda p: str(p.relative_to(ROOT)))
def test_config_trains(config: Path, tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    words = ["fit", "--config", str(config), *TINY, f"--trainer.logger.root={tmp_path}"]
    if config.parent.name == "overlays":
        words[1:1] = ["--config", str(ROOT / "configs" / "derain" / "paired.yaml")]
    if config.parent.name == "overlays" or config.stem == "paired":
        words.append(f"--data.root={pairs}")
    else:
        words.append("--data.variants=1")
    main(words)
    saved = list(tmp_path.glob("*/0/config.yaml"))
    assert len(saved) == 1
    run = saved[0].parent
    assert {p.name for p in run.iterdir()} >= {
        "checkpoints",
        "learning_curve.png",
        "metrics.csv",
        "per_image.csv",
        "samples",
        "spikes.png" if config.stem != "ann_twin" else "versions.json",
        "versions.json",
    }
    assert sorted(p.name for p in (run / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda p: str(p.relative_to(ROOT)))
def test_schedule_ends_with_the_training(config: Path):
    content = yaml.safe_load(config.read_text())
    if config.parent.name == "overlays":
        assert content.keys() == {"model"}
        return
    schedule = content["model"]["init_args"]["scheduler"]["init_args"]
    assert schedule["total_steps"] == content["trainer"]["max_steps"]
