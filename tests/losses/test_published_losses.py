"""Every published loss value, in double precision and to the spread of single precision."""

from collections.abc import Callable

import pytest
import torch
from published import assert_close, assert_in_spread, golden
from torch import Tensor

from spiking_lowlevel.losses import Charbonnier, EdgeLoss, FourierLoss, Loss, PSNRLoss, SSIMLoss

LOSSES: dict[str, Callable[[], Loss]] = {
    "charbonnier": Charbonnier,
    "edge": EdgeLoss,
    "fft": FourierLoss,
    "psnr_loss": PSNRLoss,
    "psnr_loss_y": lambda: PSNRLoss(luma=True),
    "ssim": SSIMLoss,  # the similarity is stored, 1 minus the loss
}
ELSEWHERE = {"grad_1_minus_ssim", "ssim_per_image", "torchPSNR_per_image"}
pairs = pytest.mark.parametrize(("first", "second"), ["ab", "ac", "aa"])


def published(first: str, second: str, precision: str) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    reference = golden("losses_metrics.pt")
    dtype = {"f32": torch.float32, "f64": torch.float64}[precision]
    a, b = (reference[name].to(dtype) for name in (first, second))
    return reference[f"{first}{second}_{precision}"], a, b


@pairs
@pytest.mark.parametrize("key", LOSSES)
def test_published_value(key, first, second):
    double, a, b = published(first, second, "f64")
    loss = LOSSES[key]().double()(a, b)
    assert_close(1 - loss if key == "ssim" else loss, double[key])
    single, a, b = published(first, second, "f32")
    loss = LOSSES[key]()(a, b)
    assert_in_spread(1 - loss if key == "ssim" else loss, single[key], double[key])


@pairs
def test_published_similarity_of_every_image(first, second):
    double, a, b = published(first, second, "f64")
    for i, expected in enumerate(double["ssim_per_image"]):
        assert_close(1 - SSIMLoss().double()(a[i : i + 1], b[i : i + 1]), expected)
    single, a, b = published(first, second, "f32")
    ours = torch.stack([1 - SSIMLoss()(x[None], y[None]) for x, y in zip(a, b, strict=True)])
    assert_in_spread(ours, single["ssim_per_image"], double["ssim_per_image"])


@pairs
def test_nothing_published_is_left_out(first, second):
    for precision in ("f32", "f64"):
        assert published(first, second, precision)[0].keys() == LOSSES.keys() | ELSEWHERE
