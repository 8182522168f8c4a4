"""Looking at a tensor: which class of activity it is, and how much of it there is at every place.

What a neuron declares is believed after a look at the values; what nobody declares is inferred from
them, for units 1, 1/2, 1/4, 1/8 and a few levels, and says so. Inference is a guess: {0, 1/2, 1}
may be two levels of 1/2 or of a quarter, and a grey wall looks like a spike.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from spiking_lowlevel.energy.counting.activity import Activity

_SAMPLE = 512  # elements that are looked at before all are
_ROUNDED = 1e-2  # of a level: what half precision leaves of k / D
_FEW = 8  # values below which one and the same height may be chance


class Levels(NamedTuple):
    """What spikes were declared to be: unit · k for k in 0, ..., most."""

    unit: float
    most: int


MIXED = Levels(0.0, 0)
"""Declares real values: spikes mixed by an interpolation, which may look like spikes by chance."""


@dataclass(frozen=True)
class Inference:
    """How levels are found that nobody declared.

    Args:
        units: candidates for the unit, the first that fits is taken.
        most: the largest number of levels above zero.
        strict: whether to infer none: what is neither declared nor in {0, 1} is REAL.
    """

    units: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125)
    most: int = 8
    strict: bool = False


class Sight(NamedTuple):
    """What was seen of a tensor [N, C, ...].

    Args:
        activity: its class.
        declared: whether nothing had to be inferred.
        levels: number of levels D of spikes, 0 for real values.
        units: Σ|k| over the first two dimensions, in float64 [...].
        nonzero: how many of those elements are not zero, in float64 [...].
    """

    activity: Activity
    declared: bool
    levels: int
    units: Tensor
    nonzero: Tensor


def look(x: Tensor, declared: Levels | None, inference: Inference) -> Sight:
    """Classify a tensor [N, C, ...], and sum it up over its first two dimensions."""
    x = x.detach()
    if x.dtype == torch.bool or not x.is_floating_point():
        x = x.to(torch.float64 if x.dtype == torch.int64 else torch.float32)
    if declared is not None and declared.most > 0:  # it was held against the values before
        return _spikes(_units(x, declared).round_(), declared, True)
    if declared is not MIXED and _may_be_spikes(x, inference):
        inferred = _inferred(x, inference)
        if inferred is not None:
            return inferred
    nonzero = _sum(x != 0)
    activity = Activity.REAL if bool(nonzero.any()) else Activity.ZERO
    return Sight(activity, True, 0, nonzero, nonzero)


def holds(x: Tensor, levels: Levels) -> bool:
    """Whether values are unit · k for k in 0, ..., most, as closely as their precision allows."""
    if not x.numel():
        return True
    k = _units(x, levels)
    within = max(_ROUNDED, levels.most * torch.finfo(x.dtype).eps) if x.is_floating_point() else 0
    least, most = (float(end) for end in _flat(k).aminmax())
    if not (least >= -within and most <= levels.most + within):
        return False
    return torch.equal(k, k.round()) or float((k - k.round()).abs().amax()) <= within


def _units(x: Tensor, levels: Levels) -> Tensor:
    """X / unit, in single precision at least; a copy."""
    return x.to(torch.promote_types(x.dtype, torch.float32)).div(levels.unit)


def _spikes(k: Tensor, levels: Levels, declared: bool) -> Sight:
    units = _sum(k, levels.most)
    if not bool(units.any()):
        return Sight(Activity.ZERO, True, levels.most, units, units)
    if levels == (1, 1):
        return Sight(Activity.BINARY, declared, 1, units, units)
    return Sight(Activity.MULTILEVEL, declared, levels.most, units, _sum(k != 0))


def _levels(x: Tensor, levels: Levels) -> Tensor | None:
    """The k of x = unit · k, if all are whole numbers from 0 to the number of levels."""
    if not x.numel():
        return x
    k = x if levels.unit == 1 else x / levels.unit
    least, most = (float(end) for end in _flat(k).aminmax())
    fits = least >= 0 and most <= levels.most and torch.equal(k, k.round())
    return k if fits else None


def _inferred(x: Tensor, inference: Inference) -> Sight | None:
    k = _levels(x, Levels(1.0, 1))
    if k is not None:
        return _spikes(k, Levels(1.0, 1), False)
    if inference.strict:
        return None
    if torch.equal(x.abs(), x.square()) and float(_flat(x).abs().amax()) <= 1:
        nonzero = _sum(x != 0)
        return Sight(Activity.TERNARY, False, 1, nonzero, nonzero)
    for unit in inference.units:
        k = _levels(x, Levels(unit, inference.most))
        if k is not None:
            return _spikes(k, Levels(unit, int(k.amax())), False)
    height = _only_height(x)
    if height is not None:
        nonzero = _sum(x != 0)
        return Sight(Activity.GRADED, False, 1, nonzero, nonzero)
    return None


def _only_height(x: Tensor) -> float | None:
    """The one value beside zeros, if there is only one."""
    if x.numel() < _FEW:
        return None
    least, most = (float(end) for end in _flat(x).aminmax())
    height = most if least == 0 else least if most == 0 else None
    return height if height and bool(((x == 0) | (x == height)).all()) else None


def _may_be_spikes(x: Tensor, inference: Inference) -> bool:
    """Whether some of the values could be spikes: most real tensors end here."""
    few = x
    while few.dim() and few.numel() > _SAMPLE:
        few = few[few.shape[0] // 2]
    heights = set(few.reshape(-1).tolist()) - {0.0}
    if len(heights) > inference.most:
        return False
    return (
        len(heights) < 2
        or heights <= {-1.0, 1.0}
        or any(
            all((v / u).is_integer() and 0 <= v / u <= inference.most for v in heights)
            for u in inference.units
        )
    )


def _sum(x: Tensor, most: int = 1) -> Tensor:
    """Σ over the first two dimensions, in float64: exact for whole numbers up to `most`."""
    if x.dtype == torch.bool:
        return x.view(torch.uint8).sum((0, 1), dtype=torch.int64).double()
    exact = x.shape[0] * x.shape[1] * most <= 2**24
    return x.sum((0, 1), dtype=torch.float32 if exact else torch.float64).double()


def _flat(x: Tensor) -> Tensor:
    """The elements as they lie in memory, where they lie densely: reductions are faster so."""
    if x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last):
        return x.permute(0, 2, 3, 1)
    return x
