"""The seven named protocols against scikit-image, OpenCV and their formulas written out."""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from skimage.color import rgb2ycbcr
from skimage.metrics import mean_squared_error, structural_similarity
from torch import Tensor

from spiking_lowlevel.metrics import (
    RGB,
    RGB8,
    Luma,
    LumaCropped,
    LumaFull,
    LumaRounded,
    Protocol,
    Resized,
)

Score = tuple[float, float]


def pairs(height: int = 37, width: int = 53) -> tuple[Tensor, Tensor]:
    """Restored and clean pictures [4, 3, H, W], not representable in 8 bit.

    Waves of three colours under a little and much noise; flat tones; and one that is turned
    upside down in brightness, whose similarity is negative.
    """
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    phase = rng.uniform(0.1, 0.7, (3, 1, 1)) * x + rng.uniform(0.1, 0.7, (3, 1, 1)) * y
    waves = 0.5 + 0.4 * np.sin(phase)
    flat = np.full_like(waves, 0.3)
    noise = rng.normal(0, 1, (4, 3, height, width))
    clean = np.stack([waves, waves, flat, waves])
    restored = np.stack([waves, waves, flat, 1 - waves])
    scales = np.array([0.01, 0.1, 0.02, 0.01]).reshape(4, 1, 1, 1)
    both = (np.clip(p, 0, 1) for p in (restored + scales * noise, clean))
    first, second = (torch.from_numpy(p) for p in both)
    return first, second


def decibels(a: np.ndarray, b: np.ndarray, peak: float) -> float:
    return 10 * np.log10(peak**2 / mean_squared_error(b.astype(float), a.astype(float)))


def bytes_of(image: np.ndarray) -> np.ndarray:
    return np.rint(255 * image).astype(np.uint8)


def gaussian(a: np.ndarray, b: np.ndarray) -> float:
    return structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )  # its mean leaves out the 5 pixels at the border


def rgb(a: np.ndarray, b: np.ndarray) -> Score:
    a, b = a.astype(float), b.astype(float)
    return decibels(a, b, 1), structural_similarity(a, b, data_range=1, channel_axis=-1)


def rgb8(a: np.ndarray, b: np.ndarray) -> Score:
    a, b = (bytes_of(x).astype(float) for x in (a, b))
    return decibels(a, b, 255), float(np.mean([gaussian(a[..., c], b[..., c]) for c in range(3)]))


def limited(a: np.ndarray, b: np.ndarray) -> Score:
    y, z = (rgb2ycbcr(bytes_of(x))[..., 0] for x in (a, b))
    return decibels(y, z, 255), gaussian(y, z)


def rounded(a: np.ndarray, b: np.ndarray) -> Score:
    y, z = (np.floor(rgb2ycbcr(bytes_of(x))[..., 0] + 0.5) for x in (a, b))
    return decibels(y, z, 255), gaussian(y, z)


def cropped(a: np.ndarray, b: np.ndarray) -> Score:
    return limited(a[4:-4, 4:-4], b[4:-4, 4:-4])


def full(a: np.ndarray, b: np.ndarray) -> Score:
    """From float32 tensors of 8-bit images: luma, its rounding and the window in float32."""
    weights = np.float32([0.299, 0.587, 0.114])
    a, b = (bytes_of(x).astype(np.float32) / np.float32(255) for x in (a, b))
    y, z = ((x * weights).sum(-1) for x in (a, b))
    mse = np.mean((y.astype(float) - z.astype(float)) ** 2)
    y, z = ((x * np.float32(255)).round().astype(float) for x in (y, z))
    distance = np.arange(-5, 6) ** 2
    window = np.exp(-(distance[:, None] + distance) / (2 * 1.5**2))
    window = (window / window.sum()).astype(np.float32).astype(float)

    def mean(x: np.ndarray) -> np.ndarray:
        return np.einsum("yxij,ij->yx", sliding_window_view(x, (11, 11)), window)

    u, v, c1, c2 = mean(y), mean(z), 2.55**2, 7.65**2
    light = (2 * u * v + c1) / (u * u + v * v + c1)
    contrast = (2 * (mean(y * z) - u * v) + c2) / (mean(y * y) - u * u + mean(z * z) - v * v + c2)
    return 10 * np.log10(1 / (mse + 1e-8)), float((light * np.maximum(contrast, 0)).mean())


def resized(a: np.ndarray, b: np.ndarray) -> Score:
    a, b = (cv2.resize(bytes_of(x[..., ::-1]), (512, 512)) for x in (a, b))  # BGR
    grey = (cv2.cvtColor(x, cv2.COLOR_BGR2GRAY) for x in (a, b))
    return decibels(a, b, 255), structural_similarity(*grey)


NAMED: list[tuple[Protocol, Callable[..., Score]]] = [
    (RGB(), rgb),
    (RGB8(), rgb8),
    (Luma(), limited),
    (LumaRounded(), rounded),
    (LumaCropped(), cropped),
    (LumaFull(), full),
    (Resized(), resized),
]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize(("protocol", "reference"), NAMED, ids=lambda x: getattr(x, "name", ""))
def test_an_independent_implementation_agrees(
    protocol: Protocol, reference: Callable[..., Score], dtype: torch.dtype
):
    restored, clean = (x.to(dtype) for x in pairs())
    ours = protocol(restored, clean)
    for i, (a, b) in enumerate(zip(restored, clean, strict=True)):
        expected = reference(*(x.movedim(0, -1).numpy() for x in (a, b)))
        for key, value in zip(("psnr", "ssim"), expected, strict=True):
            assert ours[key][i].item() == pytest.approx(value, rel=0, abs=1e-6), (key, i)


def test_no_two_protocols_agree():
    restored, clean = (x[:1] for x in pairs())
    for key in ("psnr", "ssim"):
        values = sorted(protocol(restored, clean)[key].item() for protocol, _ in NAMED)
        if key == "psnr":  # RGB and RGB8 differ by the rounding alone
            assert min(b - a for a, b in pairwise(values)) > 1e-4
        assert len({round(value, 6) for value in values}) == len(NAMED)


def test_full_and_limited_range_differ_by_a_constant():
    restored, clean = pairs()
    gap = Luma()(restored, clean)["psnr"] - LumaFull(epsilon=0)(restored, clean)["psnr"]
    constant = torch.full((4,), 20 * np.log10(255 / 219), dtype=torch.float64)
    torch.testing.assert_close(gap, constant, rtol=0, atol=1e-9)


def test_full_range_scores_equal_images_with_eighty_decibels_and_no_map_below_zero():
    restored, clean = pairs()
    score = LumaFull()(clean, clean)
    assert score["psnr"].tolist() == pytest.approx([80] * 4)
    torch.testing.assert_close(score["ssim"], torch.ones_like(score["ssim"]))
    assert Luma()(restored, clean)["ssim"][3] < 0 <= LumaFull()(restored, clean)["ssim"][3]


def colours(remainder: int, modulus: int) -> np.ndarray:
    """All 8-bit colours [N, 3] whose 299 R + 587 G + 114 B leaves this remainder."""
    red, green, blue = np.ogrid[:256, :256, :256]
    return np.argwhere((299 * red + 587 * green + 114 * blue) % modulus == remainder)


def test_a_limited_luma_that_is_a_half_is_rounded_up():
    # Y = 16 + 73 / 85000 (299 R + 587 G + 114 B) is 52.5, 125.5 or 198.5; white is 235.
    halves = colours(42500, 85000)
    y = np.floor(16 + 73 * (halves @ [299, 587, 114]) / 85000 + 0.5)
    assert set(y) == {53, 126, 199}
    pixels = torch.from_numpy(halves / 255).reshape(-1, 3, 1, 1)
    ours = LumaRounded()(pixels, torch.ones_like(pixels))["psnr"]
    assert ours.tolist() == pytest.approx((20 * np.log10(255 / (235 - y))).tolist(), abs=1e-9)


def test_a_full_luma_that_is_a_half_is_rounded_as_in_single_precision():
    rng = np.random.default_rng(0)
    halves = rng.permutation(colours(500, 1000))[: 24 * 31].reshape(24, 31, 3) / 255
    clean = halves[::-1]
    ours = LumaFull()(*(torch.from_numpy(x.copy()).movedim(-1, 0)[None] for x in (halves, clean)))
    psnr, ssim = full(halves, clean)
    assert ours["psnr"].item() == pytest.approx(psnr, abs=1e-6)
    assert ours["ssim"].item() == pytest.approx(ssim, abs=1e-9)


def test_resized_takes_any_side():
    restored, clean = pairs(16, 16)
    plain = Resized(side=16)(restored, clean)["psnr"]
    torch.testing.assert_close(plain, RGB8()(restored, clean)["psnr"], rtol=1e-12, atol=0)
