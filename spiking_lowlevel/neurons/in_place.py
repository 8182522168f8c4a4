"""Leaky neurons without temporaries: all steps in place, and the gradient worked out by hand.

    h[t] = keep · v[t−1] + x[t],    s[t] = fire(h[t]),    v[t] = reset(h[t], s[t]),    v[−1] = 0

Backwards in time, with g the gradient of whatever is named after it:

    g_h[t] = g_s[t] · ∂s[t]/∂h[t] + keep · g_h[t+1] · ∂v[t]/∂h[t];    g_x[t] = g_h[t]

Only h is kept for the way back, [T, B, C, H, W]; without a gradient a single frame of it. Membranes
are in single precision at least, whatever the precision of the current; spikes have that of the
current.
"""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from spiking_lowlevel.pieces import pieces


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
    def slopes(self, h: Tensor) -> tuple[Tensor, Tensor | None]:
        """∂s/∂h and ∂v/∂h of all steps, of the shape of h [T, B, C, H, W]; None for 1.

        The second takes in what goes through the spikes.
        """


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
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any,  # noqa: ANN401
        *gradients: Tensor,
    ) -> tuple[Tensor, None]:
        (h,) = ctx.saved_tensors
        keep = ctx.neuron.keep
        out = _frames(h, h.dtype)
        later = None
        for some in reversed(pieces(h)):
            of_spikes, of_rest = ctx.neuron.slopes(h[some])
            torch.mul(of_spikes, gradients[0][some], out=out[some])
            for t in reversed(range(some.start, some.stop)):
                if later is not None and of_rest is None:
                    out[t].add_(later, alpha=keep)
                elif later is not None and of_rest is not None:
                    out[t].addcmul_(of_rest[t - some.start], later, value=keep)
                later = out[t]
        return out, None


def _membrane_dtype(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.float32)


def _frames(like: Tensor, dtype: torch.dtype) -> Tensor:
    """Room for frames that lie in memory as those of [T, B, C, H, W] do; time is outermost."""
    frame = torch.empty_like(like[0])
    room = like.new_empty(len(like), frame.numel(), dtype=dtype)
    return room.as_strided(like.shape, (frame.numel(), *frame.stride()))
