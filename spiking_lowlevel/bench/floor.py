"""The convolutions of a step alone: the floor under what it can take on this machine."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from spiking_lowlevel.bench.convolutions import Convolution, Recorder
from spiking_lowlevel.bench.timing import Candidate, Laps

_aten = torch.ops.aten
_LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


def replay(convolutions: list[Convolution], device: torch.device) -> Candidate:
    """The same convolutions alone, in their order, on tensors that lie ready channels-last."""
    tensors: dict[Any, Tensor] = {}

    def tensor(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        if (shape, dtype) not in tensors:
            made = torch.rand(shape, dtype=dtype, device=device)
            layout = _LAYOUTS.get(len(shape), torch.contiguous_format)
            tensors[shape, dtype] = made.contiguous(memory_format=layout)
        return tensors[shape, dtype]

    def call(c: Convolution) -> Callable[[], object]:
        x, weight = tensor(c.input, c.dtype), tensor(c.weight, c.dtype)
        channels = c.output[1]
        if c.gradients is None:
            bias = tensor((channels,), c.dtype) if c.bias else None
            return lambda: _aten.convolution.default(x, weight, bias, *c.geometry)
        y, sizes, wanted = tensor(c.output, c.dtype), [channels] if c.bias else None, c.gradients
        return lambda: _aten.convolution_backward.default(
            y, x, weight, sizes, *c.geometry, list(wanted)
        )

    calls = [call(c) for c in convolutions]

    @torch.no_grad()
    def step(laps: Laps) -> None:
        for each in calls:
            each()
        laps.lap("convolutions")

    return step


def told(recorder: Recorder) -> dict[str, Any]:
    """What stands in the report: all MACs, and how often which convolution is called."""
    counts = Counter(recorder.convolutions)
    ordered = sorted(counts.items(), key=lambda item: -item[0].macs * item[1])
    return {
        "convolution_macs": sum(c.macs for c in recorder.convolutions),
        "product_macs": recorder.product_macs,
        "convolutions": [
            {
                "calls": count,
                "macs": c.macs,
                "input": c.input,
                "weight": c.weight,
                **c.geometry._asdict(),
                "dtype": str(c.dtype).removeprefix("torch."),
                "gradients": c.gradients,
            }
            for c, count in ordered
        ],
    }
