"""Additions and multiplications in 45 nm silicon, and what they add up to.

    E = AC e_add + MAC (e_mul + e_add) + (MUL + scalings) e_mul + (ADD + CMP + biases) e_add

AC: additions that spikes cause; MAC: multiply-accumulates of layers with real input; scalings: one
an output of a layer whose spikes have a single odd height; MUL, ADD, CMP: multiplications,
additions and comparisons of neurons and of all that has no synapses, at the same prices.

Constants: M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014,
doi 10.1109/ISSCC.2014.6757323: 45 nm, 0.9 V.
"""

from abc import abstractmethod
from dataclasses import dataclass

from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel, Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.registry import register

_PAPER = "Horowitz, ISSCC 2014, doi 10.1109/ISSCC.2014.6757323 (45 nm, 0.9 V)"


def _pair(precision: str, bits: int, add: float, multiply: float, quoted: str) -> Arithmetic:
    source = f"{_PAPER}, as quoted in {quoted}"
    return Arithmetic(
        add=Constant(add, "pJ", precision, source, "second-hand"),
        multiply=Constant(multiply, "pJ", precision, source, "second-hand"),
        bits=bits,
    )


FP32 = _pair("fp32", 32, add=0.9, multiply=3.7, quoted="PMC8934428, Table 3")
FP16 = _pair("fp16", 16, add=0.4, multiply=1.1, quoted="SpikingJelly 2.0.0, op_counter")
INT32 = _pair("int32", 32, add=0.1, multiply=3.1, quoted="PMC8934428, Table 3")
INT8 = _pair("int8", 8, add=0.03, multiply=0.2, quoted="SpikingJelly 2.0.0, op_counter")


def scalings(layer: Layer) -> int:
    """Multiplications of sums of spikes of one odd height; none where real values come in too."""
    return 0 if layer.activity == Activity.REAL else layer.total.scalings


def arithmetic_energy(layer: Layer, arithmetic: Arithmetic) -> float:
    """Energy in pJ of all additions and multiplications of a layer: see the module."""
    other = layer.other
    additions = layer.accumulations + layer.macs + other.add + other.compare + other.bias
    multiplications = layer.macs + scalings(layer) + other.multiply
    return additions * arithmetic.add.value + multiplications * arithmetic.multiply.value


class Horowitz(CostModel):
    """Every addition and multiplication of a network in one precision; nothing is free but moving.

    E = AC e_add + MAC (e_mul + e_add) + (MUL + scalings) e_mul + (ADD + CMP + biases) e_add, in pJ
    """

    scope = (
        "additions, multiplications and comparisons of all layers; free: nonlinear functions, "
        "selections by spikes, memory, data movement, control"
    )

    @property
    @abstractmethod
    def arithmetic(self) -> Arithmetic:
        """The additions and multiplications it stands on."""

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The energy of a layer's arithmetic in pJ."""
        return Price(compute=arithmetic_energy(layer, self.arithmetic))

    def constants(self) -> dict[str, Constant]:
        """Energy of an addition and of a multiplication."""
        return {"add": self.arithmetic.add, "multiply": self.arithmetic.multiply}


@register
@dataclass(frozen=True)
class HorowitzFP32(Horowitz):
    """Single precision in 45 nm: 4.6 pJ a multiply-accumulate, 0.9 pJ an addition.

    The pair that papers on spiking networks use. Its 5.1 : 1 favours additions so much that four
    time steps of binary spikes are never dearer than one of real values, at any firing rate.
    """

    @property
    def arithmetic(self) -> Arithmetic:
        """Single precision: 0.9 pJ an addition, 3.7 pJ a multiplication."""
        return FP32


@register
@dataclass(frozen=True)
class HorowitzFP16(Horowitz):
    """Half precision in 45 nm: 1.5 pJ a multiply-accumulate, 0.4 pJ an addition."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Half precision: 0.4 pJ an addition, 1.1 pJ a multiplication."""
        return FP16


@register
@dataclass(frozen=True)
class HorowitzINT8(Horowitz):
    """Integers of 8 bits in 45 nm: 0.23 pJ a multiply-accumulate, 0.03 pJ an addition.

    Sums have 8 bits too; real accumulators are wider: one of 32 bits takes 0.1 pJ an addition.
    """

    @property
    def arithmetic(self) -> Arithmetic:
        """Integers of 8 bits: 0.03 pJ an addition, 0.2 pJ a multiplication."""
        return INT8


@register
@dataclass(frozen=True)
class HorowitzINT32(Horowitz):
    """Integers of 32 bits in 45 nm: 3.2 pJ a multiply-accumulate, 0.1 pJ an addition."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Integers of 32 bits: 0.1 pJ an addition, 3.1 pJ a multiplication."""
        return INT32
