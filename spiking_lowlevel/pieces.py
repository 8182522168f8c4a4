"""Work on features a few time steps at a time, so that what is in between stays in the cache."""

from torch import Tensor

_CACHED = 2**20  # elements; several tensors of that size fit into the last cache


def pieces(x: Tensor) -> list[slice]:
    """Consecutive stretches of the time steps of x [T, B, C, H, W]: all at once on accelerators."""
    count = min(len(x), -(-x.numel() // _CACHED)) if x.device.type == "cpu" else 1
    steps = -(-len(x) // max(1, count))  # all of them about equally long
    return [slice(start, min(start + steps, len(x))) for start in range(0, len(x), steps)]
