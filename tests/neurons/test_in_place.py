"""Neurons in place against their own plain steps under autograd: spikes, gradients, precision."""

from functools import partial

import pytest
import torch
from torch import Tensor

from spiking_lowlevel.neurons import LIF, NILIF, StepNeuron
from spiking_lowlevel.neurons.reset import NoReset, Subtract, ToZero
from spiking_lowlevel.neurons.surrogate import ATan, FastSigmoid, Rectangle, Sigmoid
from spiking_lowlevel.pieces import pieces

T, B, C, H, W = 5, 2, 3, 4, 6

NEURONS = [
    LIF,
    partial(LIF, tau=3.0, threshold=0.4),
    partial(LIF, detach_reset=True),
    partial(LIF, reset=ToZero(-0.3)),
    partial(LIF, reset=ToZero(-0.3), detach_reset=True),
    partial(LIF, reset=Subtract()),
    partial(LIF, reset=Subtract(), detach_reset=True),
    partial(LIF, reset=NoReset()),
    *(partial(LIF, surrogate=s()) for s in (ATan, FastSigmoid, Rectangle, Sigmoid)),
    NILIF,
    partial(NILIF, levels=3, decay=0.6),
    partial(NILIF, levels=1, decay=0.0),
]
every_neuron = pytest.mark.parametrize("make", NEURONS, ids=lambda n: str(n).partition("(")[2] or n)


def current(dtype: torch.dtype = torch.float64) -> Tensor:
    x = torch.randn(T, B, C, H, W, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = (1.5 * x).to(dtype)
    x[:, 0, 0, 0, :4] = torch.tensor([0.15, 0.5, 1.5, 0.0], dtype=dtype)  # ties and halves
    return x


def plain(neuron: StepNeuron, x: Tensor) -> Tensor:
    return neuron.stream(x, neuron.start(x[0]))[0]


def answers(run, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    out = run(x)
    weight = torch.randn(out.shape, generator=torch.Generator().manual_seed(1), dtype=out.dtype)
    (gradient,) = torch.autograd.grad((out * weight).sum(), x)
    return out.detach(), gradient


@every_neuron
@pytest.mark.parametrize("small_cache", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_in_place_is_step_by_step(make, small_cache, dtype, monkeypatch):
    if small_cache:
        monkeypatch.setattr("spiking_lowlevel.pieces._CACHED", 2 * B * C * H * W)
    neuron, x = make(C), current(dtype)
    spikes, gradient = answers(neuron, x)
    plain_spikes, plain_gradient = answers(partial(plain, neuron), x)
    assert torch.equal(spikes, plain_spikes)
    assert spikes.count_nonzero() > 0
    tolerance = 1e-12 if dtype == torch.float64 else 1e-5
    torch.testing.assert_close(gradient, plain_gradient, rtol=tolerance, atol=tolerance)
    with torch.no_grad():  # another path: no membrane is kept
        assert torch.equal(neuron(x), spikes)


@every_neuron
def test_the_way_back_keeps_one_membrane_a_step_and_nothing_else(make):
    kept: list[Tensor] = []
    neuron, x = make(C), current().requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(kept.append, lambda t: t):  # pyright: ignore
        neuron(x)
    assert sum(t.numel() for t in kept) == x.numel()


@every_neuron
@pytest.mark.parametrize("learning", [False, True])
def test_membranes_add_up_in_single_precision(make, learning):
    x = current(torch.bfloat16).requires_grad_(learning)
    neuron = make(C)
    out = neuron(x)
    assert out.dtype == torch.bfloat16
    assert torch.equal(out.detach(), neuron(x.detach().float()).bfloat16())
    assert torch.equal(out.detach(), plain(neuron, x.detach()))


@pytest.mark.parametrize("make", [LIF, NILIF])
def test_spikes_lie_in_memory_as_the_current_does(make):
    frames = torch.randn(T * B, C, H, W).contiguous(memory_format=torch.channels_last)
    for x in (frames.unflatten(0, (T, B)), frames.contiguous().unflatten(0, (T, B))):
        assert make(C)(x).stride() == x.stride()
    equal = frames[:B].expand(T, B, C, H, W)
    spikes = make(C)(equal)
    assert spikes.flatten(0, 1).is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(spikes, make(C)(equal.contiguous()))


def test_a_second_derivative_is_refused_rather_than_wrong():
    x = current().requires_grad_()
    (gradient,) = torch.autograd.grad(LIF(C)(x).square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"once_differentiable|does not require grad"):
        gradient.sum().backward()


@pytest.mark.parametrize(
    ("elements", "expected"), [(1, 5), (12, 5), (24, 3), (59, 2), (60, 1), (10**9, 1)]
)
def test_pieces_cover_all_steps_in_order(elements, expected, monkeypatch):
    monkeypatch.setattr("spiking_lowlevel.pieces._CACHED", elements)
    x = torch.zeros(5, 1, 3, 2, 2)  # 12 elements a step
    found = pieces(x)
    assert len(found) == expected
    assert [t for some in found for t in range(5)[some]] == list(range(5))
