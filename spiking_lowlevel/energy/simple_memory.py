"""Arithmetic and one flat price for every byte that is read or written.

    E = 4.6 pJ · MAC + 0.9 pJ · AC + 24.96 pJ/B · 4 B · (weights + biases + states read + written)

Weights are read once an addition or multiply-accumulate; biases once an output element; a membrane
is read once and written once an update. SpikingJelly 2.0.0 (Apache-2.0), `estimate_simple_energy`,
with the 3.12 pJ/bit of STEP (Shen et al., arXiv 2505.11151).
"""

from dataclasses import dataclass

from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel, Price
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import FP32, scalings
from spiking_lowlevel.registry import register

BYTE = Constant(
    24.96,
    "pJ/B",
    "",
    "STEP, arXiv 2505.11151, Table 9 (3.12 pJ/bit), as quoted by SpikingJelly 2.0.0, op_counter",
    "second-hand",
)
WORD = Constant(4, "B", "fp32", "width of a single-precision number", "ours")


@register
@dataclass(frozen=True)
class SimpleMemory(CostModel):
    """Single-precision arithmetic plus 24.96 pJ for every byte of weights, biases and membranes.

    Spikes of one odd height also cost a multiplication an output, 3.7 pJ.
    """

    scope = (
        "additions and multiplications of layers with synapses; reading weights and biases; "
        "reading and writing membranes; free: all other arithmetic, bias additions, activations"
    )

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The energy of a layer in pJ: compute and memory."""
        add, multiply = FP32.add.value, FP32.multiply.value
        compute = layer.macs * FP32.mac + layer.accumulations * add + scalings(layer) * multiply
        weights, biases = layer.macs + layer.accumulations, layer.other.bias
        states = 2 * layer.updates  # read, written
        return Price(compute, memory=(weights + biases + states) * WORD.value * BYTE.value)

    def constants(self) -> dict[str, Constant]:
        """Energies of an addition, a multiplication and a byte; bytes of a number."""
        return {"add": FP32.add, "multiply": FP32.multiply, "byte": BYTE, "word": WORD}

    @property
    def arithmetic(self) -> Arithmetic:
        """Single precision."""
        return FP32
