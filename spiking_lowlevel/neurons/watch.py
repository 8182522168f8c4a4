"""Looking at spikes and membranes from outside: networks and neurons know nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.base import Neuron, StepNeuron
from spiking_lowlevel.neurons.in_place import Leaky
from spiking_lowlevel.neurons.surrogate import Surrogate

OnSpikes = Callable[[str, Neuron, Tensor], None]
OnMembrane = Callable[[str, StepNeuron, Tensor], None]


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


def membrane_neurons(module: nn.Module) -> dict[str, StepNeuron]:
    """The spiking neurons inside a module whose membrane can be watched, by their full names.

    Those that go step by step and are `Leaky`, or fire by an attribute `surrogate`, called with
    what the membrane potential has above a `threshold`. The threshold has to be one number above 0.
    """
    found = {k: n for k, n in spiking_neurons(module).items() if isinstance(n, StepNeuron)}
    return {k: n for k, n in found.items() if _firing(n) and firing_threshold(n) is not None}


@contextmanager
def watch_membranes(module: nn.Module, on_membrane: OnMembrane) -> Iterator[None]:
    """Call `on_membrane(name, neuron, h [B, C, H, W])` at every step of every `membrane_neurons`.

    h is the membrane potential before the reset, in the units of the current and detached. It is
    the neuron's own memory, which the reset overwrites: read it at once, and do not change it.
    Nothing is left behind, and what was compiled runs uncompiled meanwhile.
    """

    def tell(name: str, neuron: StepNeuron) -> Callable[[Tensor], None]:
        if isinstance(neuron, Leaky):
            return lambda h: on_membrane(name, neuron, h.detach())
        threshold = getattr(neuron, "threshold", 0)
        return lambda u: on_membrane(name, neuron, (u + threshold).detach())

    told = [(neuron, tell(name, neuron)) for name, neuron in membrane_neurons(module).items()]
    try:
        for neuron, listener in told:
            _listen(neuron, listener)
        with uncompiled(module):
            yield
    finally:
        for neuron, listener in told:
            _leave(neuron, listener)


@torch.no_grad()
def firing_threshold(neuron: StepNeuron) -> float | None:
    """The membrane potential from which on a neuron fires; None unless it is one number above 0.

    Its `threshold`, or for a `Leaky` neuron without one what bisection finds: 1/2 for `NILIF`.
    """
    given = getattr(neuron, "threshold", None)
    if given is not None:
        threshold = torch.as_tensor(given, dtype=torch.float64)
        return float(threshold) if threshold.numel() == 1 and threshold > 0 else None
    if not isinstance(neuron, Leaky):
        return None
    silent, firing = 0.0, 1.0
    while not _fires(neuron, firing):
        silent, firing = firing, 2 * firing
        if firing > 1e9:
            return None
    for _ in range(60):
        middle = (silent + firing) / 2
        silent, firing = (silent, middle) if _fires(neuron, middle) else (middle, firing)
    return round(firing, 12) or None


def _fires(neuron: Leaky, potential: float) -> bool:
    h = torch.full((1, 1, 1, 1), potential, dtype=torch.float64)
    s = torch.zeros_like(h)
    type(neuron).fire_(neuron, h, s)  # past any spy, since this is no step of the network
    return bool(s.item() > 0)


class _Spy:
    """Stands on a neuron in the place of what it calls with its membrane potential."""

    def __init__(self, neuron: StepNeuron, name: str) -> None:
        self.own, self.real = name in vars(neuron), getattr(neuron, name)
        self.listeners: list[Callable[[Tensor], None]] = []

    def __call__(self, u: Tensor, *rest: Tensor) -> Any:  # noqa: ANN401
        for listener in self.listeners:
            listener(u)
        return self.real(u, *rest)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(vars(self)["real"], name)


def _firing(neuron: StepNeuron) -> str | None:
    """The attribute that a neuron calls with its membrane potential to fire."""
    if isinstance(neuron, Leaky):
        return "fire_"
    surrogate = vars(neuron).get("surrogate")
    return "surrogate" if isinstance(surrogate, Surrogate | _Spy) else None


def _listen(neuron: StepNeuron, listener: Callable[[Tensor], None]) -> None:
    name = _firing(neuron)
    assert name is not None
    if not isinstance(vars(neuron).get(name), _Spy):
        vars(neuron)[name] = _Spy(neuron, name)  # as an attribute, nn.Module may refuse it
    vars(neuron)[name].listeners.append(listener)


def _leave(neuron: StepNeuron, listener: Callable[[Tensor], None]) -> None:
    """Take a listener away, and the spy with the last one, in whatever order watches end."""
    name = _firing(neuron) or ""
    spy = vars(neuron).get(name)
    if not isinstance(spy, _Spy) or listener not in spy.listeners:
        return
    spy.listeners.remove(listener)
    if not spy.listeners and spy.own:
        vars(neuron)[name] = spy.real
    elif not spy.listeners:
        del vars(neuron)[name]


@contextmanager
def uncompiled(module: nn.Module) -> Iterator[None]:
    """Run a module as it was written, whatever of it is compiled: every hook inside is called."""
    compiled = any(m._compiled_call_impl is not None for m in module.modules())
    with torch.compiler.set_stance("force_eager") if compiled else nullcontext():
        yield
