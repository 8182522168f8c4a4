"""The end of time: [T, B, C, H, W] to a single frame [1, B, C, H, W]."""

import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.registry import register


@register
class TimeMean(Block):
    """The mean over the time steps."""

    def forward(self, x: Tensor) -> Tensor:
        """One frame [1, B, C, H, W] of x [T, B, C, H, W]."""
        return x.mean(0, keepdim=True)


@register
class TimeFusion(Block):
    """A learnt weighted mean over the time steps: Σ_t softmax(w)[t] · x[t]; all alike at first.

    Islam et al., SpikeRain (WACV 2026), as in the authors' code.

    Args:
        time_steps: T.
    """

    def __init__(self, time_steps: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.full((time_steps,), 1 / time_steps))

    def forward(self, x: Tensor) -> Tensor:
        """One frame [1, B, C, H, W] of x [T, B, C, H, W]."""
        shares = self.weights.softmax(0)[:, None, None, None, None]
        return (shares * x).sum(0, keepdim=True)
