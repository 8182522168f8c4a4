"""A second task in one file: removal of Gaussian noise.

    degraded = clip(clean + n),   n ~ Normal(0, σ²), independent for every pixel and colour

Data, network, loss, metrics and callbacks are the framework's, unchanged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from spiking_lowlevel import register
from spiking_lowlevel.degradations import Degradation
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.losses import Charbonnier, Loss
from spiking_lowlevel.metrics import Protocol
from spiking_lowlevel.networks import Network
from spiking_lowlevel.restore import Strategy, Tiles
from spiking_lowlevel.tasks import RestorationTask
from spiking_lowlevel.tasks.base import Parameters


@register
@dataclass(frozen=True)
class GaussianNoise(Degradation):
    """Adds white Gaussian noise.

    Args:
        sigma: standard deviation in grey levels of 255.
    """

    sigma: float = 25.0

    def __call__(self, clean: Image, rng: np.random.Generator) -> Image:
        """A noisy copy [H, W, 3] of `clean`, 8-bit."""
        noisy = clean + rng.normal(0, self.sigma, clean.shape)
        return noisy.round().clip(0, 255).astype(np.uint8)


@register
class Denoising(RestorationTask):
    """Removes noise; trained on the Charbonnier loss and scored on RGB.

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

    degraded_name = "noisy"

    def __init__(
        self,
        network: Network,
        loss: Callable[[], Loss] = Charbonnier,
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
