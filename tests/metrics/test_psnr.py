"""PSNR and luma, against scikit-image, torchmetrics and the published numbers."""

import math

import pytest
import torch
from published import assert_close, assert_in_spread, golden
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio
from torchmetrics.image import PeakSignalNoiseRatio

from spiking_lowlevel.metrics.psnr import luma, psnr

GENERATOR = torch.Generator().manual_seed(0)
CLEAN = torch.rand(3, 3, 9, 7, generator=GENERATOR, dtype=torch.float64)
NOISE = torch.randn(CLEAN.shape, generator=GENERATOR, dtype=torch.float64)
SCALES = torch.tensor([0.01, 0.1, 0.5]).reshape(3, 1, 1, 1)  # images of very different quality
RESTORED = CLEAN + SCALES * NOISE


def test_scikit_image_agrees():
    expected = [
        peak_signal_noise_ratio(b.numpy(), a.numpy(), data_range=1)
        for a, b in zip(RESTORED, CLEAN, strict=True)
    ]
    assert psnr(RESTORED, CLEAN).tolist() == pytest.approx(expected, rel=1e-12)


def test_torchmetrics_agrees_image_by_image():
    theirs = PeakSignalNoiseRatio(data_range=1.0, reduction="none", dim=(1, 2, 3))
    expected = theirs(RESTORED.float(), CLEAN.float())
    torch.testing.assert_close(psnr(RESTORED.float(), CLEAN.float()), expected)


def test_the_mean_over_images_is_not_that_of_the_pooled_error():
    values = psnr(RESTORED, CLEAN)
    assert values.shape == (3,)
    pooled = -10 * (RESTORED - CLEAN).square().mean().log10()
    assert values.mean() > pooled + 3
    for i in range(3):
        alone = psnr(RESTORED[i : i + 1], CLEAN[i : i + 1])
        torch.testing.assert_close(alone, values[i : i + 1])


def test_by_hand_and_infinite_for_equal_images():
    a = torch.zeros(3, 3, 2, 2, dtype=torch.float64)
    b = a + torch.tensor([0.1, 0.01, 0.0]).reshape(3, 1, 1, 1)
    assert psnr(b, a).tolist() == pytest.approx([20, 40, math.inf], rel=1e-6)


def test_luma_is_that_of_scikit_image():
    expected = torch.from_numpy(rgb2ycbcr(CLEAN.movedim(1, -1).numpy())[..., 0])
    ours = luma(CLEAN)
    assert ours.shape == (3, 1, 9, 7)
    torch.testing.assert_close(255 * ours[:, 0], expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("rgb", "y"), [((0, 0, 0), 16), ((1, 1, 1), 235), ((1, 0, 0), 81.481), ((0, 0, 1), 40.966)]
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_luma_by_hand(rgb, y, dtype):
    ours = luma(torch.tensor(rgb, dtype=dtype).reshape(1, 3, 1, 1))
    assert ours.dtype == dtype
    assert 255 * ours.item() == pytest.approx(y, rel=1e-6)


@pytest.mark.parametrize(("first", "second"), ["ab", "ac", "aa"])
def test_published_numbers(first, second):
    reference = golden("losses_metrics.pt")
    double, single = (
        reference[f"{first}{second}_{precision}"]["torchPSNR_per_image"]
        for precision in ("f64", "f32")
    )
    a, b = (reference[name].clamp(0, 1) for name in (first, second))
    assert_close(psnr(a.double(), b.double()), double)
    if first == second:
        assert psnr(a, b).tolist() == single.tolist() == [math.inf] * 2
    else:
        assert_in_spread(psnr(a, b), single, double)


def test_published_luma():
    reference = golden("losses_metrics.pt")
    for name in "ab":
        ours = luma(reference[f"u8_{name}"][None].double() / 255)
        assert_close(ours[0, 0], reference[f"eval_Y_{name}"])
