"""Leaky integrate-and-fire with graded spikes (normalised integers).

    m[t] = decay · (m[t−1] − s[t−1]) + x[t];   m[0] = x[0]
    s[t] = round(clamp(m[t], 0, D)) / D        half to even; s in {0, 1/D, ..., 1}

Backwards: no gradient through the reset; ds/dm := 1/D where 0 ≤ m ≤ D, else 0. What is subtracted
is the normalised spike (at most 1). x, s: [B, C, H, W]; m: membrane potential in the units of x.
Chen et al. 2025 (arXiv 2512.02258), as in the authors' code, with decay 1/4 and D = 4.
"""

from typing import Any

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.base import StepNeuron
from spiking_lowlevel.neurons.in_place import Leaky
from spiking_lowlevel.neurons.update import Update
from spiking_lowlevel.registry import register


@register
class NILIF(StepNeuron, Leaky):
    """Leaky integrate-and-fire whose spikes take D + 1 evenly spaced levels from 0 to 1.

    Args:
        channels: channels of the input; any number, since all channels share the constants.
        levels: D ≥ 1, the number of levels above zero.
        decay: share of the membrane potential that is left after one time step, in [0, 1].
    """

    def __init__(self, channels: int, levels: int = 4, decay: float = 0.25) -> None:
        super().__init__()
        if levels < 1:
            raise UserError(f"NILIF: levels is {levels}; a spike needs at least 1 level above zero")
        self.levels = self._levels = levels
        self.keep = decay
        self.update = Update(multiply=int(0 < decay < 1), compare=levels.bit_length())

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step: current and what the last reset left [B, C, H, W] to spikes and rest."""
        m = state * self.keep + x
        s = _Quantise.apply(m, self.levels)
        return s, m - s.detach()

    def fire_(self, h: Tensor, s: Tensor) -> None:
        """Write the spikes of h [B, C, H, W] into s."""
        torch.clamp(h, 0, self._levels, out=s).round_().div_(self._levels)

    def reset_(self, h: Tensor, s: Tensor, v: Tensor) -> None:
        """Write what the spikes s leave of h into v, all [B, C, H, W]."""
        torch.sub(h, s, out=v)

    def slopes(self, h: Tensor) -> tuple[Tensor, Tensor | None]:
        """∂s/∂h = 1/D inside the range of the levels, else 0; ∂v/∂h = 1: the reset is detached."""
        inside = (h >= 0).logical_and_(h <= self._levels)
        return inside.to(h.dtype).div_(self._levels), None

    def extra_repr(self) -> str:
        """The constants, for `print(network)`."""
        return f"levels={self.levels}, decay={self.keep:g}"


class _Quantise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, m: Tensor, levels: int) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(m)
        ctx.levels = levels
        return m.clamp(0, levels).round() / levels

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        (m,) = ctx.saved_tensors
        inside = (m >= 0) & (m <= ctx.levels)
        return grads[0] * inside / ctx.levels, None
