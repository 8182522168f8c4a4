"""What attention does to features: pool them, pool them once more scaled, scale and rectify them.

Plain autograd would keep every scaled copy of the features for the way back. Here x is kept alone,
[T, B, C, H, W]. Gates are positive. Where several elements share a maximum, the gradient goes to
the first of them, in the order of the dimensions that are pooled.
"""

# pyright: reportIncompatibleMethodOverride=false
# once_differentiable changes the type of a backward.

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from spiking_lowlevel.pieces import pieces


def pool_places(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and maximum over H and W: two times [T, B, C] from x [T, B, C, H, W]."""
    if x.requires_grad and not torch.compiler.is_compiling():
        return _PoolPlaces.apply(x)
    flat = x.flatten(3)
    return flat.mean(3), first_largest(flat, 3)


def pool_scaled(x: Tensor, gates: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and maximum of x · gates over T and C: two times [B, H, W].

    Args:
        x: features [T, B, C, H, W].
        gates: factors [T, B, C].
    """
    if torch.compiler.is_compiling():
        scaled = x * gates[..., None, None]
        return scaled.mean((0, 2)), first_largest(first_largest(scaled, 2), 0)
    return _PoolScaled.apply(x, gates)


def gated_relu(x: Tensor, gates: Tensor, places: Tensor) -> Tensor:
    """max(x, 0) · gates · places: for positive factors the same as max(x · gates · places, 0).

    Args:
        x: features [T, B, C, H, W].
        gates: factors [T, B, C].
        places: factors [B, H, W], the same for all steps and channels.
    """
    if torch.compiler.is_compiling():
        return x.relu() * gates[..., None, None] * places[:, None]
    return _GatedReLU.apply(x, gates, places)


def first_largest(x: Tensor, dim: int) -> Tensor:
    """The maxima along a dimension; their gradient goes to the first of equal ones."""
    # amax would share the gradient among equals, but is several times faster.
    return x.max(dim).values if x.requires_grad else x.amax(dim)


class _PoolPlaces(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        maximum, first = x.flatten(3).max(3)
        ctx.save_for_backward(first)
        ctx.shape = x.shape
        return x.mean((3, 4)), maximum

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ANN401
        (first,) = ctx.saved_tensors
        T, B, C, H, W = ctx.shape
        of_mean, of_maximum = gradients
        # Channels last, as the features lie.
        out = (of_mean / (H * W))[:, :, None].expand(T, B, H * W, C).contiguous()
        out.scatter_add_(2, first[:, :, None], of_maximum[:, :, None])
        return out.unflatten(2, (H, W)).movedim(4, 2)


class _PoolScaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gates: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        learning = any(ctx.needs_input_grad)
        total = x.new_zeros(x.shape[1], *x.shape[3:])
        maxima, channels = [], []
        for some in pieces(x):
            scaled = x[some] * gates[some][..., None, None]
            total += scaled.sum((0, 2))
            if learning:
                maximum, channel = scaled.max(2)
                channels.append(channel)
            else:
                maximum = scaled.amax(2)
            maxima.append(maximum)
        if learning:
            maximum, step = torch.cat(maxima).max(0)
            channel = torch.cat(channels).gather(0, step[None])[0]
            ctx.save_for_backward(x, gates, step, channel)
        else:
            maximum = torch.cat(maxima).amax(0)
        return total / (x.shape[0] * x.shape[2]), maximum

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        x, gates, step, channel = ctx.saved_tensors
        T, B, C, H, W = x.shape
        of_mean, of_maximum = gradients[0][:, None] / (T * C), gradients[1]
        of_x, of_gates = torch.empty_like(x), torch.empty_like(gates)
        for some in pieces(x):
            torch.mul(gates[some][..., None, None], of_mean, out=of_x[some])
            of_gates[some] = (x[some] * of_mean).sum((3, 4))
        b, h, w = (torch.arange(n, device=x.device) for n in (B, H, W))
        gate = (step, b[:, None, None], channel)
        place = (*gate, h[:, None], w)
        of_x[place] += gates[gate] * of_maximum  # every place has one first maximum
        of_gates.index_put_(gate, x[place] * of_maximum, accumulate=True)
        return of_x, of_gates


class _GatedReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gates: Tensor, places: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x, gates, places)
        out = torch.empty_like(x)
        for some in pieces(x):
            torch.clamp_min(x[some], 0, out=out[some])
            out[some].mul_(gates[some][..., None, None]).mul_(places[:, None])
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:  # noqa: ANN401
        x, gates, places = ctx.saved_tensors
        (g,) = gradients
        places = places[:, None]
        of_x, of_gates = torch.empty_like(x), torch.empty_like(gates)
        of_places = torch.zeros_like(places)
        for some in pieces(x):
            gate = gates[some][..., None, None]
            through = x[some].relu().mul_(g[some])
            of_gates[some] = (through * places).sum((3, 4))
            of_places += through.mul_(gate).sum((0, 2))[:, None]
            # From the rectified x: where it is zero, nothing comes back.
            torch.mul(g[some], x[some] > 0, out=of_x[some])
            of_x[some].mul_(places).mul_(gate)
        return of_x, of_gates, of_places[:, 0]
