"""Ways to run a network faster or in less memory, chosen from outside and applied in place.

None of them changes names, weights or hooks, and what comes out stays the same up to rounding: so a
checkpoint fits in every mode.
"""

from typing import TYPE_CHECKING, Literal, TypeVar

from torch import nn

from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.neurons.base import Neuron

if TYPE_CHECKING:
    from torch.distributed.device_mesh import DeviceMesh

M = TypeVar("M", bound=nn.Module)

Compile = Literal["none", "neurons", "network"]
"""Which parts of a network are compiled, each part for itself and at its first call."""

_VARIANTS = 64  # widths, sizes and modes of one kind of part; PyTorch would give up after 8


def compile_parts(network: nn.Module, what: Compile) -> None:
    """Have parts of a network compiled: its neurons, or its blocks with all that is in them.

    Blocks of one kind and width share what was compiled for the first of them. A network without
    blocks is compiled as a whole. Compiling takes a minute or more, for every new size of image.
    """
    parts: list[nn.Module] = []
    if what == "neurons":
        parts = outermost(network, Neuron)
    elif what == "network":
        parts = outermost(network, Block) or [network]
    for part in parts:
        part.compile(dynamic=False, recompile_limit=_VARIANTS)


def recompute_blocks(network: nn.Module) -> None:
    """Have the outermost blocks keep only their input while training, and run twice instead."""
    for block in outermost(network, Block):
        block.recompute = True


def shard_blocks(network: nn.Module, mesh: "DeviceMesh") -> None:
    """Share the weights of a network out over processes, each block for itself (FSDP2).

    A network that is shared out already stays so.
    """
    from torch.distributed.fsdp import FSDPModule, fully_shard

    if isinstance(network, FSDPModule):
        return
    for weight in network.parameters():
        weight.data = weight.data.contiguous()  # which sharding asks for
    for block in outermost(network, Block):
        fully_shard(block, mesh=mesh)
    fully_shard(network, mesh=mesh)


def outermost(module: nn.Module, kind: type[M]) -> list[M]:
    """The parts of this kind that lie in no other part of this kind, in order."""
    found: list[M] = []
    for child in module.children():
        found += [child] if isinstance(child, kind) else outermost(child, kind)
    return found
