"""Which modules are neurons, whose update has a closed form, and what their spikes may be."""

import sys
from typing import NamedTuple

from torch import Tensor, nn

from spiking_lowlevel.energy.counting.row import Row
from spiking_lowlevel.energy.counting.sight import Levels
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.snntorch import UPDATES
from spiking_lowlevel.neurons.update import Update


class Unit(NamedTuple):
    """A neuron layer as the counter sees it.

    Args:
        levels: of its spikes.
        update: what one update takes; None if it is to be counted as it is computed.
        stepwise: whether a call is one time step [B, ...] rather than all of them [T, B, ...].
        innermost: whether it is the neuron itself, and not one that holds another.
    """

    levels: Levels
    update: Update | None
    stepwise: bool
    innermost: bool


def units(root: nn.Module) -> dict[nn.Module, Unit]:
    """The spiking neurons in a module: ours, and bare ones of snnTorch outside of ours."""
    found: dict[nn.Module, Unit] = {}
    inside: set[nn.Module] = set()
    for module in root.modules():
        if isinstance(module, Neuron):
            inside.update(m for m in module.modules() if m is not module)
            if module.levels is not None:
                inner = [m for m in module.modules() if _spikes(m) and m is not module]
                levels = Levels(1 / module.levels, module.levels)
                found[module] = Unit(levels, None if inner else module.update, False, not inner)
    for module in root.modules():
        if module not in inside and _is_snntorch(module):
            update = UPDATES.get(type(module).__name__)
            found[module] = Unit(Levels(1.0, 1), update, True, True)
    return found


def outermost(root: nn.Module) -> set[nn.Module]:
    """The neurons that lie in no other neuron, those with real values included: they know T."""
    found, inside = set[nn.Module](), set[nn.Module]()
    for module in root.modules():
        if module not in inside and (isinstance(module, Neuron) or _is_snntorch(module)):
            found.add(module)
            inside.update(m for m in module.modules() if m is not module)
    return found


def spikes_of(output: object) -> Tensor | None:
    """The spikes among what a neuron returned: the first tensor; snnTorch adds its states."""
    if isinstance(output, tuple) and output:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def fired(row: Row, unit: Unit, spikes: Tensor, at: int) -> None:
    """Add what a neuron layer emitted, and what its updates took, to its row.

    Args:
        row: of the layer.
        unit: what is known of it.
        spikes: [T, B, ...], or [B, ...] of a single step.
        at: number of calls before this one in the same pass; the time step of a single step.
    """
    frames = spikes[None] if unit.stepwise else spikes
    count = (frames != 0).flatten(1).sum(1).tolist()
    elements = frames[0].numel()
    for t, spiking in enumerate(count):
        row.step(at + t if unit.stepwise else t, spiking, elements)
    total, updates = sum(count), frames.numel()
    row.calls += 1
    row.frames += frames.shape[0] * frames.shape[1]
    row.outputs += updates
    row.spikes += total
    row.updates += updates
    row.levels = unit.levels.most
    row.state = max(row.state, elements // frames.shape[1])
    row.declared = row.declared and unit.update is not None
    if unit.update is not None:
        row.operations(
            multiply=unit.update.multiply * updates,
            add=unit.update.add * updates + unit.update.add_per_spike * total,
            compare=unit.update.compare * updates,
        )


def _spikes(module: nn.Module) -> bool:
    return isinstance(module, Neuron) and module.levels is not None


def _is_snntorch(module: nn.Module) -> bool:
    library = sys.modules.get("snntorch")  # if nobody imported it, there is none of its neurons
    return library is not None and isinstance(module, library.SpikingNeuron)
