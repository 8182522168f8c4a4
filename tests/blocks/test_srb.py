"""SRB by its equations, and the published block."""

import torch
from published import check_block, golden

from spiking_lowlevel.blocks import SRB
from spiking_lowlevel.neurons import LIF, Rectifier
from spiking_lowlevel.published import ESDNET

T, B, C = 3, 2, 4


def test_the_equations_written_out():
    torch.manual_seed(0)
    block = SRB(C, LIF, Rectifier, T, threshold=0.3).double()
    x = torch.randn(T, B, C, 5, 6, dtype=torch.float64)
    a = block.conv1(LIF(C)(x))
    b = block.conv2(a.clamp(min=0))
    expected = block.attention(b + block.shortcut(x)) + x
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-12)
    starts = [getattr(block, n).norm.norm.weight[0] for n in ("conv1", "conv2", "shortcut")]
    expected = torch.tensor([0.3, 0.06, 0.3], dtype=torch.float64) / 2**0.5
    torch.testing.assert_close(torch.stack(starts), expected, rtol=1e-7, atol=0)


def test_the_number_of_parameters():
    C = 32
    count = sum(p.numel() for p in SRB(C, LIF, LIF, time_steps=4).parameters())
    assert count == 27 * C**2 + 6 * C + 26 + 2 * C * (C // 16)


def test_published_block():
    reference = golden("esd_spiking_residual_block.pt")
    block = SRB(reference["input"].shape[2], LIF, LIF, time_steps=reference["input"].shape[0])
    check_block(block, reference, ("x.", "x."), system=ESDNET)
