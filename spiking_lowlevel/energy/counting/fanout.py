"""How many outputs an input element reaches, by its place: exact at borders, strides and holes.

Along one axis, with input length I, output length O, kernel K, stride s, padding p, dilation d:

    f(i) = #{(o, j): o·s − p + j·d = i,  0 ≤ o < O,  0 ≤ j < K}      of a convolution
    f(i) = #{j: 0 ≤ i·s − p + j·d < O,  0 ≤ j < K}                    of a transposed one

The fan-out in space is the product over the axes, so a sum over all elements is a few products with
vectors:  Σ_i x(i) Π_a f_a(i_a).
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor


class Axis(NamedTuple):
    """One axis of a convolution."""

    input: int
    output: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    transposed: bool


@lru_cache(maxsize=1024)
def fan_out(axis: Axis) -> tuple[int, ...]:
    """f(i) for every place i along an axis."""
    places, outputs, kernel, stride, padding, dilation, transposed = axis
    taps = [j * dilation - padding for j in range(kernel)]
    if transposed:
        return tuple(sum(0 <= i * stride + tap < outputs for tap in taps) for i in range(places))
    reached = [0] * places
    for first in range(0, outputs * stride, stride):
        for tap in taps:
            if 0 <= first + tap < places:
                reached[first + tap] += 1
    return tuple(reached)


def places(axes: tuple[Axis, ...]) -> int:
    """Π_a Σ_i f_a(i): the taps of one input channel on one output channel, those on padding out."""
    product = 1
    for axis in axes:
        product *= sum(fan_out(axis))
    return product


def reach(per_place: Tensor, axes: tuple[Axis, ...]) -> int:
    """Σ of what lies at every place times its fan-out in space.

    Args:
        per_place: whole numbers in float64, one dimension an axis.
        axes: of these dimensions, in order.
    """
    for axis in reversed(axes):
        per_place = per_place @ _factors(axis, per_place.device)
    return round(float(per_place))


@lru_cache(maxsize=1024)
def _factors(axis: Axis, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # so that whoever comes next may use it in any mode
        return torch.tensor(fan_out(axis), dtype=torch.float64, device=device)
