"""Between the levels of a network: half or twice the resolution, and skips joined again."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.blocks.base import Block, side_by_side
from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.registry import register


def upsample(x: Tensor) -> Tensor:
    """Bilinear interpolation, frame by frame: [T, B, C, H, W] to [T, B, C, 2H, 2W]."""
    frames = F.interpolate(x.flatten(0, 1), scale_factor=2, mode="bilinear", align_corners=False)
    return frames.unflatten(0, x.shape[:2])


@register
class Downsampling(Block):
    """Spikes, then a strided 3x3 convolution with norm: half the size, twice the channels.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        neuron: factory of the neuron in front.
        threshold: see `ThresholdBatchNorm`.
    """

    def __init__(
        self, channels: int, neuron: Callable[[int], Neuron], threshold: float | None = 0.15
    ) -> None:
        super().__init__()
        self.neuron = neuron(channels)
        self.conv = ConvNorm(channels, 2 * channels, stride=2, threshold=threshold)

    def forward(self, x: Tensor) -> Tensor:
        """Features [T, B, 2C, ⌈H/2⌉, ⌈W/2⌉] of x [T, B, C, H, W]."""
        return self.conv(self.neuron(x))


@register
class Upsampling(Block):
    """Bilinear interpolation, spikes, a 3x3 convolution with norm: twice the size, half the width.

    Args:
        channels: channels C of the input [T, B, C, H, W], even.
        neuron: factory of the neuron in the middle; it sees interpolated real values.
        threshold: see `ThresholdBatchNorm`.
    """

    def __init__(
        self, channels: int, neuron: Callable[[int], Neuron], threshold: float | None = 0.15
    ) -> None:
        super().__init__()
        self.neuron = neuron(channels)
        self.conv = ConvNorm(channels, channels // 2, threshold=threshold)

    def forward(self, x: Tensor) -> Tensor:
        """Features [T, B, C/2, 2H, 2W] of x [T, B, C, H, W]."""
        return self.conv(self.neuron(upsample(x)))


@register
class SkipFusion(Block):
    """Joins decoder features with those of the encoder: both spike again, a 1x1 convolution mixes.

    Args:
        channels: channels C of either input [T, B, C, H, W].
        neuron: factory of the neuron that sees both, as 2C channels.
        threshold: see `ThresholdBatchNorm`.
    """

    def __init__(
        self, channels: int, neuron: Callable[[int], Neuron], threshold: float | None = 0.15
    ) -> None:
        super().__init__()
        self.neuron = neuron(2 * channels)
        self.conv = ConvNorm(2 * channels, channels, kernel=1, threshold=threshold)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Features [T, B, C, H, W] of two inputs of that shape, the decoder's first."""
        return self.conv(self.neuron(side_by_side(x, skip)))
