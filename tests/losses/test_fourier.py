"""Fourier loss: offsets and waves by hand, and the transform written out."""

import math

import numpy as np
import pytest
import torch

from spiking_lowlevel.losses import FourierLoss

CLEAN = torch.rand(2, 3, 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_an_offset_is_one_frequency_of_all_pixels():
    # |F| is H W · 0.25 at frequency zero and 0 elsewhere: the mean over H W frequencies is 0.25.
    assert FourierLoss()(CLEAN + 0.25, CLEAN).item() == pytest.approx(0.25)


def test_a_wave_is_two_frequencies():
    wave = 0.1 * torch.cos(2 * math.pi * torch.arange(6, dtype=torch.float64) / 6)
    # H W · 0.05 at each of ±1
    assert FourierLoss()(CLEAN + wave, CLEAN).item() == pytest.approx(0.1)


def test_an_impulse_is_all_frequencies_alike():
    restored = CLEAN.clone()
    restored[0, 0, 2, 3] -= 0.6
    assert FourierLoss()(restored, CLEAN).item() == pytest.approx(0.6 / 6)  # one of six channels


def test_it_is_the_transform_written_out():
    generator = torch.Generator().manual_seed(1)
    restored = torch.rand(CLEAN.shape, generator=generator, dtype=torch.float64)
    rows, columns = (np.exp(-2j * np.pi * np.outer(range(n), range(n)) / n) for n in (4, 6))
    spectra = (np.abs(rows @ d @ columns) for d in (restored - CLEAN).flatten(0, 1).numpy())
    expected = np.mean(list(spectra))
    assert FourierLoss()(restored, CLEAN).item() == pytest.approx(expected)


def test_equal_images_cost_nothing_and_have_no_gradient():
    restored = CLEAN.clone().requires_grad_()
    loss = FourierLoss()(restored, CLEAN)
    loss.backward()
    assert loss.item() == 0
    assert restored.grad is not None
    assert restored.grad.count_nonzero() == 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_is_summed_in_single(dtype):
    restored, clean = (CLEAN + 0.25).to(dtype), CLEAN.to(dtype)
    loss = FourierLoss()(restored, clean)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(0.25, rel=0.05)
