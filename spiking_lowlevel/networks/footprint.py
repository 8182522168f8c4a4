"""How much memory the features of a network take while it restores an image."""

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.watch import uncompiled

_PROBE = 64  # pixels a side: small, yet large enough that what does not grow with it is little


@torch.no_grad()
def bytes_per_pixel(network: Network) -> float:
    """Memory at the peak of one forward pass over the pixels of its image, in bytes.

    Found out on a small image. Features grow with the area, so it holds for images of any size; the
    weights, and what single operations need inside, are not in it.
    """
    side = -(-_PROBE // network.multiple) * network.multiple
    weight = next(network.parameters(), torch.empty(0))
    image = torch.zeros(1, 3, side, side, dtype=weight.dtype, device=weight.device)
    with uncompiled(network), _LiveBytes() as live:
        network(image)
    return live.peak / side**2


class _LiveBytes(TorchDispatchMode):
    """Adds up the storages that operations make, as long as anything refers to them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        given = {_key(x) for x in tree_iter((args, kwargs)) if isinstance(x, Tensor)}
        out = func(*args, **(kwargs or {}))
        for tensor in tree_iter(out):
            if isinstance(tensor, Tensor) and _key(tensor) not in given:
                self._count(tensor)
        return out

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        size = storage.nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, size)

    def _forget(self, size: int) -> None:
        self.now -= size


def _key(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata
