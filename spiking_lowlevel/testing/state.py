"""The points on state: equal answers whatever was asked before, in whatever order, of any copy."""

import copy
import io
import pickle
import warnings
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from spiking_lowlevel.neurons.base import StepNeuron
from spiking_lowlevel.testing.fault import ContractError, demand
from spiking_lowlevel.testing.kept_state import calls, differing, kept_state, named, tensors


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
        layer = differing(first, calls(twin.eval(), x))
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
                state = part.stream(x, part.start(x[0].float()))[1]
                if any(tensor.dtype == torch.bfloat16 for tensor in tensors(state)):
                    narrow.append(named(module, name))
    where = ", ".join(narrow)
    demand(not narrow, f"under bfloat16 autocast a membrane is in half precision: {where}")
