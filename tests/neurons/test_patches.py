"""Patches over time: the formulas of the docstrings as loops."""

from itertools import product

import pytest
import torch

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.patches import PatchMix, space_to_time, time_to_space

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
@pytest.mark.parametrize("batch", [1, 2])
def test_mixing_the_steps_of_a_patch(r, batch):
    torch.manual_seed(0)
    mix = PatchMix(C, 5, r).double()
    z = torch.randn(r * r * T, batch, C, 2, 6, dtype=torch.float64)
    y = mix(z)
    assert y.shape == (T, batch, 5, 2, 6)
    weight = mix.weight.unflatten(1, (C, r * r))[..., 0, 0]
    for t in range(T):
        parts = (weight[:, :, p] @ z[r * r * t + p].flatten(2) for p in range(r * r))
        torch.testing.assert_close(y[t].flatten(2), sum(parts), rtol=0, atol=1e-12)


@pytest.mark.parametrize("r", [2, 3])
def test_what_is_moved_lies_channels_last(r):
    x = numbered(T, B, C, 2 * r, 5 * r)
    z = space_to_time(x, r)
    for moved in (z, time_to_space(z, r), PatchMix(C, 5, r).double()(z)):
        frames = moved.flatten(0, 1)
        assert frames.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("height", "width"), [(5, 4), (4, 5), (1, 1)])
def test_patches_that_do_not_tile_are_refused(height, width):
    with pytest.raises(UserError, match=f"2x2.*{height}x{width}.*multiples of 2"):
        space_to_time(torch.zeros(1, 1, 1, height, width), 2)
