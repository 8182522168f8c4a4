"""The checkpoint that a run goes on from: written every few minutes, and when it is interrupted."""

import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.errors import Stopped
from spiking_lowlevel.runs import LAST, RunFolder
from spiking_lowlevel.training.interrupts import Interrupts


class LastCheckpoint(Watcher):
    """Keeps `checkpoints/last.ckpt`, from which a run goes on bit for bit as if never interrupted.

    It is written every few minutes, at the end of every epoch, one step before every validation
    (so that one that is cut short costs a single step), and on SIGTERM and Ctrl-C, which end the
    run between two steps with a message on how to go on.

    Args:
        minutes: between two checkpoints.
    """

    def __init__(self, minutes: float = 5.0) -> None:
        self.minutes = minutes
        self._saved = 0.0
        self._interrupts: Interrupts | None = None
        self._resumed = self._anything = False

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen for signals; drop what was logged after the checkpoint that is gone on from."""
        self._saved = time.monotonic()
        self._interrupts = Interrupts(trainer)
        self._interrupts.listen()
        self._resumed = self._anything = bool(trainer.ckpt_path)
        for logger in trainer.loggers:
            if isinstance(logger, RunFolder) and logger.resumed and trainer.is_global_zero:
                logger.experiment.forget(trainer.global_step)

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,  # noqa: ANN401
        batch_idx: int,
    ) -> None:
        """Save where it is time to, and leave where that was asked for.

        Before a step, not after one: by then all that the one before has logged is written.
        """
        if self._resumed:
            _correct_counters(trainer)
            self._resumed = False
        group = trainer.accumulate_grad_batches
        if batch_idx % group:
            return  # gradients are in no checkpoint
        strategy = trainer.strategy
        leave = strategy.reduce_boolean_decision(self._asked(), all=False)
        due = time.monotonic() - self._saved > 60 * self.minutes
        near = any(_ends_something(trainer, ahead) for ahead in range(group))
        save = leave or near or strategy.broadcast(due)
        if save and batch_idx:  # at 0 the end of the epoch before is saved
            self._save(trainer)
        if leave and self._anything:  # else one step later
            self._leave(trainer)

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,  # noqa: ANN401
        batch: Any,  # noqa: ANN401
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Leave at once where that was asked for: the last step but one is saved."""
        if self._asked() and not trainer.sanity_checking:
            self._leave(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save the end of an epoch."""
        self._save(trainer)
        if trainer.strategy.reduce_boolean_decision(self._asked(), all=False):
            self._leave(trainer)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Give the signals back."""
        if self._interrupts is not None:
            self._interrupts.close()

    def _asked(self) -> bool:
        return self._interrupts is not None and self._interrupts.asked is not None

    def _save(self, trainer: pl.Trainer) -> None:
        for logger in trainer.loggers:
            logger.save()  # what a checkpoint has seen is on the disk before it
        trainer.save_checkpoint(folder(trainer) / LAST)
        self._saved, self._anything = time.monotonic(), True

    def _leave(self, trainer: pl.Trainer) -> None:
        place = folder(trainer)
        asked = self._interrupts.asked if self._interrupts is not None else None
        raise Stopped(_message(place, trainer.global_step), asked)


def _correct_counters(trainer: pl.Trainer) -> None:
    """Take back what Lightning counts twice after a checkpoint from between two steps."""
    loop = trainer.fit_loop.epoch_loop
    loop._batches_that_stepped = trainer.global_step  # the step in all that is logged
    total = loop.batch_progress.total
    total.ready = total.completed + 1  # this batch, as when it was written


def _ends_something(trainer: pl.Trainer, ahead: int = 0) -> bool:
    """Whether a validation or an end follows on the batch that comes next, or on one after it."""
    loop = trainer.fit_loop.epoch_loop
    batch, steps = loop.batch_idx + ahead, 1 + ahead // trainer.accumulate_grad_batches
    final = 0 <= loop.max_steps <= trainer.global_step + steps
    if final or batch + 1 >= trainer.num_training_batches:
        return True
    every = trainer.val_check_batch
    if trainer.check_val_every_n_epoch is None:  # counted through all epochs
        batch = loop.total_batch_idx + ahead
    return every is not None and (batch + 1) % every == 0


def _message(place: Path, step: int) -> str:
    if not (place / LAST).is_file():
        return f"stopped before the first checkpoint; start again. The run folder is {place}"
    return f"stopped at step {step}; nothing is lost. Go on with: slv fit --resume {place}"
