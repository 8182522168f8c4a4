"""Spiking Decomposition and Enhancement Module.

A spiking neuron marks where its input is strong: s is taken as the high frequencies of x, x − s as
the low ones. In front of either convolution of a spiking residual block, first with a plain neuron,
then with a visual one, stands

    y = h·s + l·(x − s) + x·s        h, l: learnt scalars, initially 1;  all [T, B, C, H, W]

Chen et al. 2025 (arXiv 2512.02258), as in the authors' code. All convolutions see real values.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks.srb import SRB
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.registry import register


class Enhancement(nn.Module):
    """h·s + l·(x − s) + x·s, written as l·x + s·(h − l + x) to touch memory less often.

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
        return self.low * x + self.neuron(x) * (self.high - self.low + x)


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
