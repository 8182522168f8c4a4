"""What a reader must know of a layer before believing its numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from spiking_lowlevel.energy.base import Arithmetic
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer

FlagName = Literal["REAL-INPUT", "DEAD", "T-REDUNDANT", "EXPANDED", "INFERRED", "UNCOUNTED"]

MEANINGS: dict[FlagName, str] = {
    "REAL-INPUT": "its input holds real values: it multiplies, whatever the neurons do",
    "DEAD": "it saw nothing but zeros, or never fired",
    "T-REDUNDANT": "every input held so many equal frames: one would do",
    "EXPANDED": "its spikes are so high that one multiplication costs less than their additions",
    "INFERRED": "no neuron declared the levels of its spikes: they were read off the values",
    "UNCOUNTED": "it called operations that no rule is known for: it costs more than is told",
}
"""What each flag says, in the order in which they are given."""


@dataclass(frozen=True)
class Flag:
    """One remark on one layer.

    Args:
        name: one of `MEANINGS`.
        detail: of T-REDUNDANT the number of equal frames, of EXPANDED the precisions it holds in.
    """

    name: FlagName
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.detail}".strip()


def flags(
    layer: Layer, arithmetics: Sequence[Arithmetic] = (), uncounted: Collection[str] = ()
) -> tuple[Flag, ...]:
    """The remarks on a layer.

    Args:
        layer: what was seen of it.
        arithmetics: of the models it is priced with; EXPANDED is decided for each precision.
        uncounted: names of the modules that called operations without a rule.
    """
    found: list[Flag] = []
    real = layer.activity == Activity.REAL
    if real:
        found.append(Flag("REAL-INPUT"))
    if _dead(layer):
        found.append(Flag("DEAD"))
    if layer.copies > 1:
        found.append(Flag("T-REDUNDANT", f"×{layer.copies}"))
    if precisions := _expanded(layer, arithmetics):
        found.append(Flag("EXPANDED", ",".join(precisions)))
    if not layer.declared and not real and (layer.synaptic or layer.op == "neuron"):
        found.append(Flag("INFERRED"))
    if layer.name in uncounted:
        found.append(Flag("UNCOUNTED"))
    return tuple(found)


def _dead(layer: Layer) -> bool:
    if layer.op == "neuron":
        return layer.outputs > 0 and layer.spikes == 0
    return layer.synaptic and layer.total.elements > 0 and layer.total.nonzero == 0


def _expanded(layer: Layer, arithmetics: Sequence[Arithmetic]) -> list[str]:
    """The precisions in which additions, one a level, cost more than a multiply-accumulate."""
    if layer.activity != Activity.MULTILEVEL:
        return []
    dearer = [a.add.precision for a in arithmetics if layer.mean_level > a.mac / a.add.value]
    return list(dict.fromkeys(dearer))
