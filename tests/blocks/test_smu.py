"""SMU by its equations, with the published convolution over time, and the published block."""

import pytest
import torch
from published import check_block, golden
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.blocks import SMU
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier

T, B, C, H, W = 3, 2, 4, 6, 4


def features(scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return scale * torch.randn(T, B, C, H, W, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("patch_neuron", [NILIF, Rectifier])
def test_the_equations_written_out(patch_neuron):
    torch.manual_seed(0)
    block = SMU(C, LIF, VLIF, patch_neuron, T, threshold=2.0).double()
    x = features(scale=4.0)
    u = block.sdem(x)
    steps = [u[t, :, :, i::2, j::2] for t in range(T) for i in (0, 1) for j in (0, 1)]
    z = block.time_attention(patch_neuron(C)(torch.stack(steps)))  # [4T, B, C, H/2, W/2]
    kernel = block.compress.weight.reshape(C, C, 4, 1, 1)
    z = F.conv3d(z.movedim(0, 2), kernel, stride=(4, 1, 1)).movedim(2, 0)
    assert z.shape == (T, B, C, H // 2, W // 2)
    assert z.min() < -0.15 < 0.15 < z.max()  # the rectifier and the neurons have work to do
    z = z.relu()
    for stage in block.body:
        assert isinstance(stage, torch.nn.Sequential)
        z = stage[2](stage[1](LIF(C)(z)))
    frames = F.interpolate(z.flatten(0, 1), scale_factor=2, mode="bilinear")
    expected = block.attention(frames.unflatten(0, (T, B)) + u)
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("train", [False, True])
def test_the_output_is_not_negative(scale, train):
    block = SMU(C, LIF, VLIF, NILIF, T).double().train(train)
    out = block(features(scale))
    assert out.shape == (T, B, C, H, W)
    assert out.min() >= 0
    assert out.max() > 0


def test_the_threshold_reaches_every_norm():
    block = SMU(C, LIF, VLIF, NILIF, T, threshold=0.3)
    starts = [p[0] for name, p in block.named_parameters() if name.endswith(".norm.norm.weight")]
    expected = torch.tensor([0.3, 0.06, 0.3, 0.3, 0.3]) / 2**0.5
    torch.testing.assert_close(torch.stack(starts), expected)


def test_odd_sizes_are_refused():
    with pytest.raises(UserError, match="5x4"):
        SMU(C, LIF, LIF, NILIF, T)(torch.zeros(T, B, C, 5, 4))


def test_published_block():
    reference = golden("sunet_level1_block.pt")
    block = SMU(reference["input"].shape[2], LIF, VLIF, NILIF, time_steps=4)
    check_block(block, reference, ("encoder_level1.", "encoder1."))
