"""Spiking Decomposition and Enhancement Module.

A spiking neuron marks where its input is strong: s is taken as the high frequencies of x, x − s as
the low ones. In front of either convolution of a spiking residual block, first with a plain neuron,
then with a visual one, stands

    y = h·s + l·(x − s) + x·s        h, l: learnt scalars, initially 1;  all [T, B, C, H, W]

Chen et al. 2025 (arXiv 2512.02258), as in the authors' code. All convolutions see real values.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from spiking_lowlevel.blocks.srb import SRB
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.pieces import pieces
from spiking_lowlevel.registry import register


class Enhancement(nn.Module):
    """h·s + l·(x − s) + x·s, as one expression: l·x + s·(h − l + x).

    Args:
        neuron: makes the spikes s of x.
    """

    def __init__(self, neuron: Neuron) -> None:
        super().__init__()
        self.neuron = neuron
        self.high = nn.Parameter(torch.ones(1))
        self.low = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Enhanced features of the shape of x [T, B, C, H, W]."""
        s = self.neuron(x)
        if torch.compiler.is_compiling():
            return self.low * x + s * (self.high - self.low + x)
        return _Enhance.apply(x, s, self.high, self.low)


class _Enhance(torch.autograd.Function):
    # Plain autograd would keep the bracket too, a tensor of the size of x.
    @staticmethod
    def forward(ctx: Any, x: Tensor, s: Tensor, high: Tensor, low: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x, s, high, low)
        # The scalars in the precision of x: else they would widen half precision.
        low_x, difference = low.to(x.dtype), (high - low).to(x.dtype)
        out = torch.empty_like(s)
        for some in pieces(x):
            torch.add(x[some], difference, out=out[some])
            out[some].mul_(s[some]).addcmul_(x[some], low_x)
        return out

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any,  # noqa: ANN401
        *gradients: Tensor,
    ) -> tuple[Tensor, ...]:
        x, s, high, low = ctx.saved_tensors
        (g,) = gradients
        of_x, of_s = torch.empty_like(s), torch.empty_like(s)
        of_high, of_both = torch.zeros_like(high), torch.zeros_like(high)
        for some in pieces(x):
            torch.mul(g[some], s[some], out=of_x[some])
            torch.mul(g[some], x[some], out=of_s[some])
            of_high += of_x[some].sum()
            of_both += of_s[some].sum()
            of_x[some].addcmul_(g[some], low.to(x.dtype))
            of_s[some].addcmul_(g[some], (high - low).to(x.dtype))
        return of_x, of_s, of_high, of_both - of_high


@register
class SDEM(SRB):
    """Spiking Decomposition and Enhancement Module: splits features by frequency with two neurons.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        neuron: factory of the neuron of the first group.
        visual_neuron: factory of the neuron of the second group.
        time_steps: T.
        threshold: of the neurons that follow, for the norms.
    """

    def __init__(
        self,
        channels: int,
        neuron: Callable[[int], Neuron],
        visual_neuron: Callable[[int], Neuron],
        time_steps: int,
        threshold: float = 0.15,
    ) -> None:
        super().__init__(
            channels,
            lambda c: Enhancement(neuron(c)),
            lambda c: Enhancement(visual_neuron(c)),
            time_steps,
            threshold,
        )
