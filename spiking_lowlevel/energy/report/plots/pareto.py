"""Quality against energy over several runs, with the front that no run beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from spiking_lowlevel.energy.report.plots.labels import Where, put_labels
from spiking_lowlevel.energy.report.plots.style import (
    BLACK,
    GREY,
    GROUPS,
    MARKERS,
    bare,
    heading,
    save,
)
from spiking_lowlevel.errors import UserError


@dataclass(frozen=True)
class Point:
    """One run.

    Args:
        label: what stands beside it.
        psnr: in dB.
        energy: in mJ per image.
        group: runs of one group have a colour and a marker in common.
    """

    label: str
    psnr: float
    energy: float
    group: str = ""


def front(points: Sequence[Point]) -> list[Point]:
    """The points that none beats in both quality and energy, by rising energy."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.energy, -p.psnr)):
        if not found or point.psnr > found[-1].psnr:
            found.append(point)
    return found


def draw_pareto(
    points: Sequence[Point], path: Path, title: str = "Quality against energy", below: str = ""
) -> None:
    """Draw runs and their front, the energy logarithmic, as .png, .pdf or .svg.

    Args:
        points: at least one.
        path: of the picture.
        title: above it.
        below: one line under the title, such as the model that the energies are from.

    Raises:
        UserError: there is no point, an energy is not above 0, or the path has another ending.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    _check(points)
    figure = Figure((7.5, 5), layout="constrained")
    FigureCanvasAgg(figure)  # measures the labels, whatever the picture is written as
    axes = figure.add_subplot()
    groups = list(dict.fromkeys(point.group for point in points))
    for i, group in enumerate(groups):
        _group(axes, [point for point in points if point.group == group], i)
    corners = _corners(front(points))
    if len(corners) > 1:
        xs, ys = zip(*corners, strict=True)
        axes.plot(xs, ys, "--", color=GREY, linewidth=1.2, zorder=1, label="no run beats these")
    _axes(axes, points)
    heading(axes, title, below)
    entries = len(groups) + 1
    figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=min(6, entries))
    put_labels(axes, [(point.label, (point.energy, point.psnr)) for point in points], corners)
    save(figure, path)


def _check(points: Sequence[Point]) -> None:
    if not points:
        raise UserError("nothing to draw: quality against energy needs at least one run")
    without = [point.label for point in points if not point.energy > 0]
    if without:
        raise UserError(
            f"runs without an energy have no place on a logarithmic axis: {', '.join(without)}"
        )


def _group(axes: Any, chosen: Sequence[Point], i: int) -> None:  # noqa: ANN401
    axes.plot(
        [point.energy for point in chosen],
        [point.psnr for point in chosen],
        MARKERS[i % len(MARKERS)],
        color=GROUPS[i % len(GROUPS)],
        markersize=8,
        markeredgecolor="white",
        label=chosen[0].group or "run",
        zorder=3,
    )


def _corners(best: Sequence[Point]) -> list[Where]:
    """Of the staircase from each point of the front to the next."""
    found = [(point.energy, point.psnr) for point in best[:1]]
    for one, other in pairwise(best):
        found += [(other.energy, one.psnr), (other.energy, other.psnr)]
    return found


def _axes(axes: Any, points: Sequence[Point]) -> None:  # noqa: ANN401
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = (f(point.energy for point in points) for f in (min, max))
    axes.set_xscale("log")
    room = max(1.2, (high / low) ** 0.1)
    axes.set_xlim(low / room, high * room**1.5)
    subs = (1, 2, 5) if high > 5 * low else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
    axes.xaxis.set_major_locator(LogLocator(subs=subs if high < 100 * low else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("modelled energy per image, mJ (logarithmic)", fontsize=9, color=BLACK)
    worst, best = (f(point.psnr for point in points) for f in (min, max))
    room = 0.1 * (best - worst) or 0.5
    axes.set_ylim(worst - room, best + room)
    axes.set_ylabel("PSNR, dB", fontsize=9, color=BLACK)
    axes.tick_params(labelsize=8)
    bare(axes, "both")
