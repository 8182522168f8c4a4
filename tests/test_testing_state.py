"""State cannot leak: the checks find what does, and name the layer."""

import copy
from functools import partial

import pytest
import torch
from contracts import faults
from torch import Tensor, nn

from spiking_lowlevel import registry
from spiking_lowlevel.networks import ESDNet, Network, SpikeRain, VLIFNet
from spiking_lowlevel.neurons import LIF, Neuron, StepNeuron
from spiking_lowlevel.testing.kept_state import calls, kept_state

SMALL = {
    "VLIFNet": partial(VLIFNet, width=4, encoder_depth=(1, 1), decoder_depth=(1, 0), time_steps=2),
    "ESDNet": partial(
        ESDNet, width=4, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1), time_steps=2
    ),
    "SpikeRain": partial(
        SpikeRain, width=4, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1), time_steps=2
    ),
}
registry.load("neuron", "network")


class Planted(Neuron):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lif = LIF(channels)

    def forward(self, current: Tensor) -> Tensor:
        return self.lif(current)


class Stateful(Planted):
    v: Tensor | None = None

    def forward(self, current: Tensor) -> Tensor:
        fits = self.v is not None and self.v.shape == current[0].shape
        spikes, v = self.lif.stream(current, self.v if fits else self.lif.start(current[0]))
        self.v = v.detach()
        return spikes


class KeepsItsGraph(Planted):
    def forward(self, current: Tensor) -> Tensor:
        self.last = super().forward(current)
        return self.last


class CannotBePickled(Planted):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.scale = lambda x: 1 * x

    def forward(self, current: Tensor) -> Tensor:
        return super().forward(self.scale(current))


class ForgetsItselfInCopies(Planted):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.fired = True

    def __deepcopy__(self, memo: object) -> "ForgetsItselfInCopies":
        twin = ForgetsItselfInCopies(4)
        twin.fired = False
        return twin

    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current) * self.fired


class SeesPlaces(Planted):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current + torch.arange(current.shape[1]).view(1, -1, 1, 1, 1))


class DiffersWhenCompiled(Planted):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current * (1 + torch.compiler.is_compiling()))


class AddsUpInHalf(StepNeuron):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lif = LIF(channels)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        spikes, v = self.lif.step(x, state)
        return spikes, v.bfloat16() if torch.is_autocast_enabled("cpu") else v


class IsNotANumberInHalf(Planted):
    def forward(self, current: Tensor) -> Tensor:
        spikes = super().forward(current)
        return spikes if current.dtype != torch.bfloat16 else spikes / 0


class Noisy(StepNeuron):
    """Fires by lot."""

    def __init__(self, channels: int) -> None:
        super().__init__()

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        rate = x.sigmoid() * (x != 0)
        return (torch.rand_like(x) < rate).to(x) + 0 * x.tanh() + (rate - rate.detach()), state


class DeclaredNoisy(Noisy):
    stochastic = True


class NoisyWithState(Stateful):
    stochastic = True

    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current + torch.rand_like(current))


@pytest.mark.parametrize(
    ("neuron", "point", "says"),
    [
        (Stateful, "stateless", "Stateful itself answers the same input otherwise.*keeps v"),
        (Stateful, "order", "what was asked before it: Stateful itself.*keeps v"),
        (Stateful, "copies", "a deepcopy made after use answers otherwise.*Stateful itself"),
        (Stateful, "compile", "compiled it answers otherwise"),
        (KeepsItsGraph, "copies", "no deepcopy can be made after use: RuntimeError"),
        (CannotBePickled, "copies", "no pickle can be made"),
        (ForgetsItselfInCopies, "copies", "deepcopy made after use answers otherwise"),
        (SeesPlaces, "order", "another order"),
        (DiffersWhenCompiled, "compile", "compiled it answers otherwise"),
        (AddsUpInHalf, "autocast", r"half precision: AddsUpInHalf itself"),
        (IsNotANumberInHalf, "autocast", "not finite"),
        (Noisy, "stateless", "draws random numbers; a neuron that is to declares stochastic"),
        (NoisyWithState, "stateless", "keeps v between calls"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_planted_leak_of_a_neuron_is_found_and_named(neuron, point, says):
    found = faults("neuron", neuron)
    assert point in found
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(found[point])


def test_a_neuron_that_declares_that_it_draws_keeps_the_contract_under_one_seed():
    assert faults("neuron", DeclaredNoisy) == {}


@pytest.mark.parametrize("entry", registry.entries("network"), ids=lambda entry: entry.name)
def test_no_state_leaks_in_any_registered_network(entry):
    found = faults("network", SMALL.get(entry.name, entry.cls))
    assert found == {}


def test_the_layer_of_a_network_that_keeps_state_is_named():
    network = partial(SMALL["VLIFNet"], visual_neuron=Stateful, threshold=3)
    found = faults("network", network)
    assert {"stateless", "copies"} <= set(found)
    first = next(n for n, m in network().named_modules() if isinstance(m, Stateful))
    for point in ("stateless", "copies"):
        assert f"the layer {first} (Stateful)" in found[point]


def test_a_state_of_a_silent_layer_is_found_too():
    found = faults("network", partial(SMALL["VLIFNet"], visual_neuron=Stateful))
    assert "(Stateful) keeps v between calls" in found["stateless"]


class Two(Network):
    """Two layers, of which the second may have a fault; and a norm, which has none."""

    def __init__(self, second: nn.Module) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))
        self.second = second

    def forward(self, degraded: Tensor) -> Tensor:
        return degraded + self.second(self.first(degraded))


class Counts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))
        self.calls: Tensor

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x


def test_the_innermost_layer_is_blamed_and_a_counter_too():
    x = torch.rand(1, 3, 8, 8)
    assert kept_state(Two(nn.Identity()).eval(), x) == ""
    fault = kept_state(Two(nn.Sequential(nn.ReLU(), Counts())).eval(), x)
    assert fault == "the layer second.1 (Counts) keeps calls between calls"


def test_not_a_number_is_no_state():
    network = Two(nn.Identity()).eval()
    nn.init.constant_(network.first[0].weight, float("nan"))  # pyright: ignore[reportArgumentType]
    assert kept_state(network, torch.rand(1, 3, 8, 8)) == ""


def test_looking_leaves_no_hook():
    network = Two(nn.Identity()).eval()
    before = copy.deepcopy([dict(m._forward_hooks) for m in network.modules()])
    calls(network, torch.rand(1, 3, 8, 8))
    assert [dict(m._forward_hooks) for m in network.modules()] == before
    assert not any(m._forward_pre_hooks for m in network.modules())
