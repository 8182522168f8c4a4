"""Every neuron of snnTorch 1.0, by its name there.

Eshraghian et al., "Training spiking neural networks using lessons from deep learning" (2023),
arXiv 2109.12894; https://snntorch.readthedocs.io.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.snntorch_recipes import CONSTANTS, RECIPES, REFUSED
from spiking_lowlevel.neurons.snntorch_steps import Options
from spiking_lowlevel.neurons.surrogate import Sigmoid, Surrogate
from spiking_lowlevel.neurons.update import Update
from spiking_lowlevel.registry import register

UPDATES = {
    "Leaky": Update(),
    "Lapicque": Update(),
    "Synaptic": Update(multiply=2, add=2),
    "Alpha": Update(multiply=3, add=3),
}
"""What one update takes; the other neurons are counted as snnTorch computes them."""


@register
class SnnTorch(Neuron):
    """A neuron of snnTorch by its name there; what is not given makes it as like our LIF as it can.

    * `Leaky`: our LIF with `detach_reset=False`, exactly.
    * `Synaptic`, `Alpha`: with one and two synaptic currents (alpha = 0.8) before the membrane;
      Alpha's first step never fires.
    * `Lapicque`: the LIF of an RC circuit (R = 2, C = 1).
    * `RLeaky`, `RSynaptic`: Leaky and Synaptic whose last spikes come back through a 3x3
      convolution without bias (`all_to_all: false`: through one weight V).
    * `DeltaLeaky`: fires where |v[t] − v[t−1]| ≥ `delta_threshold`.
    * `SLSTM`, `SConv2dLSTM`: an LSTM over the channels of each pixel, and one with 3x3
      convolutions; fires where the hidden state reaches the threshold.
    * `StateLeaky`, `LinearLeaky`: keeps exp(beta − 1) of the membrane (beta = 1 − ln 2: one half),
      the second after C x C weights.
    * `LeakyParallel`: an nn.RNN after C x C weights; clips the membrane at 0 from below.
    * `AssociativeLeaky`: S ← α S + v kᵀ, one spike per element of S, with v, k, α linear in the
      input; what is written after the product of all α fell below 1e-8 is lost.

    `Leaky`, `Synaptic`, `RLeaky` reset to zero in the step of the spike; `Alpha`, `Lapicque`,
    `RSynaptic` one step later and without gradient, as snnTorch does; the others never. All fire on
    a tie, and are silent where the current is. Every neuron that snnTorch 1.0 exports is here; its
    `LIF` and `SpikingNeuron` are base classes.

    Args:
        channels: channels C of the input.
        name: one of the names above.
        surrogate: stands in for the derivative of the step function; `SnnTorchSurrogate` has those
            of snnTorch by name.
        options: arguments for snnTorch's constructor, by name; `alpha`, `beta`, `threshold`, `V`
            can be one number or one per channel (LeakyParallel, Lapicque: only `threshold`).

    Raises:
        UserError: there is no such neuron, or it does not take these options.
    """

    def __init__(
        self,
        channels: int,
        name: str = "Leaky",
        surrogate: Surrogate = Sigmoid(4.0),
        options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        options = options or {}
        if name not in RECIPES:
            raise UserError(
                f"SnnTorch: snnTorch has no neuron {name!r}. {did_you_mean(name, RECIPES)} "
                f"Known: {', '.join(RECIPES)}"
            )
        self.name = name
        self.levels = RECIPES[name].levels(options)
        self.update = UPDATES.get(name)
        self.neuron = _build(name, channels, surrogate, options)

    def forward(self, current: Tensor) -> Tensor:
        """Spikes [T, B, C, H, W] in answer to a current of the same shape."""
        recipe = RECIPES[self.name]
        precise = current.to(self._precision(current.dtype))
        with _untouched(self.neuron):
            if not recipe.pixels:
                return recipe.run(self.neuron, precise).to(current.dtype)
            last = precise.movedim(2, -1)
            spikes = recipe.run(self.neuron, last.flatten(1, 3))
            return spikes.reshape(last.shape).movedim(-1, 2).to(current.dtype)

    def _precision(self, given: torch.dtype) -> torch.dtype:
        """Single at least, since in half a membrane does not add up; that of weights in half."""
        in_half = any(weight.dtype == given for weight in self.neuron.parameters())
        return given if in_half else torch.promote_types(given, torch.float32)

    def extra_repr(self) -> str:
        """The name, for `print(network)`."""
        return self.name


def _build(name: str, channels: int, surrogate: Surrogate, given: Options) -> nn.Module:
    import snntorch

    recipe = RECIPES[name]
    instances = snntorch.SpikingNeuron.instances
    others = list(instances)
    try:
        options = _options(name, channels, given)
        neuron = recipe.build(getattr(snntorch, name), surrogate, options)
    except UserError:
        raise
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"SnnTorch: {name} cannot be built with {given}: {error}") from error
    finally:
        instances[:] = others  # snnTorch keeps every neuron that was ever made
    _settle(neuron)
    return neuron.to(torch.get_default_dtype())


def _options(name: str, channels: int, given: Options) -> Options:
    """All arguments for snnTorch's constructor but the surrogate."""
    recipe = RECIPES[name]
    for option in given:
        if why := {**REFUSED, **recipe.refused}.get(option):
            raise UserError(f"SnnTorch: {name} cannot take the option {option}: {why}")
    options = {**recipe.defaults(channels, given), **given}
    kernel = options.get("kernel_size", 1)
    if any(side % 2 == 0 for side in ([kernel] if isinstance(kernel, int) else kernel)):
        raise UserError(f"SnnTorch: kernel_size is {kernel}; an even one changes the image's size")
    for key in CONSTANTS & options.keys():
        if options[key] is not None:
            # In float64, so that a float64 current meets the number given and not its float32.
            constant = torch.as_tensor(options[key], dtype=torch.float64).detach().clone()
            shape = (channels,) if recipe.pixels else (channels, 1, 1)
            options[key] = constant.reshape(shape if constant.numel() > 1 else ())
    return options


def _settle(neuron: nn.Module) -> None:
    """Take the membrane and the scalar constants out of the buffers.

    DDP, EMA and checkpoints carry buffers. As plain scalars on the CPU, constants cost no
    synchronisation with a GPU, take part in a computation of any dtype, and keep their digits.
    """
    for module in neuron.modules():
        for name, buffer in list(module._buffers.items()):
            if buffer is None or name in module._non_persistent_buffers_set:
                delattr(module, name)
            elif buffer.numel() == 1:
                delattr(module, name)
                vars(module)[name] = buffer.reshape(()).cpu()


@contextmanager
def _untouched(module: nn.Module) -> Iterator[None]:
    """Take back every attribute that snnTorch sets in its forward: membranes and their graph."""
    before = dict(vars(module))
    try:
        yield
    finally:
        vars(module).clear()
        vars(module).update(before)
