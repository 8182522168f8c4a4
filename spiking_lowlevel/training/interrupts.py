"""SIGTERM and Ctrl-C as a request that a run answers when it is between two steps."""

import signal
import threading
from types import FrameType

import lightning.pytorch as pl

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interrupts:
    """Listens for SIGTERM and SIGINT; a second one ends the process as it would without us.

    Lightning's own answer to SIGTERM broadcasts to other processes from within the signal handler,
    which blocks for ever where those are busy.

    Attributes:
        asked: the signal that came, or None.
    """

    def __init__(self, trainer: pl.Trainer) -> None:
        self.asked: signal.Signals | None = None
        self._trainer, self._before = trainer, {}

    def listen(self) -> None:
        """Take the two signals over; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            self._before = {s: signal.signal(s, self._answer) for s in SIGNALS}

    def close(self) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _answer(self, number: int, frame: FrameType | None) -> None:
        first, self.asked = self.asked is None, signal.Signals(number)
        launcher = self._trainer.strategy.launcher
        kill = getattr(launcher, "kill", None)
        if first and kill is not None and self._trainer.world_size > 1:
            kill(number)  # the processes that this one has started
        if not first:
            self.close()
            signal.raise_signal(number)
