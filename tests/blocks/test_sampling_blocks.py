"""Between the levels: sizes, interpolation, order of operations, and the published blocks."""

import pytest
import torch
from published import check_block, golden
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.blocks import Downsampling, SkipFusion, Upsampling
from spiking_lowlevel.blocks.sampling import upsample
from spiking_lowlevel.neurons import LIF, NILIF, Neuron

T, B, C = 3, 2, 4


class Recorder(Neuron):
    """Passes its input on and keeps it for the test to look at."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, current: Tensor) -> Tensor:
        self.seen = current
        return current


def features(*size: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(T, B, C, *size, generator=generator, dtype=torch.float64)


def test_bilinear_weights_by_hand():
    row = torch.tensor([[0.0, 4.0, 8.0]])
    out = upsample(row.reshape(1, 1, 1, 1, 3))
    assert out.shape == (1, 1, 1, 2, 6)
    assert out[..., 0, :].flatten().tolist() == [0, 1, 3, 5, 7, 8]  # 3:1 inside, clamped outside
    square = torch.tensor([[0.0, 16.0], [32.0, 64.0]]).reshape(1, 1, 1, 2, 2)
    assert upsample(square)[0, 0, 0, 1].tolist() == [8, 13, 23, 28]  # 0.75 upper + 0.25 lower


def test_upsampling_sees_every_frame_alone():
    x = features(2, 3)
    expected = [F.interpolate(frame, scale_factor=2, mode="bilinear") for frame in x]
    assert torch.equal(upsample(x), torch.stack(expected))


@pytest.mark.parametrize(
    ("size", "half"), [((6, 8), (3, 4)), ((7, 5), (4, 3)), ((1, 1), (1, 1)), ((2, 9), (1, 5))]
)
def test_downsampling_halves_any_size_and_doubles_the_channels(size, half):
    block = Downsampling(C, LIF).double()
    assert block(features(*size)).shape == (T, B, 2 * C, *half)
    assert sum(p.numel() for p in block.parameters()) == 18 * C**2 + 4 * C


def test_downsampling_is_spikes_then_a_strided_convolution_then_the_norm():
    block = Downsampling(C, NILIF, threshold=0.6).double().eval()
    x = features(7, 6)
    spikes = NILIF(C)(x).flatten(0, 1)
    plain = F.conv2d(spikes, block.conv.conv.weight, stride=2, padding=1)
    expected = plain.unflatten(0, (T, B)) * (0.6 / 2**0.5) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-7)


def test_upsampling_doubles_any_size_and_halves_the_channels():
    block = Upsampling(C, LIF).double()
    for height, width in ((1, 1), (3, 5), (4, 4)):
        assert block(features(height, width)).shape == (T, B, C // 2, 2 * height, 2 * width)
    assert sum(p.numel() for p in block.parameters()) == 4.5 * C**2 + C


def test_upsampling_interpolates_before_the_neuron():
    block = Upsampling(C, Recorder, threshold=0.6).double().eval()
    x = features(3, 4)
    out = block(x)
    assert isinstance(block.neuron, Recorder)
    assert block.neuron.channels == C
    assert torch.equal(block.neuron.seen, upsample(x))
    plain = F.conv2d(upsample(x).flatten(0, 1), block.conv.conv.weight, padding=1)
    expected = plain.unflatten(0, (T, B)) * (0.6 / 2**0.5) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-7)


def test_fusion_spikes_again_on_both_with_the_decoder_s_features_first():
    block = SkipFusion(C, Recorder, threshold=0.6).double().eval()
    x, skip = features(4, 5), -features(4, 5)
    out = block(x, skip)
    assert isinstance(block.neuron, Recorder)
    assert block.neuron.channels == 2 * C
    assert torch.equal(block.neuron.seen, torch.cat((x, skip), 2))
    weight = block.conv.conv.weight
    assert weight.shape == (C, 2 * C, 1, 1)
    plain = torch.einsum("oc, tbchw -> tbohw", weight[:, :, 0, 0], block.neuron.seen)
    expected = plain * (0.6 / 2**0.5) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("make", "file", "place"),
    [
        (Downsampling, "downsampling.pt", ("down1_2.", "down1.")),
        (Upsampling, "upsampling.pt", ("up2_1.", "up1.")),
    ],
    ids=["down", "up"],
)
def test_published_blocks(make, file, place):
    reference = golden(file)
    check_block(make(reference["input"].shape[2], LIF), reference, place)
