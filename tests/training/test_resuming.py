"""A run that was interrupted ends as one that was not: weights, files, and nothing twice."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT, TINY

from spiking_lowlevel.cli import main

PLUGIN = '''
"""Ends the process that trains, at a step or in a validation; and a neuron that draws lots."""
import os
import signal

import torch
from spiking_lowlevel import register
from spiking_lowlevel.callbacks.base import Watcher
from spiking_lowlevel.neurons import StepNeuron


class Died(BaseException):
    pass


@register
class Ending(Watcher):
    """Does what the environment says, for instance ENDING="3 SIGTERM validating"."""

    def at(self, trainer, where):
        batch, how, place = os.environ.get("ENDING", "-1 - -").split()
        loop = trainer.fit_loop.epoch_loop
        if where == place and not trainer.sanity_checking and loop.total_batch_idx == int(batch):
            if how == "dies":
                raise Died
            os.kill(os.getpid(), getattr(signal, how))

    def on_train_batch_start(self, trainer, *_):
        self.at(trainer, "training")

    def on_validation_batch_start(self, trainer, *_):
        self.at(trainer, "validating")


@register
class Drawing(StepNeuron):
    """Fires at random, more often where it is driven."""

    stochastic = True

    def __init__(self, channels: int, threshold: float = 1.0):
        super().__init__()
        self.threshold = threshold

    def step(self, x, state):
        s = (torch.rand_like(x) < torch.sigmoid(x)).to(x) + 0 * x
        return s, state
'''
OVERLAY = """
trainer:
  callbacks:
  - class_path: SpikeRates
  - class_path: LearningCurve
  - class_path: Ending
  - class_path: lightning.pytorch.callbacks.EMAWeightAveraging
    init_args: {decay: 0.9}
model:
  init_args:
    network:
      init_args: {patch_neuron: Drawing, threshold: 3}
"""
STEPS = 10  # two epochs of four, and a half
WHOLE = ["metrics.csv", "spikes.csv", "spike_steps.csv", "per_image.csv", "config.yaml"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resuming")
    (folder / "ending.py").write_text(PLUGIN)
    (folder / "overlay.yaml").write_text(OVERLAY)
    return folder


def words(place: Path, pairs: Path, name: str) -> list[str]:
    configs = [str(ROOT / "configs/derain/paired.yaml"), str(place / "overlay.yaml")]
    out = ["fit", *(word for config in configs for word in ("--config", config)), *TINY]
    out += [f"--data.root={pairs}", "--data.draws=8", f"--trainer.max_steps={STEPS}"]
    out += [f"--plugins={place / 'ending.py'}", f"--trainer.logger.root={place}"]
    return [*out, f"--trainer.logger.experiment={name}"]


@pytest.fixture(scope="module")
def uninterrupted(place: Path, pairs: Path) -> Path:
    main(words(place, pairs, "whole"))
    return place / "whole" / "0"


def same(one: Any, two: Any, path: str = "") -> Iterator[str]:
    """Where two checkpoints differ."""
    if isinstance(one, torch.Tensor):
        if not torch.equal(one, two):
            yield path
    elif isinstance(one, dict):
        one, two = (
            {Path(str(k)).name: v for k, v in d.items() if k != "current_score"} for d in (one, two)
        )
        assert one.keys() == two.keys(), path
        for key in one:
            yield from same(one[key], two[key], f"{path}/{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(two), path
        for i, (a, b) in enumerate(zip(one, two, strict=True)):
            yield from same(a, b, f"{path}/{i}")
    elif one != two and "path" not in path:
        yield f"{path}: {one} {two}"


def assert_alike(one: Path, two: Path) -> None:
    for name in ("last.ckpt", "best.ckpt"):
        a, b = (torch.load(run / "checkpoints" / name, weights_only=True) for run in (one, two))
        parts = ["state_dict", "averaging_state", "optimizer_states", "lr_schedulers", "callbacks"]
        assert [d for part in parts for d in same(a.get(part), b.get(part), part)] == []
        assert a["global_step"] == b["global_step"]
    for name in WHOLE[:-1]:
        assert (one / name).read_text() == (two / name).read_text(), name
    assert sorted(p.name for p in one.rglob("*")) == sorted(p.name for p in two.rglob("*"))


@pytest.mark.parametrize(
    "ending",
    [
        "0 SIGTERM training",
        "3 SIGINT training",
        "3 SIGTERM validating",
        "5 dies training",
        "7 dies validating",
    ],
)
def test_it_ends_as_if_it_had_never_been_interrupted(
    ending: str, place: Path, pairs: Path, uninterrupted: Path, monkeypatch: pytest.MonkeyPatch
):
    name = ending.replace(" ", "-")
    monkeypatch.setenv("ENDING", ending)
    with pytest.raises(BaseException) as stopped:  # noqa: PT011  whatever ends a process
        main(words(place, pairs, name))
    if "SIG" in ending:
        assert isinstance(stopped.value, SystemExit)
        assert stopped.value.code == 128 + getattr(signal, ending.split()[1])
    monkeypatch.delenv("ENDING")
    main(["fit", "--resume", str(place / name)])
    assert_alike(uninterrupted, place / name / "0")
