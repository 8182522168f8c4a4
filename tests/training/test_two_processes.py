"""Two processes train, score and count as one does with batches twice as large."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from conftest import ROOT, MakePairs

from spiking_lowlevel.cli import main

PLUGIN = '''
"""A network without batch norms, whose statistics would be those of each process's own half."""
from torch import nn
from spiking_lowlevel import register
from spiking_lowlevel.networks import Network
from spiking_lowlevel.neurons import LIF


@register
class Plain(Network):
    """Two convolutions and a LIF neuron between them."""

    def __init__(self):
        super().__init__()
        self.first, self.neuron = nn.Conv2d(3, 8, 3, padding=1), LIF(8, threshold=0.1)
        self.second = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, degraded):
        spikes = self.neuron(self.first(degraded).expand(2, -1, -1, -1, -1))
        return degraded + self.second(spikes.mean(0))
'''


def words(place: Path, pairs: Path, name: str, batch: int) -> list[str]:
    return [
        *("fit", "--config", str(ROOT / "configs/derain/paired.yaml"), f"--data.root={pairs}"),
        *("--model.network=Plain", f"--plugins={place / 'plain.py'}"),
        *(f"--data.batch_size={batch}", "--data.crop=16", "--data.draws=13"),  # 1 is left over
        *("--trainer.max_steps=7", "--trainer.log_every_n_steps=1"),
        *("--trainer.enable_progress_bar=false", "--trainer.accelerator=cpu"),
        *(f"--trainer.logger.root={place}", f"--trainer.logger.experiment={name}"),
    ]


DDP = ["--trainer.devices=2", "--trainer.strategy=ddp"]
FSDP = ["--config", str(ROOT / "configs/overlays/fsdp.yaml"), "--trainer.devices=2"]


def start(place: Path, arguments: list[str], strategy: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "spiking_lowlevel.cli", *arguments, *strategy]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "plain.py").write_text(PLUGIN)
    return tmp_path


def validations(run: Path) -> list[dict[str, float]]:
    with (run / "metrics.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["val/psnr"]]
    return [{k: float(v) for k, v in row.items() if v} for row in rows]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, make_pairs: MakePairs) -> Path:
    """Twenty pictures leave three for validation: the processes' shares are uneven."""
    return make_pairs(tmp_path_factory.mktemp("pictures"), 20)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """The run of one process."""
    place = tmp_path_factory.mktemp("one")
    (place / "plain.py").write_text(PLUGIN)
    main(words(place, pictures, "one", 4))
    return place / "one" / "0"


@pytest.mark.parametrize("strategy", [DDP, FSDP], ids=["ddp", "fsdp"])
def test_they_end_with_the_weights_scores_and_counts_of_one(
    one: Path, place: Path, pictures: Path, strategy: list[str]
):
    process = start(place, words(place, pictures, "two", 2), strategy)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    two = place / "two" / "0"
    assert [folder.name for folder in two.parent.iterdir()] == ["0"]
    a, b = (
        torch.load(run / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
        for run in (one, two)
    )
    for key in a:  # sums of halves are rounded otherwise
        torch.testing.assert_close(b[key], a[key], rtol=0, atol=1e-5)
    assert len(validations(one)) == len(validations(two)) == 2
    for first, second in zip(validations(one), validations(two), strict=True):
        assert second == pytest.approx(first, abs=1e-3)
    assert len(luma(one)) % 2 == 1
    names = [(r / "per_image.csv").read_text().splitlines() for r in (one, two)]
    assert [line.split(",")[0] for line in names[0]] == [line.split(",")[0] for line in names[1]]
    mean = sum(float(row["psnr_restored"]) for row in luma(two)) / len(luma(two))
    assert validations(two)[-1]["val/psnr"] == pytest.approx(mean, abs=1e-4)
    for first, second in zip(spikes(one), spikes(two), strict=True):
        assert second == pytest.approx(first, abs=1e-4)


def luma(run: Path) -> list[dict[str, str]]:
    with (run / "per_image.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["protocol"] == "Luma"]


def spikes(run: Path) -> list[float]:
    with (run / "spikes.csv").open() as file:
        return [float(row["rate"]) for row in csv.DictReader(file)]


def test_they_stop_together_and_go_on(place: Path, pairs: Path):
    arguments = words(place, pairs, "two", 1)
    arguments[arguments.index("--trainer.max_steps=7")] = "--trainer.max_steps=100000"
    process = start(place, [*arguments, "--last_checkpoint.minutes=0"], DDP)
    last = place / "two" / "0" / "checkpoints" / "last.ckpt"
    deadline = time.monotonic() + 120
    while not last.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, output
    assert output.count("slv: stopped at step") == 1
    assert torch.load(last, weights_only=True)["global_step"] > 0
