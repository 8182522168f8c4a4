"""Structural similarity by its definition, pixel by pixel, and against scikit-image."""

import math
from typing import Any

import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.metrics.ssim import gaussian_window, ssim_map, uniform_window

GENERATOR = torch.Generator().manual_seed(0)
CLEAN = torch.rand(2, 3, 15, 18, generator=GENERATOR, dtype=torch.float64)
NOISE = torch.randn(CLEAN.shape, generator=GENERATOR, dtype=torch.float64)
RESTORED = (CLEAN + 0.2 * NOISE).clamp(0, 1)


@pytest.mark.parametrize(("side", "sigma"), [(11, 1.5), (5, 1.5), (3, 0.5), (1, 1.5)])
def test_the_gaussian_window(side, sigma):
    window = gaussian_window(side, sigma)
    assert (window.dtype, window.shape) == (torch.float64, (side, side))
    assert window.sum().item() == pytest.approx(1, rel=1e-12)
    middle = side // 2
    for i in range(side):
        for j in range(side):
            ratio = math.exp(-((i - middle) ** 2 + (j - middle) ** 2) / (2 * sigma**2))
            expected = ratio * window[middle, middle].item()
            assert window[i, j].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("side", [1, 3, 7])
def test_the_uniform_window(side):
    window = uniform_window(side)
    assert (window.dtype, window.shape) == (torch.float64, (side, side))
    assert window.unique().tolist() == [1 / side**2]


def by_definition(a: Tensor, b: Tensor, window: Tensor, unbias: float) -> Tensor:
    """From centred differences, one place after the other; a, b: [H, W]."""
    side = len(window)
    out = torch.zeros(a.shape[0] - side + 1, a.shape[1] - side + 1, dtype=a.dtype)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            p, q = (image[y : y + side, x : x + side] for image in (a, b))
            mu_p, mu_q = (window * p).sum(), (window * q).sum()
            var_p = unbias * (window * (p - mu_p) ** 2).sum()
            var_q = unbias * (window * (q - mu_q) ** 2).sum()
            cov = unbias * (window * (p - mu_p) * (q - mu_q)).sum()
            structure = (2 * mu_p * mu_q + 1e-4) / (mu_p**2 + mu_q**2 + 1e-4)
            out[y, x] = structure * (2 * cov + 9e-4) / (var_p + var_q + 9e-4)
    return out


@pytest.mark.parametrize("unbias", [1, 9 / 8])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_map_is_the_definition_at_every_place(unbias, padding):
    window = gaussian_window(3, 0.8)
    ours = ssim_map(RESTORED, CLEAN, window, padding, unbias)
    assert ours.shape == (2, 3, 13 + 2 * padding, 16 + 2 * padding)
    a, b = (F.pad(x, (padding,) * 4)[1, 2] for x in (RESTORED, CLEAN))
    torch.testing.assert_close(ours[1, 2], by_definition(a, b, window, unbias), rtol=0, atol=1e-12)


@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("window", [gaussian_window(7, 1.1), uniform_window(7)], ids=["g", "flat"])
def test_a_window_by_its_sums_along_an_axis_is_the_same_window(window, padding):
    ours = ssim_map(RESTORED, CLEAN, window.sum(0), padding, unbias=1.1)
    expected = ssim_map(RESTORED, CLEAN, window, padding, unbias=1.1)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-12)


GAUSSIAN: dict[str, Any] = {
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
}


@pytest.mark.parametrize(
    ("window", "unbias", "options"),
    [
        (uniform_window(7), 49 / 48, {}),
        (uniform_window(5), 25 / 24, {"win_size": 5}),
        (uniform_window(7), 1, {"use_sample_covariance": False}),
        (gaussian_window(), 1, GAUSSIAN),
    ],
    ids=["flat 7", "flat 5", "flat 7 biased", "gaussian"],
)
def test_scikit_image_agrees_inside_the_image(window, unbias, options):
    border = len(window) // 2
    ours = ssim_map(RESTORED, CLEAN, window, unbias=unbias)
    for i in range(2):
        for c in range(3):
            a, b = RESTORED[i, c].numpy(), CLEAN[i, c].numpy()
            _, whole = structural_similarity(a, b, data_range=1, full=True, **options)
            expected = torch.from_numpy(whole[border:-border, border:-border])
            torch.testing.assert_close(ours[i, c], expected, rtol=0, atol=1e-10)


def test_equal_images_have_a_similarity_of_one_and_negatives_a_negative_one():
    same = ssim_map(CLEAN, CLEAN, gaussian_window())
    torch.testing.assert_close(same, torch.ones_like(same), rtol=0, atol=1e-12)
    assert ssim_map(1 - CLEAN, CLEAN, gaussian_window()).max() < 0


def test_the_images_dtype_is_kept():
    assert ssim_map(RESTORED.float(), CLEAN.float(), gaussian_window()).dtype == torch.float32
