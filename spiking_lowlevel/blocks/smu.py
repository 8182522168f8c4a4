"""Spiking Multi-scale Unit: an SDEM, and a spiking body at half the resolution beside it.

    u = SDEM(x)
    z = time_attention(patch_neuron(space_to_time(u)))       [4T, B, C, H/2, W/2]
    z = relu(conv1x1(z, the four steps of a patch as channels))     [T, B, C, H/2, W/2]
    z = stage(stage(z)),   stage = attention(norm(conv3x3(neuron(z))))
    out = attention(upsample(z) + u)                         [T, B, C, H, W], not negative

Chen et al. 2025 (arXiv 2512.02258), as in the authors' code, which writes the 1x1 convolution over
the four steps of a patch as a three-dimensional one with kernel and stride (4, 1, 1).
"""

from collections.abc import Callable

from torch import Tensor, nn

from spiking_lowlevel.blocks.attention import MultiDimensionalAttention, TimeAttention
from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.blocks.sampling import upsample
from spiking_lowlevel.blocks.sdem import SDEM
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.patches import PatchMix, space_to_time
from spiking_lowlevel.registry import register

_PATCH = 2


@register
class SMU(Block):
    """Spiking Multi-scale Unit: works on an image and on its 2x2 patches unrolled over time.

    Args:
        channels: channels C of the input [T, B, C, H, W]; H and W even.
        neuron: factory of the plain neurons.
        visual_neuron: factory of the visual neuron inside the SDEM.
        patch_neuron: factory of the neuron that runs through the pixels of each patch.
        time_steps: T.
        threshold: of the neurons that follow, for the norms.
    """

    def __init__(
        self,
        channels: int,
        neuron: Callable[[int], Neuron],
        visual_neuron: Callable[[int], Neuron],
        patch_neuron: Callable[[int], Neuron],
        time_steps: int,
        threshold: float = 0.15,
    ) -> None:
        super().__init__()
        self.sdem = SDEM(channels, neuron, visual_neuron, time_steps, threshold)
        self.patch_neuron = patch_neuron(channels)
        self.time_attention = TimeAttention(_PATCH**2 * time_steps)
        self.compress = PatchMix(channels, channels, _PATCH)
        self.body = nn.Sequential(
            *(
                nn.Sequential(
                    neuron(channels),
                    ConvNorm(channels, channels, threshold=threshold),
                    MultiDimensionalAttention(channels, time_steps),
                )
                for _ in range(2)
            )
        )
        self.attention = MultiDimensionalAttention(channels, time_steps)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W], none of them negative."""
        u = self.sdem(x)
        z = self.time_attention(self.patch_neuron(space_to_time(u, _PATCH)))
        z = self.compress(z).relu()
        return self.attention(upsample(self.body(z)) + u)
