"""PSNR against modelled energy and against seconds: a line a neuron, T along it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spiking_lowlevel.energy.report.plots.labels import Where, put_labels
from spiking_lowlevel.energy.report.plots.style import BLACK, GROUPS, MARKERS, bare, heading, save
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.sweep_curves import Curve, Dot, curves
from spiking_lowlevel.studies.sweep_measuring import Row

_MOSTLY = 0.5
"""Share of silent multiply-accumulates above which a point is hollow: cheap as it does little."""


def draw(rows: Sequence[Row], model: str, unit: str, path: Path, title: str) -> None:
    """Draw a sweep as .png, .pdf or .svg.

    Args:
        rows: at least one.
        model: name of the cost model that the energies are from.
        unit: of its prices.
        path: of the picture.
        title: above it.

    Raises:
        UserError: an energy is not above 0, or the path has another ending.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = curves(rows, model, unit)
    if not all(dot.energy > 0 for curve in found for dot in curve.dots):
        raise UserError(f"{model} asks nothing for a point, which no logarithmic axis can show")
    figure = Figure((11, 5), layout="constrained")
    FigureCanvasAgg(figure)  # measures the labels, whatever the picture is written as
    panels = figure.subplots(1, 2, sharey=True)
    what = "modelled energy per image, mJ" if unit == "pJ" else f"cost per image, {unit}"
    below = f"{rows[0].quality.protocol} PSNR, test split, {rows[0].quality.degraded:.2f} dB before"
    if any(dot.silent > _MOSTLY for curve in found for dot in curve.dots):
        below += "; hollow: most of its MACs see nothing but zeros"
    _panel(panels[0], found, "energy", f"{what} ({model}, logarithmic)")
    _panel(panels[1], found, "seconds", "measured seconds per image (logarithmic)")
    panels[0].set_ylabel("PSNR, dB", fontsize=9, color=BLACK)
    heading(panels[0], title, below)
    handles, names = panels[0].get_legend_handles_labels()
    look = {"frameon": False, "fontsize": 8, "loc": "outside lower center"}
    figure.legend(handles, names, ncols=min(6, len(names)), **look)
    for axes, x in zip(panels, ("energy", "seconds"), strict=True):
        _label(axes, found, x)
    save(figure, path)


def _panel(axes: Any, found: Sequence[Curve], x: str, title: str) -> None:  # noqa: ANN401
    spiking = [curve for curve in found if not curve.twin]
    for i, curve in enumerate(spiking):
        _line(axes, curve, x, GROUPS[i % len(GROUPS)], MARKERS[i % len(MARKERS)])
    for curve in (curve for curve in found if curve.twin):
        (dot,) = curve.dots
        axes.axhline(dot.psnr, color=BLACK, linestyle="--", linewidth=0.9, zorder=1)
        axes.axvline(getattr(dot, x), color=BLACK, linestyle=":", linewidth=0.9, zorder=1)
        _line(axes, curve, x, BLACK, "*", 14)
    _axes(axes, [dot for curve in found for dot in curve.dots], x)
    axes.set_xlabel(title, fontsize=9, color=BLACK)


def _line(axes: Any, curve: Curve, x: str, colour: str, marker: str, size: int = 8) -> None:  # noqa: ANN401
    xs, ys = [getattr(dot, x) for dot in curve.dots], [dot.psnr for dot in curve.dots]
    low, high = [d.psnr - d.worst for d in curve.dots], [d.best - d.psnr for d in curve.dots]
    axes.errorbar(
        xs,
        ys,
        yerr=[low, high] if any(low) or any(high) else None,
        color=colour,
        marker=marker,
        markersize=size,
        markeredgecolor="white",
        linewidth=1.4,
        elinewidth=1,
        label=curve.neuron,
        zorder=3,
    )
    for dot in curve.dots:
        if dot.silent > _MOSTLY:
            hollow = {"markersize": size - 1, "markeredgecolor": colour, "markeredgewidth": 1.5}
            axes.plot(getattr(dot, x), dot.psnr, marker, color="white", zorder=4, **hollow)


def _axes(axes: Any, dots: Sequence[Dot], x: str) -> None:  # noqa: ANN401
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    values = [getattr(dot, x) for dot in dots]
    low, high = min(values), max(values)
    axes.set_xscale("log")
    room = max(1.15, (high / low) ** 0.12)
    axes.set_xlim(low / room, high * room)
    wide = LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,))
    axes.xaxis.set_major_locator(wide if high > 5 * low else MaxNLocator(7, steps=(1, 2, 5, 10)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    worst, best = min(dot.worst for dot in dots), max(dot.best for dot in dots)
    room = 0.12 * (best - worst) or 0.5
    axes.set_ylim(worst - room, best + room)
    axes.tick_params(labelsize=8)
    bare(axes, "both")


def _label(axes: Any, found: Sequence[Curve], x: str) -> None:  # noqa: ANN401
    labels = []
    for curve in found:
        for dot in curve.dots:
            told = curve.neuron if curve.twin else f"T = {dot.steps}"
            labels.append((told, (getattr(dot, x), dot.psnr)))
    guides = [_cross(axes, getattr(c.dots[0], x), c.dots[0].psnr) for c in found if c.twin]
    put_labels(axes, labels, guides[0] if guides else [])


def _cross(axes: Any, x: float, y: float) -> list[Where]:  # noqa: ANN401
    """The lines through a point from edge to edge, as one path that never goes aslant."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return [(left, y), (x, y), (x, low), (x, high), (x, y), (right, y)]
