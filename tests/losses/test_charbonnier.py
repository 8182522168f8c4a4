import pytest
import torch

from spiking_lowlevel.losses import Charbonnier


def test_by_hand():
    clean = torch.zeros(1, 3, 1, 2, dtype=torch.float64)
    restored = clean.clone()
    restored[0, :, 0, 0] = torch.tensor([0.75e-3, -4 / 3 * 1e-3, 0.0])
    # sqrt(0.75² + 1) = 1.25, sqrt((4/3)² + 1) = 5/3, and four times 1, in thousandths
    expected = 1e-3 * (1.25 + 5 / 3 + 4) / 6
    assert Charbonnier()(restored, clean).item() == pytest.approx(expected, rel=1e-6)


def test_equal_images_cost_epsilon_and_have_no_gradient():
    x = torch.rand(2, 3, 4, 4, dtype=torch.float64).requires_grad_()
    loss = Charbonnier(0.25)(x, x.detach().clone())
    assert loss.item() == 0.25
    loss.backward()
    assert x.grad is not None
    assert x.grad.count_nonzero() == 0


def test_far_from_zero_it_is_the_absolute_error_of_all_pixels_of_all_images():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 3, 3, 5, 7, generator=generator, dtype=torch.float64)
    loss = Charbonnier(1e-9)(a, b).item()
    assert loss == pytest.approx((a - b).abs().mean().item(), rel=1e-9)
    assert Charbonnier(1e-9)(b, a).item() == pytest.approx(loss, rel=1e-12)
