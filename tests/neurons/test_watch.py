"""Looking at spikes and membranes from outside."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from spiking_lowlevel.blocks import SDEM
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier, SnnTorch, StepNeuron, watch
from spiking_lowlevel.neurons.surrogate import Sigmoid
from spiking_lowlevel.neurons.vlif import Shuffle
from spiking_lowlevel.neurons.watch import (
    firing_threshold,
    membrane_neurons,
    spiking_neurons,
    watch_membranes,
)

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


class Plain(StepNeuron):
    """No `Leaky`: goes through `step`, and fires by a surrogate."""

    def __init__(self, threshold: float | torch.Tensor = 0.5) -> None:
        super().__init__()
        self.threshold, self.surrogate = threshold, Sigmoid()

    def step(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = 0.5 * state + x
        s = self.surrogate(h - self.threshold)
        return s, h * (1 - s)


def by_hand(current: torch.Tensor, threshold: float) -> torch.Tensor:
    v, found = torch.zeros_like(current[0]), []
    for x in current:
        h = 0.5 * v + x
        found.append(h)
        v = torch.where(h >= threshold, 0, h)
    return torch.stack(found)


def attributes(module: nn.Module) -> dict[str, int]:
    return {f"{n}.{k}": id(v) for n, m in module.named_modules() for k, v in vars(m).items()}


@pytest.mark.parametrize("make", [lambda: LIF(4, threshold=0.5), Plain], ids=["in place", "steps"])
@pytest.mark.parametrize("learning", [True, False])
def test_membranes_are_those_before_the_reset(make, learning):
    neuron, seen = make(), []
    before, untouched = neuron(X), attributes(neuron)
    with watch_membranes(neuron, lambda name, which, h: seen.append((name, which, h.clone()))):
        out = neuron(X.detach().clone().requires_grad_(learning))
    assert torch.equal(out, before)
    assert attributes(neuron) == untouched
    assert [(name, which) for name, which, _ in seen] == [("", neuron)] * len(X)
    found = torch.stack([h for *_, h in seen])
    assert torch.allclose(found, by_hand(X, 0.5), atol=1e-7)
    assert not found.requires_grad


def test_gradients_are_the_same_when_membranes_are_watched():
    for neuron in (LIF(4), NILIF(4), Plain()):
        gradients = []
        for watched in (False, True):
            x = X.detach().clone().requires_grad_()
            with watch_membranes(neuron, lambda *_: None) if watched else nullcontext():
                neuron(x).square().sum().backward()
            gradients.append(x.grad)
        assert torch.equal(*gradients)


def test_neurons_without_a_membrane_of_their_own_or_one_threshold_are_left_out():
    network = nn.Sequential(LIF(4), Rectifier(4), VLIF(4), SnnTorch(4), Plain())
    assert list(membrane_neurons(network)) == ["0", "2.inner", "4"]
    others = [LIF(4, threshold=0.0), Plain(torch.ones(4, 1, 1))]
    assert membrane_neurons(nn.Sequential(*others)) == {}


@pytest.mark.parametrize(
    ("neuron", "threshold"),
    [(LIF(1), 0.15), (Plain(), 0.5), (NILIF(1, levels=4), 0.5), (NILIF(1, levels=9), 0.5)],
)
def test_the_threshold_is_where_a_neuron_begins_to_fire(neuron, threshold):
    assert firing_threshold(neuron) == pytest.approx(threshold, abs=1e-9)
    current = torch.tensor([threshold * 0.999, threshold * 1.001]).view(1, 1, 2, 1, 1)
    assert neuron(current).flatten().gt(0).tolist() == [False, True]


def test_asking_for_the_threshold_is_no_step_that_is_seen():
    neuron, seen = NILIF(4), []
    with watch_membranes(neuron, lambda *_: seen.append(firing_threshold(neuron))):
        neuron(X)
    assert seen == [0.5] * len(X)


@pytest.mark.parametrize("make", [lambda: LIF(4), Plain])
def test_watches_of_membranes_may_end_in_any_order(make):
    neuron, seen = make(), []
    untouched = attributes(neuron)
    first = watch_membranes(neuron, lambda *_: seen.append("first"))
    second = watch_membranes(neuron, lambda *_: seen.append("second"))
    first.__enter__()
    second.__enter__()
    neuron(X)
    first.__exit__(None, None, None)
    neuron(X)
    second.__exit__(None, None, None)
    neuron(X)
    assert (seen.count("first"), seen.count("second")) == (len(X), 2 * len(X))
    assert attributes(neuron) == untouched


@pytest.mark.parametrize("make", [lambda: LIF(4), Plain])
def test_no_spy_is_left_on_a_neuron_after_an_exception(make):
    neuron = make()
    untouched = attributes(neuron)

    def stop(*_: object) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"), watch_membranes(neuron, stop):
        neuron(X)
    assert attributes(neuron) == untouched
