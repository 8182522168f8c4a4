"""The convolutions of a step, recorded as they are called, and their cost.

    MAC of a convolution             = elements of the output · C_in / groups · kernel sides
    MAC of a transposed convolution  = elements of the input · C_out / groups · kernel sides
    MAC of a way back                = as many for the gradient of the input, and for the weight's

Taps on the padding count, as they do in published tables. It is all for the whole batch.
"""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten


Wanted = tuple[bool, bool, bool] | None
"""On the way back: whether the gradients of input, weight and bias are asked for."""


class Geometry(NamedTuple):
    """Of a convolution, as PyTorch names and orders it."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    transposed: bool
    output_padding: tuple[int, ...]
    groups: int


class Convolution(NamedTuple):
    """One call: shapes, and for a way back which of its gradients are wanted."""

    input: tuple[int, ...]
    weight: tuple[int, ...]
    output: tuple[int, ...]
    bias: bool
    geometry: Geometry
    dtype: torch.dtype
    gradients: Wanted

    @property
    def macs(self) -> int:
        """Multiplications with an addition."""
        once = prod(self.input if self.geometry.transposed else self.output) * prod(self.weight[1:])
        return once if self.gradients is None else once * sum(self.gradients[:2])


class Recorder(TorchDispatchMode):
    """Notes every convolution and the MACs of every matrix product that is called in its context.

    Functional calls, compositions and ways back are seen as well; what was compiled is not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolutions: list[Convolution] = []
        self.product_macs = 0

    def __torch_dispatch__(
        self,
        func: OpOverload[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation, and note what it was."""
        kwargs = kwargs or {}
        with self:  # under inference_mode a composed operation comes whole
            parts = func.decompose(*args, **kwargs)
        if parts is not NotImplemented:
            return parts
        out = func(*args, **kwargs)
        names = [argument.name for argument in func._schema.arguments]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        if func is _aten.convolution.default:
            self.convolutions.append(_convolution(given, out, None))
        elif func is _aten.convolution_backward.default:
            x, w, b = given["output_mask"]
            self.convolutions.append(_convolution(given, given["grad_output"], (x, w, b)))
        elif func in _PRODUCTS:
            first, second = (given[name] for name in _PRODUCTS[func])
            self.product_macs += first.numel() * second.shape[-1]
        return out


_PRODUCTS = {
    _aten.mm.default: ("self", "mat2"),
    _aten.bmm.default: ("self", "mat2"),
    _aten.addmm.default: ("mat1", "mat2"),
    _aten.baddbmm.default: ("batch1", "batch2"),
}


def record(step: Callable[[], object]) -> Recorder:
    """The convolutions and matrix products of one call."""
    with Recorder() as recorder:
        step()
    return recorder


def _convolution(given: dict[str, Any], output: Tensor, gradients: Wanted) -> Convolution:
    biased = given["bias"] is not None if gradients is None else gradients[2]
    return Convolution(
        input=tuple(given["input"].shape),
        weight=tuple(given["weight"].shape),
        output=tuple(output.shape),
        bias=biased,
        geometry=Geometry(
            stride=tuple(given["stride"]),
            padding=tuple(given["padding"]),
            dilation=tuple(given["dilation"]),
            transposed=given["transposed"],
            output_padding=tuple(given["output_padding"]),
            groups=given["groups"],
        ),
        dtype=given["input"].dtype,
        gradients=gradients,
    )
