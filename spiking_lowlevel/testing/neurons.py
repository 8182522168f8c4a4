"""The points of the contract of a neuron."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.base import Neuron, StepNeuron
from spiking_lowlevel.testing.fault import Points, demand
from spiking_lowlevel.testing.state import (
    check_again,
    check_autocast,
    check_compiled,
    check_copies,
    check_order,
    is_stochastic,
)

T, B, C, H, W = 3, 2, 4, 12, 12  # sides that patches of 2, 3 and 4 pixels tile


def _current(steps: int = T, side: int = H) -> Tensor:
    return torch.randn(steps, B, C, side, side)


def _shape(make: Callable[[int], Neuron]) -> None:
    neuron = make(C).eval()
    for current in (_current(), _current(steps=1), _current(side=2 * H)):
        given, out = list(current.shape), list(neuron(current).shape)
        demand(out == given, f"a current {given} gave spikes {out}")


def _stateless(make: Callable[[int], Neuron]) -> None:
    neuron, current = make(C).eval(), _current()
    weights, attributes = copy.deepcopy(neuron.state_dict()), _attributes(neuron)
    check_again(neuron, current, [_current(side=2 * H)], "current")
    left = _attributes(neuron).items() - attributes.items()
    left |= {(k, 0) for k, v in neuron.state_dict().items() if not torch.equal(v, weights[k])}
    names = ", ".join(sorted({name for name, _ in left}))
    demand(not left, f"a call left something on the module: {names}; keep state in variables")


def _attributes(module: nn.Module) -> dict[str, int]:
    """Everything that lies on a module and its parts, by name and identity."""
    return {
        f"{path}.{name}".lstrip("."): id(value)
        for path, part in module.named_modules()
        for name, value in (*vars(part).items(), *part.named_buffers(recurse=False))
    }


def _batch(make: Callable[[int], Neuron]) -> None:
    neuron, current = make(C).eval(), _current()
    if is_stochastic(neuron):
        return  # a sample's random numbers depend on its place
    alone, together = neuron(current[:, :1]), neuron(current)[:, :1]
    demand(torch.allclose(alone, together), "a batch mate changed the answer to the first sample")


def _drawn(neuron: Callable[[Tensor], Tensor], current: Tensor) -> Tensor:
    torch.manual_seed(0)
    return neuron(current)


def _causal(make: Callable[[int], Neuron]) -> None:
    neuron, current = make(C).eval(), _current()
    later = current.clone()
    later[-1] += 1
    answers = [_drawn(neuron, given)[:-1] for given in (current, later)]
    same = torch.allclose(answers[0], answers[1])
    demand(same, "a change at the last time step changed the answer to earlier ones")


def _gradient(make: Callable[[int], Neuron]) -> None:
    neuron = make(C)
    for scale in (1.0, 100.0):
        current = (scale * _current()).requires_grad_()
        out = neuron(current)
        (out * torch.randn_like(out)).sum().backward()
        grad = current.grad
        demand(grad is not None, "no gradient reaches the input")
        assert grad is not None
        demand(
            bool(grad.isfinite().all()), f"the gradient is not finite for inputs of about {scale:g}"
        )
        demand(scale > 1 or bool(grad.any()), "the gradient is zero everywhere")


def _paths(make: Callable[[int], Neuron]) -> None:
    neuron = make(C)
    if not isinstance(neuron, StepNeuron):
        return
    given = 2 * _current().double()
    weight, answers = torch.randn_like(given), []
    for run in (neuron.double(), lambda x: neuron.stream(x, neuron.start(x[0]))[0]):
        current = given.clone().requires_grad_()
        out = _drawn(run, current)
        (out * weight).sum().backward()
        answers.append((out.detach(), current.grad))
    (fast, fast_gradient), (plain, plain_gradient) = answers
    quick = _drawn(neuron, given)
    same = torch.equal(fast, plain) and torch.equal(quick, plain)
    demand(same, "forward() fires otherwise than its steps one by one")
    close = torch.allclose(fast_gradient, plain_gradient, rtol=1e-9, atol=1e-12)
    demand(close, "the gradient of forward() is not that of its steps one by one")


def _silence(make: Callable[[int], Neuron]) -> None:
    out = make(C).eval()(torch.zeros(T, B, C, H, W))
    demand(not out.any(), f"no current gave spikes, up to {out.abs().max():g}")


def check_dtype(make: Callable[..., nn.Module], given: Callable[[], Tensor] = _current) -> None:
    """A single or double input gives an output of its dtype.

    Raises:
        ContractError: it does not.
    """
    for dtype in (torch.float32, torch.float64):
        out = make(C).to(dtype)(given().to(dtype))
        demand(out.dtype == dtype, f"an input in {dtype} gave an output in {out.dtype}")


def _levels(make: Callable[[int], Neuron]) -> None:
    neuron = make(C).eval()
    if neuron.levels is None:
        return
    steps = neuron(3 * _current()) * neuron.levels
    fits = bool(
        (steps == steps.round()).all() and steps.min() >= 0 and steps.max() <= neuron.levels
    )
    demand(
        fits, f"levels is {neuron.levels}, but spikes take other values; None declares real values"
    )


NEURON: Points = {
    "shape: spikes have the shape of the current": _shape,
    "stateless: nothing is kept between calls": _stateless,
    "batch: samples do not see each other": _batch,
    "order: samples in any order, one by one in any order": lambda make: check_order(
        make(C).eval(), _current(), dim=1
    ),
    "copies: deepcopy, EMA copy and pickle made after use answer alike": lambda make: check_copies(
        make(C), _current()
    ),
    "compile: traced by torch.compile it answers alike": lambda make: check_compiled(
        make(C).eval(), _current(steps=2)
    ),
    "autocast: finite in bfloat16, membranes in single precision": lambda make: check_autocast(
        make(C).eval(), _current().bfloat16()
    ),
    "causal: spikes do not depend on later input": _causal,
    "gradient: it reaches the input and is finite": _gradient,
    "paths: forward answers as its steps do, with their gradient": _paths,
    "silence: no current, no spikes": _silence,
    "dtype: single and double are kept": check_dtype,
    "levels: spikes take the declared values": _levels,
}
