"""1 - SSIM: against scikit-image on images with a border of zeros, and the published loss."""

import numpy as np
import pytest
import torch
from published import assert_close, assert_in_spread, golden
from skimage.metrics import structural_similarity

from spiking_lowlevel.losses import SSIMLoss


def images(batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    clean = torch.rand(batch, 3, 17, 23, generator=generator, dtype=torch.float64)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    return clean + 0.2 * noise, clean  # not clamped


def test_it_is_one_minus_the_gaussian_ssim_of_images_with_zeros_around_them():
    restored, clean = images()
    maps = []
    for a, b in zip(restored.flatten(0, 1).numpy(), clean.flatten(0, 1).numpy(), strict=True):
        _, similarity = structural_similarity(
            *(np.pad(x, 5) for x in (a, b)),
            data_range=1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        maps.append(similarity[5:-5, 5:-5])
    expected = 1 - np.mean(maps)
    loss = SSIMLoss().double()(restored, clean).item()
    assert loss == pytest.approx(expected, abs=1e-7)  # the window is rounded to float32
    assert 0.01 < loss < 0.9


def test_equal_images_cost_nothing_and_have_no_gradient():
    _, clean = images()
    restored = clean.clone().requires_grad_()
    loss = SSIMLoss().double()(restored, clean)
    loss.backward()
    assert abs(loss.item()) < 1e-12
    assert restored.grad is not None
    assert restored.grad.abs().max() < 1e-12


def test_it_is_the_mean_over_images():
    restored, clean = images()
    loss = SSIMLoss().double()
    alone = [loss(restored[i : i + 1], clean[i : i + 1]) for i in range(2)]
    torch.testing.assert_close(loss(restored, clean), sum(alone) / 2)
    assert alone[0] != alone[1]


def test_images_smaller_than_the_window():
    restored, clean = images()
    loss = SSIMLoss().double()(restored[..., :3, :2], clean[..., :3, :2])
    assert 0 < loss.item() < 2


def test_mixed_precision_changes_neither_loss_nor_gradient():
    clean = images()[1].float()
    restored = (clean + 0.01).requires_grad_()
    plain = SSIMLoss()(restored, clean)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = SSIMLoss()(restored, clean)
    torch.testing.assert_close(mixed, plain)
    gradients = [torch.autograd.grad(loss, restored)[0] for loss in (mixed, plain)]
    torch.testing.assert_close(*gradients)


def test_the_window_is_no_part_of_a_checkpoint_but_follows_the_module():
    loss = SSIMLoss()
    assert list(loss.state_dict()) == []
    assert loss.window.dtype == torch.float32
    assert loss.to("meta").window.is_meta


@pytest.mark.parametrize(("first", "second"), ["ab", "ac", "aa"])
def test_published_loss(first, second):
    reference = golden("losses_metrics.pt")
    double, single = (reference[f"{first}{second}_{suffix}"] for suffix in ("f64", "f32"))

    restored = reference[first].double().requires_grad_()
    loss = SSIMLoss().double()(restored, reference[second].double())
    assert_close(1 - loss, double["ssim"])
    pixels = restored.numel()  # the gradient of the sum, so that it is of the order of 1
    (grad,) = torch.autograd.grad(pixels * loss, restored)
    assert_close(grad, pixels * double["grad_1_minus_ssim"])

    restored = reference[first].clone().requires_grad_()
    loss = SSIMLoss()(restored, reference[second])
    # The published code also computes the window in single precision, 8e-9 away.
    assert loss.item() == pytest.approx(1 - double["ssim"].item(), abs=1e-6)
    (grad,) = torch.autograd.grad(pixels * loss, restored)
    key = "grad_1_minus_ssim"
    if first != second:  # equal images have a gradient of nothing but rounding
        assert_in_spread(grad, pixels * single[key], pixels * double[key])
    else:
        assert grad.abs().max() < 1e-3
