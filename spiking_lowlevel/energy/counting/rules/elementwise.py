"""Arithmetic element by element: what spikes gate, what is multiplied, what is only passed on.

spike · anything   selects:         one selection a spike, no multiplication
real · real        multiplies:      one multiplication an element
real + real        adds:            one addition an element
spike + anything   adds:            one addition a spike
σ, exp, √, x / y   are nonlinear:   listed, and free in models of additions and multiplications
"""

from math import prod

from torch import Tensor

from spiking_lowlevel.energy.counting.call import Call, Rule
from spiking_lowlevel.energy.counting.ledger import nonzero
from spiking_lowlevel.energy.counting.origin import DATA, Origin
from spiking_lowlevel.energy.counting.sight import Levels

_NONLINEAR = """
    sigmoid tanh exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin cos tan asin acos
    atan atan2 sinh cosh erf erfc erfinv gelu silu mish softplus elu celu selu logit
    log_sigmoid_forward hardsigmoid hardswish softshrink fmod remainder floor_divide
"""
COMPARING = frozenset(
    [
        "gt",
        "ge",
        "lt",
        "le",
        "eq",
        "ne",
        "maximum",
        "minimum",
        "fmax",
        "fmin",
        "hardtanh",
        "sign",
        "round",
        "floor",
        "ceil",
        "trunc",
        "frac",
        "heaviside",
        "hardshrink",
        "threshold",
        "isclose",
        "bucketize",
    ]
)
"""Of a mixture they make something else: a threshold makes spikes of it."""


def multiplication(call: Call, a: object, b: object, elements: int) -> int | None:
    """Note the product of two factors; how often a spike gates it, None where none does."""
    for one, other in ((a, b), (b, a)):
        if call.ledger.spikes(one) is not None:
            times = _gates(one, elements)
            if isinstance(other, Tensor) or other != 1:
                call.add(select=times)
            return times
    if (isinstance(a, Tensor) and isinstance(b, Tensor)) or b != 1:
        call.add(multiply=elements)
    return None


def _mul(call: Call) -> None:
    multiplication(call, call["self"], call["other"], call.first.numel())


def _div(call: Call) -> None:
    other, n = call["other"], call.first.numel()
    if isinstance(other, Tensor) and not call.ledger.is_weight(other):
        call.add(nonlinear=n)
    else:  # by a constant: a product with its inverse
        multiplication(call, call["self"], other, n)


def _add(call: Call) -> Origin | None:
    a, b, n = call["self"], call["other"], call.first.numel()
    alpha = 1 if call["alpha"] is None else call["alpha"]
    if alpha not in (1, -1):
        multiplication(call, b, alpha, n)
    spikes = [call.ledger.spikes(x) for x in (a, b)]
    if any(spikes):
        parts = zip((a, b), spikes, strict=True)
        call.add(add=sum(_gates(x, n) for x, levels in parts if levels))
    else:
        call.add(add=n)
    return _summed(spikes) if alpha == 1 and call.op == "add" else None


def _summed(spikes: list[Levels | None]) -> Origin | None:
    first, second = spikes
    if first is None or second is None or first.unit != second.unit:
        return None
    return DATA._replace(levels=Levels(first.unit, first.most + second.most))


def _addcmul(call: Call) -> None:
    n = call.first.numel()
    gates = multiplication(call, call["tensor1"], call["tensor2"], n)
    value = 1 if call["value"] is None else call["value"]
    if value not in (1, -1):
        call.add(multiply=n)
    call.add(add=n if gates is None else gates)


def _lerp(call: Call) -> None:
    n = call.first.numel()
    call.add(multiply=n, add=2 * n)


def _pow(call: Call) -> None:
    n = call.first.numel()
    if call.op == "square" or call["exponent"] == 2:
        call.add(multiply=n)
    else:
        call.add(nonlinear=n)


def _nonlinear(call: Call) -> None:
    call.add(nonlinear=call.first.numel())


def _comparing(call: Call) -> None:
    call.add(compare=call.first.numel())


def _clamp(call: Call) -> Origin | None:
    """Spikes are not below zero: to clamp them there changes nothing."""
    ends = {"relu": (0, None), "clamp_min": (call["min"], None), "clamp_max": (None, call["max"])}
    least, most = ends.get(call.op, (call["min"], call["max"]))
    levels = call.ledger.spikes(call["self"])
    free = levels is not None and most is None and not isinstance(least, Tensor) and least <= 0
    if free:
        return DATA._replace(levels=levels)
    call.add(compare=call.first.numel() * sum(end is not None for end in (least, most)))
    return None


def _leaky(call: Call) -> None:
    n = call.first.numel()
    call.add(compare=n, multiply=n)


def _glu(call: Call) -> None:
    n = call.first.numel()
    call.add(multiply=n, nonlinear=n)


def _softmax(call: Call) -> None:
    n = call.first.numel()
    call.add(compare=n, add=2 * n, nonlinear=2 * n)


def _gates(x: object, elements: int) -> int:
    """The spikes of x, as often as it is broadcast over the elements of the result."""
    assert isinstance(x, Tensor)
    return nonzero(x) * (elements // max(1, prod(x.shape)))


RULES: dict[str, Rule] = {
    **dict.fromkeys(_NONLINEAR.split(), _nonlinear),
    **dict.fromkeys(COMPARING, _comparing),
    **dict.fromkeys(("relu", "clamp", "clamp_min", "clamp_max"), _clamp),
    **dict.fromkeys(("leaky_relu", "_prelu_kernel", "rrelu_with_noise"), _leaky),
    **dict.fromkeys(("_softmax", "_log_softmax", "_safe_softmax"), _softmax),
    **dict.fromkeys(("add", "sub", "rsub"), _add),
    **dict.fromkeys(("pow", "square"), _pow),
    "mul": _mul,
    "div": _div,
    "addcmul": _addcmul,
    "lerp": _lerp,
    "glu": _glu,
}
