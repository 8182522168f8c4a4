"""The points of every contract, and what asks for all of them."""

from collections.abc import Callable, Iterator

import torch

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.testing.fault import ContractError, Points
from spiking_lowlevel.testing.networks import NETWORK
from spiking_lowlevel.testing.neurons import NEURON
from spiking_lowlevel.testing.parts import COST, DEGRADATION, ENCODER, LOSS, PROTOCOL


def check_neuron(neuron: Callable[[int], Neuron]) -> None:
    """Check the contract of a neuron: shape, state, batch, time, gradient, paths, silence, levels.

    Args:
        neuron: a class or factory; called with a number of channels.

    Raises:
        ContractError: a point of the contract is broken.
    """
    _raise_faults("neuron", neuron)


def check_network(network: Callable[[], Network]) -> None:
    """Check the contract of a network: shape, sizes, state, batch, gradient, dtype.

    Args:
        network: a class or factory without arguments; choose a small width.

    Raises:
        ContractError: a point of the contract is broken.
    """
    _raise_faults("network", network)


def check(kind: str, factory: Callable[..., object]) -> Iterator[tuple[str, str]]:
    """Every point of a kind's contract, with what is wrong, or nothing where it is kept.

    Raises:
        UserError: the kind has no contract that can be checked.
    """
    if kind not in _CONTRACTS:
        known = ", ".join(_CONTRACTS)
        raise UserError(
            f"a {kind} has no contract that can be checked alone; kinds that do: {known}"
        )
    for title, point in _CONTRACTS[kind].items():
        torch.manual_seed(0)
        try:
            point(factory)
        except ContractError as fault:
            yield title, str(fault)
        except Exception as error:
            yield title, f"{type(error).__name__}: {error}"
        else:
            yield title, ""


def _raise_faults(kind: str, factory: Callable[..., object]) -> None:
    faults = [f"{title}: {fault}" for title, fault in check(kind, factory) if fault]
    if faults:
        raise ContractError("; ".join(faults))


_CONTRACTS: dict[str, Points] = {
    "neuron": NEURON,
    "encoder": ENCODER,
    "network": NETWORK,
    "loss": LOSS,
    "protocol": PROTOCOL,
    "degradation": DEGRADATION,
    "cost": COST,
}
