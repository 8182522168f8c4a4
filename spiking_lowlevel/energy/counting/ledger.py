"""The book that rules write into: rows by module, origins of tensors, what had no rule."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from spiking_lowlevel.energy.counting.origin import Origin, Origins, Rank
from spiking_lowlevel.energy.counting.row import Row
from spiking_lowlevel.energy.counting.sight import MIXED, Inference, Levels


@dataclass
class Ledger:
    """All that is noted while a network runs.

    Args:
        inference: how levels are found that nobody declared.
    """

    inference: Inference
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    origins: Origins = field(default_factory=Origins)
    modules: list[str] = field(default_factory=list)
    literal: list[str] = field(default_factory=list)
    weights: dict[tuple[str, str], list[object]] = field(default_factory=dict)
    entered: list[tuple[int, ...]] = field(default_factory=list)
    uncounted: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    calls: int = 0
    batch: int = 1

    @property
    def module(self) -> str:
        """Full name of the module that runs now."""
        return self.modules[-1] if self.modules else ""

    def row(self, op: str, name: str | None = None) -> Row:
        """The row of an operation in a module, by default the one that runs now."""
        if op == "elementwise" and self.literal:  # a neuron without a closed form computes
            name, op = self.literal[-1], "neuron"
        key = (self.module if name is None else name, op)
        if key not in self.rows:
            self.rows[key] = Row(*key)
        return self.rows[key]

    def synapses(self, op: str, weight: Tensor | None, shapes: object = None) -> Row:
        """The row of a layer with synapses: one a weight, however many a module has.

        Args:
            op: its kind.
            weight: None for a product of two activations.
            shapes: of the two, which tell such products apart.
        """
        identity = shapes if weight is None else self._identity(weight)
        known = self.weights.setdefault((self.module, op), [])
        if identity not in known:
            known.append(identity)
        number = known.index(identity) + 1
        return self.row(op if number == 1 else f"{op} {number}")

    def _identity(self, weight: Tensor) -> object:
        origin = self.origins[weight]
        if origin.parameters:
            return origin.parameters
        if origin.rank == Rank.OUTSIDE:  # it was there before, and will be again
            return weight.untyped_storage()._cdata
        return tuple(weight.shape)

    def without_rule(self, op: str, elements: int) -> None:
        """Note an operation that no rule is known for."""
        calls, before = self.uncounted.get((op, self.module), (0, 0))
        self.uncounted[op, self.module] = (calls + 1, before + elements)
        self.row("uncounted").calls += 1

    def is_weight(self, x: Tensor) -> bool:
        """Whether a tensor is a weight or a constant."""
        return self.origins[x].rank == Rank.WEIGHT

    def spikes(self, x: object) -> Levels | None:
        """The levels of a tensor that is known to hold spikes."""
        levels = self.origins[x].levels if isinstance(x, Tensor) else None
        return None if levels is MIXED or levels is None or levels.most < 1 else levels

    def output(self, origin: Origin, *outputs: Tensor) -> None:
        """Note where new tensors come from."""
        for x in outputs:
            self.origins[x] = origin


def nonzero(x: Tensor) -> int:
    """How many elements are not zero."""
    return int(torch.count_nonzero(x))
