import pytest
import torch

from spiking_lowlevel.encoders import Direct


@pytest.mark.parametrize("steps", [1, 4])
def test_every_step_is_the_image(steps):
    image = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    current = Direct(steps)(image)
    assert current.shape == (steps, 2, 3, 4, 5)
    assert all(torch.equal(x, image) for x in current)
    assert current.data_ptr() == image.data_ptr()  # no copy
    assert list(Direct(steps).state_dict()) == []


def test_the_gradient_of_all_steps_comes_back_to_the_image():
    image = torch.zeros(1, 3, 2, 2, requires_grad=True)
    weights = torch.arange(1.0, 5).reshape(4, 1, 1, 1, 1)
    (Direct(4)(image) * weights).sum().backward()
    assert image.grad is not None
    assert (image.grad == 10).all()
