"""A side of `slv bench` when it is built: a task, its data, and the images it is timed on."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from spiking_lowlevel.bench.options import Side
from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.data.base import Pair, RestorationData
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.modes import Compile, compile_parts, outermost
from spiking_lowlevel.neurons.watch import uncompiled
from spiking_lowlevel.tasks.base import RestorationTask


@dataclass(frozen=True)
class Modes:
    """How a side is run."""

    compile: Compile
    checkpointing: bool
    precision: str
    fuse: bool


@dataclass
class Subject:
    """A side that is built: its task, its data, its modes; on a device.

    `trained` says whether it brought weights of its own, `unused_parameters` whether training on
    several devices has to look for parameters without a gradient. `restorer` is what restores: the
    network itself, or its fused copy.
    """

    side: Side
    task: RestorationTask
    data: RestorationData
    modes: Modes
    device: torch.device
    trained: bool
    unused_parameters: bool
    restorer: Network = field(init=False)

    def __post_init__(self) -> None:
        self.task.to(self.device)
        self.restorer = self.task.network

    @property
    def name(self) -> str:
        """A or B."""
        return self.side.name

    @property
    def network(self) -> Network:
        """What is trained."""
        return self.task.network

    def fuse(self) -> None:
        """Restore with a fused copy, where the side says so; once the weights are there."""
        if self.side.fuse:
            self.restorer = self.network.fuse()
            compile_parts(self.restorer, self.modes.compile)

    def autocast(self) -> AbstractContextManager[Any]:
        """The precision of its forward passes."""
        half = self.modes.precision == "bf16-mixed"
        return torch.autocast(self.device.type, torch.bfloat16) if half else nullcontext()

    def images(self) -> Tensor:
        """Random images [B, 3, H, W] in [0, 1] to restore; the same for every side of a shape."""
        return self._random(0, self.side.batch, *self.side.size)

    def crops(self) -> Pair:
        """A random training batch, degraded and clean [B, 3, crop, crop]."""
        count, side = self.data.batch_size, self.data.crop
        return Pair(self._random(1, count, side, side), self._random(2, count, side, side), "")

    def told(self) -> dict[str, Any]:
        """What stands in the report about this side."""
        return {
            "words": list(self.side.typed),
            "modes": asdict(self.modes),
            "network": type(self.network).__name__,
            "parameters": sum(p.numel() for p in self.network.parameters()),
            "trained": self.trained,
        }

    def _random(self, seed: int, count: int, height: int, width: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.rand(count, 3, height, width, generator=generator).to(self.device)


@contextmanager
def plainly(network: nn.Module) -> Iterator[None]:
    """Run a network uncompiled and every block once, so that hooks see all of it in order."""
    blocks = [block for block in outermost(network, Block) if block.recompute]
    for block in blocks:
        block.recompute = False
    try:
        with uncompiled(network):
            yield
    finally:
        for block in blocks:
            block.recompute = True
