"""MDSA: gates over the sample, then channels, then space, each on what the one before left.

    x1 = g0·x;   x2 = g_C[c]·x1;   out = g_S[t, h, w]·x2        [T, B, C, H, W]

g0 = σ(w·mean of x + b), a single number; g_C a gated mean; g_S = σ(conv3x3(mean of x2 over C)), a
map for every step. Islam et al., SpikeRain (WACV 2026), as in the authors' code, where the layer of
g0 is called temporal although it averages time away, and where nothing rectifies the end.
"""

from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MeanGate
from spiking_lowlevel.blocks.base import Block, per_frame
from spiking_lowlevel.registry import register


@register
class MDSA(Block):
    """The attention of SpikeRain: by means alone, for any number of time steps.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        reduction: hidden units of the channel gate are C / reduction, at least 1.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.sample = nn.Linear(1, 1)
        self.channel = MeanGate(channels, max(1, channels // reduction))
        self.space = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Gated features of the shape of x [T, B, C, H, W]."""
        mean = x.mean((0, 3, 4))  # [B, C]
        g_sample = self.sample(mean.mean(1, keepdim=True)).sigmoid()  # [B, 1]
        g_channel = self.channel(g_sample * mean)
        x = x * (g_sample * g_channel)[..., None, None]
        return per_frame(self.space, x.mean(2, keepdim=True)).sigmoid() * x
