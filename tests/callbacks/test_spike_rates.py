"""Firing rates against counts by hand."""

import csv

import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from spiking_lowlevel.callbacks.firing import Rate, alarms
from spiking_lowlevel.callbacks.spike_rates import SpikeRates
from spiking_lowlevel.neurons import LIF, NILIF
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


def test_rates_are_counted_over_the_whole_epoch(tmp_path):
    # two batches of one sample, one time step each, four pixels
    first = torch.tensor([0.0, 1.0, 2.0, 0.9]).view(1, 1, 1, 2, 2)
    second = torch.tensor([1.0, 4.0, 0.0, 0.0]).view(1, 1, 1, 2, 2)
    data = DataLoader(torch.cat([first, second]).unbind(0), batch_size=1)
    callback = SpikeRates()
    host = Host()
    trainer(callback, tmp_path).validate(host, data, verbose=False)
    with (tmp_path / "spikes" / "0" / "spikes.csv").open() as file:
        rows = {r["neuron"]: r for r in csv.DictReader(file)}
    # LIF fires at 1, 2 | 1, 4; NILIF gives 0, 1/4, 2/4, 1/4 | 1/4, 4/4, 0, 0
    assert float(rows["binary"]["rate"]) == pytest.approx(4 / 8)
    assert float(rows["graded"]["rate"]) == pytest.approx(5 / 8)
    assert float(rows["graded"]["mean"]) == pytest.approx(2.25 / 8)
    assert rows["graded"]["levels"] == "4"
    assert (tmp_path / "spikes" / "0" / "spikes.png").read_bytes()[:4] == b"\x89PNG"
    assert not any(m._forward_hooks for m in host.modules())


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


def test_no_hook_is_left_after_an_error(tmp_path):
    class Failing(Host):
        def validation_step(self, batch: Tensor, batch_idx: int):
            raise RuntimeError("on purpose")

    host = Failing()
    data = DataLoader(torch.zeros(1, 1, 1, 2, 2), batch_size=1)
    with pytest.raises(RuntimeError, match="on purpose"):
        trainer(SpikeRates(), tmp_path).validate(host, data, verbose=False)
    assert not any(m._forward_hooks for m in host.modules())
