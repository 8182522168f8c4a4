"""An operation as it was dispatched: its arguments by name, its output, and the book."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from spiking_lowlevel.energy.counting.ledger import Ledger
from spiking_lowlevel.energy.counting.origin import Origin


@dataclass(frozen=True, slots=True)
class Call:
    """What a rule sees.

    Args:
        op: name of the operation, without overload and without the mark of in-place operations.
        given: arguments by the names of the schema.
        out: what it returned.
        inputs: origins of all tensors that went in.
        ledger: the book to write into.
    """

    op: str
    given: dict[str, Any]
    out: Any
    inputs: tuple[Origin, ...]
    ledger: Ledger

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        """An argument, None where it is left out."""
        return self.given.get(name)

    @property
    def first(self) -> Tensor:
        """The first tensor that came out."""
        return next(tensors((self.out,)))

    def add(self, row: str = "elementwise", **operations: int) -> None:
        """Note operations that are not synaptic, under this name of a row."""
        place = self.ledger.row(row)
        place.operations(**operations)
        place.calls += 1


Rule = Callable[[Call], Origin | None]
"""Counts a call; returns the origin of what came out, or nothing where it is ordinary data."""


def tensors(values: object) -> Iterator[Tensor]:
    """All tensors among arguments or outputs, in order."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, tuple | list):
        for value in values:
            yield from tensors(value)
    elif isinstance(values, dict):
        yield from tensors(list(values.values()))
