"""Arithmetic without a technology: what an operation takes in bits.

    ACE = Σ operations · bits_a · bits_w

An addition that a binary spike causes takes 1 · bits_w, one of a spike of level k (unrolled) takes
k · bits_w, a multiply-accumulate with a real value takes bits_a · bits_w. Shen et al., "Are
conventional SNNs really efficient? A perspective from network quantization" (CVPR 2024, arXiv
2311.10802), where time steps and bits of activations are the same resource.
"""

from dataclasses import dataclass

from spiking_lowlevel.energy.base import Constant, CostModel, Price
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import scalings
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register


@register
@dataclass(frozen=True)
class BitOperations(CostModel):
    """Bits that meet in multiplications: no technology, and no memory (ACE).

    8 bits by default, what a quantised network of this kind needs; with 32 a real value would look
    32 times as dear as a spike. A sign is free: spikes in {-1, 0, 1} count as binary ones. The
    multiplication that spikes of one odd height cost an output takes bits_a · bits_w.

    Args:
        bits_a: width of a real-valued activation, at least 1.
        bits_w: width of a weight, at least 1.

    Raises:
        UserError: a width is below 1.
    """

    bits_a: int = 8
    bits_w: int = 8

    unit = "bit operations"
    scope = "layers with synapses; free: norms, neurons, sums, gates, pools, biases, memory"

    def __post_init__(self) -> None:
        if min(self.bits_a, self.bits_w) < 1:
            raise UserError(
                f"BitOperations: bits_a is {self.bits_a} and bits_w is {self.bits_w}; "
                "a number has at least 1 bit"
            )

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The bit operations of a layer."""
        real = (layer.macs + scalings(layer)) * self.bits_a * self.bits_w
        return Price(compute=float(real + layer.accumulations * self.bits_w))

    def constants(self) -> dict[str, Constant]:
        """The widths of numbers."""
        chosen = "chosen: an argument of the model"
        return {
            "spike": Constant(1, "bit", "", "Shen et al., arXiv 2311.10802", "second-hand"),
            "activation": Constant(self.bits_a, "bit", "", chosen, "ours"),
            "weight": Constant(self.bits_w, "bit", "", chosen, "ours"),
        }
