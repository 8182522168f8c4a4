"""Visual LIF: explicit loops, the published order of operations, and the published block."""

from functools import partial
from itertools import product

import pytest
import torch
from published import check_block, golden
from torch.nn import functional as F

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier
from spiking_lowlevel.neurons.patches import space_to_time
from spiking_lowlevel.neurons.vlif import Project, Shuffle

T, B, C = 2, 2, 3


def current(r: int, scale: float = 2.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return scale * torch.randn(T, B, C, 2 * r, 3 * r, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_shuffle_is_one_membrane_that_walks_through_each_patch(r):
    x = current(r)
    expected = torch.zeros_like(x)
    for b, c, y, u in product(range(B), range(C), range(2), range(3)):
        m = s = 0.0
        for t, i, j in product(range(T), range(r), range(r)):  # rows of a patch, frame by frame
            place = (t, b, c, r * y + i, r * u + j)
            m = 0.25 * (m - s) + x[place].item()
            s = round(min(max(m, 0), 4)) / 4  # Python rounds half to even, too
            expected[place] = s
    assert torch.equal(VLIF(C, factor=r, restore=Shuffle)(x), expected)
    assert expected.unique().numel() > 3


def test_shuffle_has_no_parameters_and_its_output_is_spikes():
    neuron = VLIF(C, restore=Shuffle)
    assert list(neuron.state_dict()) == []
    assert neuron.levels == 4
    assert VLIF(C, inner=LIF, restore=Shuffle).levels == 1
    assert VLIF(C, inner=Rectifier, restore=Shuffle).levels is None
    assert set(neuron(current(2)).unique().tolist()) <= {0, 0.25, 0.5, 0.75, 1}


def test_a_patch_of_one_pixel_is_the_inner_neuron_itself():
    x = current(1)
    assert torch.equal(VLIF(C, factor=1, restore=Shuffle)(x), NILIF(C)(x))


@pytest.mark.parametrize("inner", [LIF, partial(NILIF, levels=2)])
def test_any_neuron_runs_inside(inner):
    x = current(2)
    out = VLIF(C, inner=inner, restore=Shuffle)(x)
    assert torch.equal(space_to_time(out, 2), inner(C)(space_to_time(x, 2)))


@pytest.mark.parametrize("r", [1, 2, 3])
def test_project_is_the_published_order_upsampling_first(r):
    neuron = VLIF(C, factor=r).double()
    assert isinstance(neuron.restore, Project)
    x = current(r)
    spikes = NILIF(C)(space_to_time(x, r)).unflatten(0, (T, r * r))
    steps = spikes.movedim(1, 3).flatten(2, 3).flatten(0, 1)  # channel r²·c + p
    large = F.interpolate(steps, scale_factor=r, mode="bilinear", align_corners=False)
    expected = F.conv2d(large, neuron.restore.mix.weight).unflatten(0, (T, B))
    assert expected.shape == x.shape
    torch.testing.assert_close(neuron(x), expected, rtol=0, atol=1e-12)


def test_project_has_one_square_of_weights_a_step_and_a_real_output():
    for r in (1, 2, 3):
        (weight,) = VLIF(C, factor=r).parameters()
        assert weight.numel() == r * r * C * C
    assert VLIF(C).levels is None


def test_images_that_patches_do_not_tile_are_refused():
    with pytest.raises(UserError, match="5x6"):
        VLIF(C)(torch.zeros(T, B, C, 5, 6))


def test_published_block():
    reference = golden("pixelshuffle_lif.pt")
    neuron = VLIF(reference["input"].shape[2])
    check_block(neuron, reference, ("x.lif_2.", "x.second.neuron."))
