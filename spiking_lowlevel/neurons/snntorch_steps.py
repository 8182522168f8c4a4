"""How snnTorch 1.0's step-by-step neurons are built from a number of channels, and run.

Whatever snnTorch asks for and the user did not give comes from a recipe: as close to our LIF as the
neuron allows, and without biases, which would fire in silence.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.surrogate import Surrogate

Options = dict[str, Any]
Make = Callable[..., nn.Module]


@dataclass(frozen=True)
class Recipe(ABC):
    """How one neuron of snnTorch is built and run.

    Args:
        fill: options that the user need not give.
        sizes: names of the options that are the number of channels; the user cannot give them.
        pixels: whether it takes currents as [T, B·H·W, C] in place of [T, B, C, H, W].
        refused: options that snnTorch 1.0 gets wrong or ignores, and why.
    """

    fill: Mapping[str, Any]
    sizes: tuple[str, ...] = ()
    pixels: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)

    def defaults(self, channels: int, given: Options) -> Options:
        """Options that the user need not give, for this number of channels."""
        return {**self.fill, **dict.fromkeys(self.sizes, channels)}

    def build(self, make: Make, surrogate: Surrogate, options: Options) -> nn.Module:
        """The neuron, made by snnTorch's class."""
        return make(**options, spike_grad=surrogate)

    def levels(self, given: Options) -> int | None:
        """What a spike can be, as in `Neuron.levels`."""
        graded = {"graded_spikes_factor", "learn_graded_spikes_factor"}
        return None if graded & set(given) else 1

    @abstractmethod
    def run(self, neuron: Any, current: Tensor) -> Tensor:  # noqa: ANN401
        """Spikes of the current's shape; may leave what it likes on the neuron."""


@dataclass(frozen=True)
class Steps(Recipe):
    """Step by step, from zeros.

    Args:
        states: tensors that a call takes after the current, and that come last in what it returns.
    """

    states: int = 1

    def start(self, x: Tensor) -> tuple[Any, ...]:
        """The state before the first step."""
        return (torch.zeros_like(x),) * self.states

    def run(self, neuron: Any, current: Tensor) -> Tensor:  # noqa: ANN401
        """Spikes of the current's shape."""
        state = self.start(current[0])
        spikes = []
        for x in current:
            out = neuron(x, *state)
            spikes.append(out[0])
            state = out[-self.states :]
        return torch.stack(spikes)


@dataclass(frozen=True)
class DeltaSteps(Steps):
    """DeltaLeaky: its one state is a pair, the last two membrane potentials."""

    def start(self, x: Tensor) -> tuple[Any, ...]:
        """The state before the first step."""
        return ((torch.zeros_like(x), torch.zeros_like(x)),)


@dataclass(frozen=True)
class CircuitSteps(Steps):
    """Lapicque: v ← v · (1 − 1/RC) + x/C, with one time step as the unit of time."""

    def defaults(self, channels: int, given: Options) -> Options:
        """R and C of our LIF, which no beta gives: the input comes in whole, half of v is kept."""
        return {**self.fill} if "beta" in given else {**self.fill, "R": 2.0, "C": 1.0}


@dataclass(frozen=True)
class RecurrentSteps(Steps):
    """RLeaky, RSynaptic: the last spikes come back through a convolution."""

    def defaults(self, channels: int, given: Options) -> Options:
        """A 3x3 convolution unless the user asks for one weight V instead."""
        if not given.get("all_to_all", True):
            return dict(self.fill)
        return {**self.fill, "conv2d_channels": channels, "kernel_size": 3}

    def build(self, make: Make, surrogate: Surrogate, options: Options) -> nn.Module:
        """The neuron, with no bias in its recurrence."""
        neuron: Any = super().build(make, surrogate, options)
        if options.get("all_to_all", True):
            neuron.recurrent.bias = None
        elif not isinstance(neuron.V, nn.Parameter):
            # A plain tensor in snnTorch: it would stay behind when the module changes its device.
            neuron.recurrent.register_buffer("V", vars(neuron.recurrent).pop("V"))
        return neuron
