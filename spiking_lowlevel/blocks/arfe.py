"""ARFE: two views of the features, by channel and by place, and a learnt mixture of both.

    c = σ(f(mean over h, w of x))·x,    s = σ(conv5x5(relu(conv1x1(x))))·x
    g = σ(conv1x1(x, c, s)),            out = g·c + (1 − g)·s + x        [T, B, C, H, W]

Islam et al., SpikeRain (WACV 2026), as in the authors' code.
"""

from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MeanGate
from spiking_lowlevel.blocks.base import Block, per_frame, side_by_side
from spiking_lowlevel.registry import register


@register
class ARFE(Block):
    """The refinement of SpikeRain; real-valued, frame by frame.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        reduction: hidden channels are C / reduction, at least 1.
    """

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.channel = MeanGate(channels, hidden)
        self.space = nn.Sequential(
            nn.Conv2d(channels, hidden, 1),
            nn.ReLU(),
            nn.Conv2d(hidden, 1, 5, padding=2),
            nn.Sigmoid(),
        )
        self.mix = nn.Sequential(nn.Conv2d(3 * channels, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """Refined features of the shape of x [T, B, C, H, W]."""
        c = self.channel(x.mean((3, 4)))[..., None, None] * x
        s = per_frame(self.space, x) * x
        g = per_frame(self.mix, side_by_side(x, c, s))
        return g * c + (1 - g) * s + x
