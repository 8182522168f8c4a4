"""Firing forwards; backwards the derivatives of their smooth primitives."""

import pytest
import torch

from spiking_lowlevel.neurons.surrogate import ATan, FastSigmoid, Rectangle, Sigmoid

# The function whose derivative stands in for that of the step, and the mass under the derivative.
PRIMITIVES = {
    Sigmoid(4.0): (lambda u: torch.sigmoid(4 * u), 1),
    Sigmoid(0.5): (lambda u: torch.sigmoid(u / 2), 1),
    ATan(2.0): (lambda u: torch.atan(torch.pi * u) / torch.pi, 1),
    ATan(0.5): (lambda u: torch.atan(torch.pi * u / 4) / torch.pi, 1),
    FastSigmoid(25.0): (lambda u: u / (1 + 25 * u.abs()), 2 / 25),
    FastSigmoid(2.0): (lambda u: u / (1 + 2 * u.abs()), 1),
    Rectangle(1.0): (lambda u: u.clamp(-0.5, 0.5), 1),
    Rectangle(0.5): (lambda u: 2 * u.clamp(-0.25, 0.25), 1),
}
every_surrogate = pytest.mark.parametrize("surrogate", PRIMITIVES, ids=str)


@every_surrogate
def test_it_is_the_derivative_of_its_primitive(surrogate):
    # An even number of points, so that none is zero or on the edge of a rectangle.
    u = torch.linspace(-2.9, 2.9, 400, dtype=torch.float64).requires_grad_()
    (expected,) = torch.autograd.grad(PRIMITIVES[surrogate][0](u).sum(), u)
    torch.testing.assert_close(surrogate.derivative(u.detach()), expected, rtol=1e-9, atol=1e-12)


@every_surrogate
def test_the_mass_under_it(surrogate):
    u = torch.sinh(torch.linspace(-15, 15, 100_001, dtype=torch.float64)) / 100
    mass = torch.trapezoid(surrogate.derivative(u), u).item()
    assert mass == pytest.approx(PRIMITIVES[surrogate][1], rel=1e-3)


@every_surrogate
def test_it_is_symmetric_and_largest_at_the_threshold(surrogate):
    u = torch.linspace(0, 3, 61, dtype=torch.float64)
    slope = surrogate.derivative(u)
    torch.testing.assert_close(surrogate.derivative(-u), slope, rtol=1e-9, atol=0)
    assert (slope.diff() <= 0).all()
    assert slope[0] > slope[-1] >= 0


@every_surrogate
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_it_is_finite_far_from_the_threshold_and_keeps_the_dtype(surrogate, dtype):
    u = torch.tensor([-1e4, -100.0, 0.0, 100.0, 1e4], dtype=dtype)
    slope = surrogate.derivative(u)
    assert slope.isfinite().all()
    assert (slope.dtype, slope.shape) == (dtype, u.shape)


@every_surrogate
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_it_fires_where_the_potential_is_not_below_the_threshold(surrogate, dtype):
    u = torch.tensor([-1e4, -1e-30, -0.0, 0.0, 1e-30, 1e4], dtype=dtype)
    spikes = surrogate(u)
    assert spikes.tolist() == [0, 0, 1, 1, 1, 1]
    assert spikes.dtype == dtype


@every_surrogate
def test_backwards_the_gradient_is_scaled_by_the_derivative(surrogate):
    u = torch.linspace(-1, 1, 10, dtype=torch.float64).requires_grad_()
    given = torch.linspace(1, 3, 10, dtype=torch.float64)
    (grad,) = torch.autograd.grad((surrogate(u) * given).sum(), u)
    assert torch.equal(grad, given * surrogate.derivative(u.detach()))


def test_defaults():
    assert Sigmoid() == Sigmoid(4.0)
    assert ATan() == ATan(2.0)
    assert FastSigmoid() == FastSigmoid(25.0)
    assert Rectangle() == Rectangle(1.0)
