"""How snnTorch 1.0's whole-sequence neurons are built from a number of channels, and run.

They take currents as [T, B·H·W, C] and answer all time steps at once; none of them resets.
"""

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.snntorch_steps import Make, Options, Recipe
from spiking_lowlevel.neurons.surrogate import Surrogate


@dataclass(frozen=True)
class Parallel(Recipe):
    """LeakyParallel: an nn.RNN with rectified hidden states and a diagonal decay."""

    def build(self, make: Make, surrogate: Surrogate, options: Options) -> nn.Module:
        """The neuron; it takes beta as a number, and silently ignores more than one."""
        beta = options["beta"]
        if isinstance(beta, Tensor) and beta.numel() != 1:
            raise UserError("SnnTorch: LeakyParallel takes one beta, not one per channel")
        beta = beta.item() if isinstance(beta, Tensor) else beta
        return super().build(make, surrogate, {**options, "beta": beta})

    def run(self, neuron: Any, current: Tensor) -> Tensor:  # noqa: ANN401
        """Spikes of the current's shape."""
        return neuron(current)


@dataclass(frozen=True)
class Filter(Recipe):
    """StateLeaky, LinearLeaky: convolution over time with exp(−t · (1 − beta)), no reset."""

    def build(self, make: Make, surrogate: Surrogate, options: Options) -> nn.Module:
        """The neuron, with what is left of beta taken away: only tau is read after construction."""
        neuron: Any = super().build(make, surrogate, options)
        neuron._parameters.pop("beta", None)  # DDP stops at a parameter that gets no gradient
        neuron._buffers.pop("beta", None)
        if not isinstance(neuron.tau, nn.Parameter):
            vars(neuron)["tau"] = neuron._buffers.pop("tau")  # snnTorch itself moves it to a device
        return neuron

    def run(self, neuron: Any, current: Tensor) -> Tensor:  # noqa: ANN401
        """Spikes of the current's shape."""
        if not isinstance(neuron.tau, nn.Parameter):
            neuron.tau = neuron.tau.to(current.dtype)  # the convolution wants one dtype
        return neuron(current)[0]


@dataclass(frozen=True)
class Associative(Recipe):
    """AssociativeLeaky: S ← α S + v kᵀ with v, k, α linear in the input; C = d_value · d_key.

    With `use_q_projection` the spikes are read out as S Q, real-valued, and C has to be a square.
    """

    def defaults(self, channels: int, given: Options) -> Options:
        """The squarest S that has as many elements as there are channels; no readout."""
        root = math.isqrt(channels)
        if given.get("use_q_projection", False):
            value, key = root, given.get("d_key", root)
            fits = value * value == channels
        else:
            key = given.get("d_key") or max(d for d in range(1, root + 1) if channels % d == 0)
            value = channels // key
            fits = value * key == channels
        if not fits:
            raise UserError(
                f"SnnTorch: AssociativeLeaky cannot give {channels} channels: d_key has to divide "
                "them, and with use_q_projection they have to be a square number"
            )
        sizes = {"in_dim": channels, "d_value": value, "d_key": key}
        return {"use_q_projection": False, **self.fill, **sizes, "num_spiking_neurons": value * key}

    def build(self, make: Make, surrogate: Surrogate, options: Options) -> nn.Module:
        """The neuron; its constructor takes neither surrogate nor threshold."""
        options = dict(options)
        threshold = options.pop("threshold")
        neuron: Any = make(**options)
        neuron.threshold = threshold
        neuron.spike_grad = surrogate
        neuron.to_v.bias = None  # without input nothing is written
        return neuron

    def levels(self, given: Options) -> int | None:
        """Real values when the spikes are read out through a projection."""
        return None if given.get("use_q_projection", False) else 1

    def run(self, neuron: Any, current: Tensor) -> Tensor:  # noqa: ANN401
        """Spikes of the current's shape."""
        return neuron(current)
