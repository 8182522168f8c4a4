"""What a block is: features over time to features over time."""

from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Block(nn.Module, ABC):
    """A part of a network: [T, B, C, H, W] to [T, B, C', H', W']."""

    kind: ClassVar[str] = "block"

    recompute: bool = False
    """Whether training keeps only the input and runs the block again on the way back."""

    def __call__(self, *args: Any) -> Any:  # noqa: ANN401
        """Run the block, with its hooks."""
        if self.recompute and self.training and torch.is_grad_enabled():
            again = (nullcontext(), statistics_untouched(self))
            return checkpoint(
                super().__call__, *args, use_reentrant=False, context_fn=lambda: again
            )
        return super().__call__(*args)


@contextmanager
def statistics_untouched(module: nn.Module) -> Iterator[None]:
    """Leave the running statistics of all norms inside as they are, though they are training."""
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [(m.momentum, m.num_batches_tracked) for m in norms]
    for norm in norms:
        norm.momentum = 0.0  # the share of the new statistics
        norm.num_batches_tracked = None
    try:
        yield
    finally:
        for norm, (momentum, count) in zip(norms, before, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, count


def per_frame(layer: nn.Module, x: Tensor) -> Tensor:
    """Run a layer that knows no time, [N, C, H, W] to [N, C', H', W'], on x [T, B, C, H, W].

    Frames that are one and the same, as `Tensor.expand` makes them, are run once.
    """
    if len(x) > 1 and x.stride(0) == 0:
        once = layer(x[0])
        return once.expand(len(x), *once.shape)
    return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def side_by_side(*parts: Tensor) -> Tensor:
    """Features [T, B, Σ C, H, W] with the channels of all parts [T, B, C, H, W], in order."""
    # As images: of four dimensions, the ones that lie channels-last are joined so.
    return torch.cat([x.flatten(0, 1) for x in parts], dim=1).unflatten(0, parts[0].shape[:2])
