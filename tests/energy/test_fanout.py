"""The fan-out against brute force: a convolution of ones, counted element by element."""

import random

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.fanout import Axis, fan_out


def test_by_hand():
    plain = Axis(input=5, output=5, kernel=3, stride=1, padding=1, dilation=1, transposed=False)
    assert fan_out(plain) == (2, 3, 3, 3, 2)
    assert fan_out(plain._replace(output=3, stride=2)) == (1, 2, 1, 2, 1)
    assert fan_out(plain._replace(dilation=2, padding=2)) == (2, 2, 3, 2, 2)
    doubled = Axis(input=3, output=6, kernel=3, stride=2, padding=1, dilation=1, transposed=True)
    assert fan_out(doubled) == (2, 3, 3)


def geometry(seed: int) -> dict:
    """A convolution of one to three dimensions with everything that it can have."""
    rng = random.Random(seed)
    dims = rng.choice([1, 2, 3])
    groups = rng.choice([1, 1, 2])
    kernel = [rng.randint(1, 4) for _ in range(dims)]
    options = {
        "stride": [rng.randint(1, 3) for _ in range(dims)],
        "padding": [rng.randint(0, 2) for _ in range(dims)],
        "dilation": [rng.randint(1, 2) for _ in range(dims)],
        "groups": groups,
    }
    if rng.random() < 0.5:
        more = [rng.randrange(s) for s in options["stride"]]
        options |= {"output_padding": more, "transposed": True}
    channels = (groups * rng.randint(1, 2), groups * rng.randint(1, 2))
    return {"dims": dims, "kernel": kernel, "channels": channels, "seed": seed, "options": options}


@pytest.mark.parametrize("seed", range(120))
def test_counts_are_those_of_a_convolution_of_ones(seed: int):
    given = geometry(seed)
    options, (channels, out) = given["options"], given["channels"]
    transposed = options.pop("transposed", False)
    layer = f"Conv{'Transpose' if transposed else ''}{given['dims']}d"
    conv = getattr(nn, layer)(channels, out, given["kernel"], bias=False, **options)
    generator = torch.Generator().manual_seed(seed)
    x = (torch.rand(2, channels, *[9] * given["dims"], generator=generator) > 0.5).float()
    with OpCounter(conv) as counter, torch.no_grad():
        conv(x)
    (row,) = counter.recording().synaptic
    assert row.accumulations == reached(conv, x)
    assert row.total.macs == reached(conv, torch.ones_like(x))


@torch.no_grad()
def reached(conv: nn.Module, x: Tensor) -> int:
    """The sum of what a convolution of ones makes of x: every tap that meets a spike counts one."""
    options = {n: getattr(conv, n) for n in ("stride", "padding", "dilation", "groups")}
    name = "conv"
    if conv.transposed:
        name, options["output_padding"] = "conv_transpose", conv.output_padding
    function = getattr(F, f"{name}{x.dim() - 2}d")
    return int(function(x.double(), torch.ones_like(conv.weight).double(), **options).sum())
