"""The contract checks of networks: they find what is broken, name it, and pass what is sound."""

from functools import partial

import pytest
from contracts import faults
from torch import Tensor, nn

from spiking_lowlevel import testing
from spiking_lowlevel.networks import Network, VLIFNet


class Sound(Network):
    """One convolution on top of the image."""

    multiple = 4

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, degraded: Tensor) -> Tensor:
        self.check_size(degraded)
        return degraded + self.conv(degraded)


class Remembers(Sound):
    before: Tensor | float = 0.0

    def forward(self, degraded: Tensor) -> Tensor:
        out = super().forward(degraded) + self.before
        self.before = out.detach().mean()
        return out


class RefusesNothing(Sound):
    def check_size(self, degraded: Tensor) -> None:
        pass


class HasAnUnusedParameter(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(3, 3)


class NormalisesOverTheBatch(Sound):
    def forward(self, degraded: Tensor) -> Tensor:
        return super().forward(degraded - degraded.mean(0))


class Shrinks(Sound):
    def forward(self, degraded: Tensor) -> Tensor:
        return super().forward(degraded)[..., 1:]


class HasANaNGradient(Sound):
    def forward(self, degraded: Tensor) -> Tensor:
        return super().forward(degraded) + (0 * self.conv.weight.sum()).sqrt()


class AnswersInSingle(Sound):
    def forward(self, degraded: Tensor) -> Tensor:
        return super().forward(degraded).float()


@pytest.mark.parametrize(
    ("network", "points", "says"),
    [
        (
            Remembers,
            {"stateless", "order", "copies", "batch"},
            "the same images twice gave two answers",
        ),
        (RefusesNothing, {"sizes"}, "9x9 images are no multiple of 4, yet no error"),
        (HasAnUnusedParameter, {"gradient"}, r"no gradient reaches unused\.weight, unused\.bias"),
        (NormalisesOverTheBatch, {"batch"}, "a batch mate changed"),
        (Shrinks, {"shape"}, r"images \[2, 3, 8, 8\] gave \[2, 3, 8, 7\]"),
        (HasANaNGradient, {"gradient"}, r"not finite at conv\.weight"),
        (AnswersInSingle, {"dtype"}, "torch.float64 gave an output in torch.float32"),
    ],
)
def test_a_planted_fault_of_a_network_is_found_and_named(network, points, says):
    assert set(faults("network", network)) == points
    with pytest.raises(testing.ContractError, match=says) as raised:
        testing.check_network(network)
    assert all(f"{point}: " in str(raised.value) for point in points)


class StartsAfreshForANewShape(Sound):
    before: Tensor | None = None

    def forward(self, degraded: Tensor) -> Tensor:
        fits = self.before is not None and self.before.shape == degraded.shape
        out = super().forward(degraded) + (self.before if fits else 0)
        self.before = out.detach()
        return out


def test_a_state_of_a_network_that_a_new_size_resets_is_found():
    assert "stateless" in faults("network", StartsAfreshForANewShape)


def test_sound_networks_pass():
    testing.check_network(Sound)
    testing.check_network(
        partial(VLIFNet, width=8, encoder_depth=(1, 1), decoder_depth=(1, 0), time_steps=2)
    )
