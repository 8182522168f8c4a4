"""One network under all models: how far they are apart, and where its ANN stands under each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiking_lowlevel.energy.report.figures import energy, times
from spiking_lowlevel.energy.report.plots.style import BLUE, GREEN, VERMILION, bare, heading, save
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.errors import UserError

_DEARER, _CHEAPER = "dearer than its ANN", "cheaper than its ANN"


@dataclass(frozen=True)
class Pair:
    """A network and its ANN under one model, in pJ per image; None where there is no ANN."""

    model: str
    network: float
    ann: float | None


def pairs(report: Report) -> list[Pair]:
    """What each model in pJ asks for a network and for its ANN; the cheapest first.

    Models in other units have no place on the same axis and are left out, as are those that ask
    nothing.

    Raises:
        UserError: no model is in pJ.
    """
    found = []
    for bill in report.bills:
        ann = next((each.total for each in bill.baselines if each.name == "ANN"), None)
        if bill.unit == "pJ" and bill.total > 0:
            found.append(Pair(bill.model, bill.total, ann or None))
    if not found:
        raise UserError("nothing to draw: the report has no model that asks for an energy in pJ")
    return sorted(found, key=lambda pair: pair.network)


def draw_models(report: Report, path: Path) -> None:
    """Draw a network and its ANN under each model, on a logarithmic axis, as .png, .pdf or .svg.

    Raises:
        UserError: no model is in pJ, or the path has another ending.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, NullFormatter

    found = pairs(report)
    figure = Figure((8, 1.7 + 0.42 * len(found)), layout="constrained")
    axes = figure.add_subplot()
    _dumbbells(axes, found)
    everything = [value for pair in found for value in (pair.network, pair.ann) if value]
    axes.set_xscale("log")
    room = max(2.0, (max(everything) / min(everything)) ** 0.1)
    axes.set_xlim(min(everything) / room, max(everything) * room**1.4)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _round(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("modelled energy per image (logarithmic)", fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_yticks(range(len(found)), [pair.model for pair in found], fontsize=9)
    axes.set_ylim(-0.6, len(found) - 0.35)
    axes.tick_params(axis="y", length=0)
    bare(axes)
    _heading(axes, report, found)
    save(figure, path)


def _dumbbells(axes: Any, found: list[Pair]) -> None:  # noqa: ANN401
    for label, colour in ((_DEARER, VERMILION), (_CHEAPER, GREEN)):
        axes.plot([], [], color=colour, linewidth=2.5, alpha=0.7, label=label)
    for y, pair in enumerate(found):
        label = {"label": "this network"} if y == 0 else {}
        axes.plot(pair.network, y, "o", color=BLUE, markersize=9, zorder=3, **label)
        ends = [pair.network]
        if pair.ann:
            ends.append(pair.ann)
            label = {"label": "its ANN, run once"} if y == 0 else {}
            face = {"markerfacecolor": "white", "markeredgewidth": 1.8, "color": "#222222"}
            axes.plot(pair.ann, y, "D", markersize=7, zorder=3, **face, **label)
            colour = VERMILION if pair.network > pair.ann else GREEN
            axes.plot(ends, [y, y], color=colour, linewidth=2.5, alpha=0.7, zorder=2)
        told = energy(pair.network)
        if pair.ann:
            told += f" = {times(pair.network / pair.ann)} ANN"
        middle = (min(ends) * max(ends)) ** 0.5
        offset = {"xytext": (0, 9), "textcoords": "offset points"}
        axes.annotate(told, (middle, y), ha="center", fontsize=7.5, color="#444444", **offset)


def _round(picojoules: float) -> str:
    """A power of ten as an energy, without digits behind the point."""
    return energy(picojoules).replace(".00 ", " ").replace(".0 ", " ")


def _heading(axes: Any, report: Report, found: list[Pair]) -> None:  # noqa: ANN401
    spread = found[-1].network / found[0].network
    below = f"{len(found)} models, {times(spread)} apart" if len(found) > 1 else "1 model"
    if not report.trained:
        below += "; untrained weights"
    heading(axes, f"{report.who}: one network, many energies", below)
    axes.figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=4)
