"""FRB and ARFE, the refinements at the end of ESDNet and SpikeRain: equations, published blocks."""

import pytest
import torch
from published import check_block, golden
from torch import Tensor, nn

from spiking_lowlevel.blocks import ARFE, FRB
from spiking_lowlevel.blocks.attention import MeanGate
from spiking_lowlevel.published import ESDNET, SPIKERAIN


def features(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def test_mean_gate_worked_by_hand():
    gate = MeanGate(2, 1).double()
    with torch.no_grad():
        gate.squeeze.weight.copy_(torch.tensor([[2.0, -1.0]]))
        gate.squeeze.bias.fill_(0.5)
        gate.expand.weight.copy_(torch.tensor([[1.0], [-3.0]]))
        gate.expand.bias.copy_(torch.tensor([0.0, 1.0]))
    # hidden: relu(2·1 - 1·1 + 0.5) = 1.5, and relu(2·0 - 1·4 + 0.5) = 0
    out = gate(torch.tensor([[1.0, 1.0], [0.0, 4.0]], dtype=torch.float64))
    expected = torch.tensor([[1.5, -3.5], [0.0, 1.0]], dtype=torch.float64).sigmoid()
    torch.testing.assert_close(out, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("block", [FRB, ARFE])
def test_frames_and_samples_do_not_see_each_other(block):
    module, x = block(8).double(), features(2, 3, 8, 5, 7)
    frames = torch.stack([torch.stack([module(f[None, None])[0, 0] for f in t]) for t in x])
    torch.testing.assert_close(module(x), frames, rtol=0, atol=1e-12)


def with_pixel_gates(module: nn.Module) -> None:
    """Lets nothing through the hidden layers: what is left of a gate is its last bias."""
    for p in module.parameters():
        nn.init.zeros_(p)


def test_frb_blends_the_gate_of_the_channel_with_the_features():
    module, x = FRB(8).double(), features(1, 2, 8, 4, 4)
    with_pixel_gates(module)
    nn.init.constant_(module.channel.expand.bias, 2.0)
    last = module.space[3]
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    nn.init.constant_(last.bias, -1.0)
    a, t = torch.tensor([2.0, -1.0], dtype=torch.float64).sigmoid()
    torch.testing.assert_close(module(x), (1 - t) * a + t * x, rtol=0, atol=1e-12)


def test_frb_has_no_activation_between_its_first_convolutions():
    module = FRB(8).double()
    assert [type(m) for m in module.space] == [
        nn.Conv2d,
        nn.Conv2d,
        nn.ReLU,
        nn.Conv2d,
        nn.Sigmoid,
    ]


def test_arfe_mixes_two_gated_views_and_keeps_its_input():
    module, x = ARFE(8).double(), features(1, 2, 8, 6, 6)
    with_pixel_gates(module)
    nn.init.constant_(module.channel.expand.bias, 2.0)
    for layer, value in ((module.space[2], -1.0), (module.mix[0], 0.5)):
        assert isinstance(layer, nn.Conv2d)
        assert layer.bias is not None
        nn.init.constant_(layer.bias, value)
    c, s, g = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64).sigmoid()
    torch.testing.assert_close(module(x), (g * c + (1 - g) * s + 1) * x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("K", [16, 96])
def test_the_numbers_of_parameters(K):
    def count(module: nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    R = K // 8
    assert count(FRB(K)) == 9 * K**2 + 20 * K * R + 3 * K + 2 * R
    assert count(ARFE(K)) == 3 * K**2 + 3 * K * R + 2 * K + 27 * R + 1


@pytest.mark.parametrize(
    ("block", "file", "system"),
    [(FRB, "esd_feature_refinement.pt", ESDNET), (ARFE, "spikerain_arfe.pt", SPIKERAIN)],
    ids=["FRB", "ARFE"],
)
def test_published_blocks(block, file, system):
    reference = golden(file)
    place = ("refinement.", "readout.1.")
    module = block(reference["input"].shape[1])
    check_block(module, reference, place, lambda module, x: module(x[None])[0], system)
