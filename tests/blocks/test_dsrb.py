"""MDSA and DSRB by their equations, and the published block."""

import pytest
import torch
from published import check_block, golden
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.blocks import DSRB, MDSA
from spiking_lowlevel.neurons import LIF
from spiking_lowlevel.published import SPIKERAIN
from spiking_lowlevel.published.system import count

T, B, C, H, W = 3, 2, 32, 5, 6


def features(channels: int = C) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(T, B, channels, H, W, generator=generator, dtype=torch.float64)


def test_the_gates_one_after_the_other():
    torch.manual_seed(0)
    module, x = MDSA(C).double(), features()
    weight, bias = module.sample.weight[0, 0], module.sample.bias[0]
    g0 = torch.sigmoid(weight * x.mean((0, 2, 3, 4)) + bias)
    x1 = g0[None, :, None, None, None] * x
    a = x1.mean((0, 3, 4))
    hidden = (a @ module.channel.squeeze.weight.T + module.channel.squeeze.bias).relu()
    g1 = torch.sigmoid(hidden @ module.channel.expand.weight.T + module.channel.expand.bias)
    x2 = g1[None, :, :, None, None] * x1
    maps = x2.mean(2).flatten(0, 1)[:, None]
    g2 = torch.sigmoid(F.conv2d(maps, module.space.weight, module.space.bias, padding=1))
    expected = g2.reshape(T, B, 1, H, W) * x2
    torch.testing.assert_close(module(x), expected, rtol=0, atol=1e-12)
    assert module(x).min() < 0  # nothing rectifies the end


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_any_number_of_time_steps(steps):
    x = torch.randn(steps, B, C, H, W)
    assert DSRB(C, LIF, growth=3, layers=2)(x).shape == x.shape


def test_every_layer_spikes_on_all_that_came_before():
    torch.manual_seed(0)
    block, x = DSRB(8, LIF, growth=3, layers=2).double(), features(8)
    collected = [x]
    for layer in block.layers:
        assert isinstance(layer, nn.Sequential)
        collected.append(layer[1](LIF(1)(torch.cat(collected, 2))))
    spikes = LIF(1)(torch.cat(collected, 2))
    mixed = torch.einsum("oc, tbchw -> tbohw", block.mix.weight[:, :, 0, 0], spikes)
    torch.testing.assert_close(block(x), block.attention(mixed) + x, rtol=0, atol=1e-12)


def test_its_norms_are_ordinary():
    block = DSRB(8, LIF)
    norms = [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [m.weight.tolist() for m in norms] == [[1] * 24] * 4


@pytest.mark.parametrize("C", [16, 48])
def test_the_number_of_parameters(C):
    g, L = 24, 4
    attention = 12 + 2 * C * (C // 16) + C // 16 + C
    assert sum(p.numel() for p in MDSA(C).parameters()) == attention
    layers = sum(9 * g * (C + i * g) + 2 * g for i in range(L))
    expected = layers + C * (C + L * g) + attention
    assert sum(p.numel() for p in DSRB(C, LIF).parameters()) == expected


def test_published_block():
    reference = golden("spikerain_dsrb.pt")
    growth = reference["state_dict"]["layers.0.1.weight"].shape[0]
    layers = count(reference["state_dict"], "layers.")
    block = DSRB(reference["input"].shape[2], LIF, growth, layers)
    check_block(block, reference, ("x.", "x."), system=SPIKERAIN)
