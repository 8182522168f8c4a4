"""The U-shaped skeleton that the published deraining networks share; they differ in its stages.

    x = conv3x3(encode(I))                                          [T, B, C, H, W]
    level 1: encoder1    → level 2: encoder2, 2C, half size         → level 3: encoder3, 4C, quarter
    level 1: decoder1    ← level 2: decoder2                        ← level 3: decoder3
    restored = I + conv3x3(readout(decoder1))                       [B, 3, H, W], not clamped

The skip of level 2 spikes again and is mixed down to 2C. That of level 1 is either treated alike
(C channels) or only laid beside the features of the decoder (2C channels).
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks.base import per_frame, side_by_side
from spiking_lowlevel.blocks.sampling import Downsampling, SkipFusion, Upsampling
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron

_WIDEST, _DEEPEST, _LONGEST = 2048, 100, 1000

Stage = Callable[[int], nn.Module]
"""Builds the blocks of one stage, [T, B, C, H, W] to the same shape, for a number of channels C."""


class Stages(NamedTuple):
    """What stands at each level, on the way down and on the way up, and after it.

    `readout` makes one frame [1, B, C, H, W] of what the decoder leaves.
    """

    encoder1: Stage
    encoder2: Stage
    encoder3: Stage
    decoder3: Stage
    decoder2: Stage
    decoder1: Stage
    readout: Stage


class UNet(Network):
    """Three levels, two skips, and the rain as a residual.

    Args:
        stages: the blocks of every level.
        encoder: makes a current over time of the image.
        width: channels C at full resolution; 2C and 4C below.
        neuron: factory of the neurons between the levels.
        threshold: of these neurons, for the norms; see `ThresholdBatchNorm`.
        mix_first_skip: whether the skip at full resolution is mixed down to C channels.
    """

    @abstractmethod
    def __init__(
        self,
        stages: Stages,
        encoder: Encoder,
        width: int,
        neuron: Callable[[int], Neuron],
        threshold: float | None,
        mix_first_skip: bool,
    ) -> None:
        super().__init__()
        if width < 1:
            raise UserError(f"{type(self).__name__}: width {width} is not at least 1")
        if width > _WIDEST:
            raise UserError(f"{type(self).__name__}: width {width} is over {_WIDEST} channels")
        C = width
        self.encoder = encoder
        self.embed = nn.Conv2d(3, C, 3, padding=1, bias=False)
        self.encoder1 = stages.encoder1(C)
        self.down1 = Downsampling(C, neuron, threshold)
        self.encoder2 = stages.encoder2(2 * C)
        self.down2 = Downsampling(2 * C, neuron, threshold)
        self.encoder3 = stages.encoder3(4 * C)
        self.decoder3 = stages.decoder3(4 * C)
        self.up2 = Upsampling(4 * C, neuron, threshold)
        self.fuse2 = SkipFusion(2 * C, neuron, threshold)
        self.decoder2 = stages.decoder2(2 * C)
        self.up1 = Upsampling(2 * C, neuron, threshold)
        self.fuse1 = SkipFusion(C, neuron, threshold) if mix_first_skip else Beside()
        last = C if mix_first_skip else 2 * C
        self.decoder1 = stages.decoder1(last)
        self.readout = stages.readout(last)
        self.output = nn.Conv2d(last, 3, 3, padding=1)
        # As the features lie in memory: else every step would rearrange weights and gradients.
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d) and layer.kernel_size != (1, 1):
                layer.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images, of the shape of `degraded` [B, 3, H, W]; see `multiple`."""
        self.check_size(degraded)
        # The channels of a pixel side by side, which is what convolutions run fastest on; from here
        # on every layer keeps it so.
        image = degraded.contiguous(memory_format=torch.channels_last)
        e1 = self.encoder1(per_frame(self.embed, self.encoder(image)))
        e2 = self.encoder2(self.down1(e1))
        d3 = self.decoder3(self.encoder3(self.down2(e2)))
        d2 = self.decoder2(self.fuse2(self.up2(d3), e2))
        d1 = self.decoder1(self.fuse1(self.up1(d2), e1))
        return degraded + self.output(self.readout(d1).squeeze(0))


class Beside(nn.Module):
    """Lays the skip beside the features: two inputs [T, B, C, H, W] to [T, B, 2C, H, W]."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Both along the channels, the decoder's first."""
        return side_by_side(x, skip)


def row(block: Stage, depth: int) -> Stage:
    """A stage of `depth` equal blocks."""
    return lambda channels: nn.Sequential(*(block(channels) for _ in range(depth)))


def check_depths(network: str, given: dict[str, tuple[int, ...]], levels: int) -> None:
    """Refuse depths that are not one number a level, or negative.

    Raises:
        UserError: naming the network, the argument and what it may be.
    """
    for name, depths in given.items():
        if max(depths, default=0) > _DEEPEST:
            raise UserError(f"{network}: {name} {max(depths)} is over {_DEEPEST} blocks a level")
        if len(depths) != levels or min(depths) < 0:
            if levels == 1:
                raise UserError(f"{network}: {name} {depths[0]} is below 0")
            which = "level 1, level 2, level 3" if levels == 3 else "level 2, level 3"
            raise UserError(
                f"{network}: {name} is {levels} numbers ({which}), none below 0; given {depths}"
            )


def check_steps(network: str, time_steps: int) -> None:
    """Refuse a network without time.

    Raises:
        UserError: fewer than one step, or more than anybody waits for.
    """
    if time_steps > _LONGEST:
        raise UserError(f"{network}: time_steps {time_steps} is over {_LONGEST}")
    if time_steps < 1:
        raise UserError(f"{network}: time_steps {time_steps} is not at least 1")
