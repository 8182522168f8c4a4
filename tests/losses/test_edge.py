"""Edge loss: an impulse and the definition worked by hand."""

import numpy as np
import pytest
import torch

from spiking_lowlevel.losses import EdgeLoss
from spiking_lowlevel.losses.edge import laplacian

LINE = np.array([0.05, 0.25, 0.4, 0.25, 0.05])


def by_definition(image: np.ndarray) -> np.ndarray:
    """The Laplacian of one channel [H, W], pixel by pixel."""

    def blurred(x: np.ndarray) -> np.ndarray:
        out = np.zeros_like(x)
        wide = np.pad(x, 2, mode="edge")
        for i, j in np.ndindex(*x.shape):
            out[i, j] = LINE @ wide[i : i + 5, j : j + 5] @ LINE
        return out

    low, coarse = blurred(image), np.zeros_like(image)
    for i, j in np.ndindex(*image.shape):
        if i % 2 == 0 and j % 2 == 0:
            coarse[i, j] = 4 * low[i, j]
    return image - blurred(coarse)


@pytest.mark.parametrize("size", [(9, 8), (5, 7), (1, 1), (2, 3)])
def test_the_laplacian_is_the_definition_in_every_channel(size):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(2, 3, *size))
    ours = laplacian(torch.from_numpy(images))
    for n, c in np.ndindex(2, 3):
        np.testing.assert_allclose(ours[n, c].numpy(), by_definition(images[n, c]), atol=1e-12)


def test_an_impulse_by_hand():
    impulse = torch.zeros(1, 1, 13, 13, dtype=torch.float64)
    impulse[..., 6, 6] = 1
    out = laplacian(impulse)[0, 0]
    # Along an axis the blur keeps 0.05, 0.4, 0.05 at 4, 6, 8; blurred again and doubled: at 6
    # 2 (0.4² + 2 · 0.05²) = 0.33, at 7 2 (0.25 · 0.4 + 0.25 · 0.05) = 0.225, at 10 2 · 0.05².
    assert out[6, 6].item() == pytest.approx(1 - 0.33**2)
    assert out[6, 7].item() == pytest.approx(-0.33 * 0.225)
    assert out[7, 7].item() == pytest.approx(-(0.225**2))
    assert out[10, 6].item() == pytest.approx(-0.005 * 0.33)
    assert out[11, 6].item() == out[0, 0].item() == 0


def test_away_from_the_border_a_flat_difference_has_no_edge():
    # Half of the columns carry 2 · (0.05 + 0.4 + 0.05), the others 2 · (0.25 + 0.25): 1 for both.
    flat = laplacian(torch.full((1, 3, 12, 12), 0.7, dtype=torch.float64))
    assert flat[..., 3:-3, 3:-3].abs().max() < 1e-12
    assert flat.abs().max() > 0.01


def test_equal_images_cost_epsilon_and_a_single_difference_more():
    x = torch.rand(2, 3, 8, 8, dtype=torch.float64).requires_grad_()
    loss = EdgeLoss(0.25)(x, x.detach().clone())
    assert loss.item() == pytest.approx(0.25)
    loss.backward()
    assert x.grad is not None
    assert x.grad.count_nonzero() == 0
    other = x.detach().clone()
    other[0, 0, 3, 3] += 0.1
    assert EdgeLoss(0.25)(x, other).item() > 0.25


def test_it_is_the_charbonnier_loss_of_both_laplacians():
    a, b = torch.rand(2, 2, 3, 9, 8, dtype=torch.float64)
    expected = ((laplacian(a) - laplacian(b)).square() + 0.01**2).sqrt().mean()
    torch.testing.assert_close(EdgeLoss(0.01)(a, b), expected)


def test_mixed_precision_does_not_change_it():
    a, b = torch.rand(2, 1, 3, 9, 8)
    plain = EdgeLoss()(a, b)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(EdgeLoss()(a, b), plain)
