"""Looking at spikes from outside."""

import pytest
import torch
from torch import nn

from spiking_lowlevel.blocks import SDEM
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier, SnnTorch, watch
from spiking_lowlevel.neurons.vlif import Shuffle
from spiking_lowlevel.neurons.watch import spiking_neurons

X = torch.randn(2, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0))


def model() -> nn.Sequential:
    return nn.Sequential(LIF(4), Rectifier(4), VLIF(4), nn.ReLU(), SnnTorch(4))


def hooks(module: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in module.modules())


def test_neurons_with_real_values_are_not_spiking_but_what_is_inside_them_is():
    found = spiking_neurons(model())
    assert {name: type(neuron) for name, neuron in found.items()} == {
        "0": LIF,
        "2.inner": NILIF,
        "4": SnnTorch,
    }
    assert list(spiking_neurons(VLIF(4, restore=Shuffle))) == ["", "inner"]
    assert spiking_neurons(nn.Sequential(Rectifier(4), nn.Conv2d(4, 4, 1))) == {}


def test_the_neurons_of_a_block_have_their_full_names():
    block = SDEM(4, LIF, VLIF, time_steps=2)
    assert list(spiking_neurons(block)) == ["first.neuron", "second.neuron.inner"]


def test_every_spiking_neuron_is_seen_once_a_forward_with_its_spikes():
    network, seen = model(), []
    with watch(network, lambda name, neuron, spikes: seen.append((name, neuron, spikes))):
        out = network(X.requires_grad_())
    assert [name for name, _, _ in seen] == ["0", "2.inner", "4"]
    assert all(neuron is spiking_neurons(network)[name] for name, neuron, _ in seen)
    assert torch.equal(seen[0][2], LIF(4)(X))
    assert seen[1][2].shape == (8, 1, 4, 2, 2)
    assert torch.equal(seen[2][2], out)
    assert out.requires_grad
    assert not any(spikes.requires_grad for _, _, spikes in seen)


def test_watching_changes_nothing_and_leaves_no_hook_behind():
    network = model()
    before = network(X)
    with watch(network, lambda *_: None):
        assert hooks(network) == 3
        assert torch.equal(network(X), before)
    assert hooks(network) == 0


@pytest.mark.parametrize("where", ["body", "callback"])
def test_no_hook_is_left_behind_after_an_exception(where):
    network = model()

    def on_spikes(*_: object) -> None:
        if where == "callback":
            raise RuntimeError("stop")

    def look() -> None:
        with watch(network, on_spikes):
            network(X)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        look()
    assert hooks(network) == 0


def test_two_watches_do_not_end_each_other():
    network, outer, inner = model(), [], []
    with watch(network, lambda name, *_: outer.append(name)):
        with watch(network, lambda name, *_: inner.append(name)):
            network(X)
        network(X)
    assert len(inner) == 3
    assert len(outer) == 6
