"""SpikeRain: dense spiking residual blocks, a learnt fusion of time, a gated refinement.

    level 1: DSRB × n, C    → level 2: DSRB × n, 2C, half size      → level 3: DSRB × n, 4C, quarter
    level 1: DSRB × n, 2C   ← level 2: DSRB × n                     ← level 3: DSRB × n
    restored = I + conv3x3(ARFE(Σ_t softmax(w)[t] · x[t]))

The skeleton is that of `UNet`; the first skip stays beside the decoder's features, and all norms
are ordinary batch norms. Islam et al., SpikeRain (WACV 2026), as in the authors' code.

size   width   encoder_depth   decoder_depth   parameters
S      32      2, 2, 4         1, 1, 1          1,589,888
M      48      4, 4, 8         2, 2, 2          4,434,392
L      64      6, 6, 8         4, 4, 4          8,048,576
"""

from collections.abc import Callable

from torch import nn

from spiking_lowlevel.blocks.arfe import ARFE
from spiking_lowlevel.blocks.dsrb import DSRB
from spiking_lowlevel.blocks.readout import TimeFusion
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.encoders.direct import Direct
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.unet import Stages, UNet, check_depths, check_steps, row
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.lif import LIF
from spiking_lowlevel.registry import register


@register
class SpikeRain(UNet):
    """SpikeRain, of size M by default: 4,434,392 parameters; overlays hold the sizes S and L.

    Args:
        neuron: factory of the neurons.
        encoder: how the image becomes a current over time.
        width: channels C at full resolution; 2C and 4C below.
        encoder_depth: blocks on the way down, at levels 1, 2 and 3.
        decoder_depth: blocks on the way up, at levels 1, 2 and 3.
        growth: channels that every layer of a block adds.
        layers: spiking layers of a block.
        time_steps: T ≥ 1.
    """

    multiple = 4

    def __init__(
        self,
        neuron: Callable[[int], Neuron] = LIF,
        encoder: Callable[[int], Encoder] = Direct,
        width: int = 48,
        encoder_depth: tuple[int, int, int] = (4, 4, 8),
        decoder_depth: tuple[int, int, int] = (2, 2, 2),
        growth: int = 24,
        layers: int = 4,
        time_steps: int = 4,
    ) -> None:
        check_steps("SpikeRain", time_steps)
        depths = {"encoder_depth": encoder_depth, "decoder_depth": decoder_depth}
        check_depths("SpikeRain", depths, levels=3)
        if growth < 1 or layers < 1:
            raise UserError(f"SpikeRain: growth {growth} and layers {layers} are at least 1")

        def dsrb(channels: int) -> DSRB:
            return DSRB(channels, neuron, growth, layers)

        stages = Stages(
            *(row(dsrb, depth) for depth in (*encoder_depth, *reversed(decoder_depth))),
            readout=lambda C: nn.Sequential(TimeFusion(time_steps), ARFE(C)),
        )
        encode = encoder(time_steps)
        super().__init__(stages, encode, width, neuron, threshold=None, mix_first_skip=False)
