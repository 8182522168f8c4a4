"""ESDNet: spiking residual blocks at every level, and a real-valued refinement at the end.

    level 1: SRB × n, C     → level 2: SRB × n, 2C, half size       → level 3: SRB × n, 4C, quarter
    level 1: SRB × n, 2C    ← level 2: SRB × n                      ← level 3: SRB × n
    restored = I + conv3x3(FRB(mean over T))

The skeleton is that of `UNet`; the first skip stays beside the decoder's features, so that level 1
is 2C wide on the way up. Song et al., "Learning a spiking neural network for efficient image
deraining" (IJCAI 2024), as in the authors' code, but for any width, depth and number of time steps.
"""

from collections.abc import Callable

from torch import nn

from spiking_lowlevel.blocks.frb import FRB
from spiking_lowlevel.blocks.readout import TimeMean
from spiking_lowlevel.blocks.srb import SRB
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.encoders.direct import Direct
from spiking_lowlevel.networks.unet import Stages, UNet, check_depths, check_steps, row
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.lif import LIF
from spiking_lowlevel.registry import register


@register
class ESDNet(UNet):
    """The Efficient Spiking Deraining Network; 12,811,463 parameters with the defaults.

    Args:
        neuron: factory of the neurons.
        encoder: how the image becomes a current over time.
        width: channels C at full resolution; 2C and 4C below.
        encoder_depth: blocks on the way down, at levels 1, 2 and 3.
        decoder_depth: blocks on the way up, at levels 1, 2 and 3.
        time_steps: T ≥ 1.
        threshold: sets the initial scale of the norms in front of the neurons; the published 0.15
            leaves most neurons of a narrow network silent, so raise it there.
    """

    multiple = 4

    def __init__(
        self,
        neuron: Callable[[int], Neuron] = LIF,
        encoder: Callable[[int], Encoder] = Direct,
        width: int = 48,
        encoder_depth: tuple[int, int, int] = (4, 4, 8),
        decoder_depth: tuple[int, int, int] = (2, 2, 2),
        time_steps: int = 4,
        threshold: float = 0.15,
    ) -> None:
        check_steps("ESDNet", time_steps)
        depths = {"encoder_depth": encoder_depth, "decoder_depth": decoder_depth}
        check_depths("ESDNet", depths, levels=3)

        def srb(channels: int) -> SRB:
            return SRB(channels, neuron, neuron, time_steps, threshold)

        stages = Stages(
            *(row(srb, depth) for depth in (*encoder_depth, *reversed(decoder_depth))),
            readout=lambda C: nn.Sequential(TimeMean(), FRB(C)),
        )
        encode = encoder(time_steps)
        super().__init__(stages, encode, width, neuron, threshold, mix_first_skip=False)
