"""Who fires when: a heat map of neuron layers and time steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiking_lowlevel.energy.report.figures import share
from spiking_lowlevel.energy.report.plots.style import BLACK, heading, save
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.errors import UserError

_TALL = 36
"""Rows above which the picture has two columns."""


@dataclass(frozen=True)
class Line:
    """Firing rates of one neuron layer, one a time step of its own; visual neurons have r²T."""

    name: str
    rates: tuple[float, ...]
    mean: float


def rates(report: Report) -> list[Line]:
    """The neuron layers that were seen step by step, in the order in which they ran."""
    return [
        Line(x.name, tuple(s / n if n else 0.0 for s, n in x.steps), x.rate)
        for x in report.recording.neurons
        if x.steps
    ]


def edges(steps: int, T: int) -> list[float]:
    """Where the cells of a row begin and end, so that T steps are equally wide in all rows.

    >>> edges(4, 2)
    [0.5, 1.0, 1.5, 2.0, 2.5]
    """
    return [0.5 + T * i / steps for i in range(steps + 1)]


def draw_rates(report: Report, path: Path) -> None:
    """Draw the firing rates as .png, .pdf or .svg; every layer fills the whole width.

    Raises:
        UserError: no neuron was seen, or the path has another ending.
    """
    from matplotlib.figure import Figure

    found, T = rates(report), report.recording.time_steps
    if not found:
        raise UserError("nothing to draw: no neuron was seen in this network")
    columns = 2 if len(found) > _TALL else 1
    rows = -(-len(found) // columns)
    figure = Figure((3.2 + 4.2 * columns, 1.9 + 0.19 * rows), layout="constrained")
    panels = figure.subplots(1, columns, squeeze=False)[0]
    highest = max(rate for line in found for rate in line.rates) or 1.0
    mesh = None
    for i, axes in enumerate(panels):
        mesh = _panel(axes, found[i * rows : (i + 1) * rows], T, highest)
        axes.set_ylim(rows - 0.5, -0.5)
    _scale(figure, mesh, panels)
    heading(panels[0], f"{report.who}: firing rates", _below(report, found))
    save(figure, path)


def _panel(axes: Any, found: Sequence[Line], T: int, highest: float) -> Any:  # noqa: ANN401
    mesh = None
    for y, line in enumerate(found):
        mesh = axes.pcolormesh(
            edges(len(line.rates), T),
            [y - 0.46, y + 0.46],
            [line.rates],
            vmin=0,
            vmax=highest,
            cmap="viridis",
        )
        told = share(line.mean) if line.mean else "silent"
        axes.text(0.5 + 1.02 * T, y, told, va="center", fontsize=7)
    axes.set_yticks(range(len(found)), [line.name for line in found], fontsize=7)
    axes.set_xlim(0.5, T + 0.5)
    axes.set_xticks(range(1, T + 1))
    axes.set_xlabel("time step", fontsize=9, color=BLACK)
    axes.tick_params(length=0, labelcolor=BLACK)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[:].set_visible(False)
    return mesh


def _scale(figure: Any, mesh: Any, panels: Any) -> None:  # noqa: ANN401
    from matplotlib.ticker import PercentFormatter

    bar = figure.colorbar(mesh, ax=list(panels), location="bottom", shrink=0.5, aspect=40, pad=0.02)
    bar.set_label("firing rate", fontsize=9, color=BLACK)
    bar.ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)


def _below(report: Report, found: Sequence[Line]) -> str:
    told = [f"{share(report.recording.mean_rate)} over all neurons and time steps"]
    if any(len(line.rates) > report.recording.time_steps for line in found):
        told.append("narrow cells: inner steps")
    return ", ".join(told if report.trained else [*told, "untrained weights"])
