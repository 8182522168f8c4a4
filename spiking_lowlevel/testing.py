"""The contracts as functions: for our tests, for `slv check`, and for the tests of plugin authors.

from spiking_lowlevel.testing import check_neuron
def test_contract(): check_neuron(MyNeuron)
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import astuple
from math import isclose, isfinite

import numpy as np
import torch
from torch import Tensor, nn

from spiking_lowlevel.degradations.base import Degradation
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.energy.baselines import total
from spiking_lowlevel.energy.sample import SLOTS, sample
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.metrics.protocols import Protocol
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron, StepNeuron
from spiking_lowlevel.testing_state import (
    ContractError,
    check_again,
    check_autocast,
    check_compiled,
    check_copies,
    check_order,
    demand,
    is_stochastic,
    kept_state,
)

T, B, C, H, W = 3, 2, 4, 12, 12  # sides that patches of 2, 3 and 4 pixels tile


def check_neuron(neuron: Callable[[int], Neuron]) -> None:
    """Check the contract of a neuron: shape, state, batch, time, gradient, paths, silence, levels.

    Args:
        neuron: a class or factory; called with a number of channels.

    Raises:
        ContractError: a point of the contract is broken.
    """
    _raise_faults("neuron", neuron)


def check_network(network: Callable[[], Network]) -> None:
    """Check the contract of a network: shape, sizes, state, batch, gradient, dtype.

    Args:
        network: a class or factory without arguments; choose a small width.

    Raises:
        ContractError: a point of the contract is broken.
    """
    _raise_faults("network", network)


def check(kind: str, factory: Callable[..., object]) -> Iterator[tuple[str, str]]:
    """Every point of a kind's contract, with what is wrong, or nothing where it is kept.

    Raises:
        UserError: the kind has no contract that can be checked.
    """
    if kind not in _CHECKS:
        known = ", ".join(_CHECKS)
        raise UserError(
            f"a {kind} has no contract that can be checked alone; kinds that do: {known}"
        )
    for title, point in _CHECKS[kind].items():
        torch.manual_seed(0)
        try:
            point(factory)
        except ContractError as fault:
            yield title, str(fault)
        except Exception as error:
            yield title, f"{type(error).__name__}: {error}"
        else:
            yield title, ""


def _raise_faults(kind: str, factory: Callable[..., object]) -> None:
    faults = [f"{title}: {fault}" for title, fault in check(kind, factory) if fault]
    if faults:
        raise ContractError("; ".join(faults))


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


def _dtype(make: Callable[..., nn.Module], given: Callable[[], Tensor] = _current) -> None:
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


def _images(network: Network, side: int = 2) -> Tensor:
    return torch.rand(B, 3, side * network.multiple, side * network.multiple)


def _on_images(make: Callable[[], Network], point: Callable[[Network, Tensor], None]) -> None:
    network = make().eval()
    point(network, _images(network))


def _network_shape(make: Callable[[], Network]) -> None:
    network = make().eval()
    images = _images(network)
    out = list(network(images).shape)
    demand(out == list(images.shape), f"images {list(images.shape)} gave {out}")


def _network_sizes(make: Callable[[], Network]) -> None:
    network = make().eval()
    side = 2 * network.multiple + 1
    odd = torch.rand(1, 3, side, side)
    demand(network.restore(odd).shape == odd.shape, "restore() does not give back the size it got")
    if network.multiple > 1:
        try:
            network(odd)
        except ValueError:
            return
        raise ContractError(
            f"{side}x{side} images are no multiple of {network.multiple}, yet no error"
        )


def _network_stateless(network: Network, images: Tensor) -> None:
    check_again(network, images, [_images(network, side=3)], "images")
    kept = kept_state(network, images)  # of a silent layer nothing else is seen
    demand(not kept, kept)


def _network_batch(make: Callable[[], Network]) -> None:
    network = make().eval()
    images = _images(network)
    if is_stochastic(network):
        return
    alone, together = network(images[:1]), network(images)[:1]
    demand(torch.allclose(alone, together, atol=1e-5), "a batch mate changed the first image")


def _network_gradient(make: Callable[[], Network]) -> None:
    network = make()
    network(_images(network)).square().mean().backward()
    without = [n for n, p in network.named_parameters() if p.requires_grad and p.grad is None]
    demand(not without, f"no gradient reaches {', '.join(without[:3])}")
    bad = [
        n
        for n, p in network.named_parameters()
        if p.grad is not None and not p.grad.isfinite().all()
    ]
    demand(not bad, f"the gradient is not finite at {', '.join(bad[:3])}")


def _encoder_shape(make: Callable[[int], Encoder]) -> None:
    out = list(make(T)(torch.rand(B, 3, H, W)).shape)
    demand(out == [T, B, 3, H, W], f"images [{B}, 3, {H}, {W}] and {T} time steps gave {out}")


def _loss_order(make: Callable[[], Loss]) -> None:
    loss, clean = make(), torch.rand(B, 3, 16, 16)
    near, far = (clean + a * torch.randn_like(clean) for a in (0.01, 0.1))
    values = [loss(x, clean) for x in (clean, near, far)]
    demand(all(v.dim() == 0 for v in values), "a loss is a scalar")
    demand(bool(values[0] < values[1] < values[2]), "a larger error did not give a larger loss")


def _loss_gradient(make: Callable[[], Loss]) -> None:
    clean = torch.rand(B, 3, 16, 16)
    for restored in (clean + 0.1, clean.clone()):
        restored.requires_grad_()
        make()(restored, clean).backward()
        grad = restored.grad
        demand(grad is not None and bool(grad.isfinite().all()), "the gradient is not finite")


def _protocol_values(make: Callable[[], Protocol]) -> None:
    clean = torch.rand(B, 3, 32, 32)
    near, far = ((clean + a * torch.randn_like(clean)).clamp(0, 1) for a in (0.01, 0.1))
    better, worse = make()(near, clean), make()(far, clean)
    demand(all(v.shape == (B,) for v in better.values()), "a protocol gives one value an image")
    demand({"psnr", "ssim"} <= better.keys(), f"psnr or ssim is missing: {', '.join(better)}")
    alone = make()(near[:1], clean[:1])
    same = all(torch.allclose(v[:1], alone[k], rtol=1e-4) for k, v in better.items())
    demand(same, "a batch mate changed the score of the first image: scores are pooled")
    demand(bool((better["psnr"] > worse["psnr"]).all()), "a larger error did not lower the PSNR")


def _degradation_bytes(make: Callable[[], Degradation]) -> None:
    clean = np.random.default_rng(0).integers(256, size=(32, 48, 3), dtype=np.uint8)
    before = clean.copy()
    first, again = (make()(clean, np.random.default_rng(1)) for _ in range(2))
    demand(
        first.dtype == np.uint8 and first.shape == clean.shape, "an 8-bit image of that size is due"
    )
    demand(np.array_equal(first, again), "the same seed gave two pictures")
    demand(np.array_equal(clean, before), "the clean picture was changed in place")


def _cost_silence(make: Callable[[], CostModel]) -> None:
    silent = sample(spikes=0)
    asked = make().price(silent.layers[-1], silent).compute
    demand(not asked, f"{asked:g} for the operations of a layer that saw no spike")


def _cost_order(make: Callable[[], CostModel]) -> None:
    asked = [total(sample(spikes), make()) for spikes in range(0, SLOTS + 1, 4)]
    demand(asked == sorted(asked), "more spikes cost less")


def _cost_images(make: Callable[[], CostModel]) -> None:
    one, three = (total(sample(SLOTS // 2, images), make()) for images in (1, 3))
    demand(isclose(3 * one, three), f"one image costs {one:g}, three such images {three:g}")


def _cost_values(make: Callable[[], CostModel]) -> None:
    seen = sample(SLOTS // 2)
    parts = [astuple(make().price(layer, seen)) for layer in seen.layers]
    fine = all(isfinite(part) and part >= 0 for price in parts for part in price)
    demand(fine, "a price is negative or not finite")
    demand(any(parts[0]), "a layer that multiplies real values is free")


def _cost_constants(make: Callable[[], CostModel]) -> None:
    constants = make().constants()
    bare = [
        name for name, c in constants.items() if not (isfinite(c.value) and c.unit and c.source)
    ]
    demand(not bare, f"no value, unit or source: {', '.join(bare)}")
    precisions = {c.precision for c in constants.values()} - {""}
    demand(len(precisions) < 2, f"precisions are mixed: {', '.join(sorted(precisions))}")
    demand(bool(constants and make().scope), "what it stands on, or its scope, is not told")


_CHECKS: dict[str, dict[str, Callable[..., None]]] = {
    "neuron": {
        "shape: spikes have the shape of the current": _shape,
        "stateless: nothing is kept between calls": _stateless,
        "batch: samples do not see each other": _batch,
        "order: samples in any order, one by one in any order": lambda make: check_order(
            make(C).eval(), _current(), dim=1
        ),
        "copies: deepcopy, EMA copy and pickle made after use answer alike": lambda make: (
            check_copies(make(C), _current())
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
        "dtype: single and double are kept": _dtype,
        "levels: spikes take the declared values": _levels,
    },
    "encoder": {"shape: [B, 3, H, W] becomes [T, B, 3, H, W]": _encoder_shape},
    "network": {
        "shape: restored images have the shape of the degraded": _network_shape,
        "sizes: restore() takes any, forward() refuses what does not fit": _network_sizes,
        "stateless: nothing is kept between calls": lambda make: _on_images(
            make, _network_stateless
        ),
        "batch: images do not see each other in evaluation": _network_batch,
        "order: images in any order, tiles in any order": lambda make: _on_images(
            make, check_order
        ),
        "copies: deepcopy, EMA copy and pickle made after use answer alike": lambda make: (
            _on_images(make, check_copies)
        ),
        "autocast: finite in bfloat16": lambda make: _on_images(make, check_autocast),
        "gradient: it reaches every parameter and is finite": _network_gradient,
        "dtype: single and double are kept": lambda make: _dtype(
            lambda _: make(), lambda: _images(make())
        ),
    },
    "loss": {
        "order: a scalar that grows with the error": _loss_order,
        "gradient: finite, also for equal images": _loss_gradient,
    },
    "protocol": {"values: one an image, worse for larger errors": _protocol_values},
    "degradation": {"bytes: decided by the seed, the clean picture untouched": _degradation_bytes},
    "cost": {
        "silence: no spikes, no synaptic operations": _cost_silence,
        "order: more spikes never cost less": _cost_order,
        "images: as many times the price as there are images": _cost_images,
        "values: finite, not negative, real values are not free": _cost_values,
        "constants: each with unit and source, all of one precision": _cost_constants,
    },
}
