"""Scores picture by picture: a CSV file, and a table to read."""

import csv
import io

import lightning.pytorch as pl
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor
from torch import distributed as dist

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.files import write_text
from spiking_lowlevel.registry import register
from spiking_lowlevel.tasks.base import Evaluation

Row = dict[str, str | float]


@register
class PerImage(Watcher):
    """Writes `per_image.csv` after validation and test; prints the means of an evaluation.

    One row an image and protocol; every metric before and after restoration.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def _start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.rows = []

    on_validation_start = on_test_start = _start

    def _collect(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Evaluation,
        batch: Pair,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self.rows += rows(outputs, getattr(pl_module, "degraded_name", "degraded"))

    on_validation_batch_end = on_test_batch_end = _collect  # pyright: ignore[reportAssignmentType]

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the scores of a validation; print their means if it was all there was to do."""
        if not trainer.sanity_checking:
            self._write(trainer)
        if trainer.state.fn == TrainerFn.VALIDATING:
            pl_module.print(table(self.rows))

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the scores and print their means."""
        self._write(trainer)
        pl_module.print(table(self.rows))

    def _write(self, trainer: pl.Trainer) -> None:
        self.rows = gathered(self.rows)
        place = folder(trainer)
        if not self.rows or not trainer.is_global_zero:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.rows[0]))
        writer.writeheader()
        writer.writerows(self.rows)
        write_text(place / "per_image.csv", text.getvalue())


def rows(evaluation: Evaluation, degraded_name: str) -> list[Row]:
    """One row an image and protocol: name, protocol, and every metric before and after."""
    found: dict[tuple[int, str], Row] = {}
    for (protocol, metric), (before, after) in evaluation["scores"].items():
        for i, name in enumerate(evaluation["names"]):
            row = found.setdefault((i, protocol), {"name": name, "protocol": protocol})
            row[f"{metric}_{degraded_name}"] = _value(before, i)
            row[f"{metric}_restored"] = _value(after, i)
    return [found[key] for key in sorted(found)]


def gathered(rows: list[Row]) -> list[Row]:
    """The rows of all processes, each image and protocol once, sorted."""
    everywhere = [rows]
    if dist.is_available() and dist.is_initialized():
        everywhere = [[] for _ in range(dist.get_world_size())]
        dist.all_gather_object(everywhere, rows)
    once = {(str(r["name"]), str(r["protocol"])): r for part in everywhere for r in part}
    return [once[key] for key in sorted(once)]


def _value(values: Tensor, i: int) -> float:
    return round(float(values[i]), 6)


def table(rows: list[Row]) -> str:
    """Means over images as text, one line a protocol and metric: before, after, and the gain."""
    columns = [c for c in rows[0] if c not in ("name", "protocol")] if rows else []
    lines = [f"{'protocol':<12}{'metric':<8}{'before':>10}{'restored':>10}{'gain':>10}"]
    for protocol in dict.fromkeys(r["protocol"] for r in rows):
        mine = [r for r in rows if r["protocol"] == protocol]
        for before, after in zip(columns[::2], columns[1::2], strict=True):
            a, b = (sum(float(r[c]) for r in mine) / len(mine) for c in (before, after))
            metric = after.removesuffix("_restored")
            digits = 2 if metric == "psnr" else 4
            values = "".join(f"{v:>10.{digits}f}" for v in (a, b)) + f"{b - a:>+10.{digits}f}"
            lines.append(f"{protocol:<12}{metric:<8}{values}")
    return "\n".join(lines)
