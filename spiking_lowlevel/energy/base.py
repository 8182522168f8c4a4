"""What a cost model is: constants with their sources, and a price for what a layer did."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.errors import UserError

Fidelity = Literal["paper", "author-code", "second-hand", "ours"]
"""Where a constant was read: in the paper, in its authors' code, quoted by others, or set by us."""


@dataclass(frozen=True)
class Constant:
    """A number that a model stands on.

    Args:
        value: in `unit`.
        unit: such as "pJ".
        precision: of the arithmetic it is about, such as "fp32"; "" where there is none.
        source: paper and table, or the code it was read in.
        fidelity: how directly.
    """

    value: float
    unit: str
    precision: str
    source: str
    fidelity: Fidelity


@dataclass(frozen=True)
class Arithmetic:
    """Energy of an addition and of a multiplication in one and the same precision.

    Args:
        add: of an addition, in pJ.
        multiply: of a multiplication, in pJ.
        bits: width of a number.

    Raises:
        UserError: the two are of different precisions, or not in pJ.
    """

    add: Constant
    multiply: Constant
    bits: int

    def __post_init__(self) -> None:
        if self.add.precision != self.multiply.precision:
            raise UserError(
                f"a cost table mixes precisions: additions in {self.add.precision}, "
                f"multiplications in {self.multiply.precision}; take both from one precision"
            )
        if {self.add.unit, self.multiply.unit} != {"pJ"}:
            raise UserError(
                f"a cost table is in pJ; given {self.add.unit} and {self.multiply.unit}"
            )

    @property
    def mac(self) -> float:
        """A multiplication and an addition, in pJ."""
        return self.add.value + self.multiply.value


@dataclass(frozen=True)
class Price:
    """What a layer costs, in the unit of its model: pJ, or bit operations.

    Args:
        compute: operations.
        memory: reading and writing weights, states, activations.
        addressing: finding out where to.
    """

    compute: float = 0.0
    memory: float = 0.0
    addressing: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.compute + self.memory + self.addressing


class CostModel(ABC):
    """Prices what a network did, layer by layer; subclasses are frozen dataclasses."""

    kind: ClassVar[str] = "cost"

    unit: ClassVar[str] = "pJ"
    """Of every price."""

    scope: ClassVar[str]
    """One sentence on what has a price, and what has none."""

    @abstractmethod
    def price(self, layer: Layer, recording: Recording) -> Price:
        """The price of all that a layer did in a recording, over all its images."""

    @abstractmethod
    def constants(self) -> dict[str, Constant]:
        """What the model stands on, by name."""

    @property
    def arithmetic(self) -> Arithmetic | None:
        """The additions and multiplications it stands on; None where it has none of that kind."""
        return None
