"""The look before the first step: it names what keeps state, and changes nothing in a run."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT, TINY
from torch import Tensor, nn

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import Network, VLIFNet
from spiking_lowlevel.neurons import LIF, Neuron
from spiking_lowlevel.training.state_check import StateCheck, state_in

SMALL = {"width": 4, "encoder_depth": (1, 1), "decoder_depth": (1, 0), "time_steps": 2}


class Stateful(Neuron):
    """Keeps its membrane between calls, as a neuron of another library might."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lif = LIF(channels)
        self.v: Tensor | None = None

    def forward(self, current: Tensor) -> Tensor:
        fits = self.v is not None and self.v.shape == current[0].shape
        spikes, v = self.lif.stream(current, self.v if fits else self.lif.start(current[0]))
        self.v = v.detach()
        return spikes


class Random(Neuron):
    """Draws from every generator there is, and keeps nothing."""

    def __init__(self, channels: int) -> None:
        super().__init__()

    def forward(self, current: Tensor) -> Tensor:
        shift = random.random() + np.random.random()
        return (torch.rand_like(current) + shift > 1).to(current)


class Task(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network


def start(network: Network) -> None:
    StateCheck().setup(None, Task(network), "fit")  # pyright: ignore[reportArgumentType]


def drawn() -> list[float]:
    numbers = np.random.random()
    return [torch.initial_seed(), float(torch.rand(())), float(numbers), random.random()]


def test_a_neuron_that_keeps_its_membrane_is_named_with_its_layer():
    network = VLIFNet(visual_neuron=Stateful, **SMALL)  # pyright: ignore[reportArgumentType]
    first = next(n for n, m in network.named_modules() if isinstance(m, Stateful))
    with pytest.raises(UserError, match="slv check") as raised:
        start(network)
    assert f"the layer {first} (Stateful)" in str(raised.value)
    assert "keeps v between calls" in str(raised.value)


def test_a_state_too_weak_to_be_seen_in_spikes_is_found():
    network = VLIFNet(patch_neuron=Stateful, **SMALL)  # pyright: ignore[reportArgumentType]
    for part in network.modules():
        if isinstance(part, LIF):
            part.threshold = 1e9
    with pytest.raises(UserError, match=r"\(Stateful\) keeps v"):
        start(network)


def test_nothing_is_changed_where_nothing_is_wrong_nor_where_something_is():
    for neuron in (LIF, Random, Stateful):
        network = VLIFNet(visual_neuron=neuron, **SMALL)  # pyright: ignore[reportArgumentType]
        network.train()
        network.encoder1.eval()
        modes = [m.training for m in network.modules()]
        attributes = [dict(vars(m)) for m in network.modules()]
        weights = {k: v.clone() for k, v in network.state_dict().items()}
        for seed in (torch.manual_seed, np.random.seed, random.seed):
            seed(3)
        expected = drawn()
        for seed in (torch.manual_seed, np.random.seed, random.seed):
            seed(3)
        assert bool(state_in(network)) == (neuron is Stateful)
        assert drawn() == expected
        assert [m.training for m in network.modules()] == modes
        assert [dict(vars(m)) for m in network.modules()] == attributes
        assert all(torch.equal(v, weights[k]) for k, v in network.state_dict().items())


def never(*_: object) -> None:
    raise AssertionError("this was compiled")


def test_a_compiled_network_is_not_compiled_for_it():
    network = VLIFNet(**SMALL)  # pyright: ignore[reportArgumentType]
    for part in network.children():
        part.compile(backend=never)
    start(network)


def test_a_run_ends_bit_for_bit_as_one_without_the_check(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
):
    from spiking_lowlevel.cli import main

    ends = []
    for name, callbacks in (("with", ["--trainer.callbacks+", "CheckOfState"]), ("without", [])):
        plugin = tmp_path / "check_of_state.py"
        plugin.write_text(
            '"""The check as a callback to name."""\n'
            "from spiking_lowlevel import register\n"
            "from spiking_lowlevel.training.state_check import StateCheck\n\n\n"
            '@register\nclass CheckOfState(StateCheck):\n    """It."""\n'
        )
        config = str(ROOT / "configs" / "derain" / "paired.yaml")
        words = ["fit", "--config", config, f"--data.root={pairs}", *TINY]
        words += [f"--plugins={plugin}", f"--trainer.logger.root={tmp_path}"]
        words += ["--trainer.limit_val_batches=1", "--trainer.num_sanity_val_steps=0"]
        if not callbacks:
            monkeypatch.setattr(StateCheck, "setup", lambda *_, **__: None)
        main([*words, f"--trainer.logger.experiment={name}", *callbacks])
        last = tmp_path / name / "0" / "checkpoints" / "last.ckpt"
        ends.append(torch.load(last, weights_only=True)["state_dict"])
    assert all(torch.equal(v, ends[1][k]) for k, v in ends[0].items())
