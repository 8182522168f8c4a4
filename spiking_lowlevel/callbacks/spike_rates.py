"""How often every neuron layer fires, epoch by epoch, and a word when one is silent or saturated.

rate = spikes that are not zero / all places;   mean = sum of all spikes / all places.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor

from spiking_lowlevel.callbacks import membranes as histograms
from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.callbacks.firing import (
    Rate,
    alarms,
    channel_table,
    rate_of,
    step_table,
    table,
)
from spiking_lowlevel.callbacks.firing_plots import draw_epochs, draw_steps
from spiking_lowlevel.callbacks.membranes import MembraneCounter
from spiking_lowlevel.callbacks.spike_counts import Counts, SpikeCounter
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.neurons.watch import watch, watch_membranes
from spiking_lowlevel.registry import register

_BINS = 80  # a tenth of the threshold wide, for spikes of one level


@register
class SpikeRates(Watcher):
    """Records firing rates during validation and test, and sounds alarms.

    `spikes.csv` and `spikes.png` tell of every neuron layer in every epoch, dead and saturated
    channels included; `spike_steps.csv` of every time step, `spike_steps.png` of those of the last
    epoch. Every spike is counted.

    Args:
        saturated: rate above which a layer, or a channel of one, counts as saturated.
        alarms: name silent and saturated layers, with advice, whenever their number changes.
        channels: also write the rate of every channel in the last epoch, to `spike_channels.csv`.
        membranes: also write histograms of the membrane potentials before the reset in the last
            epoch, to `membranes.csv` and `membranes.png`, with that many bins, or 80 when true. It
            takes about as long as the neurons themselves.

    Raises:
        UserError: fewer than 8 bins.
    """

    def __init__(
        self,
        saturated: float = 0.95,
        alarms: bool = True,
        channels: bool = False,
        membranes: bool | int = False,
    ) -> None:
        self.saturated, self.alarms, self.channels = saturated, alarms, channels
        self.bins = _BINS if membranes is True else int(membranes)
        if self.bins and self.bins < 8:
            raise UserError(f"SpikeRates: membranes is {membranes}; give at least 8 bins, or true")
        self.history: list[Rate] = []
        self._spikes, self._membranes = SpikeCounter(), MembraneCounter(self.bins)
        self._alarm = ""
        self._watching = ExitStack()

    def state_dict(self) -> dict[str, Any]:
        """The rates so far, for a checkpoint."""
        return {"history": [vars(r) for r in self.history]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the rates of a checkpoint."""
        self.history = [Rate(**r) for r in state_dict["history"]]

    def _start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._spikes, self._membranes = SpikeCounter(), MembraneCounter(self.bins)
        if trainer.state.fn != TrainerFn.FITTING:
            self.history = []  # an evaluation tells of itself, not of the training before
        network = pl_module.get_submodule("network")
        self._watching.enter_context(watch(network, self._spikes))
        if self.bins:
            self._watching.enter_context(watch_membranes(network, self._membranes))

    on_validation_start = on_test_start = _start

    def _finish(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._watching.close()
        if trainer.sanity_checking:
            return

        def add_up(own: Tensor) -> Tensor:
            return trainer.strategy.reduce(own, reduce_op="sum")

        counts = self._spikes.counts(add_up)
        seen = self._membranes.histograms(add_up)
        place = folder(trainer)
        if not counts:
            return
        epoch = trainer.current_epoch
        now = [rate_of(epoch, name, c, self.saturated) for name, c in counts.items()]
        self.history += now
        if self.alarms:
            self._warn(now, pl_module)
        if trainer.is_global_zero:
            self._write(place, now, counts)
            if seen:
                write_text(place / "membranes.csv", histograms.table(epoch, seen))
                histograms.draw(seen, place / "membranes.png")

    on_validation_end = on_test_end = _finish

    def _write(self, place: Path, now: list[Rate], counts: dict[str, Counts]) -> None:
        write_text(place / "spikes.csv", table(self.history))
        write_text(place / "spike_steps.csv", step_table(self.history))
        if self.channels:
            write_text(place / "spike_channels.csv", channel_table(now[0].epoch, counts))
        draw_epochs(self.history, place / "spikes.png")
        draw_steps(now, place / "spike_steps.png")

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Leave no hook behind."""
        self._watching.close()

    def _warn(self, now: list[Rate], pl_module: pl.LightningModule) -> None:
        alarm = alarms(now, self.saturated)
        if alarm and alarm != self._alarm:
            pl_module.print(alarm)
        self._alarm = alarm
