import pytest
import torch

from spiking_lowlevel.neurons.reset import NoReset, Subtract, ToZero

H = torch.tensor([0.25, 1.0, 2.5, -0.75])
S = torch.tensor([0.0, 1.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        (ToZero(), [0.25, 0, 0, -0.75]),
        (ToZero(-0.5), [0.25, -0.5, -0.5, -0.75]),
        (Subtract(), [0.25, 0, 1.5, -0.75]),
        (NoReset(), [0.25, 1, 2.5, -0.75]),
    ],
)
def test_silent_neurons_keep_their_potential(reset, expected):
    assert reset(H, S, 1.0).tolist() == expected


def test_subtract_takes_a_threshold_of_each_neuron():
    assert Subtract()(H, S, torch.tensor([1.0, 0.5, 2.0, 1.0])).tolist() == [0.25, 0.5, 0.5, -0.75]
