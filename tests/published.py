"""Access to the reference tensors, and how our modules are held against them."""

import copy
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from spiking_lowlevel.published import VLIF, System

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"

Place = tuple[str, str]
"""The prefixes of a module in its published network and in ours: names may depend on them."""


def translated(
    system: System, ours: Iterable[str], published: Mapping[str, Tensor], place: Place = ("", "")
) -> dict[str, Tensor]:
    """Published tensors of a module under our names; every one of them has to find its own."""
    theirs = {system.published_name(place[1] + name).removeprefix(place[0]): name for name in ours}
    return {theirs[name]: value for name, value in published.items()}


def load(
    module: nn.Module, published: dict[str, Tensor], system: System, place: Place = ("", "")
) -> None:
    """Load published tensors, all of them and nothing else, into one of our modules."""
    ours = module.state_dict()
    renamed = translated(system, ours, published, place)
    module.load_state_dict({k: v.reshape(ours[k].shape) for k, v in renamed.items()})


def golden(name: str) -> dict[str, Any]:
    """A file of reference tensors; the test is skipped where the folder is absent."""
    return torch.load(golden_path(name), weights_only=True)


def golden_path(name: str) -> Path:
    """Where a reference file lies; the test is skipped where the folder is absent."""
    path = GOLDEN / name
    if not path.exists():
        pytest.skip(f"reference tensors are not here: {GOLDEN.name}/{name}")
    return path


def assert_close(ours: Tensor, reference: Tensor) -> None:
    """Equal to 1e-9, relative to the larger of 1 and the value."""
    assert ours.dtype == torch.float64
    torch.testing.assert_close(ours, reference.to(ours), rtol=1e-9, atol=1e-9)


def assert_in_spread(ours: Tensor, single: Tensor, double: Tensor) -> None:
    """As near to the double-precision reference as the published single-precision run, times ten.

    The largest error over the tensor counts, plus one rounding of its largest value: another
    processor adds in another order.
    """
    assert ours.dtype == torch.float32
    error, spread = ((x.double() - double).abs().max().item() for x in (ours, single))
    assert error <= 10 * spread + 2**-23 * double.abs().max().item()


def check_block(
    module: nn.Module,
    reference: dict[str, Any],
    place: Place = ("", ""),
    run: Callable[[Any, Tensor], Tensor] = lambda module, x: module(x),
    system: System = VLIF,
) -> None:
    """Outputs, gradients and buffers of a block against its reference tensors, in both precisions.

    Args:
        module: our block, as built.
        reference: the content of a file of reference tensors.
        place: see `Place`.
        run: how to call the block, where its input is laid out in another way.
        system: the published system that the block belongs to.
    """
    load(module, reference.get("state_dict", {}), system, place)
    for dtype in (torch.float64, torch.float32):
        for mode in ("eval", "train"):
            twin = copy.deepcopy(module).to(dtype).train(mode == "train")
            given = reference["input"].to(dtype, copy=True).requires_grad_()
            out = run(twin, given)
            (out * reference["loss_weight"].to(dtype)).sum().backward()
            got = {"output": out.detach(), "grad_input": given.grad}
            double, single = reference[f"{mode}_f64"], reference[f"{mode}_f32"]
            for key in got.keys() & double.keys():
                if dtype == torch.float64:
                    assert_close(got[key], double[key])
                else:
                    assert_in_spread(got[key], single[key], double[key])
            if dtype == torch.float64:
                _check_parameters(twin, double, system, place)


def _check_parameters(
    module: nn.Module, reference: dict[str, Any], system: System, place: Place
) -> None:
    buffers = dict(module.named_buffers())
    after = translated(system, buffers, reference.get("buffers_after", {}), place)
    for name, value in after.items():
        assert_close(buffers[name].double(), value.double())
    gradients = {name: p.grad for name, p in module.named_parameters()}
    for key in {"grad_params", "grad_param_norms"} & reference.keys():
        renamed = translated(system, gradients, reference[key], place)
        assert renamed.keys() == gradients.keys()
        for name, value in renamed.items():
            ours = gradients[name]
            assert ours is not None
            assert_close(ours.reshape(value.shape) if value.dim() else ours.norm(), value)
