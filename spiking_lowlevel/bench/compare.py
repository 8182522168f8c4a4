"""Two sides with the same weights: whether what comes out is the same, and how many spikes."""

from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from spiking_lowlevel.bench.subject import Subject, plainly
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.settle import settle as settle_norms
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.watch import spiking_neurons, watch


@runtime_checkable
class LoadsLike(Protocol):
    """A network that can take the weights of another one that names them otherwise."""

    def load_like(self, network: Network) -> None:
        """Take the weights and statistics of another network.

        Raises:
            UserError: that network is of another kind.
        """
        ...


@torch.no_grad()
def settle(subject: Subject) -> None:
    """Give random weights the batch statistics of one training forward, so that neurons fire."""
    if subject.trained:
        return
    network, crops = subject.network, subject.crops().degraded
    with plainly(network), subject.autocast():
        settle_norms(network, lambda: network(crops))


def share_weights(subjects: list[Subject]) -> str | None:
    """Settle all weights, and give two sides the same; why that cannot be, where it cannot."""
    if len(subjects) < 2:
        settle(subjects[0])
        return None
    a, b = subjects
    if a.trained and b.trained:
        same = _equal(a.network.state_dict(), b.network.state_dict())
        return None if same else "both sides bring weights of their own"
    reason = None
    for giver, taker in [(b, a)] if b.trained else [(a, b)] if a.trained else [(a, b), (b, a)]:
        settle(giver)
        reason = _copy(giver.network, taker.network)
        if reason is None:
            return None
    settle(a)
    settle(b)
    return reason


def _copy(giver: Network, taker: Network) -> str | None:
    state = giver.state_dict()
    if _shapes(state) == _shapes(taker.state_dict()):
        taker.load_state_dict(state)
        return None
    if not isinstance(taker, LoadsLike):
        return "their weights have other names or shapes"
    try:
        taker.load_like(giver)
    except UserError as error:
        return str(error)
    return None


def outputs(a: Subject, b: Subject) -> dict[str, Any]:
    """How far the outputs of two sides differ on the images of the first, in the modes timed.

    Spikes are compared where the neurons have the same names; of what is compiled, in its plain
    form.
    """
    images = a.images()
    found: dict[str, Any] = {}
    with torch.inference_mode():
        out = [_restored(subject, images) for subject in (a, b)]
        residual = (out[0] - images.double()).abs().mean().item()
        difference = (out[0] - out[1]).abs()
        found |= {"max": difference.max().item(), "mean": difference.mean().item()}
        found["mean_residual"] = residual
        if list(spiking_neurons(a.restorer)) == list(spiking_neurons(b.restorer)):
            found["spikes"] = _spikes(a, b, images)
    return found


def _restored(subject: Subject, images: Tensor) -> Tensor:
    subject.restorer.eval()
    with subject.autocast():
        return subject.restorer.padded(images).double()


def _spikes(a: Subject, b: Subject, images: Tensor) -> dict[str, Any]:
    levels: list[Tensor] = []
    counts = {"total": 0, "firing": 0, "differing": 0}

    def keep(name: str, neuron: Neuron, spikes: Tensor) -> None:
        levels.append(_levels(neuron, spikes))
        counts["total"] += spikes.numel()
        counts["firing"] += int(levels[-1].count_nonzero())

    def hold_against(name: str, neuron: Neuron, spikes: Tensor) -> None:
        counts["differing"] += int((_levels(neuron, spikes) != levels[counts["seen"]]).sum())
        levels[counts["seen"]] = torch.empty(0)
        counts["seen"] += 1

    for subject, look in ((a, keep), (b, hold_against)):
        counts["seen"] = 0
        with watch(subject.restorer, look):
            _restored(subject, images)
    del counts["seen"]
    return counts


def _levels(neuron: Neuron, spikes: Tensor) -> Tensor:
    """Spikes as whole numbers, in a quarter of the memory."""
    return (spikes * (neuron.levels or 1)).round().to(torch.uint8)


def _shapes(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state.items()}


def _equal(some: dict[str, Tensor], others: dict[str, Tensor]) -> bool:
    return _shapes(some) == _shapes(others) and all(
        torch.equal(v, others[k]) for k, v in some.items()
    )
