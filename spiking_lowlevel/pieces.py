"""Work on features a few time steps at a time, so that what is in between stays in the cache."""

from torch import Tensor

_CACHED = 2**19  # elements; what a processor core's share of the cache holds of a few tensors


def pieces(x: Tensor) -> list[slice]:
    """Consecutive stretches of the time steps of x [T, B, C, H, W]: all at once on accelerators."""
    steps = len(x)
    if x.device.type == "cpu":
        steps = max(1, _CACHED // max(1, x[0].numel()))
    return [slice(start, min(start + steps, len(x))) for start in range(0, len(x), steps)]
