"""Where tensors come from: which are activations, which are spikes, and of what levels.

Kept by storage, so that views share it; an operation that writes into a storage replaces it.
"""

import weakref
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from torch import Tensor

from spiking_lowlevel.energy.counting.sight import MIXED, Levels

BLANK = Levels(0.0, -1)
"""Holds nothing yet, or zeros: a level of everything, so that what is written into it decides."""


class Rank(IntEnum):
    """How much of an activation a tensor is; of two factors the higher one is the activation."""

    WEIGHT = 0
    """A parameter, a buffer, a constant, or made of such alone."""
    OUTSIDE = 1
    """Never seen before: a tensor from elsewhere."""
    DATA = 2
    """The input of the network, or computed from it."""


class Origin(NamedTuple):
    """What is known of a tensor.

    Args:
        rank: see `Rank`.
        levels: of the spikes that it holds; `MIXED` for what is known to be real; None if unknown.
        sums: whether it is what a convolution or matrix product gave, and nothing else.
        parameters: names of the parameters that a weight is made of.
    """

    rank: Rank
    levels: Levels | None = None
    sums: bool = False
    parameters: frozenset[str] = frozenset()


DATA = Origin(Rank.DATA)
_OUTSIDE = Origin(Rank.OUTSIDE)


class Origins:
    """The origins of all tensors of one pass through a network."""

    def __init__(self) -> None:
        # A storage's address alone would be taken for the one that is made there next.
        self._known: dict[int, tuple[weakref.ref[object], Origin]] = {}

    def __getitem__(self, x: Tensor) -> Origin:
        """The origin of a tensor."""
        found = self._known.get(_place(x)[0])
        return found[1] if found is not None and found[0]() is not None else _OUTSIDE

    def __setitem__(self, x: Tensor, origin: Origin) -> None:
        """Note the origin of a tensor, and of all that share its storage."""
        key, owner = _place(x)
        self._known[key] = (weakref.ref(owner), origin)


def _place(x: Tensor) -> tuple[int, object]:
    """What tensors with the same memory have in common, and who owns it."""
    try:
        storage = x.untyped_storage()
    except NotImplementedError:  # a sparse tensor, say, has no memory of this kind
        return id(x), x
    return storage._cdata, storage


def together(origins: Iterable[Origin]) -> Origin:
    """The origin of what is computed from tensors of these: no spikes, unless a rule says so."""
    rank, parameters = Rank.WEIGHT, frozenset[str]()
    for origin in origins:
        if origin.rank == Rank.DATA:
            return DATA
        rank = max(rank, origin.rank)
        parameters |= origin.parameters
    return Origin(rank, parameters=parameters)


def joined(origins: Iterable[Origin]) -> Levels | None:
    """The levels of tensors that are laid side by side."""
    found = [origin.levels for origin in origins if origin.levels is not BLANK]
    if any(levels is MIXED for levels in found):
        return MIXED
    known = [levels for levels in found if levels is not None]
    if len(known) < len(found) or len({levels.unit for levels in known}) > 1:
        return None
    return max(known, key=lambda levels: levels.most, default=BLANK)
