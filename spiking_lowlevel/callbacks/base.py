"""What a callback is: it watches a run and writes what it saw into the run folder."""

from pathlib import Path
from typing import ClassVar

import lightning.pytorch as pl

from spiking_lowlevel.errors import UserError


class Watcher(pl.Callback):
    """Watches training and evaluation from outside; networks and tasks know nothing of it."""

    kind: ClassVar[str] = "callback"


def folder(trainer: pl.Trainer) -> Path:
    """The folder of the run; all processes have to ask, since they agree on it.

    Raises:
        UserError: the run has none, because it has no logger that writes files.
    """
    place = trainer.log_dir
    if place is None:
        raise UserError(
            "the run has no folder to write to; keep the logger RunFolder in trainer.logger"
        )
    return Path(place)
