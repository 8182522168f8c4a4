"""SDEM by its equations, and the published block."""

import pytest
import torch
from published import check_block, golden

from spiking_lowlevel.blocks import SDEM
from spiking_lowlevel.blocks.sdem import Enhancement
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier
from spiking_lowlevel.neurons.vlif import Shuffle

T, B, C = 3, 2, 4


def features(scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return scale * torch.randn(T, B, C, 4, 6, generator=generator, dtype=torch.float64)


def test_the_mix_of_frequencies():
    mix = Enhancement(LIF(C)).double()
    assert (mix.high.item(), mix.low.item()) == (1, 1)
    x, s = features(), LIF(C)(features())
    with torch.no_grad():
        mix.high.fill_(1.75)
        mix.low.fill_(-0.5)
    expected = 1.75 * s - 0.5 * (x - s) + x * s
    torch.testing.assert_close(mix(x), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("neuron", "visual_neuron"), [(LIF, VLIF), (NILIF, LIF), (Rectifier, Rectifier)]
)
def test_the_equations_written_out(neuron, visual_neuron):
    torch.manual_seed(0)
    block = SDEM(C, neuron, visual_neuron, T, threshold=0.3).double()
    first, second = block.first, block.second
    assert isinstance(first, Enhancement)
    assert isinstance(second, Enhancement)
    for n, scalar in enumerate((first.high, first.low, second.high, second.low)):
        scalar.data.fill_(0.5 + n)
    x = features()
    s = neuron(C)(x)
    o = block.conv1(0.5 * s + 1.5 * (x - s) + x * s)
    q = second.neuron(o)
    o2 = block.conv2(2.5 * q + 3.5 * (o - q) + o * q)
    expected = block.attention(o2 + block.shortcut(x)) + x
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-12)
    assert isinstance(first.neuron, neuron)
    assert isinstance(second.neuron, visual_neuron)


def test_the_second_norm_starts_at_a_fifth():
    block = SDEM(C, LIF, VLIF, T, threshold=0.3)
    starts = [getattr(block, n).norm.norm.weight[0] for n in ("conv1", "conv2", "shortcut")]
    torch.testing.assert_close(torch.stack(starts), torch.tensor([0.3, 0.06, 0.3]) / 2**0.5)


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("train", [False, True])
def test_the_output_is_nowhere_smaller_than_the_input(scale, train):
    block = SDEM(C, LIF, VLIF, T).double().train(train)
    x = features(scale)
    out = block(x)
    assert (out >= x).all()
    assert (out > x).any()


def test_the_number_of_parameters():
    def count(block: SDEM) -> int:
        return sum(p.numel() for p in block.parameters())

    C = 32
    assert count(SDEM(C, LIF, VLIF, time_steps=4)) == 31 * C**2 + 6 * C + 30 + 2 * C * (C // 16)
    without = SDEM(C, LIF, lambda channels: VLIF(channels, restore=Shuffle), time_steps=4)
    assert count(without) == 27 * C**2 + 6 * C + 30 + 2 * C * (C // 16)


def test_published_block():
    reference = golden("spiking_residual_block.pt")
    block = SDEM(reference["input"].shape[2], LIF, VLIF, time_steps=4)
    check_block(block, reference, ("x.", "x."))
