"""Where the energy goes: what spikes, real values, the rest and memory cost in every layer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.report.figures import energy_scale, priced, share
from spiking_lowlevel.energy.report.grouping import main_layers, whole_stages
from spiking_lowlevel.energy.report.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    bare,
    heading,
    save,
)
from spiking_lowlevel.energy.report.report import HONEST, Report
from spiking_lowlevel.energy.report.rows import Row

_MANY = 32
"""Bars above which layers are told by stage."""
_SMALL = 0.002
"""Share below which single layers are told together."""
_PARTS = (
    ("spikes", "AC: synapses that see spikes", BLUE),
    ("real", "MAC: synapses that see real values", VERMILION),
    ("other", "other operations", ORANGE),
    ("memory", "memory and addressing", GREY),
)


@dataclass(frozen=True)
class Bar:
    """Parts of what one layer or stage costs, per image, in the unit of the model."""

    name: str
    spikes: float
    real: float
    other: float
    memory: float

    @property
    def total(self) -> float:
        """The length of the bar."""
        return self.spikes + self.real + self.other + self.memory


def bars(report: Report, model: str) -> list[Bar]:
    """One bar a layer as long as these are few, else one a stage, in the order in which they ran.

    Layers that cost less than `_SMALL` of all are one bar, the last.

    Raises:
        UserError: the report has no prices by this model.
    """
    least = _SMALL * report.bill(model).total
    rows = main_layers(report)
    if len(rows) > _MANY:
        return [_bar(each, model) for each in whole_stages(report)]
    found = [_bar(each, model) for each in rows]
    small = [each for each in found if each.total < least]
    if len(small) < 2:
        return found
    parts = (sum(getattr(each, part) for each in small) for part, _, _ in _PARTS)
    return [*(each for each in found if each.total >= least), Bar(f"{len(small)} others", *parts)]


def draw_stack(report: Report, path: Path, model: str = HONEST) -> None:
    """Draw the bars of one model as .png, .pdf or .svg.

    Raises:
        UserError: the report has no prices by this model, or the path has another ending.
    """
    from matplotlib.figure import Figure

    found, bill = bars(report, model), report.bill(model)
    figure = Figure((8, 1.9 + 0.25 * len(found)), layout="constrained")
    axes = figure.add_subplot()
    longest = max((each.total for each in found), default=0.0) or 1.0
    factor, unit = energy_scale(longest) if bill.unit == "pJ" else (1.0, bill.unit)
    _stacked(axes, found, factor)
    for y, each in enumerate(found):
        told = share(each.total / bill.total) if bill.total else ""
        axes.text((each.total + 0.01 * longest) / factor, y, told, va="center", fontsize=7)
    axes.set_xlim(0, 1.08 * longest / factor)
    what = "modelled energy" if bill.unit == "pJ" else "cost"
    axes.set_xlabel(f"{what} per image, {unit}", fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    bare(axes)
    _heading(axes, report, model)
    save(figure, path)


def _bar(row: Row, model: str) -> Bar:
    pairs = list(zip(row.layers, row.charges[model], strict=True))
    real = sum(c.synapses for layer, c in pairs if layer.activity == Activity.REAL)
    name = row.op if row.name.startswith("(") and row.op else row.name
    return Bar(
        name,
        spikes=sum(c.synapses for _, c in pairs) - real,
        real=real,
        other=sum(c.other for _, c in pairs),
        memory=sum(c.memory + c.addressing for _, c in pairs),
    )


def _stacked(axes: Any, found: list[Bar], factor: float) -> None:  # noqa: ANN401
    left = [0.0] * len(found)
    for part, label, colour in _PARTS:
        widths = [getattr(each, part) / factor for each in found]
        if any(widths):
            look = {"color": colour, "label": label, "edgecolor": "white", "linewidth": 0.4}
            axes.barh(range(len(found)), widths, 0.76, left, **look)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set_yticks(range(len(found)), [each.name for each in found], fontsize=8)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _heading(axes: Any, report: Report, model: str) -> None:  # noqa: ANN401
    r, bill = report.recording, report.bill(model)
    below = f"{model}, T = {r.time_steps}, {r.pixels / r.images:,.0f} pixels"
    if not report.trained:
        below += ", untrained weights"
    heading(axes, f"{report.who}: {priced(bill.total, bill.unit)} per image", below)
    if bill.total:
        axes.figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=4)
