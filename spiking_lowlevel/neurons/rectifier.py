"""The artificial neuron: no time, no spikes.

    y[t] = max(x[t], 0)

x, y: [T, B, C, H, W].
"""

from torch import Tensor

from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.registry import register


@register
class Rectifier(Neuron):
    """Rectified linear unit in a neuron's place: turns any network into its own ANN twin.

    Args:
        channels: channels of the input; any number.
    """

    levels = None

    def __init__(self, channels: int) -> None:
        super().__init__()

    def forward(self, current: Tensor) -> Tensor:
        """Real values [T, B, C, H, W], none of them negative."""
        return current.relu()
