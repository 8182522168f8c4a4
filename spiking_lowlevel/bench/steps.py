"""What is timed: images restored, and whole training steps as `RestorationTask` has them."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim import Optimizer

from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import Candidate, Laps
from spiking_lowlevel.data.base import Pair

LossOf = Callable[[Tensor, Tensor], Tensor]
"""The loss of degraded and clean images [B, 3, H, W]."""


def inference(subject: Subject, images: Tensor) -> Candidate:
    """Restore images [B, 3, H, W], with the network alone."""
    subject.restorer.eval()
    fits = not any(side % subject.restorer.multiple for side in images.shape[-2:])
    network = subject.restorer if fits else subject.restorer.padded

    def step(laps: Laps) -> None:
        with torch.inference_mode(), subject.autocast():
            network(images)
        laps.lap("forward")

    return step


class TrainingStep:
    """Forward, backward, optimizer.

    Args:
        subject: what is trained.
        loss_of: the loss of a batch, where it is not simply that of the task.
    """

    def __init__(self, subject: Subject, loss_of: LossOf | None = None) -> None:
        self.subject, self.loss_of = subject, loss_of or self._loss
        configured = subject.task.configure_optimizers()
        optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
        assert isinstance(optimizer, Optimizer)
        self.optimizer = optimizer

    def __call__(self, laps: Laps, batch: Pair) -> None:
        """One step on a batch."""
        with self.subject.autocast():
            loss = self.loss_of(batch.degraded, batch.clean)
        laps.lap("forward")
        self.optimizer.zero_grad()
        loss.backward()
        laps.lap("backward")
        self.optimizer.step()
        laps.lap("optimizer")

    def _loss(self, degraded: Tensor, clean: Tensor) -> Tensor:
        return self.subject.task.loss(self.subject.network(degraded), clean)


def training(subject: Subject, batch: Pair) -> Candidate:
    """Training steps on one and the same batch."""
    subject.task.train()
    step = TrainingStep(subject)
    return lambda laps: step(laps, batch)
