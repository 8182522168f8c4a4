"""Whether a module keeps anything between calls, and which layer of it does.

Two calls with equal inputs and equal random numbers have to give equal outputs.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.watch import uncompiled


@dataclass(frozen=True)
class Call:
    """What one layer was given and what it gave back, in one call."""

    layer: str
    given: list[Tensor]
    gave: list[Tensor]


def kept_state(module: nn.Module, x: Tensor) -> str:
    """Which layer of a module keeps state between two calls with x, and where; "" for none.

    Both calls draw the same random numbers. A layer is named by its path in the module. The module
    is not spared: give a copy of what is to be used further.
    """
    first, before = calls(module, x), _contents(module)
    second, after = calls(module, x), _contents(module)
    return _fault(module, differing(first, second), _changed(before, after))


def calls(module: nn.Module, x: Tensor) -> list[Call]:
    """Every call of a layer while a module answers x, inner layers before those around them.

    From one seed, in evaluation mode as it is set, without gradients, and uncompiled.
    """
    found: list[Call] = []
    with ExitStack() as stack:
        for name, part in module.named_modules():
            stack.callback(_listen(name, part, found))
        stack.enter_context(uncompiled(module))
        stack.enter_context(torch.no_grad())
        _seed()
        module(x)
    return found


def _seed() -> None:
    """Seed every generator that a layer may draw from."""
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def _listen(name: str, part: nn.Module, found: list[Call]) -> Callable[[], None]:
    """Have the calls of a layer written down; gives what ends it."""
    given: list[list[Tensor]] = []  # a stack: a layer may call itself

    def before(_: nn.Module, args: Any, kwargs: Any) -> None:  # noqa: ANN401
        given.append(_copied((args, kwargs)))

    def after(_: nn.Module, args: Any, kwargs: Any, out: Any) -> None:  # noqa: ANN401
        found.append(Call(name, given.pop(), _copied(out)))

    handles = (
        part.register_forward_pre_hook(before, with_kwargs=True),
        part.register_forward_hook(after, with_kwargs=True),
    )

    def end() -> None:
        for handle in handles:
            handle.remove()

    return end


def differing(first: list[Call], second: list[Call]) -> str | None:
    """The first layer, inner ones before outer ones, that answers equal inputs in two ways."""
    for one, two in zip(first, second, strict=False):
        if one.layer != two.layer:
            return None  # the one around them takes another way: what it keeps tells
        if _alike(one.given, two.given) and not _alike(one.gave, two.gave):
            return one.layer
    return None


def _contents(module: nn.Module) -> dict[tuple[str, str], list[Tensor]]:
    """Copies of all tensors that lie on a module and its parts, by layer and attribute."""
    plain = vars(nn.Module()).keys()
    found: dict[tuple[str, str], list[Tensor]] = {}
    for layer, part in module.named_modules():
        own = {k: v for k, v in vars(part).items() if k not in plain}
        own |= dict(part.named_buffers(recurse=False))
        found |= {(layer, name): _copied(value) for name, value in own.items()}
    return found


Contents = dict[tuple[str, str], list[Tensor]]


def _changed(before: Contents, after: Contents) -> list[tuple[str, str]]:
    return [place for place in after if not _alike(before.get(place, []), after[place])]


def _fault(module: nn.Module, differing: str | None, changed: list[tuple[str, str]]) -> str:
    if differing is None and not changed:
        return ""
    layer = changed[0][0] if differing is None else differing
    inside = [p for p in changed if not layer or p[0] == layer or p[0].startswith(f"{layer}.")]
    if inside:  # the attribute tells it more closely than the call
        layer = inside[0][0]
    kept = ", ".join(name for place, name in inside if place == layer)
    says = "" if differing is None else " answers the same input otherwise the second time"
    keeps = f"{' and' if says else ''} keeps {kept} between calls" if kept else ""
    return f"{named(module, layer)}{says}{keeps}"


def named(module: nn.Module, layer: str) -> str:
    """A layer in words: its path and its class."""
    kind = type(module.get_submodule(layer)).__name__
    return f"the layer {layer} ({kind})" if layer else f"{kind} itself"


def tensors(value: Any) -> Iterator[Tensor]:  # noqa: ANN401
    """All tensors in a value, through dicts, lists and tuples."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from tensors(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors(part)


def _copied(value: Any) -> list[Tensor]:  # noqa: ANN401
    return [tensor.detach().clone() for tensor in tensors(value)]


def _alike(some: list[Tensor], others: list[Tensor]) -> bool:
    return len(some) == len(others) and all(
        a.shape == b.shape and a.dtype == b.dtype and bool(((a == b) | ((a != a) & (b != b))).all())
        for a, b in zip(some, others, strict=True)
    )
