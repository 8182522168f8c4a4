"""Patches over time: the formulas of the docstrings as loops."""

from itertools import product

import pytest
import torch

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.patches import space_to_time, time_to_channels, time_to_space

T, B, C = 3, 2, 4
every_factor = pytest.mark.parametrize("r", [1, 2, 3])


def numbered(*shape: int) -> torch.Tensor:
    """Every element is another number."""
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float64).reshape(shape)


@every_factor
def test_space_to_time(r):
    h, w = 2, 5
    x = numbered(T, B, C, r * h, r * w)
    z = space_to_time(x, r)
    assert z.shape == (r * r * T, B, C, h, w)
    for t, i, j, y, u in product(range(T), range(r), range(r), range(h), range(w)):
        step = r * r * t + r * i + j
        assert torch.equal(z[step, :, :, y, u], x[t, :, :, r * y + i, r * u + j])


@every_factor
def test_time_to_space_is_the_inverse(r):
    x = numbered(T, B, C, 2 * r, 5 * r)
    assert torch.equal(time_to_space(space_to_time(x, r), r), x)
    z = numbered(r * r * T, B, C, 2, 5)
    assert torch.equal(space_to_time(time_to_space(z, r), r), z)


@every_factor
def test_time_to_channels(r):
    z = numbered(r * r * T, B, C, 2, 5)
    u = time_to_channels(z, r)
    assert u.shape == (T, B, r * r * C, 2, 5)
    for t, c, p in product(range(T), range(C), range(r * r)):
        assert torch.equal(u[t, :, r * r * c + p], z[r * r * t + p, :, c])


@pytest.mark.parametrize(("height", "width"), [(5, 4), (4, 5), (1, 1)])
def test_patches_that_do_not_tile_are_refused(height, width):
    with pytest.raises(UserError, match=f"2x2.*{height}x{width}.*multiples of 2"):
        space_to_time(torch.zeros(1, 1, 1, height, width), 2)
