"""VLIFNet: spiking multi-scale units at full resolution, SDEM blocks below.

    level 1: SMU          → level 2: SDEM × n, 2C, half size        → level 3: SDEM × n, 4C, quarter
    level 1: SMU, SMU     ← level 2: SDEM × n                       ← level 3: SDEM × n
    restored = I + conv3x3(mean over T)

The skeleton is that of `UNet`; both skips are mixed down. Chen et al., "Exploring the potentials of
spiking neural networks for image deraining" (AAAI 2026, arXiv 2512.02258), as in the authors' code,
but for any width, depth and number of time steps.
"""

from collections.abc import Callable

from torch import nn

from spiking_lowlevel.blocks.readout import TimeMean
from spiking_lowlevel.blocks.sdem import SDEM
from spiking_lowlevel.blocks.smu import SMU
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.encoders.direct import Direct
from spiking_lowlevel.networks.unet import Stages, UNet, check_depths, check_steps, row
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.lif import LIF
from spiking_lowlevel.neurons.ni_lif import NILIF
from spiking_lowlevel.neurons.vlif import VLIF
from spiking_lowlevel.registry import register


@register
class VLIFNet(UNet):
    """The deraining network of the Visual LIF paper; 14,023,911 parameters with the defaults.

    The ANN twin: `neuron` and `patch_neuron` Rectifier, `visual_neuron` VLIF with `inner`
    Rectifier, `time_steps` 1. The plain-LIF baseline: `visual_neuron` LIF.

    Args:
        neuron: factory of the plain neurons.
        visual_neuron: factory of the second neuron of every SDEM.
        patch_neuron: factory of the neuron that runs through the 2x2 patches of an SMU.
        encoder: how the image becomes a current over time.
        width: channels C at full resolution; 2C and 4C below.
        encoder_depth: SDEM blocks on the way down, at level 2 and at level 3.
        decoder_depth: SDEM blocks on the way up, at level 2 and at level 3.
        refinement: further SDEM blocks at full resolution before the output (Rain200L: 4, which
            makes 14,312,031 parameters).
        time_steps: T ≥ 1.
        threshold: sets the initial scale of the norms in front of the neurons; the published 0.15
            leaves most neurons of a network under 16 channels silent, so raise it there.
    """

    multiple = 8  # 2x2 patches at a quarter of the resolution

    def __init__(
        self,
        neuron: Callable[[int], Neuron] = LIF,
        visual_neuron: Callable[[int], Neuron] = VLIF,
        patch_neuron: Callable[[int], Neuron] = NILIF,
        encoder: Callable[[int], Encoder] = Direct,
        width: int = 48,
        encoder_depth: tuple[int, int] = (4, 8),
        decoder_depth: tuple[int, int] = (2, 2),
        refinement: int = 0,
        time_steps: int = 4,
        threshold: float = 0.15,
    ) -> None:
        check_steps("VLIFNet", time_steps)
        depths = {"encoder_depth": encoder_depth, "decoder_depth": decoder_depth}
        check_depths("VLIFNet", depths, levels=2)
        check_depths("VLIFNet", {"refinement": (refinement,)}, levels=1)

        def sdem(channels: int) -> SDEM:
            return SDEM(channels, neuron, visual_neuron, time_steps, threshold)

        def smu(channels: int) -> SMU:
            return SMU(channels, neuron, visual_neuron, patch_neuron, time_steps, threshold)

        stages = Stages(
            encoder1=smu,
            encoder2=row(sdem, encoder_depth[0]),
            encoder3=row(sdem, encoder_depth[1]),
            decoder3=row(sdem, decoder_depth[1]),
            decoder2=row(sdem, decoder_depth[0]),
            decoder1=row(smu, 2),
            readout=lambda C: nn.Sequential(*row(sdem, refinement)(C).children(), TimeMean()),
        )
        super().__init__(stages, encoder(time_steps), width, neuron, threshold, mix_first_skip=True)
