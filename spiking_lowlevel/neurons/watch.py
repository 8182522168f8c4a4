"""Looking at spikes from outside: networks and neurons know nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.base import Neuron

OnSpikes = Callable[[str, Neuron, Tensor], None]


def spiking_neurons(module: nn.Module) -> dict[str, Neuron]:
    """The neurons inside a module that emit spikes (not real values), by their full names."""
    found = ((n, m) for n, m in module.named_modules() if isinstance(m, Neuron))
    return {name: neuron for name, neuron in found if neuron.levels is not None}


@contextmanager
def watch(module: nn.Module, on_spikes: OnSpikes) -> Iterator[None]:
    """Call `on_spikes(name, neuron, spikes [T, B, C, H, W])` for every spiking neuron that runs.

    The spikes are detached from the graph. No hook is left behind. What was compiled runs
    uncompiled meanwhile, since the inside of compiled code does not call hooks.
    """

    def hook(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def call(neuron: nn.Module, _: tuple[Tensor, ...], spikes: Tensor) -> None:
            assert isinstance(neuron, Neuron)
            on_spikes(name, neuron, spikes.detach())

        return call

    handles = [n.register_forward_hook(hook(k)) for k, n in spiking_neurons(module).items()]
    try:
        with uncompiled(module):
            yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def uncompiled(module: nn.Module) -> Iterator[None]:
    """Run a module as it was written, whatever of it is compiled: every hook inside is called."""
    compiled = any(m._compiled_call_impl is not None for m in module.modules())
    with torch.compiler.set_stance("force_eager") if compiled else nullcontext():
        yield
