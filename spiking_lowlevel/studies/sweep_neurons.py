"""Which arguments of a network make its neurons, and what they are without spikes."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.rectifier import Rectifier

STEPS = "time_steps"


def neuron_arguments(cls: type) -> list[str]:
    """The arguments of a constructor that are factories of neurons, `Callable[[int], Neuron]`."""
    hints = get_type_hints(cls.__init__)
    return [name for name in inspect.signature(cls).parameters if _makes_neurons(hints.get(name))]


def chosen(network: type, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments of a network that a sweep gives its neuron to.

    Args:
        network: its class.
        asked: names; none stand for `neuron`, or for the only one there is.

    Raises:
        UserError: the network has no such argument, or no number of time steps.
    """
    found = neuron_arguments(network)
    if STEPS not in inspect.signature(network).parameters:
        raise UserError(f"slv sweep: {network.__name__} has no argument {STEPS} to sweep over")
    told = f"{network.__name__} takes neurons as {', '.join(found)}" if found else (
        f"{network.__name__} takes no neuron: no argument is a Callable[[int], Neuron]"
    )  # fmt: skip
    for name in asked:
        if name not in found:
            hint = did_you_mean(name, found)
            raise UserError(f"--neuron-argument {name}: {told}. {hint}".rstrip())
    if asked:
        return asked
    if "neuron" in found or len(found) == 1:
        return ("neuron",) if "neuron" in found else tuple(found)
    raise UserError(f"slv sweep: {told}; choose with --neuron-argument")


def twin_words(network: type, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The options of `slv fit` that take the spikes out of a network.

    Every neuron becomes a Rectifier; one that is itself made of neurons, such as VLIF, stays and
    has its own become Rectifiers. T is 1.

    Args:
        network: its class.
        given: its arguments, as a configuration has them.

    Raises:
        UserError: the network takes no neurons.
    """
    words = [f"--model.network.{STEPS}=1"]
    for name in neuron_arguments(network):
        words += _rectified(f"--model.network.{name}", given.get(name))
    if len(words) == 1:
        raise UserError(
            f"--twin auto: {network.__name__} takes no neurons as arguments; name a configuration "
            "that takes its spikes out, or --twin none"
        )
    return tuple(words)


def class_of(given: object) -> type | None:
    """The class that an argument of a configuration names, where it names one."""
    if not isinstance(given, Mapping) or not isinstance(given.get("class_path"), str):
        return None
    module, _, name = given["class_path"].rpartition(".")
    found = getattr(import_module(module), name, None) if module else None
    return found if isinstance(found, type) else None


def _rectified(option: str, given: object) -> list[str]:
    cls = class_of(given)
    inner = neuron_arguments(cls) if cls else []
    if not inner or not isinstance(given, Mapping):
        return [f"{option}={Rectifier.__name__}"]
    arguments = given.get("init_args") or {}
    return [w for name in inner for w in _rectified(f"{option}.{name}", arguments.get(name))]


def _makes_neurons(hint: object) -> bool:
    if get_origin(hint) is not get_origin(Callable[[int], Neuron]):
        return any(map(_makes_neurons, get_args(hint)))  # of a union
    made = get_args(hint)[-1]
    return isinstance(made, type) and issubclass(made, Neuron)
