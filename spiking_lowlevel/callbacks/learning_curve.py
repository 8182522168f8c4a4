"""The learning curve: training loss and validation PSNR against training steps, as a picture."""

import csv
from pathlib import Path

import lightning.pytorch as pl
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.trainer.states import TrainerFn

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.files import written_whole
from spiking_lowlevel.registry import register

Points = tuple[list[int], list[float]]


@register
class LearningCurve(Watcher):
    """Draws `learning_curve.png` from `metrics.csv` after every validation and at the end."""

    def _draw(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        place = folder(trainer)
        if trainer.sanity_checking or not trainer.is_global_zero:
            return
        for logger in trainer.loggers:
            if isinstance(logger, CSVLogger):
                logger.save()
        metrics = place / "metrics.csv"
        if metrics.exists():
            before = getattr(pl_module, "degraded_name", "degraded")
            draw(metrics, place / "learning_curve.png", before)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw what there is so far."""
        if trainer.state.fn == TrainerFn.FITTING:
            self._draw(trainer, pl_module)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Draw the whole curve."""
        self._draw(trainer, pl_module)


def points(metrics: Path, column: str) -> Points:
    """Steps and values of one column of `metrics.csv`, where it has a value."""
    with metrics.open(newline="", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r.get(column)]
    return [int(r["step"]) for r in rows], [float(r[column]) for r in rows]


def draw(metrics: Path, path: Path, degraded_name: str) -> None:
    """Loss and PSNR of `metrics.csv` as two panels of a PNG, one above the other."""
    from matplotlib.figure import Figure

    with metrics.open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    figure = Figure((7, 6), layout="constrained")
    loss, score = figure.subplots(2, 1, sharex=True)
    loss.plot(*points(metrics, "train/loss"), linewidth=1)
    loss.set(ylabel="training loss", yscale="log")
    for i, column in enumerate(c for c in columns if c.startswith("val/psnr/")):
        protocol = column.removeprefix("val/psnr/")
        score.plot(*points(metrics, column), f"C{i}o-", label=f"restored, {protocol}")
        before = points(metrics, f"val/psnr_{degraded_name}/{protocol}")
        score.plot(*before, f"C{i}--", label=f"{degraded_name}, {protocol}")
    score.set(xlabel="training step", ylabel="validation PSNR in dB")
    if score.lines:
        score.legend()
    for axes in (loss, score):
        axes.grid(alpha=0.3)
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=120, format="png")
