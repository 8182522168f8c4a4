"""Feature Refinement Block: what ESDNet does once time is gone.

    a = σ(f(mean over h, w of x))                             one gate a channel
    t = σ(conv3x3(relu(conv3x3(conv3x3(x)))))                 one gate a channel and pixel
    out = (1 − t)·a + t·x                                     [T, B, C, H, W]

Song et al. (IJCAI 2024), as in the authors' code, where the first term is the gate a itself.
"""

from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MeanGate
from spiking_lowlevel.blocks.base import Block, per_frame
from spiking_lowlevel.registry import register


@register
class FRB(Block):
    """Feature Refinement Block of ESDNet; real-valued, frame by frame.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        reduction: hidden channels are C / reduction, at least 1.
    """

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.channel = MeanGate(channels, hidden)
        self.space = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.Conv2d(channels, hidden, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(hidden, channels, 3, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Refined features of the shape of x [T, B, C, H, W]."""
        a = self.channel(x.mean((3, 4)))[..., None, None]
        t = per_frame(self.space, x)
        return (1 - t) * a + t * x
