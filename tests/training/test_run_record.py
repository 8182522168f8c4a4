"""`run.json`: what it says of a run, and that it says the same of the same."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from spiking_lowlevel import __version__
from spiking_lowlevel.data import PairedFolders, Photographs
from spiking_lowlevel.data.base import Split
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.training import run_record


def of(paths: list[Path]) -> str:
    """The hash of files as the format has it, worked out anew."""
    lines = [f"{p.name} {sha256(p.read_bytes()).hexdigest()}\n" for p in paths]
    return sha256("".join(sorted(lines)).encode()).hexdigest()


def test_a_run_is_recorded_from_its_beginning_to_its_end(run: Path, pairs: Path):
    record = json.loads((run / "run.json").read_text())
    assert record["config"] == yaml.safe_load((run / "config.yaml").read_text())
    assert record["versions"] == json.loads((run / "versions.json").read_text())
    assert record["code"]["version"] == __version__
    assert record["seed"] == record["config"]["seed_everything"] == 0
    assert record["protocols"][0] == "Luma"
    assert record["command"][:2] == ["slv", "fit"]
    assert f"--data.root={pairs}" in record["command"]
    end = record["end"]
    assert end["steps"] == 4
    state = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    assert state["global_step"] == 4
    assert end["weights"] == by_hand(state["state_dict"])
    assert {"train/loss", "val/psnr", "val/psnr/Luma"} <= end["metrics"].keys()
    with (run / "metrics.csv").open() as file:
        assert any(str(end["metrics"]["val/psnr"])[:12] in line for line in file)


def by_hand(state: dict[str, torch.Tensor]) -> str:
    whole = sha256()
    for name in sorted(state):
        value = state[name]
        whole.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        whole.update(value.contiguous().numpy().tobytes())
    return whole.hexdigest()


def trainer_of(place: Path | None, resumed: bool = False, steps: int = 0) -> Any:
    return SimpleNamespace(
        log_dir=place,
        is_global_zero=True,
        logger=SimpleNamespace(resumed=resumed),
        datamodule=None,
        global_step=steps,
        callback_metrics={"b": torch.tensor(0.5), "a": torch.tensor(float("nan"))},
    )


def test_a_run_that_goes_on_keeps_how_it_has_begun(tmp_path: Path):
    module: Any = nn.Linear(1, 1)
    (tmp_path / "config.yaml").write_text("seed_everything: 7\n")
    first = run_record.RunRecord(["fit", "--config", "a.yaml"])
    first.on_fit_start(trainer_of(tmp_path), module)
    first.on_fit_end(trainer_of(tmp_path, steps=3), module)
    (tmp_path / "config.yaml").write_text("seed_everything: 8\n")
    again = run_record.RunRecord(["fit", "--ckpt_path", "last.ckpt"])
    again.on_fit_start(trainer_of(tmp_path, resumed=True), module)
    record = run_record.read(tmp_path / "run.json")
    assert "end" not in record
    assert record["seed"] == 7
    assert record["command"] == ["slv", "fit", "--config", "a.yaml"]
    assert record.get("resumed") == [["slv", "fit", "--ckpt_path", "last.ckpt"]]
    again.on_fit_end(trainer_of(tmp_path, resumed=True, steps=5), module)
    end = run_record.read(tmp_path / "run.json").get("end")
    assert end is not None
    assert end["steps"] == 5
    assert end["metrics"] == {"a": "nan", "b": 0.5}


@pytest.mark.parametrize("folder", [True, False])
def test_without_a_configuration_nothing_is_written(folder: bool, tmp_path: Path):
    module: Any = nn.Linear(1, 1)
    trainer = trainer_of(tmp_path if folder else None)
    recorder = run_record.RunRecord()
    recorder.on_fit_start(trainer, module)
    recorder.on_fit_end(trainer, module)
    assert list(tmp_path.iterdir()) == []


def test_all_files_of_all_splits_are_hashed(run: Path, pairs: Path):
    recorded = json.loads((run / "run.json").read_text())["data"]
    data = PairedFolders(pairs)
    splits: tuple[Split, ...] = ("train", "validate", "test")
    for split in splits:
        items = data._splits(data._found())[split]
        files = [item.clean.path for item in items if item.clean is not None]
        assert recorded[split]["clean"] == {"files": len(files), "sha256": of(files)}
        rainy = [pairs / "input" / f.name for f in files]
        assert recorded[split]["degraded"] == {"files": len(files), "sha256": of(rainy)}
    assert sum(recorded[split]["clean"]["files"] for split in recorded) == 6


def test_the_hash_goes_with_names_and_bytes_and_not_with_the_place(pairs: Path, tmp_path: Path):
    first = run_record.hashes(PairedFolders(pairs))
    moved = shutil.copytree(pairs, tmp_path / "moved")
    assert run_record.hashes(PairedFolders(moved)) == first
    held = PairedFolders(moved).pairs("test").degraded_files()[0]
    with held.open("ab") as file:
        file.write(b"\0")
    changed = run_record.hashes(PairedFolders(moved))
    assert changed["test"]["degraded"] != first["test"]["degraded"]
    assert changed["test"]["clean"] == first["test"]["clean"]
    assert changed["train"] == first["train"]


def test_what_is_made_on_the_fly_has_no_files():
    data = Photographs()
    assert set(run_record.hashes(data)["train"]) == {"clean"}


def test_weights_differ_by_value_name_shape_and_type():
    layer = nn.Linear(2, 3)
    hashes = [run_record.weights_hash(layer)]
    again = nn.Linear(2, 3)
    again.load_state_dict(layer.state_dict())
    assert run_record.weights_hash(again) == hashes[0] == by_hand(dict(layer.state_dict()))
    with torch.no_grad():
        again.weight[0, 0] = torch.nextafter(again.weight[0, 0], torch.tensor(9.0))
    hashes.append(run_record.weights_hash(again))
    hashes.append(run_record.weights_hash(nn.Sequential(layer)))
    hashes.append(run_record.weights_hash(layer.to(torch.bfloat16)))
    assert len(set(hashes)) == 4


def test_weights_do_not_depend_on_how_they_lie():
    conv = nn.Conv2d(3, 4, 3)
    plain = run_record.weights_hash(conv)
    assert run_record.weights_hash(conv.to(memory_format=torch.channels_last)) == plain  # pyright: ignore[reportCallIssue]


def test_the_commit_is_that_of_the_package_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\ncase "$*" in *rev-parse*) echo c0ffee;; *) echo " M a.py";; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    place = tmp_path / "checkout" / "spiking_lowlevel" / "__init__.py"
    monkeypatch.setattr("spiking_lowlevel.__file__", str(place))
    place.parent.mkdir(parents=True)
    made = run_record.code()
    assert (made["commit"], made["changed"]) == (None, None)  # no checkout of ours
    (tmp_path / "checkout" / ".git").mkdir()
    made = run_record.code()
    assert (made["commit"], made["changed"]) == ("c0ffee", True)
    program.write_text("#!/bin/sh\nexit 128\n")
    made = run_record.code()
    assert (made["commit"], made["changed"]) == (None, None)


def test_plugins_are_recorded_by_content(tmp_path: Path):
    (tmp_path / "mine.py").write_text("x = 1\n")
    made = run_record.code([str(tmp_path / "mine.py")])["plugins"]
    assert made == {str(tmp_path / "mine.py"): sha256(b"x = 1\n").hexdigest()}


@pytest.mark.parametrize("content", ["{", "[]", '{"config": {}}'])
def test_what_is_no_record_is_refused(content: str, tmp_path: Path):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError, match=r"is no run\.json of a run"):
        run_record.read(tmp_path / "run.json")
