"""VLIFNet: a U-shaped network of three levels that predicts what rain added.

    x = conv3x3(encode(I))                                          [T, B, C, H, W]
    level 1: SMU          → level 2: SDEM × n, 2C, half size        → level 3: SDEM × n, 4C, quarter
    level 1: SMU, SMU     ← level 2: SDEM × n, skip joined          ←
    restored = I + conv3x3(mean over T)                             [B, 3, H, W], not clamped

Chen et al., "Exploring the potentials of spiking neural networks for image deraining" (AAAI 2026,
arXiv 2512.02258), as in the authors' code, but for any width, depth and number of time steps.
"""

from collections.abc import Callable

from torch import Tensor, nn

from spiking_lowlevel.blocks.base import per_frame
from spiking_lowlevel.blocks.sampling import Downsampling, SkipFusion, Upsampling
from spiking_lowlevel.blocks.sdem import SDEM
from spiking_lowlevel.blocks.smu import SMU
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.encoders.direct import Direct
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.lif import LIF
from spiking_lowlevel.neurons.ni_lif import NILIF
from spiking_lowlevel.neurons.vlif import VLIF
from spiking_lowlevel.registry import register


@register
class VLIFNet(Network):
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
        refinement: further SDEM blocks at full resolution before the output (Rain200L: 4).
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
        super().__init__()
        if time_steps < 1 or width < 1:
            raise UserError(f"VLIFNet: time_steps {time_steps} and width {width} are at least 1")
        depths = (*encoder_depth, *decoder_depth, refinement)
        if len(depths) != 5 or min(depths) < 0:
            raise UserError(
                "VLIFNet: encoder_depth and decoder_depth are two numbers each (level 2, level 3), "
                f"none of them, nor refinement, below 0; given {encoder_depth}, {decoder_depth}, "
                f"{refinement}"
            )

        def sdem(channels: int, depth: int) -> nn.Sequential:
            blocks = (
                SDEM(channels, neuron, visual_neuron, time_steps, threshold) for _ in range(depth)
            )
            return nn.Sequential(*blocks)

        def smu() -> SMU:
            return SMU(width, neuron, visual_neuron, patch_neuron, time_steps, threshold)

        C = width
        self.encoder = encoder(time_steps)
        self.embed = nn.Conv2d(3, C, 3, padding=1, bias=False)
        self.encoder1 = smu()
        self.down1 = Downsampling(C, neuron, threshold)
        self.encoder2 = sdem(2 * C, encoder_depth[0])
        self.down2 = Downsampling(2 * C, neuron, threshold)
        self.encoder3 = sdem(4 * C, encoder_depth[1])
        self.decoder3 = sdem(4 * C, decoder_depth[1])
        self.up2 = Upsampling(4 * C, neuron, threshold)
        self.fuse2 = SkipFusion(2 * C, neuron, threshold)
        self.decoder2 = sdem(2 * C, decoder_depth[0])
        self.up1 = Upsampling(2 * C, neuron, threshold)
        self.fuse1 = SkipFusion(C, neuron, threshold)
        self.decoder1 = nn.Sequential(smu(), smu())
        self.refinement = sdem(C, refinement)
        self.output = nn.Conv2d(C, 3, 3, padding=1)

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images, of the shape of `degraded` [B, 3, H, W]; H and W multiples of 8."""
        self.check_size(degraded)
        e1 = self.encoder1(per_frame(self.embed, self.encoder(degraded)))
        e2 = self.encoder2(self.down1(e1))
        d3 = self.decoder3(self.encoder3(self.down2(e2)))
        d2 = self.decoder2(self.fuse2(self.up2(d3), e2))
        d1 = self.decoder1(self.fuse1(self.up1(d2), e1))
        return degraded + self.output(self.refinement(d1).mean(0))
