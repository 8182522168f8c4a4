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

_SHOWN = 20


@register
class PerImage(Watcher):
    """Writes `per_image.csv` after validation and test; prints the scores of an evaluation.

    The file has one row an image and protocol, with every metric before and after restoration.
    Printed are PSNR and SSIM of the first 20 restored images, the protocols side by side, and the
    means over all images.
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
        """Write the scores of a validation; print them if it was all there was to do."""
        if not trainer.sanity_checking:
            self._write(trainer)
        if trainer.state.fn == TrainerFn.VALIDATING:
            pl_module.print(f"{pictures(self.rows)}\n\n{table(self.rows)}")

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the scores and print them."""
        self._write(trainer)
        pl_module.print(f"{pictures(self.rows)}\n\n{table(self.rows)}")

    def _write(self, trainer: pl.Trainer) -> None:
        self.rows = gathered(self.rows)
        place = folder(trainer)
        if not self.rows or not trainer.is_global_zero:
            return
        columns = list(dict.fromkeys(column for row in self.rows for column in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="")
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
    return [found[key] for key in sorted(found, key=lambda key: key[0])]


def gathered(rows: list[Row]) -> list[Row]:
    """The rows of all processes, each image and protocol once, sorted by image."""
    everywhere = [rows]
    if dist.is_available() and dist.is_initialized():
        everywhere = [[] for _ in range(dist.get_world_size())]
        dist.all_gather_object(everywhere, rows)
    once = {(str(r["name"]), str(r["protocol"])): r for part in everywhere for r in part}
    order = list(dict.fromkeys(protocol for _, protocol in once))  # as asked for
    return [once[key] for key in sorted(once, key=lambda key: (key[0], order.index(key[1])))]


def _value(values: Tensor, i: int) -> float:
    return round(float(values[i]), 6)


def pictures(rows: list[Row]) -> str:
    """PSNR in dB and SSIM of restored images as text: a line an image, a column a protocol."""
    protocols = list(dict.fromkeys(str(row["protocol"]) for row in rows))
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        cells.setdefault(str(row["name"]), {})[str(row["protocol"])] = _cell(row)
    head, shown = "psnr/ssim", list(cells)[:_SHOWN]
    first = max(map(len, (head, *shown)))
    widths = {protocol: max(len(protocol), len("00.00/0.0000")) + 2 for protocol in protocols}
    lines = [f"{head:<{first}}" + "".join(f"{p:>{widths[p]}}" for p in protocols)]
    for name in shown:
        values = "".join(f"{cells[name].get(p, ''):>{widths[p]}}" for p in protocols)
        lines.append(f"{name:<{first}}{values}")
    if len(cells) > _SHOWN:
        lines.append(f"and {len(cells) - _SHOWN} more in per_image.csv")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    found = ((row.get(f"{metric}_restored"), _digits(metric)) for metric in ("psnr", "ssim"))
    return "/".join("-" if value is None else f"{value:.{digits}f}" for value, digits in found)


def _digits(metric: str) -> int:
    return 2 if metric == "psnr" else 4


def table(rows: list[Row]) -> str:
    """Means over images as text, one line a protocol and metric: before, after, and the gain."""
    protocols = list(dict.fromkeys(str(row["protocol"]) for row in rows))
    first = max(map(len, ("protocol  ", *protocols))) + 2
    lines = [f"{'protocol':<{first}}{'metric':<8}{'before':>10}{'restored':>10}{'gain':>10}"]
    for protocol in protocols:
        mine = [row for row in rows if row["protocol"] == protocol]
        columns = [c for c in mine[0] if c not in ("name", "protocol")]
        for before, after in zip(columns[::2], columns[1::2], strict=True):
            a, b = (sum(float(row[c]) for row in mine) / len(mine) for c in (before, after))
            metric, gain = after.removesuffix("_restored"), 0 if a == b else b - a  # inf − inf too
            digits = _digits(metric)
            values = "".join(f"{v:>10.{digits}f}" for v in (a, b)) + f"{gain:>+10.{digits}f}"
            lines.append(f"{protocol:<{first}}{metric:<8}{values}")
    return "\n".join(lines)
