"""What a published number means: scikit-image on RGB, and on luma with a Gaussian window."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from published import assert_close, golden
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from spiking_lowlevel.metrics import RGB, Luma, Protocol
from spiking_lowlevel.metrics.psnr import luma
from spiking_lowlevel.metrics.ssim import gaussian_window, ssim_map

SCALES = torch.tensor([0.02, 0.1, 0.4]).reshape(3, 1, 1, 1)  # images of very different quality
both = pytest.mark.parametrize("protocol", [RGB(), Luma()], ids=str)


def pairs(height: int = 24, width: int = 19) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    clean = torch.rand(3, 3, height, width, generator=generator, dtype=torch.float64)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    return (clean + SCALES * noise).clamp(0, 1), clean


def rgb_by_skimage(restored: np.ndarray, clean: np.ndarray, side: int = 7) -> tuple[float, float]:
    ssim = structural_similarity(clean, restored, data_range=1, channel_axis=-1, win_size=side)
    return peak_signal_noise_ratio(clean, restored, data_range=1), ssim


def luma_by_skimage(restored: np.ndarray, clean: np.ndarray) -> tuple[float, float]:
    a, b = (rgb2ycbcr(x)[..., 0] for x in (restored, clean))
    ssim = structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )  # its mean leaves out the 5 pixels at the border
    return peak_signal_noise_ratio(b, a, data_range=255), ssim


@pytest.mark.parametrize(
    ("protocol", "by_skimage"), [(RGB(), rgb_by_skimage), (Luma(), luma_by_skimage)], ids=str
)
def test_scikit_image_agrees_image_by_image(
    protocol: Protocol, by_skimage: Callable[..., tuple[float, float]]
):
    restored, clean = pairs()
    ours = protocol(restored, clean)
    for i, (a, b) in enumerate(zip(restored, clean, strict=True)):
        expected = by_skimage(a.movedim(0, -1).numpy(), b.movedim(0, -1).numpy())
        assert (ours["psnr"][i].item(), ours["ssim"][i].item()) == pytest.approx(expected, rel=1e-9)


@both
def test_an_image_has_the_same_value_alone_and_in_a_batch(protocol: Protocol):
    restored, clean = pairs()
    together = protocol(restored, clean)
    assert set(together) == {"psnr", "ssim"}
    for key, values in together.items():
        assert values.shape == (3,)
        assert values[0] > values[1] > values[2]
        for i in range(3):
            alone = protocol(restored[i : i + 1], clean[i : i + 1])[key]
            torch.testing.assert_close(alone, values[i : i + 1], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("size", "side"), [((7, 7), 7), ((6, 30), 5), ((30, 5), 5), ((4, 9), 3), ((3, 3), 3)]
)
def test_on_rgb_a_small_image_gets_the_largest_odd_window_that_fits(size, side):
    restored, clean = pairs(*size)
    ours = RGB()(restored, clean)["ssim"]
    for i, (a, b) in enumerate(zip(restored, clean, strict=True)):
        _, expected = rgb_by_skimage(a.movedim(0, -1).numpy(), b.movedim(0, -1).numpy(), side)
        assert ours[i].item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("size", "side"), [((11, 11), 11), ((10, 30), 9), ((30, 9), 9), ((2, 3), 1), ((1, 1), 1)]
)
def test_on_luma_a_small_image_gets_the_largest_odd_window_that_fits(size, side):
    restored, clean = pairs(*size)
    similarity = ssim_map(luma(restored), luma(clean), gaussian_window(side))
    expected = similarity.mean((1, 2, 3))
    assert similarity.shape[2:] == tuple(s - side + 1 for s in size)
    torch.testing.assert_close(Luma()(restored, clean)["ssim"], expected, rtol=1e-12, atol=0)


@both
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (8, 8)])
def test_equal_images_have_the_best_score_at_any_size(protocol: Protocol, size):
    _, clean = pairs(*size)
    score = protocol(clean, clean)
    assert score["psnr"].tolist() == [float("inf")] * 3
    torch.testing.assert_close(score["ssim"], torch.ones(3, dtype=torch.float64))
    assert protocol(1 - clean, clean)["ssim"].isfinite().all()


@both
def test_single_precision_is_near_double_precision(protocol: Protocol):
    restored, clean = pairs()
    single, double = protocol(restored.float(), clean.float()), protocol(restored, clean)
    for key in double:
        assert single[key].dtype == torch.float32
        torch.testing.assert_close(single[key].double(), double[key], rtol=0, atol=2e-5)


@both
def test_mixed_precision_changes_no_score(protocol: Protocol):
    restored, clean = (x.float() for x in pairs())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = protocol(restored, clean)
    for key, value in protocol(restored, clean).items():
        torch.testing.assert_close(mixed[key], value)


def test_a_protocol_is_a_value():
    assert RGB() == RGB() != Luma()
    assert pickle.loads(pickle.dumps(Luma())) == Luma()
    assert hash(RGB()) == hash(RGB())


def published_pair() -> tuple[dict[str, Tensor], Tensor, Tensor]:
    reference = golden("losses_metrics.pt")
    return reference, reference["u8_a"][None], reference["u8_b"][None]


def test_published_rgb():
    # The reference computes in single precision (the PSNR's mean and the error's scale in double).
    reference, a, b = published_pair()
    for dtype in (torch.float64, torch.float32):
        ours = RGB()(a.to(dtype) / 255, b.to(dtype) / 255)
        expected = reference["skimage_psnr_rgb_float_datarange1"].item()
        assert ours["psnr"].item() == pytest.approx(expected, abs=1e-5)
        expected = reference["skimage_ssim_rgb_float_win7_datarange1"].item()
        assert ours["ssim"].item() == pytest.approx(expected, abs=5e-7)


def test_published_luma():
    reference, a, b = published_pair()
    ours = Luma()(a.double() / 255, b.double() / 255)
    assert_close(ours["psnr"][0], reference["eval_psnr_Y_crop0"])
    assert_close(ours["ssim"][0], reference["eval_ssim_Y_crop0"])
    inside = Luma()(*(x.double()[..., 4:-4, 4:-4] / 255 for x in (a, b)))
    assert_close(inside["psnr"][0], reference["eval_psnr_Y_crop4"])
    assert_close(inside["ssim"][0], reference["eval_ssim_Y_crop4"])
