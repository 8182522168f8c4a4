"""What a step spends in every kind of module, itself alone: what it calls counts for the called.

Measured by hooks on the plain form (uncompiled, every block once). On the way back, a node of the
graph counts for the module whose forward made it, which is told by the number that PyTorch gives to
nodes in the order in which they are made. Gradients that meet are added up between the nodes, which
counts as outside modules.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from spiking_lowlevel.bench.timing import Clock

_next_number: Callable[[], int] = torch.autograd._get_sequence_nr  # pyright: ignore[reportPrivateImportUsage]
OUTSIDE = "outside modules"
WEIGHTS = "gradients of weights"


def kind_of(module: nn.Module) -> str:
    """Convolutions by their kernel, everything else by its class."""
    if isinstance(module, nn.modules.conv._ConvNd):
        kernel = "x".join(map(str, module.kernel_size))
        return f"{'transposed ' if module.transposed else ''}convolution {kernel}"
    return type(module).__name__


class KindTimer:
    """Attributes time to kinds of modules: `forward` and `backward`, seconds by kind.

    Args:
        clock: in seconds; on a device it has to wait for the device.
    """

    def __init__(self, clock: Clock) -> None:
        self.forward: dict[str, float] = {}
        self.backward: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self._clock, self._last = clock, clock()
        self._stack: list[str] = []
        self._numbers: list[int] = []  # of the first node after every change of module
        self._owners: list[str] = []

    @contextmanager
    def watching(self, *roots: nn.Module) -> Iterator[None]:
        """Attribute what the forward passes inside modules take."""
        handles: list[Any] = []
        for module in {id(m): m for root in roots for m in root.modules()}.values():
            handles.append(module.register_forward_pre_hook(self._entering(kind_of(module))))
            handles.append(module.register_forward_hook(self._leave, prepend=False))
        self._last = self._clock()
        try:
            yield
        finally:
            self._charge()
            for handle in handles:
                handle.remove()

    def run_backward(self, loss: Tensor) -> None:
        """Go back from a loss whose forward was watched, and attribute what that takes."""
        handles: list[Any] = []
        for node in _nodes(loss):
            kind = self._owner(node)
            handles.append(node.register_prehook(lambda _: self._tick(OUTSIDE)))
            handles.append(node.register_hook(lambda *_, kind=kind: self._tick(kind)))
        self._last = self._clock()
        loss.backward()
        self._tick(OUTSIDE)
        for handle in handles:
            handle.remove()

    def _entering(self, kind: str) -> Callable[..., None]:
        def enter(*_: Any) -> None:  # noqa: ANN401
            self._charge()
            self._stack.append(kind)
            self.calls[kind] = self.calls.get(kind, 0) + 1
            self._mark()

        return enter

    def _leave(self, *_: Any) -> None:  # noqa: ANN401
        self._charge()
        self._stack.pop()
        self._mark()

    def _charge(self) -> None:
        now = self._clock()
        kind = self._stack[-1] if self._stack else OUTSIDE
        self.forward[kind] = self.forward.get(kind, 0.0) + now - self._last
        self._last = now

    def _mark(self) -> None:
        self._numbers.append(_next_number())
        self._owners.append(self._stack[-1] if self._stack else OUTSIDE)

    def _owner(self, node: Node) -> str:
        if node.name().endswith("AccumulateGrad"):
            return WEIGHTS
        i = bisect_right(self._numbers, node._sequence_nr()) - 1  # pyright: ignore[reportAttributeAccessIssue]
        return self._owners[i] if i >= 0 else OUTSIDE

    def _tick(self, kind: str) -> None:
        now = self._clock()
        self.backward[kind] = self.backward.get(kind, 0.0) + now - self._last
        self._last = now


def _nodes(loss: Tensor) -> list[Node]:
    """All nodes of the graph behind a loss."""
    assert loss.grad_fn is not None
    found: dict[Node, None] = {loss.grad_fn: None}
    queue = [loss.grad_fn]
    while queue:
        for following, _ in queue.pop().next_functions:
            if following is not None and following not in found:
                found[following] = None
                queue.append(following)
    return list(found)
