"""Batch norm in front of a threshold, and the convolution that goes before it."""

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from spiking_lowlevel.blocks.base import Block, per_frame
from spiking_lowlevel.registry import register

_ALPHA = 2**-0.5


@register
class ThresholdBatchNorm(Block):
    """Batch norm whose scale starts in proportion to the threshold of the neuron that follows.

    y = γ (x − μ) / sqrt(σ² + 1e-5) + β;   γ starts at threshold / √2, β at 0.

    Without a threshold γ starts at 1: an ordinary batch norm, which SpikeRain uses.

    μ and σ² are taken over T, B, H and W together. Zheng et al., "Going deeper with
    directly-trained larger spiking neural networks" (AAAI 2021), section 3, with the scale of the
    VLIF code.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        threshold: of the neuron that will see the output; sets the initial scale only, None to 1.
    """

    def __init__(self, channels: int, threshold: float | None = 0.15) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        if threshold is not None:
            nn.init.constant_(self.norm.weight, _ALPHA * threshold)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features of the shape of x [T, B, C, H, W]."""
        return self.norm(x.flatten(0, 1)).unflatten(0, x.shape[:2])  # of all frames, equal or not


@register
class ConvNorm(Block):
    """A convolution without bias, frame by frame, then threshold-dependent batch norm.

    Args:
        channels: channels C of the input [T, B, C, H, W].
        out_channels: channels C' of the output [T, B, C', H/stride, W/stride].
        kernel: side of the kernel, odd; the border is padded with zeros.
        stride: in pixels.
        threshold: see `ThresholdBatchNorm`.
    """

    def __init__(
        self,
        channels: int,
        out_channels: int,
        kernel: int = 3,
        stride: int = 1,
        threshold: float | None = 0.15,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = ThresholdBatchNorm(out_channels, threshold)

    def forward(self, x: Tensor) -> Tensor:
        """Features [T, B, C', H/stride, W/stride] of x [T, B, C, H, W]."""
        return self.norm(per_frame(self.conv, x))

    def fold(self) -> None:
        """Take the norm into the convolution, as evaluation applies it; there is no way back.

        weight' = weight · γ / sqrt(σ² + ε);   bias' = β − μ γ / sqrt(σ² + ε)
        """
        if isinstance(self.norm, ThresholdBatchNorm):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm.norm)
            self.norm = nn.Identity()
