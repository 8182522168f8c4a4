"""How often every neuron layer fires, epoch by epoch, and a word when one is silent or saturated.

rate = spikes that are not zero / all places;   mean = sum of all spikes / all places.
"""

from contextlib import ExitStack
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.callbacks.firing import Rate, alarms, draw, table
from spiking_lowlevel.files import write_text
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.watch import spiking_neurons, watch
from spiking_lowlevel.registry import register


@register
class SpikeRates(Watcher):
    """Records firing rates during validation and test: `spikes.csv`, `spikes.png`, and alarms.

    Args:
        saturated: rate above which a layer counts as saturated.
        alarms: name silent and saturated layers, with advice, whenever their number changes.
    """

    def __init__(self, saturated: float = 0.95, alarms: bool = True) -> None:
        self.saturated, self.alarms = saturated, alarms
        self.history: list[Rate] = []
        self._counts: dict[str, Tensor] = {}
        self._alarm = ""
        self._watching = ExitStack()

    def state_dict(self) -> dict[str, Any]:
        """The rates so far, for a checkpoint."""
        return {"history": [vars(r) for r in self.history]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the rates of a checkpoint."""
        self.history = [Rate(**r) for r in state_dict["history"]]

    def _start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._counts = {}
        if trainer.state.fn != TrainerFn.FITTING:
            self.history = []  # an evaluation tells of itself, not of the training before
        self._watching.enter_context(watch(pl_module.get_submodule("network"), self._count))

    on_validation_start = on_test_start = _start

    def _count(self, name: str, neuron: Neuron, spikes: Tensor) -> None:
        seen = (spikes != 0).sum(), spikes.sum(), torch.tensor(spikes.numel())
        counts = torch.stack([x.double().to(spikes.device) for x in seen])
        self._counts[name] = self._counts.get(name, 0) + counts

    def _finish(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._watching.close()
        if trainer.sanity_checking or not self._counts:
            return
        neurons = spiking_neurons(pl_module.get_submodule("network"))
        now = []
        for name, counts in self._counts.items():
            fired, total, places = trainer.strategy.reduce(counts, reduce_op="sum").tolist()
            levels = neurons[name].levels or 0
            now.append(Rate(trainer.current_epoch, name, levels, fired / places, total / places))
        self.history += now
        if self.alarms:
            self._warn(now, pl_module)
        place = folder(trainer)
        if trainer.is_global_zero:
            write_text(place / "spikes.csv", table(self.history))
            draw(self.history, place / "spikes.png")

    on_validation_end = on_test_end = _finish

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
