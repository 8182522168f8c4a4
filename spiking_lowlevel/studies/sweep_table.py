"""A sweep as CSV, one row a point, and as a table to read."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from spiking_lowlevel.energy.report.figures import PJ_PER_MJ, count, lines, priced, share
from spiking_lowlevel.files import write_text
from spiking_lowlevel.studies.sweep_measuring import Row

Units = dict[str, str]
"""The units of cost models, by their names."""


def write_csv(rows: Sequence[Row], units: Units, path: Path) -> None:
    """Write a sweep, whole or not at all.

    Energies are per image, in mJ where the model's unit is pJ, else in the unit of the model; the
    columns are headed by both, such as "HorowitzFP32 mJ". Seconds to restore are per image.
    """
    text = io.StringIO()
    told = [_told(row, units) for row in rows]
    writer = csv.DictWriter(text, list(told[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    write_text(path, text.getvalue())


def table(rows: Sequence[Row], units: Units) -> list[str]:
    """The lines of a table, and what to know of it."""
    head = [
        "point",
        "PSNR",
        "SSIM",
        *units,
        "spike-driven",
        "silent",
        "rate",
        "train",
        "restore",
        "run",
    ]
    cells = [
        [
            row.point.label,
            f"{row.quality.psnr:.2f}",
            "-" if row.quality.ssim is None else f"{row.quality.ssim:.4f}",
            *(priced(row.spending.energy[name], unit) for name, unit in units.items()),
            share(row.spending.spike_driven),
            share(row.spending.silent),
            share(row.spending.rate),
            f"{row.train_seconds:.0f} s",
            f"{1000 * row.restore_seconds:.3g} ms",
            str(row.run),
        ]
        for row in rows
    ]
    return [*lines([head, *cells], last=True), "", *_notes(rows)]


def _notes(rows: Sequence[Row]) -> list[str]:
    first = rows[0].quality
    found = [
        f"PSNR in dB and SSIM: {first.protocol}, means over the test split, where the degraded "
        f"images have {first.degraded:.2f} dB.",
        "Energies are modelled arithmetic per image, not a measurement. Spike-driven: share of "
        "dense MACs",
        "whose input is spikes; silent: the part of these that sees nothing but zeros. Restore: "
        "measured, per image.",
    ]
    for row in rows:
        if row.point.twin and row.spending.spiking_layers:
            layers = count(row.spending.spiking_layers)
            found.append(f"{row.point.label}: {layers} layers of it still spike.")
    return found


def _told(row: Row, units: Units) -> dict[str, str | float]:
    point, quality, spending = row.point, row.quality, row.spending
    energy = {
        f"{name} {'mJ' if unit == 'pJ' else unit}": (
            spending.energy[name] / (PJ_PER_MJ if unit == "pJ" else 1)
        )
        for name, unit in units.items()
    }
    return {
        "label": point.label,
        "neuron": point.neuron,
        "twin": int(point.twin),
        "time_steps": point.steps,
        "seed": "" if point.seed is None else point.seed,
        "parameters": point.parameters,
        "protocol": quality.protocol,
        "psnr": quality.psnr,
        "ssim": "" if quality.ssim is None else quality.ssim,
        "psnr_degraded": quality.degraded,
        **energy,
        "spike_driven_fraction": spending.spike_driven,
        "silent_fraction": spending.silent,
        "mean_rate": spending.rate,
        "train_seconds": row.train_seconds,
        "restore_seconds": row.restore_seconds,
        "run": str(row.run),
    }
