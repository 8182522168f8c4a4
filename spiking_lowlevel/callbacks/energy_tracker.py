"""What a network computes during validation and test, counted and priced."""

from contextlib import ExitStack

import lightning.pytorch as pl
from torch import distributed as dist

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.energy.counting.complete import require_complete
from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.merging import merged
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import HorowitzFP32, HorowitzINT8
from spiking_lowlevel.energy.literature import LiteratureProtocol
from spiking_lowlevel.energy.report.folder import write_folder
from spiking_lowlevel.energy.report.report import Report, make_report
from spiking_lowlevel.energy.report.table import table
from spiking_lowlevel.energy.simple_memory import SimpleMemory
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register


@register
class EnergyTracker(Watcher):
    """Counts the operations of the first pictures of a validation or test, and prices them.

    Logs `energy/<model>`, per image in mJ (or in the unit of the model), and
    `energy/spike_driven_fraction`; writes `energy.json`, `.csv`, `.md` and pictures; prints the
    table after a test. Pictures are restored as the task does it, tiles included. Nothing is
    counted, and no hook is there, outside of these; over several processes the counts are
    added up exactly.

    Args:
        models: cost models; HorowitzFP32, HorowitzINT8, SimpleMemory, LiteratureProtocol if None.
        pictures: how many are counted, at least, of each validation and test and by every process;
            they take up to three times as long.
        every: validations from one that is counted to the next; the first one is.
        allow_uncounted: whether to go on though parameters were never counted.
    """

    def __init__(
        self,
        models: list[CostModel] | None = None,
        pictures: int = 2,
        every: int = 1,
        allow_uncounted: bool = False,
    ) -> None:
        if pictures < 1 or every < 1:
            raise UserError(
                f"EnergyTracker: pictures {pictures} and every {every}; both are at least 1"
            )
        usual = [HorowitzFP32(), HorowitzINT8(), SimpleMemory(), LiteratureProtocol()]
        self.models = list(models or usual)
        self.pictures, self.every, self.allow_uncounted = pictures, every, allow_uncounted
        self.report: Report | None = None
        self._counter: OpCounter | None = None
        self._images = self._pixels = self._validations = 0
        self._watching = ExitStack()

    def _start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        due = not trainer.sanity_checking and self._validations % self.every == 0
        self._validations += not trainer.sanity_checking
        self._counter = OpCounter(pl_module.get_submodule("network")) if due else None
        self._images = self._pixels = 0

    on_validation_start = on_test_start = _start

    def _before(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Pair,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if self._counter is not None and self._images < self.pictures:
            self._watching.enter_context(self._counter)

    on_validation_batch_start = on_test_batch_start = _before

    def _after(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: object,
        batch: Pair,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if self._counter is not None and self._images < self.pictures:
            self._watching.close()
            B, _, H, W = batch.degraded.shape
            self._images += B
            self._pixels += B * H * W

    on_validation_batch_end = on_test_batch_end = _after  # pyright: ignore[reportAssignmentType]

    def _log(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self._counter is None:
            return
        self._watching.close()
        recording = self._everywhere(self._counter)
        self._counter = None
        self.report = make_report(recording, self.models, trained=True)
        pl_module.log("energy/spike_driven_fraction", recording.spike_driven_fraction)
        for bill in self.report.bills:
            scale = 1e9 if bill.unit == "pJ" else 1.0
            pl_module.log(f"energy/{bill.model}", bill.total / scale)

    on_validation_epoch_end = on_test_epoch_end = _log

    def _everywhere(self, counter: OpCounter) -> Recording:
        recording = counter.recording(self._images, self._pixels, complete=False)
        if dist.is_available() and dist.is_initialized():
            parts: list[Recording] = [recording] * dist.get_world_size()
            dist.all_gather_object(parts, recording)
            recording = merged(parts)
        if not self.allow_uncounted:
            require_complete(recording)
        return recording

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the report of a validation."""
        self._write(trainer)

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the report of a test, and print it."""
        report = self.report
        self._write(trainer)
        if report is not None:
            pl_module.print("\n".join(table(report)))

    def _write(self, trainer: pl.Trainer) -> None:
        place = folder(trainer)
        if self.report is not None and trainer.is_global_zero:
            write_folder(self.report, place)

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Leave no hook behind."""
        self._watching.close()
