"""Visual leaky integrate-and-fire: one membrane runs through all pixels of a patch.

    z = space_to_time(x, r)      [T, B, C, H, W]  ->  [r²·T, B, C, H/r, W/r]
    s = inner(z)                 any neuron, over r²·T steps
    y = restore(s)               [r²·T, B, C, H/r, W/r]  ->  [T, B, C, H, W]

Chen et al., "Exploring the potentials of spiking neural networks for image deraining" (AAAI 2026,
arXiv 2512.02258), section on the Visual LIF neuron. `restore` is where paper and published code
differ: the paper adds no parameters (`Shuffle`), the code interpolates and projects (`Project`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.ni_lif import NILIF
from spiking_lowlevel.neurons.patches import PatchMix, space_to_time, time_to_space
from spiking_lowlevel.registry import register


class Restore(nn.Module, ABC):
    """Brings the steps of a patch back to its pixels: [r²·T, B, C, H/r, W/r] to [T, B, C, H, W]."""

    keeps_levels: bool
    """Whether what comes out is still spikes of the inner neuron's levels."""

    @abstractmethod
    def forward(self, spikes: Tensor) -> Tensor:
        """Frames [T, B, C, H, W] made of spikes [r²·T, B, C, H/r, W/r]."""


class Project(Restore):
    """As the published code: the r² steps as channels, a 1x1 convolution, bilinear upsampling.

    The code upsamples first; the two are linear and commute, and the convolution is r² times
    cheaper before. Weights: r²·C², no bias. The output is real-valued.

    Args:
        channels: channels C of the spikes.
        factor: patch side r.
    """

    keeps_levels = False

    def __init__(self, channels: int, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor
        self.mix = PatchMix(channels, channels, factor)

    def forward(self, spikes: Tensor) -> Tensor:
        """Frames [T, B, C, H, W] made of spikes [r²·T, B, C, H/r, W/r]."""
        mixed = self.mix(spikes)
        frames = F.interpolate(mixed.flatten(0, 1), scale_factor=self.factor, mode="bilinear")
        return frames.unflatten(0, mixed.shape[:2])


class Shuffle(Restore):
    """As the paper's text: every step goes back to its own pixel. No parameters; still spikes.

    Args:
        channels: channels C of the spikes; any number.
        factor: patch side r.
    """

    keeps_levels = True

    def __init__(self, channels: int, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, spikes: Tensor) -> Tensor:
        """Frames [T, B, C, H, W] made of spikes [r²·T, B, C, H/r, W/r]."""
        return time_to_space(spikes, self.factor)


@register
class VLIF(Neuron):
    """Visual LIF: any neuron run over the pixels of each patch, then brought back to the image.

    Args:
        channels: channels C of the input.
        factor: patch side r ≥ 1; height and width have to be multiples of it.
        inner: the neuron that runs over the r²·T steps.
        restore: how its spikes become frames again.
    """

    def __init__(
        self,
        channels: int,
        factor: int = 2,
        inner: Callable[[int], Neuron] = NILIF,
        restore: Callable[[int, int], Restore] = Project,
    ) -> None:
        super().__init__()
        self.factor = factor
        self.inner = inner(channels)
        self.restore = restore(channels, factor)
        self.levels = self.inner.levels if self.restore.keeps_levels else None

    def forward(self, current: Tensor) -> Tensor:
        """Frames [T, B, C, H, W] in answer to a current of the same shape."""
        return self.restore(self.inner(space_to_time(current, self.factor)))
