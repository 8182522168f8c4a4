"""Spiking Decomposition and Enhancement Module.

A spiking neuron marks where its input is strong: s is taken as the high frequencies of x, x − s as
the low ones. Two groups, the first with a plain neuron, the second with a visual one:

    y = h·s + l·(x − s) + x·s,    o = norm(conv3x3(y))        h, l: learnt scalars, initially 1

    out = attention(o2 + norm(conv3x3(x))) + x                all [T, B, C, H, W]

Chen et al. 2025 (arXiv 2512.02258), as in the authors' code. All convolutions see real values.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MultiDimensionalAttention
from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.registry import register


class FrequencyMix(nn.Module):
    """h·s + l·(x − s) + x·s, written as l·x + s·(h − l + x) to touch memory less often."""

    def __init__(self) -> None:
        super().__init__()
        self.high = nn.Parameter(torch.ones(1))
        self.low = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        """Enhanced features of the shape of x; s is what a neuron made of x."""
        return self.low * x + s * (self.high - self.low + x)


@register
class SDEM(Block):
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
        super().__init__()
        self.neuron = neuron(channels)
        self.mix1 = FrequencyMix()
        self.conv1 = ConvNorm(channels, channels, threshold=threshold)
        self.visual_neuron = visual_neuron(channels)
        self.mix2 = FrequencyMix()
        # The published code starts the second norm at a fifth: a weak branch beside the shortcut.
        self.conv2 = ConvNorm(channels, channels, threshold=0.2 * threshold)
        self.shortcut = ConvNorm(channels, channels, threshold=threshold)
        self.attention = MultiDimensionalAttention(channels, time_steps)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W], nowhere smaller than x."""
        o = self.conv1(self.mix1(x, self.neuron(x)))
        o = self.conv2(self.mix2(o, self.visual_neuron(o)))
        return self.attention(o + self.shortcut(x)) + x
