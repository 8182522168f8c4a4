"""Time goes to the kind of module that spends it, forwards and backwards."""

from typing import Any

import pytest
import torch
from bench.subjects import FakeClock, Small, subject
from torch import Tensor, nn

from spiking_lowlevel.bench.kind_timer import OUTSIDE, KindTimer, kind_of
from spiking_lowlevel.bench.kinds import kinds
from spiking_lowlevel.neurons import LIF
from spiking_lowlevel.neurons.patches import PatchMix


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Slow(torch.autograd.Function):
    """Takes some time forwards and some backwards."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, clock: FakeClock, there: float, back: float) -> Tensor:
        ctx.clock, ctx.back = clock, back
        clock.wait(there)
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        ctx.clock.wait(ctx.back)
        return gradients[0], None, None, None


class Leaf(nn.Module):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    def forward(self, x: Tensor) -> Tensor:
        return Slow.apply(x, self.clock, 1, 10)


class Outer(nn.Module):
    """Spends time before, between and after two leaves."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.leaves, self.clock = nn.ModuleList([Leaf(clock), Leaf(clock)]), clock

    def forward(self, x: Tensor) -> Tensor:
        x = Slow.apply(x, self.clock, 100, 0)
        x = Slow.apply(self.leaves[0](x), self.clock, 200, 1000)
        return Slow.apply(self.leaves[1](x), self.clock, 300, 2000)


def test_every_kind_gets_what_it_spends_itself_and_all_sum_to_the_whole(clock: FakeClock):
    network, timer = Outer(clock), KindTimer(clock)
    x = torch.ones(1, requires_grad=True)
    with timer.watching(network):
        clock.wait(5)
        loss = network(x).sum()
        clock.wait(7)
    assert timer.forward == {OUTSIDE: 12, "Outer": 600, "Leaf": 2}
    assert timer.calls == {"Outer": 1, "Leaf": 2}
    assert sum(timer.forward.values()) == clock.now
    before = clock.now
    timer.run_backward(loss)
    seconds = {kind: s for kind, s in timer.backward.items() if s}
    assert seconds == {"Outer": 3000, "Leaf": 20}
    assert sum(seconds.values()) == clock.now - before


def test_no_hook_is_left_behind(clock: FakeClock):
    network, timer = Outer(clock), KindTimer(clock)
    with timer.watching(network):
        network(torch.ones(1))
    seen = dict(timer.forward)
    network(torch.ones(1))
    assert timer.forward == seen


def test_names_of_kinds():
    assert kind_of(nn.Conv2d(1, 1, (1, 3))) == "convolution 1x3"
    assert kind_of(nn.ConvTranspose2d(1, 1, 2)) == "transposed convolution 2x2"
    assert kind_of(PatchMix(1, 1, 2)) == "convolution 1x1"
    assert kind_of(LIF(1)) == "LIF"


@pytest.mark.parametrize("what", ["inference", "training"])
def test_the_kinds_of_a_step_sum_to_it(what: str):
    told = kinds([subject(Small())], what, rounds=2)["A"]
    assert set(told["kinds"]) >= {"Small", "convolution 3x3", "BatchNorm2d"}
    rows = told["kinds"].values()
    for i in range(2):
        parts = (row[way]["rounds"][i] for row in rows for way in row if way != "calls")
        assert sum(parts) == pytest.approx(told["seconds"]["rounds"][i])
    assert ("Charbonnier" in told["kinds"]) == (what == "training")
    assert any("backward" in row for row in rows) == (what == "training")
