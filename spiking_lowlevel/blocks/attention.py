"""Attention over time, channels and space.

Every gate is positive, so maxima and gates commute: max(g·x) = g·max(x). One pass over the features
therefore serves the gates of time and of channels, and the last gate, the one before it and the
rectifier are one product.
"""

import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.blocks.gating import first_largest, gated_relu, pool_places, pool_scaled
from spiking_lowlevel.registry import register


class PooledGate(nn.Module):
    """σ(f(mean) + f(max)) with one shared two-layer perceptron f without bias: [B, n] to [B, n].

    Args:
        features: number n of gates.
        hidden: units of the hidden layer.
    """

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(features, hidden, bias=False)
        self.expand = nn.Linear(hidden, features, bias=False)

    def forward(self, mean: Tensor, maximum: Tensor) -> Tensor:
        """Gates [B, n] in (0, 1) from the mean and the maximum of what they will scale."""
        return torch.sigmoid(self._perceptron(mean) + self._perceptron(maximum))

    def _perceptron(self, x: Tensor) -> Tensor:
        return self.expand(self.squeeze(x).relu())


class MeanGate(nn.Module):
    """σ(W2 relu(W1 mean + b1) + b2): gates [..., n] from means [..., n].

    Args:
        features: number n of gates.
        hidden: units of the hidden layer.
    """

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(features, hidden)
        self.expand = nn.Linear(hidden, features)

    def forward(self, mean: Tensor) -> Tensor:
        """Gates in (0, 1), of the shape of `mean` [..., n]."""
        return self.expand(self.squeeze(mean).relu()).sigmoid()


@register
class TimeAttention(Block):
    """Scales every time step by a gate of its own, in (0, 1): g[t, b] · x[t, b].

    Chen et al. 2025 (arXiv 2512.02258), Spiking Multi-scale Unit, as in the authors' code.

    Args:
        time_steps: number T of steps of the input [T, B, C, H, W].
        reduction: hidden units are T / reduction, at least 1.
    """

    def __init__(self, time_steps: int, reduction: int = 4) -> None:
        super().__init__()
        self.gate = PooledGate(time_steps, max(1, time_steps // reduction))

    def gates(self, x: Tensor) -> Tensor:
        """The gates [T, B] for x [T, B, C, H, W]."""
        mean, maximum = pool_places(x)
        return self.gate(mean.mean(2).T, first_largest(maximum, 2).T).T

    def forward(self, x: Tensor) -> Tensor:
        """Gated features of the shape of x [T, B, C, H, W]."""
        return self.gates(x)[:, :, None, None, None] * x


@register
class MultiDimensionalAttention(Block):
    """Gates over time, then channels, then space, each on what the one before left; then ReLU.

    x1 = g_T[t]·x;   x2 = g_C[c]·x1;   x3 = g_S[h, w]·x2;   y = max(x3, 0)

    g_T and g_C are pooled gates, g_S = σ(conv3x3(mean and maximum of x2 over T and C)): one map
    for all steps and channels. Yao et al., "Attention spiking neural networks" (TPAMI 2023), as
    used by ESDNet and VLIFNet.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        time_steps: T.
        time_reduction: hidden units of the time gate are T / time_reduction, at least 1.
        channel_reduction: hidden units of the channel gate are C / channel_reduction, at least 1.
    """

    def __init__(
        self,
        channels: int,
        time_steps: int,
        time_reduction: int = 4,
        channel_reduction: int = 16,
    ) -> None:
        super().__init__()
        self.time = PooledGate(time_steps, max(1, time_steps // time_reduction))
        self.channel = PooledGate(channels, max(1, channels // channel_reduction))
        self.space = nn.Conv2d(2, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Gated features of the shape of x [T, B, C, H, W], none of them negative."""
        mean, maximum = pool_places(x)  # [T, B, C]
        g_time = self.time(mean.mean(2).T, first_largest(maximum, 2).T).T[:, :, None]
        g_channel = self.channel((g_time * mean).mean(0), first_largest(g_time * maximum, 0))
        gates = g_time * g_channel
        over_both = torch.stack(pool_scaled(x, gates), dim=1)  # [B, 2, H, W]
        g_space = torch.sigmoid(self.space(over_both))[:, 0]
        return gated_relu(x, gates, g_space)
