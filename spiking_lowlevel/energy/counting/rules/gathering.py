"""Many values to one: sums, means, maxima, pooling, norms; and one to many: interpolation."""

from math import prod

from torch import Tensor

from spiking_lowlevel.energy.counting.call import Call, Rule
from spiking_lowlevel.energy.counting.ledger import nonzero
from spiking_lowlevel.energy.counting.origin import DATA, Origin
from spiking_lowlevel.energy.counting.sight import MIXED

_TAPS = {
    "upsample_linear1d": 2,
    "upsample_bilinear2d": 4,
    "_upsample_bilinear2d_aa": 4,
    "upsample_trilinear3d": 8,
    "upsample_bicubic2d": 16,
    "_upsample_bicubic2d_aa": 16,
    "grid_sampler_2d": 4,
    "grid_sampler_3d": 8,
}


def _sum(call: Call) -> None:
    x, out = call["self"], call.first.numel()
    seen = nonzero(x) if call.ledger.spikes(x) else x.numel() - out
    call.add(add=max(0, seen), multiply=out if call.op == "mean" else 0)


def _vector_norm(call: Call) -> None:
    n, out = call["self"].numel(), call.first.numel()
    call.add(multiply=n, add=n - out, nonlinear=out)


def _prod(call: Call) -> None:
    call.add(multiply=call["self"].numel() - call.first.numel())


def _cumsum(call: Call) -> None:
    call.add(add=call["self"].numel())


def _largest(call: Call) -> Origin:
    x = call["self"]
    binary = call.ledger.spikes(x)
    if binary is None or binary.most > 1:  # of {0, 1} it is a logical or
        call.add(compare=x.numel() - call.first.numel())
    return DATA._replace(levels=call.ledger.origins[x].levels)


def _variance(call: Call) -> None:
    n = call["self"].numel()
    call.add(add=3 * n, multiply=n, nonlinear=call.first.numel() if "std" in call.op else 0)


def _average_pool(call: Call) -> None:
    x, out = call["self"], call.first.numel()
    if call["kernel_size"] is None:
        call.add("pool", add=_adaptive(x, call.first) - out, multiply=out)
    else:
        call.add("pool", add=out * (_elements(call, x) - 1), multiply=out)


def _max_pool(call: Call) -> Origin:
    x = call["self"]
    origin = call.ledger.origins[x]
    spikes = call.ledger.spikes(x)
    if spikes is None or spikes.most > 1:
        out = call.first.numel()
        adaptive = call["kernel_size"] is None
        looked_at = _adaptive(x, call.first) if adaptive else out * _elements(call, x)
        call.add("pool", compare=looked_at - out)
    return DATA._replace(levels=origin.levels)


def _adaptive(x: Tensor, out: Tensor) -> int:
    """Elements in all windows of an adaptive pool: they overlap where sides do not divide."""
    axes = next(d for d in range(x.dim() + 1) if x.shape[:d] != out.shape[:d] or d == x.dim()) - 1
    windows = prod(x.shape[:axes])
    for whole, parts in zip(x.shape[axes:], out.shape[axes:], strict=True):
        windows *= sum(-(-(i + 1) * whole // parts) - i * whole // parts for i in range(parts))
    return windows


def _elements(call: Call, x: Tensor) -> int:
    kernel = call["kernel_size"]
    kernel = [kernel] if isinstance(kernel, int) else list(kernel)
    axes = int(call.op.split("pool")[1][0])
    return prod(kernel if len(kernel) == axes else kernel * axes)


def _interpolate(call: Call) -> Origin:
    taps, n = _TAPS[call.op], call.first.numel()
    call.add("interpolate", multiply=taps * n, add=(taps - 1) * n)
    return DATA._replace(levels=MIXED)


def _batch_norm(call: Call) -> None:
    """Free where it can be folded: in evaluation, right after a layer that sums up."""
    x = call["input"]
    training = bool(call["training"]) or "with_update" in call.op or call["running_mean"] is None
    n = x.numel()
    if training:
        call.add("norm", add=4 * n, multiply=3 * n, nonlinear=x.shape[1])
    elif not call.ledger.origins[x].sums:
        call.add("norm", add=n, multiply=n)


def _group_norm(call: Call) -> None:
    """Mean and variance anew for every sample: nothing of it can be folded."""
    n = call["input"].numel()
    affine = n if call["weight"] is not None else 0
    groups = n // max(1, _group_size(call))
    call.add("norm", add=3 * n + affine, multiply=2 * n + affine, nonlinear=groups)


def _group_size(call: Call) -> int:
    x = call["input"]
    if call.op == "native_layer_norm":
        return prod(call["normalized_shape"])
    return x.numel() // (x.shape[0] * call["group"])


_BATCH_NORMS = """
    native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
    _batch_norm_with_update _batch_norm_no_update cudnn_batch_norm miopen_batch_norm
"""
_MAX_POOLS = """
    max_pool1d max_pool2d max_pool3d max_pool2d_with_indices max_pool3d_with_indices
    adaptive_max_pool2d adaptive_max_pool3d
"""
_AVERAGE_POOLS = """
    avg_pool1d avg_pool2d avg_pool3d _adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_avg_pool1d
"""
RULES: dict[str, Rule] = {
    **dict.fromkeys(("sum", "nansum", "mean"), _sum),
    **dict.fromkeys(("max", "min", "amax", "amin", "argmax", "argmin"), _largest),
    **dict.fromkeys(("var", "std", "var_mean", "std_mean"), _variance),
    **dict.fromkeys(("cumsum", "cummax", "cummin"), _cumsum),
    **dict.fromkeys(_TAPS, _interpolate),
    **dict.fromkeys(_BATCH_NORMS.split(), _batch_norm),
    **dict.fromkeys(("native_layer_norm", "native_group_norm"), _group_norm),
    **dict.fromkeys(_MAX_POOLS.split(), _max_pool),
    **dict.fromkeys(_AVERAGE_POOLS.split(), _average_pool),
    "prod": _prod,
    "linalg_vector_norm": _vector_norm,
}
