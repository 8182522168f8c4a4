"""Deraining: rain streaks off photographs."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.losses.ssim import SSIMLoss
from spiking_lowlevel.metrics.luma import Luma
from spiking_lowlevel.metrics.protocols import Protocol
from spiking_lowlevel.metrics.rgb import RGB
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.registry import register
from spiking_lowlevel.restore import Strategy, Tiles
from spiking_lowlevel.tasks.base import Parameters, RestorationTask


@register
class Deraining(RestorationTask):
    """Removes rain streaks; trained on 1 − SSIM and scored on luma and RGB, as the field does.

    Args:
        network: what is trained.
        loss: factory of the loss.
        protocols: how restored images are scored, the headline first; None for the task's own.
        optimizer: factory of the optimiser.
        scheduler: factory of the learning-rate schedule.
        scheduler_interval: when the schedule goes on, every training step or every epoch.
        inference: how whole pictures are restored: in tiles, or at once.
        weights: safetensors file of the network to start from; None to start afresh.
    """

    degraded_name = "rainy"
    default_protocols = (Luma(), RGB())

    def __init__(
        self,
        network: Network,
        loss: Callable[[], Loss] = SSIMLoss,
        protocols: list[Protocol] | None = None,
        optimizer: Callable[[Parameters], Optimizer] = AdamW,
        scheduler: Callable[[Optimizer], LRScheduler] | None = None,
        scheduler_interval: Literal["step", "epoch"] = "step",
        inference: Strategy = Tiles(),
        weights: Path | None = None,
    ) -> None:
        super().__init__(
            network,
            loss,
            protocols,
            optimizer,
            scheduler,
            scheduler_interval,
            inference,
            weights,
        )
