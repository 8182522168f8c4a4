"""Sees every operation that PyTorch dispatches, whoever calls it and however it is composed."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from spiking_lowlevel.energy.counting.call import Call, Rule, tensors
from spiking_lowlevel.energy.counting.ledger import Ledger
from spiking_lowlevel.energy.counting.origin import BLANK, DATA, Origin, Rank, joined, together
from spiking_lowlevel.energy.counting.rules import moving
from spiking_lowlevel.energy.counting.rules.elementwise import COMPARING
from spiking_lowlevel.energy.counting.sight import MIXED


class _Operation(NamedTuple):
    """What is the same for every call of an operation."""

    name: str
    rule: Rule | None
    free: bool  # moves, makes or forgets data: nobody has to count it
    view: bool
    composed: bool
    arguments: tuple[str, ...]
    written: tuple[str, ...]
    outs: tuple[str, ...]  # written without being read


class CountingMode(TorchDispatchMode):
    """Runs every operation as it is, and has its rule write into the ledger.

    Args:
        ledger: the book.
        rules: by the name of an operation: "conv2d", or "mylib::blur" outside of PyTorch.
    """

    def __init__(self, ledger: Ledger, rules: Mapping[str, Rule]) -> None:
        super().__init__()
        self.ledger, self.rules = ledger, rules
        self._operations: dict[OpOverload[..., Any], _Operation] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: nothing is compiled here, and to make sure at every operation takes its time."""
        return False

    def __torch_dispatch__(
        self,
        func: OpOverload[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation, and count it."""
        kwargs = kwargs or {}
        known = self._operations.get(func)
        if known is None:
            known = self._operations[func] = _operation(func, self.rules)
        if known.rule is None and known.composed:  # under inference_mode it comes whole
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
            known = self._operations[func] = known._replace(composed=False)
        if known.view:
            return func(*args, **kwargs)
        given = {**dict(zip(known.arguments, args, strict=False)), **kwargs}
        read = [given[name] for name in given if name not in known.outs]
        inputs = tuple(self.ledger.origins[x] for x in tensors(read))
        before = {n: self.ledger.origins[given[n]] for n in known.written if _is_tensor(given, n)}
        out = func(*args, **kwargs)
        origin = self._count(known, Call(known.name, given, out, inputs, self.ledger))
        self._note(known, given, out, origin, before)
        return out

    def _count(self, known: _Operation, call: Call) -> Origin:
        origin = together(call.inputs)
        if not call.inputs and known.name in moving.BLANKS:  # to be written into
            return DATA._replace(levels=BLANK)
        if not call.inputs or origin.rank == Rank.WEIGHT:  # could be computed once for all images
            return Origin(Rank.WEIGHT, parameters=origin.parameters)
        if known.rule is None:
            self.ledger.without_rule(known.name, sum(x.numel() for x in tensors((call.out,))))
            return DATA
        # Nobody else who watches is to see what a rule looks at.
        with _disable_current_modes() if torch._C._len_torch_dispatch_stack() else nullcontext():
            given = known.rule(call)
        self.ledger.calls += not known.free
        for each in call.inputs:
            if each.parameters:
                self.ledger.used |= each.parameters
        if given is not None:
            return given
        mixed = known.name not in COMPARING and any(each.levels is MIXED for each in call.inputs)
        return origin._replace(levels=MIXED) if mixed else origin

    def _note(
        self,
        known: _Operation,
        given: dict[str, Any],
        out: object,
        origin: Origin,
        before: dict[str, Origin],
    ) -> None:
        """Say where what came out is from; what was written in part keeps what both have alike."""
        written = set()
        for name, old in before.items():
            x: Tensor = given[name]
            partly = x.numel() < x.untyped_storage().nbytes() // x.element_size()
            levels = joined((old, origin)) if partly else origin.levels
            self.ledger.origins[x] = origin._replace(levels=levels)
            written.add(id(x))
        for x in tensors((out,)):
            if id(x) not in written:
                self.ledger.origins[x] = origin


def _is_tensor(given: dict[str, Any], name: str) -> bool:
    return isinstance(given.get(name), Tensor)


def _operation(func: OpOverload[..., Any], rules: Mapping[str, Rule]) -> _Operation:
    schema = func._schema
    name = schema.name.removeprefix("aten::")
    in_place = name.removesuffix("_") if not name.endswith("__") else name
    rule = rules.get(name) or rules.get(in_place)
    written = [a for a in schema.arguments if a.alias_info is not None and a.alias_info.is_write]
    aliases = [r.alias_info for r in schema.returns]
    return _Operation(
        name=in_place if in_place in rules else name,
        rule=rule,
        free=in_place in moving.RULES or name in moving.RULES,
        view=bool(aliases) and all(a is not None and not a.is_write for a in aliases),
        composed=True,  # as long as it is not known better
        arguments=tuple(a.name for a in schema.arguments),
        written=tuple(a.name for a in written),
        outs=tuple(a.name for a in written if a.is_out),
    )
