"""Leaky neurons without temporaries: all steps in place, and the gradient worked out by hand.

    h[t] = keep · v[t−1] + x[t],    s[t] = fire(h[t]),    v[t] = reset(h[t], s[t]),    v[−1] = 0

Backwards in time, with g the gradient of whatever is named after it:

    g_h[t] = ∂(s[t], v[t])/∂h[t] applied to (g_s[t], g_v[t]);   g_x[t] = g_h[t];   g_v[t−1] = keep · g_h[t]

Only h is kept for the way back, [T, B, C, H, W]; without a gradient a single frame of it. Membranes
are in single precision at least, whatever the precision of the current; spikes have that of the
current.
"""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


class Leaky(ABC):
    """What a `StepNeuron` adds to have its steps run in place; both forms have to agree.

    `slv check` holds the two against each other. A neuron that learns its constants is none.
    """

    keep: float
    """Share of the membrane potential that is left after one time step, in [0, 1]."""

    @abstractmethod
    def fire_(self, h: Tensor, s: Tensor) -> None:
        """Write the spikes that the membrane potential h [B, C, H, W] gives into s."""

    @abstractmethod
    def reset_(self, h: Tensor, s: Tensor, v: Tensor) -> None:
        """Write into v the potential after the spikes s of h, all [B, C, H, W]; v may be h."""

    @abstractmethod
    def gradient(self, h: Tensor, s_gradient: Tensor, v_gradient: Tensor) -> Tensor:
        """The gradient of h [B, C, H, W] from those of its spikes and of the potential after it."""


def run(current: Tensor, neuron: Leaky) -> Tensor:
    """Spikes [T, B, C, H, W] of a fresh neuron in answer to a current of the same shape."""
    return _Run.apply(current, neuron)


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, current: Tensor, neuron: Leaky) -> Tensor:  # noqa: ANN401
        spikes = _frames(current, current.dtype)
        precise = _membrane_dtype(current.dtype)
        learning = ctx.needs_input_grad[0]
        h = _frames(current if learning else current[:1], precise)
        v = torch.zeros_like(h[0])
        # In half precision spikes are found in full precision first, then rounded.
        fired = None if precise == current.dtype else torch.empty_like(v)
        for t, x in enumerate(current):
            now = h[t] if learning else v
            s = spikes[t] if fired is None else fired
            torch.add(x, v, alpha=neuron.keep, out=now)
            neuron.fire_(now, s)
            neuron.reset_(now, s, v)
            if fired is not None:
                spikes[t].copy_(fired)
        if learning:
            ctx.neuron = neuron
            ctx.save_for_backward(h)
        return spikes

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        (h,) = ctx.saved_tensors
        (s_gradient,) = gradients
        out = _frames(h, s_gradient.dtype)
        v_gradient = torch.zeros_like(h[0])
        for t in reversed(range(len(h))):
            h_gradient = ctx.neuron.gradient(h[t], s_gradient[t].to(h.dtype), v_gradient)
            out[t].copy_(h_gradient)
            v_gradient = h_gradient.mul_(ctx.neuron.keep)
        return out, None


def _membrane_dtype(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.float32)


def _frames(like: Tensor, dtype: torch.dtype) -> Tensor:
    """Room for frames that lie in memory as those of [T, B, C, H, W] do; time is outermost."""
    frame = torch.empty_like(like[0])
    room = like.new_empty(len(like), frame.numel(), dtype=dtype)
    return room.as_strided(like.shape, (frame.numel(), *frame.stride()))
