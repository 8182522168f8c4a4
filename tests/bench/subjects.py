"""Sides of `slv bench` without a command line: a network, random crops, nothing else."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import SGD

from spiking_lowlevel.bench.options import Side
from spiking_lowlevel.bench.subject import Modes, Subject
from spiking_lowlevel.data.base import Pair, Pairs, RestorationData
from spiking_lowlevel.losses import Charbonnier
from spiking_lowlevel.networks import Network
from spiking_lowlevel.tasks.base import RestorationTask


class Crops(Pairs):
    """Grey crops, with something that happens whenever one is read."""

    def __init__(self, count: int, on_read: Callable[[], None]) -> None:
        self.count, self.on_read = count, on_read

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, draw: object) -> Pair:
        self.on_read()
        return Pair(torch.zeros(3, 8, 8), torch.ones(3, 8, 8), "grey")


class GreyData(RestorationData):
    def __init__(self, on_read: Callable[[], None] = lambda: None) -> None:
        super().__init__(batch_size=2, crop=8)
        self.on_read = on_read

    def pairs(self, split: str) -> Crops:
        return Crops(6, self.on_read)


class Small(Network):
    """One convolution that can be slowed down."""

    def __init__(self, on_forward: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.on_forward = on_forward

    def forward(self, degraded: Tensor) -> Tensor:
        self.on_forward()
        return degraded + self.norm(self.conv(degraded))


def subject(
    network: Network,
    name: str = "A",
    data: RestorationData | None = None,
    trained: bool = False,
    size: tuple[int, int] = (8, 16),
) -> Subject:
    task = RestorationTask(
        network, Charbonnier, None, lambda parameters: SGD(parameters, lr=0.1), None
    )
    return Subject(
        side=Side(name, (), (), fuse=False, size=size, batch=1, crop=None, train_batch=None),
        task=task,
        data=data or GreyData(),
        modes=Modes("none", checkpointing=False, precision="32-true", fuse=False),
        device=torch.device("cpu"),
        trained=trained,
        unused_parameters=False,
    )


class FakeClock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
