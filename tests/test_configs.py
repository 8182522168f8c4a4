"""Every shipped configuration builds and trains through the real command line."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from conftest import ROOT, TINY

from spiking_lowlevel import networks
from spiking_lowlevel.cli import main
from spiking_lowlevel.training import command_line as training

# That of FSDP is trained in test_two_processes.py: a process group would stay behind here.
CONFIGS = sorted(p for p in (ROOT / "configs").rglob("*.yaml") if p.stem != "fsdp")


OVER = {"spikerain_s": "spikerain_rain200h", "spikerain_l": "spikerain_rain200h"}
PUBLISHED = {"vlif": (12, 3), "esdnet": (12, 3), "spikerain": (22, 5)}  # batch, warm-up
QUIRKS = {
    "flips": False,
    "replayed_crops": 2,
    "reach_border": False,
    "validate_on_test": True,
    "validation_crop": 64,
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def content(config: Path) -> dict[str, Any]:
    return yaml.safe_load(config.read_text())


def is_recipe(config: Path) -> bool:
    return config.stem.partition("_")[0] in PUBLISHED and config.parent.name == "derain"


def words(config: Path, pairs: Path) -> list[str]:
    """The command line that trains a configuration for two tiny steps."""
    out = ["fit", "--config", str(config), *TINY]
    if config.parent.name == "overlays":
        under = OVER.get(config.stem, "paired")
        out[1:1] = ["--config", str(ROOT / "configs" / "derain" / f"{under}.yaml")]
        config = ROOT / "configs" / "derain" / f"{under}.yaml"
    if config.parent.name == "derain" and config.stem not in ("demo", "small"):
        out.append(f"--data.root={pairs}")
    else:
        out += ["--data.variants=1", "--trainer.limit_val_batches=1"]
    if content(config)["trainer"].get("devices", 1) > 1:  # children would repeat pytest's words
        out += ["--trainer.devices=1", "--trainer.strategy=auto"]
    if is_recipe(config):
        out += ["--trainer.check_val_every_n_epoch=1", "--data.workers=0"]
    return out


# These train the network of the recipe for rain200h, with other numbers.
ALIKE = [
    p
    for p in CONFIGS
    if is_recipe(p) and p.stem.endswith(("_rain200l", "_rain1200")) and p.stem != "vlif_rain200l"
]


@pytest.mark.parametrize("config", ALIKE, ids=name)
def test_config_builds(config: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    built = training.run(words(config, pairs), training.Building)
    other = config.with_name(f"{config.stem.rpartition('_')[0]}_rain200h.yaml")
    twin = training.run(words(other, pairs), training.Building)
    assert str(built.model) == str(twin.model)


@pytest.mark.parametrize("config", [p for p in CONFIGS if p not in ALIKE], ids=name)
def test_config_trains(config: Path, tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    main([*words(config, pairs), f"--trainer.logger.root={tmp_path}"])
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


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_schedule_ends_with_the_training(config: Path):
    if config.parent.name == "overlays" and "trainer" not in content(config):
        assert content(config).keys() == {"model"}
        return
    trainer, schedule = (
        content(config)["trainer"],
        content(config)["model"]["init_args"]["scheduler"],
    )
    if is_recipe(config):
        assert schedule["init_args"]["epochs"] == trainer["max_epochs"]
    elif schedule["class_path"] == "TimedCosine":
        hours, minutes = (int(part) for part in trainer["max_time"].split(":")[1:3])
        assert 0 <= hours + minutes / 60 - schedule["init_args"]["hours"] < 0.05
    else:
        assert schedule["init_args"]["total_steps"] == trainer["max_steps"]


def test_every_system_has_a_recipe_for_every_set():
    recipes = {c.stem for c in CONFIGS if is_recipe(c)}
    sets = ("rain200l", "rain200h", "rain1200")
    expected = {f"{system}_{data}" for system in PUBLISHED for data in sets}
    assert recipes == expected | {"vlif_rain200h_fixed"}


@pytest.mark.parametrize("config", [c for c in CONFIGS if is_recipe(c)], ids=name)
def test_a_recipe_says_what_its_authors_did(config: Path):
    system, data, *fixed = config.stem.split("_")
    model, loaded = content(config)["model"]["init_args"], content(config)["data"]["init_args"]
    batch, warmup = PUBLISHED[system]
    assert model["loss"] == "SSIMLoss"
    assert model["inference"] == "PublishedTiles"
    assert model["scheduler_interval"] == "epoch"
    assert model["optimizer"]["class_path"] == "torch.optim.AdamW"
    assert model["optimizer"]["init_args"]["lr"] == 1e-3
    schedule = model["scheduler"]["init_args"]
    assert (schedule["warmup"], schedule["epochs"]) == (warmup, 1000)
    assert (schedule["final_rate"], schedule["from_zero"]) == (1e-7, not fixed)
    assert (loaded["batch_size"], loaded["crop"]) == (batch, 64)
    arguments = model["network"]["init_args"]
    if system == "vlif":
        assert arguments["refinement"] == (4 if data == "rain200l" else 0)
    if fixed:
        assert not {k for k in QUIRKS if loaded[k] == QUIRKS[k]}
    else:
        assert loaded.items() >= QUIRKS.items()


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("derain/vlif_rain200l", 14_312_031),
        ("derain/vlif_rain200h", 14_023_911),
        ("derain/esdnet_rain1200", 12_811_463),
        ("derain/spikerain_rain200h", 4_434_392),
        ("overlays/spikerain_s", 1_589_888),
        ("overlays/spikerain_l", 8_048_576),
    ],
)
def test_the_networks_of_the_recipes_have_their_published_size(stem: str, expected: int):
    given = content(ROOT / "configs" / f"{stem}.yaml")["model"]["init_args"]["network"]
    with torch.device("meta"):
        network = getattr(networks, given["class_path"])(**given["init_args"])
    assert sum(p.numel() for p in network.parameters()) == expected
