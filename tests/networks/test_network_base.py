"""What every network has: padding, clamping, and refusals that say what is allowed."""

import pytest
import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import Network


class Inverse(Network):
    """Overshoots the range on both sides; keeps what it saw for the test to look at."""

    multiple = 4

    def forward(self, degraded: Tensor) -> Tensor:
        self.check_size(degraded)
        self.saw = degraded
        return 2 - 3 * degraded


def images(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (4, 8), (5, 4), (13, 15)])
def test_restore_repeats_the_last_row_and_column_and_crops_back(size):
    x, network = images(2, 3, *size), Inverse()
    restored = network.restore(x)
    H, W = (-(-side // 4) * 4 for side in size)
    rows, columns = (torch.arange(n).clamp(max=s - 1) for n, s in zip((H, W), size, strict=True))
    assert torch.equal(network.saw, x[:, :, rows][..., columns])
    assert torch.equal(restored, (2 - 3 * x).clamp(0, 1))


def test_forward_is_not_clamped_but_restore_is_and_tracks_no_gradient():
    x, network = images(1, 3, 4, 4).requires_grad_(), Inverse()
    out = network(x)
    assert out.min() < 0
    assert out.max() > 1
    assert out.requires_grad
    restored = network.restore(x)
    assert (restored.min(), restored.max()) == (0, 1)
    assert not restored.requires_grad


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((1, 3, 6, 8), r"Inverse takes .*divisible by 4; given 6x8.*restore\(\).*4x8"),
        ((1, 3, 8, 9), r"divisible by 4; given 8x9.*8x8"),
        ((1, 4, 8, 8), r"\[B, 3, H, W\]; given \[1, 4, 8, 8\]"),
        ((1, 1, 8, 8), r"\[B, 3, H, W\]; given \[1, 1, 8, 8\]"),
        ((3, 8, 8), r"\[B, 3, H, W\]; given \[3, 8, 8\]"),
        ((8, 3, 8), r"\[B, 3, H, W\]; given \[8, 3, 8\]"),
        ((2, 3, 3, 8, 8), r"\[B, 3, H, W\]; given \[2, 3, 3, 8, 8\]"),
    ],
)
def test_images_that_do_not_fit_are_refused(shape, says):
    with pytest.raises(UserError, match=says):
        Inverse()(images(*shape))


def test_nobody_is_advised_to_crop_everything_away():
    with pytest.raises(UserError, match=r"given 3x8") as raised:
        Inverse()(images(1, 3, 3, 8))
    assert "0x8" not in str(raised.value)


def test_a_network_without_a_multiple_takes_every_size_as_it_is():
    class Unpadded(Inverse):
        multiple = 1

    x, network = images(1, 3, 5, 7), Unpadded()
    network.restore(x)
    assert torch.equal(network.saw, x)
