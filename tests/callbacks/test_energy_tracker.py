"""The tracker against counts by hand, and against a counter beside it."""

import json
import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from spiking_lowlevel.callbacks import EnergyTracker
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.energy import HorowitzFP32
from spiking_lowlevel.energy.counting.merging import merged
from spiking_lowlevel.energy.report.json_file import read_json
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.runs import RunFolder


class OneLayer(nn.Module):
    """A 3x3 convolution from one channel to two."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Host(LightningModule):
    """Scores with a convolution of its own, which is none of the network's."""

    def __init__(self):
        super().__init__()
        self.network = OneLayer()

    def validation_step(self, batch: Pair, batch_idx: int):
        out = self.network(batch.degraded)
        self.log("val/psnr", F.conv2d(out, torch.ones(1, 2, 3, 3)).mean(), batch_size=1)

    test_step = validation_step

    def training_step(self, batch: Pair, batch_idx: int):
        return self.network(batch.degraded).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 1e-3)


def pictures(*spikes: tuple[int, int]) -> DataLoader:
    """5x5 pictures with one spike each, one a batch."""
    pairs = []
    for y, x in spikes:
        image = torch.zeros(1, 5, 5)
        image[0, y, x] = 1
        pairs.append(Pair(image, image, f"{y}{x}"))
    return DataLoader(pairs, batch_size=1)


def trainer(tmp_path, callback: EnergyTracker, **options) -> Trainer:
    return Trainer(
        accelerator="cpu",
        logger=RunFolder("energy", tmp_path),
        callbacks=[callback],
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        **options,
    )


def test_only_the_network_is_counted_for_as_many_pictures_as_asked(tmp_path):
    callback = EnergyTracker([HorowitzFP32()], pictures=2)
    host = Host()
    run = trainer(tmp_path, callback)
    run.validate(host, pictures((2, 2), (0, 0), (1, 1)), verbose=False)
    report = read_json(tmp_path / "energy" / "0" / "energy.json")
    (layer,) = report.recording.layers
    assert (layer.name, layer.accumulations) == ("conv", 18 + 8)
    assert (report.recording.images, report.recording.pixels) == (2, 50)
    # 13 additions an image at 0.9 pJ, logged in mJ
    assert run.callback_metrics["energy/HorowitzFP32"] == pytest.approx(13 * 0.9e-9)
    assert run.callback_metrics["energy/spike_driven_fraction"] == 1
    written = {p.name for p in (tmp_path / "energy" / "0").iterdir()}
    assert {"energy.json", "energy.csv", "energy.md", "energy.png"} <= written
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in host.modules())


def test_a_training_is_counted_in_its_validations_alone(tmp_path):
    callback = EnergyTracker([HorowitzFP32()], every=2)
    host, data = Host(), pictures((2, 2))
    run = trainer(tmp_path, callback, max_epochs=2, num_sanity_val_steps=1, log_every_n_steps=1)
    run.fit(host, data, data)
    report = read_json(tmp_path / "energy" / "0" / "energy.json")
    assert (report.recording.images, report.recording.layers[0].calls) == (1, 1)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in host.modules())


def test_an_error_leaves_no_hook_behind(tmp_path):
    class Failing(Host):
        def test_step(self, batch: Pair, batch_idx: int):
            raise RuntimeError("on purpose")

    host = Failing()
    with pytest.raises(RuntimeError, match="on purpose"):
        trainer(tmp_path, EnergyTracker()).test(host, pictures((2, 2)), verbose=False)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in host.modules())


def test_a_parameter_that_is_not_counted_ends_it(tmp_path):
    host = Host()
    host.network.unused = nn.Linear(2, 2)
    with pytest.raises(UserError, match=r"unused\.weight"):
        trainer(tmp_path, EnergyTracker()).test(host, pictures((2, 2)), verbose=False)
    trainer(tmp_path, EnergyTracker(allow_uncounted=True)).test(
        host, pictures((2, 2)), verbose=False
    )


@pytest.mark.parametrize("options", [{"pictures": 0}, {"every": 0}])
def test_nonsense_is_refused(options):
    with pytest.raises(UserError, match="at least 1"):
        EnergyTracker(**options)


def test_parts_add_up_to_the_whole(tmp_path):
    images = [(2, 2), (0, 0), (0, 2), (4, 4)]

    def seen(*some: tuple[int, int]):
        callback = EnergyTracker([HorowitzFP32()], pictures=9)
        trainer(tmp_path, callback).validate(host, pictures(*some), verbose=False)
        assert callback.report is not None
        return callback.report.recording

    host = Host()
    assert merged([seen(*images[:1]), seen(*images[1:])]) == seen(*images)


TWO = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {callbacks!r}]
from test_energy_tracker import Host, pictures, trainer
from spiking_lowlevel.callbacks import EnergyTracker
from spiking_lowlevel.energy import HorowitzFP32

if __name__ == "__main__":
    two = {{"devices": 2, "strategy": "ddp"}}
    tracker = EnergyTracker([HorowitzFP32()], pictures=9)
    run = trainer(Path(sys.argv[1]), tracker, **two)
    run.validate(Host(), pictures((2, 2), (0, 0), (0, 2), (4, 4)), verbose=False)
"""


def test_two_processes_count_what_one_does(tmp_path):
    script = tmp_path / "two.py"
    places = {"tests": str(ROOT / "tests"), "callbacks": str(ROOT / "tests/callbacks")}
    script.write_text(TWO.format(**places))
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, timeout=240, cwd=ROOT)
    told = json.loads((tmp_path / "energy" / "0" / "energy.json").read_text())
    assert told["images"] == 4
    assert told["layers"][0]["inputs"]["BINARY"]["accumulations"] == 18 + 8 + 12 + 8
