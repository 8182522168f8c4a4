"""Randomness of a training step that follows from the seed and the step alone."""

from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch

from spiking_lowlevel.callbacks.base import Watcher


class SeededSteps(Watcher):
    """Seeds PyTorch at every training step by the run's seed, the step and the process.

    So dropout, noise and stochastic neurons draw the same numbers at step n whether the run came
    there at once or was interrupted, and however often it was validated on the way.
    """

    def __init__(self) -> None:
        self._seed = 0

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the seed of the run, before it is replaced."""
        self._seed = torch.initial_seed() % 2**63

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,  # noqa: ANN401
        batch_idx: int,
    ) -> None:
        """Seed what this step draws."""
        place = (trainer.current_epoch, batch_idx, trainer.global_rank)
        sequence = np.random.SeedSequence((self._seed, *place))
        torch.manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> 1))

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give the run's seed back."""
        torch.manual_seed(self._seed)
