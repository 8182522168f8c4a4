"""The end of time: by formula, and the published fusion."""

import torch
from published import check_block, golden

from spiking_lowlevel.blocks import TimeFusion, TimeMean
from spiking_lowlevel.published import SPIKERAIN


def test_the_mean_over_time():
    x = torch.arange(6.0).reshape(3, 1, 2, 1, 1)
    assert TimeMean()(x).flatten().tolist() == [2, 3]
    assert TimeMean()(x).shape == (1, 1, 2, 1, 1)


def test_the_fusion_starts_as_the_mean_and_weighs_by_softmax():
    x = torch.randn(3, 2, 4, 5, 6, dtype=torch.float64)
    fusion = TimeFusion(3).double()
    torch.testing.assert_close(fusion(x), x.mean(0, keepdim=True), rtol=0, atol=1e-12)
    with torch.no_grad():
        fusion.weights.copy_(torch.tensor([1.0, 2.0, 4.0]).log())
    expected = (x[0] + 2 * x[1] + 4 * x[2])[None] / 7
    torch.testing.assert_close(fusion(x), expected, rtol=0, atol=1e-6)


def test_published_fusion():
    reference = golden("spikerain_temporal_fusion.pt")
    fusion = TimeFusion(reference["input"].shape[0])
    place = ("temporal_fusion.", "readout.0.")
    check_block(fusion, reference, place, lambda module, x: module(x)[0], SPIKERAIN)
