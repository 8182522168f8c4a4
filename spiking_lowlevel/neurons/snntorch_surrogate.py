"""The surrogate derivatives of snnTorch, by the names that they have there.

The formulas are snnTorch 1.0's; the code is not, because there the functions return float32
whatever comes in, cannot be pickled, do not fire on a tie, give NaN far from the threshold
(`sigmoid`), or raise (`LSO`). Eshraghian et al., "Training spiking neural networks using lessons
from deep learning" (2023); https://snntorch.readthedocs.io/en/latest/snntorch.surrogate.html.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.neurons.surrogate import ATan, FastSigmoid, Sigmoid, Surrogate


@dataclass(frozen=True)
class SnnTorchSurrogate(Surrogate):
    """A surrogate derivative by snnTorch's name, with snnTorch's defaults; for any neuron.

    * `atan` (alpha = 2): (α/2) / (1 + (π α u / 2)²)
    * `fast_sigmoid` (slope = 25): 1 / (1 + k|u|)²
    * `heaviside`: 1 where u ≥ 0, else 0
    * `LSO` (slope = 0.1): 1 where u ≥ 0, else k
    * `SFS` (slope = 25, B = 1): 1 / (1 + k|u|)² where u > B, else 0
    * `sigmoid` (slope = 25): k σ(ku) (1 − σ(ku))
    * `spike_rate_escape` (beta = 1, slope = 25): k exp(−β|u − 1|)
    * `SSO` (mean = 0, variance = 0.2): 1 where u ≥ 0, else (random in [−½, ½) + mean) · variance
    * `straight_through_estimator`: 1
    * `triangular` (threshold = 1): θ where u < 0, else −θ (so it is in snnTorch: the sign turns)

    `custom_surrogate` takes a function: derive from `Surrogate` in its place.

    Args:
        name: one of the names above.
        options: the numbers in brackets above that are to differ, by name.

    Raises:
        UserError: there is no such name, or it has no such option.
    """

    name: str = "atan"
    options: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in _FORMULAS:
            hint = did_you_mean(self.name, _FORMULAS)
            raise UserError(
                f"SnnTorchSurrogate: there is no surrogate {self.name!r}. {hint} "
                f"Known: {', '.join(_FORMULAS)}"
            )
        known = list(inspect.signature(_FORMULAS[self.name]).parameters)[1:]
        if unknown := ", ".join(sorted(set(self.options) - set(known))):
            raise UserError(
                f"SnnTorchSurrogate: {self.name} has no option {unknown}; "
                f"it has {', '.join(known) or 'none'}"
            )

    def derivative(self, u: Tensor) -> Tensor:
        """The stand-in for ds/du."""
        return _FORMULAS[self.name](u, **self.options)


def _atan(u: Tensor, alpha: float = 2.0) -> Tensor:
    return ATan(alpha).derivative(u)


def _fast_sigmoid(u: Tensor, slope: float = 25.0) -> Tensor:
    return FastSigmoid(slope).derivative(u)


def _heaviside(u: Tensor) -> Tensor:
    return (u >= 0).to(u.dtype)


def _leaky(u: Tensor, slope: float = 0.1) -> Tensor:
    return torch.where(u >= 0, torch.ones_like(u), slope)


def _sparse_fast_sigmoid(u: Tensor, slope: float = 25.0, B: float = 1.0) -> Tensor:
    return FastSigmoid(slope).derivative(u) * (u > B)


def _sigmoid(u: Tensor, slope: float = 25.0) -> Tensor:
    return Sigmoid(slope).derivative(u)


def _spike_rate_escape(u: Tensor, beta: float = 1.0, slope: float = 25.0) -> Tensor:
    return slope * torch.exp(-beta * (u - 1).abs())


def _stochastic(u: Tensor, mean: float = 0.0, variance: float = 0.2) -> Tensor:
    noise = (torch.rand_like(u) - 0.5 + mean) * variance
    return torch.where(u >= 0, torch.ones_like(u), noise)


def _straight_through(u: Tensor) -> Tensor:
    return torch.ones_like(u)


def _triangular(u: Tensor, threshold: float = 1.0) -> Tensor:
    return torch.where(u < 0, threshold, -threshold * torch.ones_like(u))


_FORMULAS: dict[str, Callable[..., Tensor]] = {
    "atan": _atan,
    "fast_sigmoid": _fast_sigmoid,
    "heaviside": _heaviside,
    "LSO": _leaky,
    "SFS": _sparse_fast_sigmoid,
    "sigmoid": _sigmoid,
    "spike_rate_escape": _spike_rate_escape,
    "SSO": _stochastic,
    "straight_through_estimator": _straight_through,
    "triangular": _triangular,
}
