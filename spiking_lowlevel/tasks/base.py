"""What a restoration task is: the one training step and the one evaluation step of every task."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Literal, TypedDict

from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.metrics.protocols import Protocol
from spiking_lowlevel.metrics.rgb import RGB
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.weights import load_weights
from spiking_lowlevel.restore import Strategy, Tiles

Parameters = Iterable[nn.Parameter]


class Evaluation(TypedDict):
    """What an evaluation step hands to callbacks: one entry an image.

    `scores` maps (protocol, metric) to the values [B] of the degraded and of the restored images.
    """

    names: list[str]
    restored: Tensor
    scores: dict[tuple[str, str], tuple[Tensor, Tensor]]


class RestorationTask(LightningModule):
    """Trains a network to restore images and scores it, image by image, under named protocols.

    Logs `train/loss`; `<stage>/<metric>/<protocol>` for the restored images and
    `<stage>/<metric>_<degraded_name>/<protocol>` for those that went in, with stage "val" or
    "test"; the headline `<stage>/psnr` is the PSNR under the first protocol. Every score is a mean
    over images.

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

    kind: ClassVar[str] = "task"

    degraded_name: ClassVar[str] = "degraded"
    """What the degraded image is called in tables and plots."""

    default_protocols: ClassVar[Sequence[Protocol]] = (RGB(),)
    """How the task is scored where its configuration does not say."""

    def __init__(
        self,
        network: Network,
        loss: Callable[[], Loss],
        protocols: list[Protocol] | None,
        optimizer: Callable[[Parameters], Optimizer],
        scheduler: Callable[[Optimizer], LRScheduler] | None,
        scheduler_interval: Literal["step", "epoch"] = "step",
        inference: Strategy = Tiles(),
        weights: Path | None = None,
    ) -> None:
        super().__init__()
        if weights is not None:
            load_weights(network, weights)
        self.network = network
        self.loss = loss()
        self.protocols = list(self.default_protocols if protocols is None else protocols)
        self.optimizer, self.scheduler = optimizer, scheduler
        self.scheduler_interval, self.inference = scheduler_interval, inference

    def forward(self, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size."""
        return self.inference(self.network, degraded)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The optimiser over all parameters, and its schedule."""
        optimizer = self.optimizer(self.parameters())
        if self.scheduler is None:
            return optimizer
        schedule = {"scheduler": self.scheduler(optimizer), "interval": self.scheduler_interval}
        return {"optimizer": optimizer, "lr_scheduler": schedule}  # pyright: ignore[reportReturnType]

    def training_step(self, batch: Pair, batch_idx: int) -> Tensor:
        """The loss of a batch of crops."""
        loss = self.loss(self.network(batch.degraded), batch.clean)
        self.log("train/loss", loss, prog_bar=True, on_step=True, on_epoch=False)
        return loss

    def validation_step(self, batch: Pair, batch_idx: int) -> Evaluation:
        """Scores of a batch of whole pictures."""
        return self._evaluate(batch, "val")

    def test_step(self, batch: Pair, batch_idx: int) -> Evaluation:
        """Scores of a batch of whole pictures."""
        return self._evaluate(batch, "test")

    def predict_step(self, batch: Pair, batch_idx: int) -> Tensor:
        """Restored images [B, 3, H, W] in [0, 1]."""
        return self(batch.degraded)

    def _evaluate(self, batch: Pair, stage: str) -> Evaluation:
        restored = self(batch.degraded)
        scores: dict[tuple[str, str], tuple[Tensor, Tensor]] = {}
        for protocol in self.protocols:
            name, before = protocol.name, protocol(batch.degraded, batch.clean)
            after = protocol(restored, batch.clean)
            for metric in after:
                scores[name, metric] = (before[metric], after[metric])
                self._log_mean(f"{stage}/{metric}_{self.degraded_name}/{name}", before[metric])
                self._log_mean(f"{stage}/{metric}/{name}", after[metric])
        headline = scores[self.protocols[0].name, "psnr"][1]
        self._log_mean(f"{stage}/psnr", headline, prog_bar=True)
        return Evaluation(names=list(batch.name), restored=restored, scores=scores)

    def _log_mean(self, name: str, values: Tensor, prog_bar: bool = False) -> None:
        # Lightning weighs by batch size, over all processes: a mean over images, never pooled. What
        # a process repeats because there are fewer images than processes has no weight.
        trainer = self.trainer
        loader = trainer.test_dataloaders if trainer.testing else trainer.val_dataloaders
        spare = getattr(getattr(loader, "sampler", None), "spare", False)
        self.log(
            name,
            values.mean(),
            prog_bar=prog_bar,
            on_step=False,
            on_epoch=True,
            # Times the processes, since Lightning rounds the mean of their weights to an integer.
            batch_size=0 if spare else len(values) * trainer.world_size,
            sync_dist=True,
        )
