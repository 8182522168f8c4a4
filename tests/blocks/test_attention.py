"""Attention against its equations written out: three separate gates, each on what is left."""

import numpy as np
import pytest
import torch
from published import check_block, golden
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.blocks import MultiDimensionalAttention, TimeAttention
from spiking_lowlevel.blocks.attention import PooledGate

T, B, C, H, W = 5, 2, 6, 3, 4


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


INPUTS = {
    "normal": normal(T, B, C, H, W),
    "spikes": (normal(T, B, C, H, W) > 0.5).double(),  # maxima are shared by many
    "graded spikes": (normal(T, B, C, H, W).clamp(0, 1) * 4).round() / 4,
    "all alike": torch.ones(T, B, C, H, W, dtype=torch.float64),
    "negative": -1 - normal(T, B, C, H, W).abs(),
}
every_input = pytest.mark.parametrize("x", INPUTS.values(), ids=INPUTS)


def first_maximum(flat: Tensor) -> Tensor:
    """The first of the largest elements over the last dimension, as NumPy documents it."""
    first = torch.from_numpy(np.argmax(flat.detach().numpy(), axis=-1))
    return flat.gather(-1, first[..., None]).squeeze(-1)


def pooled(gate: PooledGate, flat: Tensor) -> Tensor:
    """The gates [B, n] from what they will scale, [B, n, ...] flattened to [B, n, m]."""

    def f(u: Tensor) -> Tensor:
        return (u @ gate.squeeze.weight.T).relu() @ gate.expand.weight.T

    return torch.sigmoid(f(flat.mean(-1)) + f(first_maximum(flat)))


def three_gates(module: MultiDimensionalAttention, x: Tensor) -> Tensor:
    x = x.movedim(1, 0)  # [B, T, C, H, W]
    x = x * pooled(module.time, x.flatten(2))[:, :, None, None, None]
    x = x * pooled(module.channel, x.movedim(2, 1).flatten(2))[:, None, :, None, None]
    planes = x.movedim((3, 4), (1, 2)).flatten(3)  # [B, H, W, T·C]
    both = torch.stack((planes.mean(-1), first_maximum(planes)), dim=1)
    x = x * torch.sigmoid(F.conv2d(both, module.space.weight, padding=1))[:, None]
    return x.relu().movedim(0, 1)


def with_gradient(run, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    out = run(x)
    (grad,) = torch.autograd.grad((out * normal(*out.shape)).sum(), x)
    return out.detach(), grad


@every_input
@pytest.mark.parametrize("reductions", [{}, {"time_reduction": 1, "channel_reduction": 2}], ids=str)
def test_multi_dimensional_attention_is_three_gates_one_after_the_other(x, reductions):
    torch.manual_seed(0)
    module = MultiDimensionalAttention(C, T, **reductions).double()
    for ours, written_out in zip(
        with_gradient(module, x), with_gradient(lambda x: three_gates(module, x), x), strict=True
    ):
        torch.testing.assert_close(ours, written_out, rtol=0, atol=1e-12)


def test_the_maximum_is_taken_of_what_the_gate_before_left():
    # The gate of time all but closes the step that holds the largest number of its channel.
    module = MultiDimensionalAttention(2, 2, time_reduction=1).double()
    with torch.no_grad():
        for weight in module.parameters():
            weight.fill_(1)
        module.time.squeeze.weight.copy_(torch.eye(2))
        module.time.expand.weight.copy_(torch.tensor([[-5.0, 0], [0, 5]]))
    x = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64).reshape(2, 1, 2, 1, 1)
    expected = three_gates(module, x)
    assert expected[0].max() < 1e-3 * expected[1].max()
    torch.testing.assert_close(module(x), expected, rtol=0, atol=1e-12)


@every_input
def test_steps_whose_gates_are_alike_share_a_maximum(x):
    torch.manual_seed(0)
    module = MultiDimensionalAttention(C, T).double()
    with torch.no_grad():
        for weight in module.parameters():
            weight.abs_()  # every hidden unit is on where the input is positive
        module.time.expand.weight.zero_()
    for ours, written_out in zip(
        with_gradient(module, x), with_gradient(lambda x: three_gates(module, x), x), strict=True
    ):
        torch.testing.assert_close(ours, written_out, rtol=0, atol=1e-12)


@every_input
def test_time_attention_scales_every_step_by_its_own_gate(x):
    torch.manual_seed(0)
    module = TimeAttention(T, reduction=2).double()

    def written_out(x: Tensor) -> Tensor:
        return pooled(module.gate, x.movedim(1, 0).flatten(2)).T[..., None, None, None] * x

    for ours, expected in zip(with_gradient(module, x), with_gradient(written_out, x), strict=True):
        torch.testing.assert_close(ours, expected, rtol=0, atol=1e-12)


def test_a_shared_maximum_gives_its_gradient_to_the_first_element():
    module = TimeAttention(2, reduction=1).double()
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.eye(2))
    x = torch.zeros(2, 1, 2, 2, 2, dtype=torch.float64)
    x[:, 0, 1] = 0.5  # four elements share the maximum; the first has place 4 of 8
    x.requires_grad_()
    module.gates(x).sum().backward()
    assert x.grad is not None
    for step in x.grad.flatten(1):
        slope = step[0] * 8  # every element has a share of 1/8 in the mean
        assert slope > 0.1
        expected = slope / 8 + slope * torch.eye(8, dtype=torch.float64)[4]
        torch.testing.assert_close(step, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("steps", "channels", "hidden"), [(1, 3, (1, 1)), (4, 16, (1, 1)), (9, 40, (2, 2))]
)
def test_there_is_always_a_hidden_unit(steps, channels, hidden):
    module = MultiDimensionalAttention(channels, steps)
    assert module.time.squeeze.weight.shape == (hidden[0], steps)
    assert module.channel.expand.weight.shape == (channels, hidden[1])
    assert TimeAttention(steps).gate.squeeze.weight.shape == (hidden[0], steps)
    assert all(name.endswith(".weight") for name in module.state_dict())


def test_published_time_attention():
    def gates(module, x: Tensor) -> Tensor:  # there: [B, T, C, H, W] to [B, T, 1, 1, 1]
        return module.gates(x.transpose(0, 1)).T[:, :, None, None, None]

    place = ("x.time_attention.", "x.time_attention.")
    reference = golden("time_attention.pt")
    check_block(TimeAttention(reference["input"].shape[1]), reference, place, gates)


def test_published_multi_dimensional_attention():
    reference = golden("multidim_attention.pt")
    steps, _, channels, _, _ = reference["input"].shape
    module = MultiDimensionalAttention(channels, steps)
    check_block(module, reference, ("x.attn.", "x.attention."))
