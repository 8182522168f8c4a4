"""Threshold-dependent batch norm: by its equation, and the published layer."""

import pytest
import torch
from published import check_block, golden
from torch.nn import functional as F

from spiking_lowlevel.blocks import ConvNorm, ThresholdBatchNorm

T, B, C = 3, 2, 5


def features() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    scale = torch.arange(1.0, C + 1).reshape(C, 1, 1)
    x = torch.randn(T, B, C, 4, 6, generator=generator) * scale + scale
    return x.double() * torch.arange(1, T + 1).reshape(T, 1, 1, 1, 1)  # no frame is like another


@pytest.mark.parametrize("threshold", [0.15, 1.0])
def test_the_scale_starts_at_the_threshold_over_root_two(threshold):
    norm = ThresholdBatchNorm(C, threshold).norm
    torch.testing.assert_close(norm.weight.data, torch.full((C,), threshold / 2**0.5))
    assert norm.bias.count_nonzero() == 0
    assert (norm.eps, norm.momentum) == (1e-5, 0.1)


def test_statistics_are_those_of_time_batch_and_space_together():
    x = features()
    layer = ThresholdBatchNorm(C, 0.5).double()
    with torch.no_grad():
        layer.norm.bias.add_(0.25)
    mean = x.mean((0, 1, 3, 4), keepdim=True)
    variance = x.var((0, 1, 3, 4), unbiased=False, keepdim=True)
    expected = 0.5 / 2**0.5 * (x - mean) / (variance + 1e-5).sqrt() + 0.25
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-7)  # 1/sqrt(2) in float32

    n = x.numel() / C
    running_mean, running_var = layer.norm.running_mean, layer.norm.running_var
    assert running_mean is not None
    assert running_var is not None
    torch.testing.assert_close(running_mean, 0.1 * mean.flatten())
    torch.testing.assert_close(running_var, 0.9 + 0.1 * variance.flatten() * n / (n - 1))

    layer.eval()
    by_running = (x - running_mean[:, None, None]) / (running_var[:, None, None] + 1e-5).sqrt()
    expected = 0.5 / 2**0.5 * by_running + 0.25
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (1, 1), (3, 2), (5, 1)])
def test_conv_norm_is_a_convolution_without_bias_and_a_norm(kernel, stride):
    layer = ConvNorm(C, 7, kernel, stride, threshold=0.3).double().eval()
    x = features()
    plain = F.conv2d(x.flatten(0, 1), layer.conv.weight, stride=stride, padding=kernel // 2)
    scaled = plain * layer.norm.norm.weight[:, None, None] / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(layer(x), scaled.unflatten(0, (T, B)), rtol=0, atol=1e-12)
    assert layer.conv.bias is None
    assert layer.norm.norm.weight.tolist() == pytest.approx([0.3 / 2**0.5] * 7, rel=1e-6)


def test_without_a_threshold_it_is_an_ordinary_batch_norm():
    layers = (ThresholdBatchNorm(C, None), ConvNorm(C, 7, threshold=None).norm)
    for layer in layers:
        assert layer.norm.weight.tolist() == [1] * layer.norm.num_features
        assert not layer.norm.bias.any()


@pytest.mark.parametrize(("file", "threshold"), [("default_init", 0.15), ("random", 0.03)])
def test_published_layer(file, threshold):
    reference = golden(f"tdbn_{file}.pt")
    layer = ThresholdBatchNorm(reference["input"].shape[2], threshold)
    if file == "default_init":  # stored as 16-bit numbers
        assert torch.equal(layer.norm.weight.half().float(), reference["state_dict"]["weight"])
    check_block(layer, reference, ("x.bn1.", "x.conv1.norm."))
