"""Spikes counted exactly, by neuron layer, time step and channel, in one pass over them.

Single precision holds every whole number up to 2²⁴. Each sum of a step and channel stays below that
in units of 1/D, and larger frames are summed a few rows at a time: no count is rounded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from spiking_lowlevel.neurons.base import Neuron

_EXACT = 2**24  # up to here single precision tells all whole numbers apart
_BYTE = 255  # what a byte can hold
_CALLS = 64  # before their numbers are added up
_PIXELS = (1, 3, 4)  # the axes of [T, B, C, H, W] that are neither steps nor channels


@dataclass(frozen=True)
class Counts:
    """What one neuron layer did, as whole numbers [S, C] over S steps and C channels.

    Args:
        levels: D, what a spike of 1 counts.
        fired: spikes that are not zero.
        total: all spikes added up, in units of 1/D.
        places: places looked at: pixels of all pictures.
    """

    levels: int
    fired: np.ndarray
    total: np.ndarray
    places: np.ndarray

    def rate(self, axis: int | None = None) -> np.ndarray:
        """Share of places that fired, over all or along an axis: 0 leaves channels, 1 steps."""
        return self.fired.sum(axis) / self.places.sum(axis)

    def mean(self, axis: int | None = None) -> np.ndarray:
        """Mean spike, over all or along an axis: 0 leaves channels, 1 steps."""
        return self.total.sum(axis) / (self.levels * self.places.sum(axis))


Key = tuple[str, int, int]
"""A neuron layer that ran over S steps of C channels."""


class SpikeCounter:
    """Counts the spikes it is called with, as `watch` calls it.

    What a call leaves behind is a number a step and channel, on the device of the spikes; nothing
    waits for that device, and the numbers of many calls are added up at once.
    """

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        self._parts: dict[Key, list[tuple[Tensor, ...]]] = {}
        self._sums: dict[Key, Tensor] = {}
        self._places: dict[Key, int] = {}

    def __call__(self, name: str, neuron: Neuron, spikes: Tensor) -> None:
        """Count spikes [T, B, C, H, W] of the levels that the neuron has."""
        S, B, C, H, W = spikes.shape
        key, levels = (name, S, C), neuron.levels or 1
        self._levels[name] = levels
        self._places[key] = self._places.get(key, 0) + B * H * W
        rows = max(1, _EXACT // (levels * B * W))
        parts = self._parts.setdefault(key, [])
        for part in [spikes] if rows >= H else spikes.split(rows, dim=3):
            parts.append(partial_sums(part, levels))
        if len(parts) >= _CALLS:
            self._settle(key)

    def _settle(self, key: Key) -> None:
        """Add up what was counted since the last time, in 64-bit integers."""
        if parts := self._parts.pop(key, None):
            sums = [_whole(torch.stack(some)).sum(0) for some in zip(*parts, strict=True)]
            self._sums[key] = self._sums.get(key, 0) + torch.stack(sums)

    def counts(self, add_up: Callable[[Tensor], Tensor] = lambda own: own) -> dict[str, Counts]:
        """All counts by neuron layer, in the order in which the layers first ran.

        Args:
            add_up: the sum of a vector of 64-bit integers over all processes.
        """
        if not self._places:
            return {}
        keys = sorted(self._places)  # processes may have met them in another order
        for key in keys:
            self._settle(key)
        sums = [self._sums[k].flatten() for k in keys]
        places = torch.tensor([self._places[k] for k in keys], device=sums[0].device)
        vector = add_up(torch.cat([places, *sums])).cpu()
        places, *sums = vector.split([len(keys), *map(len, sums)])
        found: dict[str, list[Counts]] = {name: [] for name in self._levels}
        for (name, S, C), place, both in zip(keys, places.tolist(), sums, strict=True):
            tables = both.reshape(-1, S, C).numpy()
            looked_at = np.full((S, C), place)
            found[name].append(Counts(self._levels[name], tables[0], tables[-1], looked_at))
        return {name: _joined(some) for name, some in found.items()}


def partial_sums(spikes: Tensor, levels: int) -> tuple[Tensor, ...]:
    """How many of [T, B, C, H, W] are not zero, and for D > 1 their sum times D, both [T, C].

    Exact where B · H · W · D ≤ 2²⁴.
    """
    dtype = torch.promote_types(spikes.dtype, torch.float32)
    if levels == 1:
        return (spikes.sum(_PIXELS, dtype=dtype),)
    if levels & (levels - 1):
        total = (spikes.to(dtype) * levels).round_().sum(_PIXELS)
    else:  # 1/D is a binary fraction, of which sums are exact
        total = spikes.sum(_PIXELS, dtype=dtype) * levels
    return firing(spikes), total


def firing(spikes: Tensor) -> Tensor:
    """How many of [T, B, C, H, W] are not zero: [T, C], exact up to 2²⁴."""
    T, B, C, H, W = spikes.shape
    fires = spikes.bool().movedim(2, 4)
    side_by_side = fires.is_contiguous() and W * C % 8 == 0
    if not (side_by_side and spikes.device.type == "cpu"):
        return fires.sum((1, 2, 3), dtype=torch.float32)
    # Rows are added as words of eight bytes, none of which carries over into the next.
    words = fires.reshape(T * B, H, W * C).view(torch.int64).split(_BYTE, dim=1)
    sums = [some.sum(1).view(torch.uint8).view(T, B * W, C) for some in words]
    return torch.stack([some.sum(1, dtype=torch.float32) for some in sums]).sum(0)


def _whole(sums: Tensor) -> Tensor:
    # What is no number, in a run gone wrong, adds nothing.
    return sums.nan_to_num(0, 0, 0).long()


def _joined(some: list[Counts]) -> Counts:
    """One table of counts of different numbers of steps or channels."""
    if len(some) == 1:
        return some[0]
    S, C = np.max([c.fired.shape for c in some], axis=0)
    fired, total, places = (np.zeros((S, C), np.int64) for _ in range(3))
    for c in some:
        inside = tuple(slice(side) for side in c.fired.shape)
        fired[inside] += c.fired
        total[inside] += c.total
        places[inside] += c.places
    return Counts(some[0].levels, fired, total, places)
