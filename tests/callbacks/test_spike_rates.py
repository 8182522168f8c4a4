"""Firing rates against counts by hand."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from spiking_lowlevel.callbacks.firing import Rate, alarms, step_table, table
from spiking_lowlevel.callbacks.firing_plots import draw_epochs, draw_steps
from spiking_lowlevel.callbacks.spike_rates import SpikeRates
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF, NILIF, VLIF
from spiking_lowlevel.runs import RunFolder


class TwoNeurons(nn.Module):
    """Feeds the same current to a binary and to a graded neuron."""

    def __init__(self):
        super().__init__()
        self.binary, self.graded = LIF(1, threshold=1.0), NILIF(1)

    def forward(self, current: Tensor) -> Tensor:
        return self.binary(current) + self.graded(current)


class Host(LightningModule):
    def __init__(self):
        super().__init__()
        self.network = TwoNeurons()

    def validation_step(self, batch: Tensor, batch_idx: int):
        self.network(batch.transpose(0, 1))


def trainer(callback: SpikeRates, tmp_path) -> Trainer:
    return Trainer(
        accelerator="cpu",
        logger=RunFolder("spikes", tmp_path),
        callbacks=[callback],
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def saved(state: dict[str, Any]) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return file


def test_rates_are_counted_over_the_whole_epoch(tmp_path):
    # two batches of one sample, one time step each, four pixels
    first = torch.tensor([0.0, 1.0, 2.0, 0.9]).view(1, 1, 1, 2, 2)
    second = torch.tensor([1.0, 4.0, 0.0, 0.0]).view(1, 1, 1, 2, 2)
    data = DataLoader(torch.cat([first, second]).unbind(0), batch_size=1)
    callback = SpikeRates()
    host = Host()
    trainer(callback, tmp_path).validate(host, data, verbose=False)
    rows = {r["neuron"]: r for r in rows_of(tmp_path / "spikes" / "0" / "spikes.csv")}
    # LIF fires at 1, 2 | 1, 4; NILIF gives 0, 1/4, 2/4, 1/4 | 1/4, 4/4, 0, 0
    assert float(rows["binary"]["rate"]) == pytest.approx(4 / 8)
    assert float(rows["graded"]["rate"]) == pytest.approx(5 / 8)
    assert float(rows["graded"]["mean"]) == pytest.approx(2.25 / 8)
    assert rows["graded"]["levels"] == "4"
    assert not any(m._forward_hooks for m in host.modules())


class Channels(Host):
    """A binary and a graded visual neuron over three channels."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(LIF(3, tau=1.0, threshold=1.0), VLIF(3))


def test_steps_and_channels_are_told_apart(tmp_path):
    # two steps; channel 0 is silent, channel 1 fires once, channel 2 always
    current = torch.zeros(2, 3, 2, 2)
    current[1, 1, 0, 0] = current[:, 2] = 1.0
    place = tmp_path / "spikes" / "0"
    callback = SpikeRates(channels=True)
    trainer(callback, tmp_path).validate(Channels(), DataLoader(current[None]), verbose=False)
    binary, inner = rows_of(place / "spikes.csv")
    assert (binary["neuron"], inner["neuron"]) == ("0", "1.inner")
    assert (binary["steps"], inner["steps"]) == ("2", "8")
    assert (binary["channels"], binary["dead_channels"]) == ("3", "1")
    assert binary["saturated_channels"] == "1"
    assert float(binary["rate"]) == pytest.approx(9 / 24)
    steps = [r for r in rows_of(place / "spike_steps.csv") if r["neuron"] == "0"]
    assert [(r["step"], float(r["rate"])) for r in steps] == [("0", 4 / 12), ("1", 5 / 12)]
    channels = [r for r in rows_of(place / "spike_channels.csv") if r["neuron"] == "0"]
    assert [(r["channel"], float(r["rate"])) for r in channels] == [
        ("0", 0.0),
        ("1", 1 / 8),
        ("2", 1.0),
    ]
    # the third channel of the inner neuron: a spike of 1/4 where it is 1, half to even
    inner_steps = [r for r in rows_of(place / "spike_steps.csv") if r["neuron"] == "1.inner"]
    assert len(inner_steps) == 8
    assert float(inner_steps[0]["rate"]) == pytest.approx(1 / 3)
    assert float(inner_steps[0]["mean"]) == pytest.approx(1 / 12)


def test_pictures_have_a_row_a_layer_and_silent_ones_in_red(tmp_path):
    names = ["silent.layer", "busy.layer", "inner"]
    rates = [
        Rate(0, names[0], 1, 0.0, 0.0, 4, 4, 0, (0.0, 0.0), (0.0, 0.0)),
        Rate(0, names[1], 1, 0.5, 0.5, 4, 1, 1, (0.2, 0.8), (0.2, 0.8)),
        Rate(0, names[2], 4, 0.1, 0.05, 4, 0, 0, (0.1,) * 8, (0.05,) * 8),
    ]
    draw_steps(rates, tmp_path / "steps.png")
    draw_steps(rates[:1], tmp_path / "silent.png")
    draw_epochs(rates, tmp_path / "epochs.png")
    for name in ("steps", "silent", "epochs"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            pixels = np.asarray(picture.convert("RGB")).astype(int)
        red = (pixels[..., 0] > 170) & (pixels[..., 1:].max(-1) < 60)
        assert red.any() == (name != "epochs")
        assert pixels.std() > 10


def test_rates_go_on_from_a_checkpoint_old_or_new():
    new = Rate(1, "layer", 4, 0.5, 0.25, 3, 1, 0, (0.25, 0.75), (0.125, 0.375))
    first = SpikeRates()
    first.history = [new]
    old = {"epoch": 0, "neuron": "layer", "levels": 4, "rate": 0.25, "mean": 0.125}
    state = first.state_dict()
    assert torch.load(saved(state), weights_only=True) == state
    second = SpikeRates()
    second.load_state_dict({"history": [old, *state["history"]]})
    assert second.history == [Rate(**old), new]
    rows = list(csv.DictReader(io.StringIO(table(second.history))))
    assert [(r["rate"], r["steps"], r["dead_channels"]) for r in rows] == [
        ("0.25", "", ""),
        ("0.5", "2", "1"),
    ]
    steps = list(csv.DictReader(io.StringIO(step_table(second.history))))
    assert [(r["epoch"], r["step"], r["rate"]) for r in steps] == [
        ("1", "0", "0.25"),
        ("1", "1", "0.75"),
    ]


@pytest.mark.parametrize("bins", [True, 16])
def test_membranes_are_drawn_on_request(tmp_path, bins):
    data = DataLoader(torch.tensor([0.0, 0.5, 1.0, 9.0]).view(1, 1, 1, 2, 2))
    host, callback = Host(), SpikeRates(membranes=bins)
    attributes = [dict(vars(m)) for m in host.network.modules()]
    trainer(callback, tmp_path).validate(host, data, verbose=False)
    place = tmp_path / "spikes" / "0"
    rows = rows_of(place / "membranes.csv")
    assert len(rows) == 2 * ((80 if bins is True else bins) + 2)
    for name, from_there in (("binary", 2), ("graded", 2)):
        layer = [r for r in rows if r["neuron"] == name]
        assert sum(int(r["count"]) for r in layer) == 4
        # 1 and 9 reach the threshold of 1; 0.5 only just does not reach that of the graded one,
        # but lies on it, and is counted to the bin that begins there
        firing = sum(int(r["count"]) for r in layer if float(r["from"]) >= 1)
        assert firing == from_there + (name == "graded")
    assert (place / "membranes.png").exists()
    assert [dict(vars(m)) for m in host.network.modules()] == attributes


def test_membranes_are_not_drawn_unasked(tmp_path):
    data = DataLoader(torch.zeros(1, 1, 1, 2, 2))
    trainer(SpikeRates(), tmp_path).validate(Host(), data, verbose=False)
    written = {p.name for p in (tmp_path / "spikes" / "0").iterdir()}
    assert written >= {"spikes.csv", "spikes.png", "spike_steps.csv", "spike_steps.png"}
    assert not written & {"membranes.csv", "membranes.png", "spike_channels.csv"}
    with pytest.raises(UserError, match="at least 8 bins"):
        SpikeRates(membranes=3)


def test_silent_and_saturated_layers_are_named_with_advice(tmp_path, capsys):
    data = DataLoader(torch.zeros(1, 1, 1, 2, 2), batch_size=1)
    trainer(SpikeRates(), tmp_path).validate(Host(), data, verbose=False)
    printed = capsys.readouterr().out
    assert "2 of 2 neuron layers are silent (binary, graded)" in printed
    assert "threshold" in printed


@pytest.mark.parametrize(
    ("rate", "word"), [(0.0, "silent"), (1e-9, ""), (0.95, ""), (0.951, "Raise their threshold")]
)
def test_alarms_start_where_they_should(rate: float, word: str):
    sentence = alarms([Rate(0, "layer", 1, rate, rate)], saturated=0.95)
    assert (word in sentence) if word else not sentence


@pytest.mark.parametrize(
    ("dead", "word"), [(8, ""), (9, "in 1 of 1 neuron layers most channels never fire (layer)")]
)
def test_layers_of_mostly_dead_channels_are_named(dead: int, word: str):
    sentence = alarms([Rate(0, "layer", 1, 0.1, 0.1, 16, dead, 0)], saturated=0.95)
    assert (word in sentence) if word else not sentence


def test_a_silent_layer_is_named_once():
    sentence = alarms([Rate(0, "layer", 1, 0.0, 0.0, 16, 16, 0)], saturated=0.95)
    assert sentence.count("layer)") == 1


def test_no_hook_is_left_after_an_error(tmp_path):
    class Failing(Host):
        def validation_step(self, batch: Tensor, batch_idx: int):
            raise RuntimeError("on purpose")

    host = Failing().eval()
    attributes = [dict(vars(m)) for m in host.network.modules()]
    data = DataLoader(torch.zeros(1, 1, 1, 2, 2), batch_size=1)
    with pytest.raises(RuntimeError, match="on purpose"):
        trainer(SpikeRates(membranes=True), tmp_path).validate(host, data, verbose=False)
    assert not any(m._forward_hooks for m in host.modules())
    assert [dict(vars(m)) for m in host.network.modules()] == attributes
