"""The contract checks: they find what is broken, name it, and pass all that is registered."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from contracts import faults
from torch import Tensor, nn

from spiking_lowlevel import plugins, registry, testing
from spiking_lowlevel.degradations import Degradation
from spiking_lowlevel.encoders import Encoder
from spiking_lowlevel.energy import CostModel
from spiking_lowlevel.energy.base import Arithmetic, Price
from spiking_lowlevel.energy.base import Constant as EnergyConstant
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import FP32, INT8
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses import Charbonnier, Loss, SSIMLoss, WeightedSum
from spiking_lowlevel.metrics import RGB, Protocol
from spiking_lowlevel.metrics.psnr import psnr
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Neuron, Rectifier, SnnTorch
from spiking_lowlevel.neurons.reset import NoReset, Subtract
from spiking_lowlevel.neurons.snntorch_recipes import RECIPES
from spiking_lowlevel.neurons.surrogate import ATan, FastSigmoid, Rectangle, Surrogate
from spiking_lowlevel.neurons.vlif import Shuffle
from spiking_lowlevel.testing.neurons import H, W

PLUGIN = Path(__file__).parents[1] / "plugins" / "plif.py"
ALONE = (
    "neuron",
    "encoder",
    "loss",
    "protocol",
    "degradation",
    "cost",
)  # kinds built without networks

registry.load(*ALONE)
with pytest.MonkeyPatch.context() as environment:  # loading plugins writes to it
    environment.setenv(plugins.VARIABLE, "")
    plugins.load([PLUGIN])


class Faulty(Neuron):
    """A sound neuron to plant one fault in each: fires where the current is 0.15 or more."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lif = LIF(channels)

    def forward(self, current: Tensor) -> Tensor:
        return self.lif(current)


class KeepsItsState(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        state = getattr(self, "v", None)
        if state is None or state.shape != current[0].shape:
            state = self.lif.start(current[0])
        spikes, v = self.lif.stream(current, state)
        self.v = v.detach()
        return spikes


class CountsInABuffer(Faulty):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.register_buffer("calls", torch.zeros(()))
        self.calls: Tensor

    def forward(self, current: Tensor) -> Tensor:
        self.calls += 1
        return super().forward(current)


class ReplacesAHiddenBuffer(Faulty):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.register_buffer("last", None, persistent=False)

    def forward(self, current: Tensor) -> Tensor:
        self.last = current[-1].detach()
        return super().forward(current)


class LeavesAnAttribute(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        self.last = super().forward(current)
        return self.last


class LeavesAnAttributeInside(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        self.lif.seen = current.shape
        return super().forward(current)


class SeesBatchMates(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current - current.mean(1, keepdim=True))


class SeesTheFuture(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current - current[-1:])


class HasNoGradient(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current.detach())


class HasAZeroGradient(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return (current >= 0.15).to(current.dtype) + 0 * current


class Overflowing(Surrogate):
    """The derivative of a logistic function, written so that it is inf / inf far away."""

    def derivative(self, u: Tensor) -> Tensor:
        e = torch.exp(4 * u.abs())
        return 4 * e / (1 + e).square()


class HasANaNGradientFarAway(Faulty):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.lif = LIF(channels, surrogate=Overflowing())


class FiresInSilence(Faulty):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.bias = nn.Parameter(torch.full((channels, 1, 1), 0.2))

    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current + self.bias)


class ComputesInSingle(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current.float())


class DropsAStep(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current)[: max(1, len(current) - 1)]


class KnowsOneSize(Faulty):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.place = nn.Parameter(torch.ones(H, W))

    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current * self.place)


class EmitsRealValues(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return 0.7 * super().forward(current)


class EmitsNegativeSpikes(Faulty):
    def forward(self, current: Tensor) -> Tensor:
        return super().forward(current) - super().forward(-current)


class FiresLaterInPlace(LIF):
    def fire_(self, h: Tensor, s: Tensor) -> None:
        torch.gt(h, 2 * self.threshold, out=s)


class ForgetsTheReset(LIF):
    def slopes(self, h: Tensor) -> tuple[Tensor, Tensor | None]:
        return super().slopes(h)[0], None


@pytest.mark.parametrize(
    ("neuron", "points", "says"),
    [
        (
            KeepsItsState,
            {"stateless", "order", "copies", "compile", "causal"},
            "two answers|on the module: v;",
        ),
        (CountsInABuffer, {"stateless"}, "left something on the module: calls;"),
        (ReplacesAHiddenBuffer, {"stateless"}, "left something on the module: last;"),
        (LeavesAnAttribute, {"stateless", "copies"}, "left something on the module: last;"),
        (LeavesAnAttributeInside, {"stateless"}, r"left something on the module: lif\.seen;"),
        (SeesBatchMates, {"batch"}, "a batch mate changed"),
        (SeesTheFuture, {"causal"}, "a change at the last time step"),
        (HasNoGradient, {"gradient"}, "grad"),
        (HasAZeroGradient, {"gradient"}, "zero everywhere"),
        (HasANaNGradientFarAway, {"gradient"}, "not finite for inputs of about 100"),
        (FiresInSilence, {"silence"}, "no current gave spikes, up to 1"),
        (ComputesInSingle, {"dtype"}, "torch.float64 gave an output in torch.float32"),
        (DropsAStep, {"shape"}, r"current \[3, 2, 4, 12, 12\] gave spikes \[2, 2, 4, 12, 12\]"),
        (KnowsOneSize, {"shape", "stateless"}, "must match the size"),
        (EmitsRealValues, {"levels"}, "levels is 1, but spikes take other values"),
        (FiresLaterInPlace, {"paths", "compile"}, "fires otherwise than its steps"),
        (ForgetsTheReset, {"paths"}, "gradient of forward.. is not that of its steps"),
        (EmitsNegativeSpikes, {"levels"}, "levels is 1, but spikes take other values"),
    ],
)
def test_a_planted_fault_of_a_neuron_is_found_and_named(neuron, points, says):
    assert set(faults("neuron", neuron)) == points
    with pytest.raises(testing.ContractError, match=says) as raised:
        testing.check_neuron(neuron)
    assert all(f"{point}: " in str(raised.value) for point in points)


def test_the_neuron_that_faults_are_planted_in_is_sound():
    testing.check_neuron(Faulty)


def test_a_state_that_is_carried_shows_even_where_nothing_is_left_to_see():
    membranes: dict[int, Tensor] = {}  # outside of the module

    class Hidden(Faulty):
        def forward(self, current: Tensor) -> Tensor:
            spikes, v = self.lif.stream(
                current, membranes.get(id(self), self.lif.start(current[0]))
            )
            membranes[id(self)] = v.detach()[..., :1, :1]
            return spikes

    assert "two answers" in faults("neuron", Hidden)["stateless"]


class StartsAfreshForANewSize(Faulty):
    """Keeps its state in a place whose identity does not change."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.kept: list[Tensor] = []

    def forward(self, current: Tensor) -> Tensor:
        fits = self.kept and self.kept[0].shape == current[0].shape
        spikes, v = self.lif.stream(current, self.kept[0] if fits else self.lif.start(current[0]))
        self.kept[:] = [v.detach()]
        return spikes


def test_a_state_that_a_new_size_resets_is_found():
    assert "stateless" in faults("neuron", StartsAfreshForANewSize)


@pytest.mark.parametrize("entry", registry.entries("neuron"), ids=lambda entry: entry.name)
def test_every_registered_neuron_keeps_the_contract(entry):
    testing.check_neuron(entry.cls)


def test_built_in_neurons_and_the_plugin_are_registered():
    names = {entry.name for entry in registry.entries("neuron")}
    assert {"LIF", "NILIF", "VLIF", "Rectifier", "SnnTorch", "PLIF"} <= names


VARIANTS = {
    "soft reset": partial(LIF, reset=Subtract()),
    "no reset": partial(LIF, reset=NoReset()),
    "atan": partial(LIF, surrogate=ATan()),
    "fast sigmoid": partial(LIF, surrogate=FastSigmoid()),
    "rectangle": partial(LIF, surrogate=Rectangle()),
    "eight levels": partial(NILIF, levels=8),
    "shuffle": partial(VLIF, restore=Shuffle),
    "shuffled LIF": partial(VLIF, inner=LIF, restore=Shuffle),
    "visual rectifier": partial(VLIF, inner=Rectifier),
    **{name: partial(SnnTorch, name=name) for name in RECIPES},
}


@pytest.mark.parametrize("neuron", VARIANTS.values(), ids=VARIANTS)
def test_variants_keep_the_contract(neuron):
    testing.check_neuron(neuron)


class Constant(Loss):
    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        return (0 * restored).sum()


class RootOfTheError(Loss):
    """Has no finite gradient where images are equal."""

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        return (restored - clean).square().mean().sqrt()


class PerImage(Loss):
    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        return (restored - clean).square().mean((1, 2, 3))


class TimeSecond(Encoder):
    def __init__(self, time_steps: int) -> None:
        super().__init__()
        self.time_steps = time_steps

    def forward(self, image: Tensor) -> Tensor:
        return image[:, None].expand(-1, self.time_steps, -1, -1, -1)


class Pooled(Protocol):
    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        return {key: value.mean() for key, value in RGB()(restored, clean).items()}


class OnlyPSNR(Protocol):
    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        return {"psnr": psnr(restored, clean)}


class ErrorForPSNR(Protocol):
    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        return {key: -value for key, value in RGB()(restored, clean).items()}


class DrawsByItself(Degradation):
    def __call__(self, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        noise = np.random.default_rng().integers(0, 256, clean.shape, dtype=np.uint8)
        return clean + noise


class PaintsOver(Degradation):
    def __call__(self, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        clean[:4] = 255
        return clean.copy()


class InFloats(Degradation):
    def __call__(self, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return clean / 255


class PooledAndRepeated(Protocol):
    def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
        scores = RGB()(restored, clean)
        return {key: value.mean().expand(len(clean)) for key, value in scores.items()}


class Priced(CostModel):
    """A sound cost model to plant one fault in each."""

    scope = "additions and multiplications; free: all else"

    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(compute=FP32.mac * layer.macs + FP32.add.value * layer.accumulations)

    def constants(self) -> dict[str, EnergyConstant]:
        return {"add": FP32.add, "multiply": FP32.multiply}

    @property
    def arithmetic(self) -> Arithmetic | None:
        return FP32


class ChargesSilence(Priced):
    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(compute=4.6 * layer.total.macs)


class RewardsSpikes(Priced):
    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(compute=4.6 * layer.macs, memory=1000.0 - layer.accumulations)


class PerImagePrice(Priced):
    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(compute=super().price(layer, recording).compute / recording.images)


class PaysBack(Priced):
    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(super().price(layer, recording).compute, memory=-0.1 * layer.updates)


class CountsOnlySpikes(Priced):
    def price(self, layer: Layer, recording: Recording) -> Price:
        return Price(compute=0.9 * layer.accumulations)


class MixesPrecisions(Priced):
    def constants(self) -> dict[str, EnergyConstant]:
        return {"add": INT8.add, "multiply": FP32.multiply}


class NamesNoSource(Priced):
    def constants(self) -> dict[str, EnergyConstant]:
        return {"add": replace(FP32.add, source="")}


class StandsOnNothing(Priced):
    def constants(self) -> dict[str, EnergyConstant]:
        return {}


def test_one_value_repeated_for_every_image_is_found():
    assert faults("protocol", PooledAndRepeated)


@pytest.mark.parametrize(
    ("kind", "thing", "point", "says"),
    [
        ("loss", Constant, "order", "larger error did not give a larger loss"),
        ("loss", PerImage, "order", "a loss is a scalar"),
        ("loss", RootOfTheError, "gradient", "not finite"),
        ("encoder", TimeSecond, "shape", r"\[2, 3, 3, 12, 12\]"),
        ("protocol", Pooled, "values", "one value an image"),
        ("protocol", OnlyPSNR, "values", "ssim is missing"),
        ("protocol", ErrorForPSNR, "values", "did not lower the PSNR"),
        ("degradation", DrawsByItself, "bytes", "the same seed gave two pictures"),
        ("degradation", PaintsOver, "bytes", "changed in place"),
        ("degradation", InFloats, "bytes", "8-bit image"),
        ("cost", ChargesSilence, "silence", "layer that saw no spike"),
        ("cost", RewardsSpikes, "order", "more spikes cost less"),
        ("cost", PerImagePrice, "images", "three such images"),
        ("cost", PaysBack, "values", "negative or not finite"),
        ("cost", CountsOnlySpikes, "values", "multiplies real values is free"),
        ("cost", MixesPrecisions, "constants", "precisions are mixed: fp32, int8"),
        ("cost", NamesNoSource, "constants", "no value, unit or source: add"),
        ("cost", StandsOnNothing, "constants", "what it stands on"),
    ],
)
def test_a_planted_fault_of_another_kind_is_found_and_named(kind, thing, point, says):
    found = faults(kind, thing)
    assert point in found
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(found[point])


def test_the_cost_model_that_faults_are_planted_in_is_sound():
    assert faults("cost", Priced) == {}


FACTORIES: dict[str, Callable[..., Any]] = {
    "WeightedSum": lambda: WeightedSum([SSIMLoss(), Charbonnier()], [1.0, 0.5]),
}


@pytest.mark.parametrize(
    "entry",
    [e for kind in ALONE if kind != "neuron" for e in registry.entries(kind)],
    ids=lambda entry: entry.name,
)
def test_everything_registered_of_the_other_kinds_keeps_its_contract(entry):
    assert faults(entry.kind, FACTORIES.get(entry.name, entry.cls)) == {}


def test_every_point_is_reported_with_or_without_a_fault():
    points = dict(testing.check("neuron", EmitsRealValues))
    assert len(points) == 13
    assert [t.partition(":")[0] for t, fault in points.items() if fault] == ["levels"]


def test_an_exception_is_a_fault_of_the_point_where_it_was_raised():
    class Raises(Faulty):
        def forward(self, current: Tensor) -> Tensor:
            if current.dtype == torch.float64:
                raise TypeError("no doubles here")
            return super().forward(current)

    assert faults("neuron", Raises) == {"dtype": "TypeError: no doubles here"}


def test_a_kind_that_cannot_be_checked_alone_is_said():
    with pytest.raises(UserError, match=r"a task has no contract.*neuron, encoder, network"):
        list(testing.check("task", Faulty))
