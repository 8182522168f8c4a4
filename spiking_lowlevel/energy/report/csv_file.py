"""A report as CSV: one row a layer, a column for every model; everything per image."""

import csv
import io
from pathlib import Path

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.rows import STATE_BYTES, operations
from spiking_lowlevel.files import write_text


def write_csv(report: Report, path: Path) -> None:
    """Write the layers of a report, whole or not at all."""
    write_text(path, as_csv(report))


def as_csv(report: Report) -> str:
    """The layers of a report as CSV text.

    The price columns are headed by model and unit, such as "HorowitzFP32 pJ".
    """
    text = io.StringIO()
    layers = report.recording.layers
    rows = [_row(report, layer) for layer in layers]
    for i, row in enumerate(rows):
        row |= {f"{b.model} {b.unit}": b.charges[i].total for b in report.bills}
        row["flags"] = "; ".join(map(str, report.flags(layers[i])))
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def _row(report: Report, layer: Layer) -> dict[str, str | float]:
    total, images = layer.total, report.recording.images
    spikes = layer.synaptic and layer.activity != Activity.REAL
    return {
        "layer": layer.name,
        "op": layer.op,
        "input": layer.activity.name if layer.synaptic else "",
        "levels": layer.levels,
        "declared": int(layer.declared),
        "rate": layer.rate if layer.synaptic or layer.op == "neuron" else "",
        "mean_level": layer.mean_level if spikes else "",
        "mac_dense": _each(total.macs_dense, images),
        "mac_exact": _each(total.macs, images),
        "ac": _each(layer.accumulations, images),
        "mac": _each(layer.macs, images),
        "other_operations": _each(operations(layer), images),
        "spikes": _each(layer.spikes, images),
        "updates": _each(layer.updates, images),
        "state_bytes": STATE_BYTES * layer.state,
        "copies": layer.copies,
    }


def _each(number: int, images: int) -> float:
    """Per image; whole numbers stay whole."""
    return number // images if number % images == 0 else number / images
