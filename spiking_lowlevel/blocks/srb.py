"""Spiking Residual Block: two spiking convolutions beside a dense shortcut, under attention.

    a = norm(conv3x3(first(x))),    b = norm(conv3x3(second(a)))
    out = attention(b + norm(conv3x3(x))) + x                all [T, B, C, H, W]

Song et al., "Learning a spiking neural network for efficient image deraining" (IJCAI 2024), section
3, as in the authors' code. The shortcut sees real values. VLIFNet keeps the frame and changes what
stands in front of the convolutions: see `SDEM`.
"""

from collections.abc import Callable

from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MultiDimensionalAttention
from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.registry import register


@register
class SRB(Block):
    """Spiking Residual Block of ESDNet.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        first: factory of the neuron, or of what else makes features, before the first convolution.
        second: the same before the second convolution.
        time_steps: T.
        threshold: of the neurons that follow, for the norms.
    """

    def __init__(
        self,
        channels: int,
        first: Callable[[int], nn.Module],
        second: Callable[[int], nn.Module],
        time_steps: int,
        threshold: float = 0.15,
    ) -> None:
        super().__init__()
        self.first = first(channels)
        self.conv1 = ConvNorm(channels, channels, threshold=threshold)
        self.second = second(channels)
        # The published code starts the second norm at a fifth: a weak branch beside the shortcut.
        self.conv2 = ConvNorm(channels, channels, threshold=0.2 * threshold)
        self.shortcut = ConvNorm(channels, channels, threshold=threshold)
        self.attention = MultiDimensionalAttention(channels, time_steps)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W], nowhere smaller than x."""
        a = self.conv1(self.first(x))
        b = self.conv2(self.second(a))
        return self.attention(b + self.shortcut(x)) + x
