"""Whether a module keeps anything between calls, which layer of it does, and the points on that.

Two calls with equal inputs and equal random numbers have to give equal outputs, whatever was asked
in between, in whatever order, and from whatever copy.
"""

import copy
import io
import pickle
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from spiking_lowlevel.neurons.base import StepNeuron
from spiking_lowlevel.neurons.watch import uncompiled


class ContractError(AssertionError):
    """A class does not do what its kind promises; the message says which point and how."""


def demand(kept: bool, fault: str) -> None:
    """Raise what is wrong unless a promise is kept.

    Raises:
        ContractError: it is not.
    """
    if not kept:
        raise ContractError(fault)


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
    return _fault(module, _differing(first, second), _changed(before, after))


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


def _differing(first: list[Call], second: list[Call]) -> str | None:
    """The first layer, inner ones before outer ones, that answers equal inputs in two ways."""
    for one, two in zip(first, second, strict=False):
        if one.layer != two.layer:
            return None  # the one around them takes another way: what it keeps tells
        if _alike(one.given, two.given) and not _alike(one.gave, two.gave):
            return one.layer
    return None


def outputs_alike(first: list[Call], second: list[Call]) -> bool:
    """Whether all layers gave the same in both."""
    return len(first) == len(second) and all(
        _alike(one.gave, two.gave) for one, two in zip(first, second, strict=True)
    )


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


def _tensors(value: Any) -> Iterator[Tensor]:  # noqa: ANN401
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _copied(value: Any) -> list[Tensor]:  # noqa: ANN401
    return [tensor.detach().clone() for tensor in _tensors(value)]


def _alike(some: list[Tensor], others: list[Tensor]) -> bool:
    return len(some) == len(others) and all(
        a.shape == b.shape and a.dtype == b.dtype and bool(((a == b) | ((a != a) & (b != b))).all())
        for a, b in zip(some, others, strict=True)
    )


def is_stochastic(module: nn.Module) -> bool:
    """Whether a neuron in it declares with `stochastic = True` that it draws random numbers."""
    return any(getattr(part, "stochastic", False) is True for part in module.modules())


def check_again(module: nn.Module, x: Tensor, others: list[Tensor], what: str) -> None:
    """The same input twice, and once more after others; fresh random numbers unless declared.

    Raises:
        ContractError: the answers differ; names the layer.
    """
    outs = []
    for given in (x, x, *others, x):
        if is_stochastic(module):
            torch.manual_seed(0)
        outs.append(module(given))
    if all(torch.equal(outs[0], out) for out in (outs[1], outs[-1])):
        return
    why = kept_state(module, x)
    if not why and torch.equal(calls(module, x)[-1].gave[0], calls(module, x)[-1].gave[0]):
        why = "it draws random numbers; a neuron that is to declares stochastic = True"
    raise ContractError(f"the same {what} twice gave two answers: {why}")


@torch.no_grad()
def check_order(module: nn.Module, x: Tensor, dim: int = 0) -> None:
    """Samples in another order, and one after the other from either end (as tiles come).

    Args:
        module: in evaluation mode.
        x: what it takes.
        dim: where the samples are counted in x and in what comes out.

    Raises:
        ContractError: an answer depends on its place.
    """
    if is_stochastic(module):
        return  # a sample's random numbers depend on its place
    there = copy.deepcopy(module)(x.flip(dim)).flip(dim)
    close = torch.allclose(copy.deepcopy(module)(x), there, atol=1e-5)
    demand(close, "samples in another order gave other answers")
    singles, forth, back = x.split(1, dim), copy.deepcopy(module), copy.deepcopy(module)
    one = [forth(single) for single in singles]
    two = [back(single) for single in reversed(singles)][::-1]
    same = all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    why = "" if same else kept_state(copy.deepcopy(module), x)
    demand(same, f"an answer depends on what was asked before it: {why}")


def check_copies(module: nn.Module, x: Tensor) -> None:
    """Copies made after use: deepcopy, EMA (`AveragedModel`), and pickle; all answer alike.

    Raises:
        ContractError: a copy cannot be made or answers otherwise; names the layer.
    """
    module.train()
    module(x.clone().requires_grad_())
    twins = dict(_copies(module))
    module.eval()(x)
    first = calls(module, x)
    for how, twin in twins.items():
        layer = _differing(first, calls(twin.eval(), x))
        why = "" if layer is None else named(module, layer)
        demand(layer is None, f"a {how} made after use answers otherwise than the original: {why}")


def _copies(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    for how, make in _COPIES.items():
        if how == "pickle" and any("<locals>" in type(m).__qualname__ for m in module.modules()):
            continue  # a class inside a function: Python cannot, whatever the class does
        try:
            yield how, make(module)
        except Exception as error:
            why = f"no {how} can be made after use: {type(error).__name__}: {error}"
            raise ContractError(why) from error


def _averaged(module: nn.Module) -> nn.Module:
    """An EMA copy after two updates with the weights that it has already."""

    def mean(old: Tensor, new: Tensor, _: Tensor | int) -> Tensor:
        return torch.lerp(old, new, 0.1)  # to the digit what it was where both are equal

    average = AveragedModel(module, avg_fn=mean)
    for _ in range(2):
        average.update_parameters(module)
    return average.module


def _pickled(module: nn.Module) -> nn.Module:
    file = io.BytesIO()
    pickle.dump(module, file)
    file.seek(0)
    return pickle.load(file)


_COPIES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "deepcopy": copy.deepcopy,
    "EMA copy": _averaged,
    "pickle": _pickled,
}


def check_compiled(module: nn.Module, x: Tensor) -> None:
    """Traced by `torch.compile`, but not turned into machine code, which takes a C++ compiler.

    Raises:
        ContractError: it cannot be traced, or answers otherwise.
    """
    twin = copy.deepcopy(module)
    torch.manual_seed(0)
    with torch.no_grad():
        plain = copy.deepcopy(module)(x)
    twin.compile(backend="eager", dynamic=False)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the compiler uses what PyTorch itself deprecates
        try:
            for _ in range(2):
                torch.manual_seed(0)
                same = torch.allclose(twin(x), plain)
                demand(same, "compiled it answers otherwise")
        finally:
            torch.compiler.reset()


def check_autocast(module: nn.Module, x: Tensor) -> None:
    """In bfloat16 under autocast: finite, of the dtype that came in; membranes stay precise.

    Raises:
        ContractError: a value is not finite, or a state is in half precision.
    """
    narrow: list[str] = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        out = module(x)
        demand(bool(out.isfinite().all()), "under bfloat16 autocast the answer is not finite")
        for name, part in module.named_modules():
            if isinstance(part, StepNeuron) and x.dim() == 5:
                state = part.step(x[0], part.start(x[0]))[1]
                if any(tensor.dtype == torch.bfloat16 for tensor in _tensors(state)):
                    narrow.append(named(module, name))
    where = ", ".join(narrow)
    demand(not narrow, f"under bfloat16 autocast a membrane is in half precision: {where}")
