"""Dense Spiking Residual Block: every layer spikes and sees all that came before it.

    F_0 = x,   F_{l+1} = (F_l, norm(conv3x3(neuron(F_l))))       g more channels a layer
    out = attention(conv1x1(neuron(F_L))) + x                     [T, B, C, H, W]

Islam et al., SpikeRain (WACV 2026), as in the authors' code: no norm follows the 1x1 convolution.
"""

from collections.abc import Callable

from torch import Tensor, nn

from spiking_lowlevel.blocks.base import Block, per_frame, side_by_side
from spiking_lowlevel.blocks.mdsa import MDSA
from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.registry import register


@register
class DSRB(Block):
    """Dense Spiking Residual Block of SpikeRain.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        neuron: factory of the neurons; each sees the real-valued x and all layers before it.
        growth: channels g that every layer adds.
        layers: number L of layers.
        threshold: see `ThresholdBatchNorm`.
    """

    def __init__(
        self,
        channels: int,
        neuron: Callable[[int], Neuron],
        growth: int = 24,
        layers: int = 4,
        threshold: float | None = None,
    ) -> None:
        super().__init__()
        widths = [channels + i * growth for i in range(layers + 1)]
        self.layers = nn.ModuleList(
            nn.Sequential(neuron(width), ConvNorm(width, growth, threshold=threshold))
            for width in widths[:-1]
        )
        self.neuron = neuron(widths[-1])
        self.mix = nn.Conv2d(widths[-1], channels, 1, bias=False)
        self.attention = MDSA(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W]."""
        features = x
        for layer in self.layers:
            features = side_by_side(features, layer(features))
        return self.attention(per_frame(self.mix, self.neuron(features))) + x
