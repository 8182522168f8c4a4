"""Memory of a forward pass, against tensors counted by hand."""

import pytest
import torch
from torch import Tensor, nn

from spiking_lowlevel.networks import Network, VLIFNet
from spiking_lowlevel.networks.footprint import bytes_per_pixel


class Chain(Network):
    """Three tensors one after the other, of which two live at a time."""

    def forward(self, degraded: Tensor) -> Tensor:
        x = degraded.repeat(1, 4, 1, 1)  # 12 channels
        x = x.relu()  # 12 more while it is made
        x = x[:, :3]  # a view
        return x + 1  # 3 more, beside the 12 that the view holds


class Keeper(Network):
    """Holds on to all it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 1)

    def forward(self, degraded: Tensor) -> Tensor:
        held = [self.conv(degraded) for _ in range(4)]
        return degraded + sum(held).mean(1, keepdim=True)


def test_what_lives_at_the_same_time_is_what_counts():
    assert bytes_per_pixel(Chain()) == 24 * 4


def test_it_counts_in_the_precision_of_the_weights():
    single, double = Keeper(), Keeper().double()
    assert bytes_per_pixel(double) == 2 * bytes_per_pixel(single) > 20 * 4


def test_looking_leaves_nothing_and_finds_the_same_again():
    network = VLIFNet(width=4, encoder_depth=(1, 0), decoder_depth=(0, 0)).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first = bytes_per_pixel(network)
    assert first == bytes_per_pixel(network)
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())
    assert 4 * 4 * 4 * 4 < first < 40 * 4 * 4 * 4  # some tensors of T · C channels


@pytest.mark.parametrize("factor", [2, 3])
def test_it_grows_with_the_width(factor):
    def of(width: int) -> float:
        return bytes_per_pixel(
            VLIFNet(width=width, encoder_depth=(1, 0), decoder_depth=(0, 0)).eval()
        )

    assert 0.75 * factor < of(8 * factor) / of(8) < 1.25 * factor
