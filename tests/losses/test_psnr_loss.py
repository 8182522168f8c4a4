"""PSNR loss: minus the PSNR, image by image."""

import math

import pytest
import torch
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from spiking_lowlevel.losses import PSNRLoss

GENERATOR = torch.Generator().manual_seed(0)
CLEAN = torch.rand(2, 3, 5, 7, generator=GENERATOR, dtype=torch.float64)
NOISE = torch.randn(CLEAN.shape, generator=GENERATOR, dtype=torch.float64)
RESTORED = CLEAN + torch.tensor([0.05, 0.5]).reshape(2, 1, 1, 1) * NOISE


@pytest.mark.parametrize("luma", [False, True])
def test_it_is_minus_the_mean_psnr_over_images(luma):
    expected = 0.0
    for a, b in zip(RESTORED.movedim(1, -1).numpy(), CLEAN.movedim(1, -1).numpy(), strict=True):
        if luma:
            a, b = (rgb2ycbcr(x)[..., 0] / 255 for x in (a, b))
        expected -= peak_signal_noise_ratio(b, a, data_range=1) / 2
    loss = PSNRLoss(luma=luma, epsilon=0)(RESTORED, CLEAN).item()
    assert loss == pytest.approx(expected, rel=1e-6)  # scikit-image's weights have fewer digits


def test_by_hand():
    zero = torch.zeros(2, 3, 2, 2, dtype=torch.float64)
    offset = zero + torch.tensor([0.1, 0.01], dtype=torch.float64).reshape(2, 1, 1, 1)
    # mean squared errors 1e-2 and 1e-4
    expected = 10 / math.log(10) * (math.log(1e-2 + 1e-4) + math.log(1e-4 + 1e-4)) / 2
    assert PSNRLoss(epsilon=1e-4)(offset, zero).item() == pytest.approx(expected, rel=1e-12)
    grey = 219 / 255  # what luma keeps of a difference in grey
    expected = 10 / math.log(10) * (math.log(grey**2 * 1e-2) + math.log(grey**2 * 1e-4)) / 2
    assert PSNRLoss(True, epsilon=0)(offset, zero).item() == pytest.approx(expected, rel=1e-12)


def test_equal_images_cost_minus_eighty_and_have_no_gradient():
    restored = CLEAN.clone().requires_grad_()
    loss = PSNRLoss()(restored, CLEAN)
    loss.backward()
    assert loss.item() == pytest.approx(-80)
    assert restored.grad is not None
    assert restored.grad.count_nonzero() == 0
