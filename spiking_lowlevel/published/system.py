"""What a published system is: a network of ours under other names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network

State = dict[str, Tensor]
Rules = tuple[tuple[str, str], ...]
"""Regular expressions on ".our.name", and what they become; all are applied, in order."""

ATTENTION: Rules = (  # of MultiDimensionalAttention and TimeAttention
    (r"\.time\.", ".ta."),
    (r"\.channel\.", ".ca."),
    (r"\.space\.", ".sa.conv."),
    (r"\.squeeze\.", ".sharedMLP.0."),
    (r"\.expand\.", ".sharedMLP.2."),
)
LEVELS: Rules = ((r"^\.(encoder|decoder)(\d)\.", r".\1_level\2."),)
_SHOWN = 10


@dataclass(frozen=True)
class System:
    """A published system, whose checkpoints can be read.

    Args:
        name: the word on the command line.
        network: our class.
        rules: make published names of ours.
        arguments: reads the arguments of `network` off the shapes of a published state dict.
        signature: an entry that no other system has.
    """

    name: str
    network: Callable[..., Network]
    rules: Rules
    arguments: Callable[[State], dict[str, Any]]
    signature: str

    def published_name(self, ours: str) -> str:
        """The published name of an entry of our state dict."""
        name = f".{ours}"
        for pattern, replacement in self.rules:
            name = re.sub(pattern, replacement, name)
        return name[1:]

    def build(self, published: State) -> tuple[Network, dict[str, Any]]:
        """The network of a published state dict, with its weights, and its arguments.

        Double precision is kept, anything else becomes single.

        Raises:
            UserError: an entry is missing, left over, or of another shape; all by published name.
        """
        arguments = self.arguments(published)
        with torch.device("meta"):
            network = self.network(**arguments)
        double = any(v.dtype == torch.float64 for v in published.values())
        network = network.to_empty(device="cpu").to(torch.float64 if double else torch.float32)
        network.load_state_dict(self._renamed(network.state_dict(), published))
        return network, arguments

    def _renamed(self, ours: State, published: State) -> State:
        names = {key: self.published_name(key) for key in ours}
        missing = [name for name in names.values() if name not in published]
        left_over = sorted(published.keys() - set(names.values()))
        wrong = [
            f"{name} is {list(published[name].shape)}, expected as many numbers as {list(v.shape)}"
            for key, v in ours.items()
            if (name := names[key]) in published and not _fits(published[name], v)
        ]
        faults = {"missing": missing, "left over": left_over, "of another shape": wrong}
        if any(faults.values()):
            told = "; ".join(f"{what}: {_listed(which)}" for what, which in faults.items() if which)
            raise UserError(f"this is no complete checkpoint of {self.name}. {told}")
        return {key: published[name].reshape(ours[key].shape) for key, name in names.items()}


def _fits(published: Tensor, ours: Tensor) -> bool:
    """Whether one is the other but for sides that were folded together or are 1."""
    return published.numel() == ours.numel() and published.shape[:1] == ours.shape[:1]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def count(state: Mapping[str, Tensor], prefix: str) -> int:
    """How many blocks a published list has: those numbered 0, 1, 2, ... without a gap."""
    found = {key.removeprefix(prefix).partition(".")[0] for key in state if key.startswith(prefix)}
    return next(n for n in range(len(found) + 1) if str(n) not in found)


def side(state: Mapping[str, Tensor], ending: str, axis: int, otherwise: int) -> int:
    """A side of the first entry with that ending; what to assume where it is missing.

    What is assumed only decides what a refusal compares with: a missing entry is never accepted.
    """
    found = (v.shape[axis] for k, v in state.items() if k.endswith(ending) and v.dim() > axis)
    return next(found, otherwise)
