"""Firing with a surrogate gradient: the step function forwards, a smooth derivative backwards.

    s = 1 if u ≥ 0 else 0,    ds/du := derivative(u),    u = membrane potential − threshold

Neftci, Mostafa, Zenke, "Surrogate gradient learning in spiking neural networks" (2019), section IV.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


class Surrogate(ABC):
    """Fires where its input is not negative; stands in for the derivative of that step."""

    @abstractmethod
    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du, of the same shape as u."""

    def __call__(self, u: Tensor) -> Tensor:
        """Spikes in {0, 1}, of the shape and dtype of u."""
        return _Step.apply(u, self)


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, surrogate: Surrogate) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(u)
        ctx.surrogate = surrogate
        return (u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        (u,) = ctx.saved_tensors
        return grads[0] * ctx.surrogate.derivative(u), None


@dataclass(frozen=True)
class Sigmoid(Surrogate):
    """Derivative of a logistic function: α σ(αu) (1 − σ(αu)).

    Args:
        alpha: steepness α > 0, per unit of membrane potential.
    """

    alpha: float = 4.0

    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du; finite everywhere, also far from the threshold."""
        sigma = (self.alpha * u).sigmoid_()
        return torch.addcmul(sigma, sigma, sigma, value=-1).mul_(self.alpha)


@dataclass(frozen=True)
class ATan(Surrogate):
    """Derivative of an arc tangent: (α/2) / (1 + (π α u / 2)²).

    Fang et al., "Incorporating learnable membrane time constant" (2021), section 4.

    Args:
        alpha: steepness α > 0, per unit of membrane potential.
    """

    alpha: float = 2.0

    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du."""
        return self.alpha / 2 / (1 + (torch.pi / 2 * self.alpha * u).square())


@dataclass(frozen=True)
class FastSigmoid(Surrogate):
    """Derivative of a fast sigmoid: 1 / (1 + α|u|)².

    Zenke, Ganguli, "SuperSpike" (2018), section 2.2.

    Args:
        alpha: steepness α > 0, per unit of membrane potential.
    """

    alpha: float = 25.0

    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du."""
        return 1 / (1 + self.alpha * u.abs()).square()


@dataclass(frozen=True)
class Rectangle(Surrogate):
    """A box around the threshold: 1/w where |u| < w/2, else 0.

    Wu et al., "Spatio-temporal backpropagation" (2018), equation 24.

    Args:
        width: w > 0, in units of membrane potential.
    """

    width: float = 1.0

    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du."""
        return (u.abs() < self.width / 2).to(u.dtype) / self.width
