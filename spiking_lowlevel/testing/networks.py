"""The points of the contract of a network."""

from collections.abc import Callable

import torch
from torch import Tensor

from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.testing.fault import ContractError, Points, demand
from spiking_lowlevel.testing.kept_state import kept_state
from spiking_lowlevel.testing.neurons import B, check_dtype
from spiking_lowlevel.testing.state import (
    check_again,
    check_autocast,
    check_copies,
    check_order,
    is_stochastic,
)


def _images(network: Network, side: int = 2) -> Tensor:
    return torch.rand(B, 3, side * network.multiple, side * network.multiple)


def _on_images(make: Callable[[], Network], point: Callable[[Network, Tensor], None]) -> None:
    network = make().eval()
    point(network, _images(network))


def _network_shape(make: Callable[[], Network]) -> None:
    network = make().eval()
    images = _images(network)
    out = list(network(images).shape)
    demand(out == list(images.shape), f"images {list(images.shape)} gave {out}")


def _network_sizes(make: Callable[[], Network]) -> None:
    network = make().eval()
    side = 2 * network.multiple + 1
    odd = torch.rand(1, 3, side, side)
    demand(network.restore(odd).shape == odd.shape, "restore() does not give back the size it got")
    if network.multiple > 1:
        try:
            network(odd)
        except ValueError:
            return
        raise ContractError(
            f"{side}x{side} images are no multiple of {network.multiple}, yet no error"
        )


def _network_stateless(network: Network, images: Tensor) -> None:
    check_again(network, images, [_images(network, side=3)], "images")
    kept = kept_state(network, images)  # of a silent layer nothing else is seen
    demand(not kept, kept)


def _network_batch(make: Callable[[], Network]) -> None:
    network = make().eval()
    images = _images(network)
    if is_stochastic(network):
        return
    alone, together = network(images[:1]), network(images)[:1]
    demand(torch.allclose(alone, together, atol=1e-5), "a batch mate changed the first image")


def _network_gradient(make: Callable[[], Network]) -> None:
    network = make()
    network(_images(network)).square().mean().backward()
    without = [n for n, p in network.named_parameters() if p.requires_grad and p.grad is None]
    demand(not without, f"no gradient reaches {', '.join(without[:3])}")
    bad = [
        n
        for n, p in network.named_parameters()
        if p.grad is not None and not p.grad.isfinite().all()
    ]
    demand(not bad, f"the gradient is not finite at {', '.join(bad[:3])}")


NETWORK: Points = {
    "shape: restored images have the shape of the degraded": _network_shape,
    "sizes: restore() takes any, forward() refuses what does not fit": _network_sizes,
    "stateless: nothing is kept between calls": lambda make: _on_images(make, _network_stateless),
    "batch: images do not see each other in evaluation": _network_batch,
    "order: images in any order, tiles in any order": lambda make: _on_images(make, check_order),
    "copies: deepcopy, EMA copy and pickle made after use answer alike": lambda make: _on_images(
        make, check_copies
    ),
    "autocast: finite in bfloat16": lambda make: _on_images(make, check_autocast),
    "gradient: it reaches every parameter and is finite": _network_gradient,
    "dtype: single and double are kept": lambda make: check_dtype(
        lambda _: make(), lambda: _images(make())
    ),
}
