import torch

from spiking_lowlevel.neurons import Rectifier


def test_it_is_the_positive_part_of_every_element():
    x = torch.tensor([-2.0, -0.0, 0.0, 0.15, 3.0]).reshape(5, 1, 1, 1, 1).requires_grad_()
    y = Rectifier(1)(x)
    assert y.flatten().tolist() == [0, 0, 0, torch.tensor(0.15).item(), 3]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.flatten().tolist() == [0, 0, 0, 1, 1]


def test_it_emits_no_spikes_and_has_no_weights():
    assert Rectifier(3).levels is None
    assert list(Rectifier(3).state_dict()) == []
