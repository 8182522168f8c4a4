import pytest
import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses import Charbonnier, Loss, SSIMLoss, WeightedSum


class Mean(Loss):
    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        return restored.mean()


class Square(Loss):
    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        return (restored - clean).square().sum()


X = torch.full((1, 3, 2, 2), 3.0)
CLEAN = torch.ones(1, 3, 2, 2)  # Mean: 3, Square: 12 · 4


@pytest.mark.parametrize(
    ("weights", "expected"), [(None, 51), ([1.0, 1.0], 51), ([2.0, -0.5], -18), ([0.0, 1.0], 48)]
)
def test_every_loss_has_its_own_weight(weights, expected):
    loss = WeightedSum([Mean(), Square()], weights)(X, CLEAN)
    assert loss.shape == ()
    assert loss.item() == expected


def test_the_gradient_is_the_weighted_sum_of_gradients():
    x = X.clone().requires_grad_()
    WeightedSum([Mean(), Square()], [12.0, 0.5])(x, CLEAN).backward()
    assert x.grad is not None
    assert (x.grad == 1 + 0.5 * 2 * 2).all()


@pytest.mark.parametrize("weights", [[], [1.0, 2.0]])
def test_as_many_weights_as_losses_are_needed(weights):
    with pytest.raises(UserError, match=f"{len(weights)} weights for 1 loss"):
        WeightedSum([Mean()], weights)


@pytest.mark.parametrize("weights", [None, []])
def test_at_least_one_loss_is_needed(weights):
    with pytest.raises(UserError, match="loss"):
        WeightedSum([], weights)


def test_its_losses_follow_it_to_another_dtype():
    both = WeightedSum([SSIMLoss(), Charbonnier()]).double()
    ssim = both.losses[0]
    assert isinstance(ssim, SSIMLoss)
    assert ssim.window.dtype == torch.float64
