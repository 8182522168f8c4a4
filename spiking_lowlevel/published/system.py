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
_PATCH_STEPS = 4


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
            UserError: an entry is missing, left over, of another shape or type, or not finite; all
                by published name.
        """
        arguments = self.arguments(published)
        with torch.device("meta"):
            network = self.network(**arguments)
        double = any(v.dtype == torch.float64 for v in published.values())
        renamed = self._renamed(network.state_dict(), published)
        network = network.to_empty(device="cpu").to(torch.float64 if double else torch.float32)
        network.load_state_dict(renamed)
        return network, arguments

    def _renamed(self, ours: State, published: State) -> State:
        names = {key: self.published_name(key) for key in ours}
        missing = [name for name in names.values() if name not in published]
        left_over = sorted(published.keys() - set(names.values()))
        there = [(names[key], v) for key, v in ours.items() if names[key] in published]
        faults = {
            "missing": missing,
            "left over": left_over,
            "of another shape": [
                f"{name} is {list(published[name].shape)}, which does not fit {list(v.shape)}"
                for name, v in there
                if not _fits(published[name], v)
            ],
            "of another type": [
                f"{name} is {published[name].dtype}"
                for name, v in there
                if published[name].is_floating_point() != v.is_floating_point()
            ],
            "not finite": [n for n, v in there if not published[n].isfinite().all()],
        }
        if any(faults.values()):
            told = "; ".join(f"{what}: {_listed(which)}" for what, which in faults.items() if which)
            raise UserError(f"this is no complete checkpoint of {self.name}. {told}")
        return {key: published[name].reshape(ours[key].shape) for key, name in names.items()}


def _fits(published: Tensor, ours: Tensor) -> bool:
    """Whether a published shape is ours, but for the ways in which the published code folds it.

    Perceptrons are convolutions there, with sides of 1 at the end; planar convolutions have a side
    of 1 for time; and the four steps of a patch have a side of their own.
    """
    theirs, mine = tuple(published.shape), tuple(ours.shape)
    if theirs[: len(mine)] == mine:
        return set(theirs[len(mine) :]) <= {1}
    if len(theirs) != 5:
        return False
    o, i, steps, *sides = theirs
    return steps in (1, _PATCH_STEPS) and (o, steps * i, *sides) == mine


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def count(state: Mapping[str, Tensor], prefix: str) -> int:
    """How many blocks a published list has: those numbered 0, 1, 2, ... without a gap."""
    found = {key.removeprefix(prefix).partition(".")[0] for key in state if key.startswith(prefix)}
    return next(n for n in range(len(found) + 1) if str(n) not in found)


def side(state: Mapping[str, Tensor], ending: str, axis: int, otherwise: int) -> int:
    """A side of the first entry with that ending; what to assume where it is missing.

    A network that should have the entry is then refused for it; one without any block, whose
    output does not depend on the side, takes what is assumed.
    """
    found = (v.shape[axis] for k, v in state.items() if k.endswith(ending) and v.dim() > axis)
    return next(found, otherwise)


def depths(state: Mapping[str, Tensor], stage: str, levels: tuple[int, ...]) -> list[int]:
    """How many blocks a stage ("encoder" or "decoder") has at these levels."""
    return [count(state, f"{stage}_level{level}.") for level in levels]


def three_levels(state: Mapping[str, Tensor], output: str) -> dict[str, Any]:
    """Width and depths of a network with blocks at every level.

    The weight `output` of its last convolution sees twice the width, and tells it where the first
    convolution is missing.
    """
    twice = side(state, output, 1, 96)
    return {
        "width": side(state, "patch_embed.proj.weight", 0, twice // 2),
        "encoder_depth": depths(state, "encoder", (1, 2, 3)),
        "decoder_depth": depths(state, "decoder", (1, 2, 3)),
    }
