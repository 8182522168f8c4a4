"""The curves of the sweeps, on logarithmic axes, beside a line of slope one."""

from pathlib import Path
from typing import Any

from spiking_lowlevel.files import written_whole

_AXES = {"area": "pixels", "steps": "time steps T", "batch": "images at once", "width": "width C"}


def draw(sweeps: dict[str, Any], path: Path) -> None:
    """One row a sweep, one panel for everything that was measured, as a PNG."""
    from matplotlib.figure import Figure

    kinds = {name: _kinds(swept) for name, swept in sweeps.items()}
    columns = max(map(len, kinds.values()))
    figure = Figure((4 * columns, 3.2 * len(sweeps)), layout="constrained")
    grid = figure.subplots(len(sweeps), columns, squeeze=False)
    for row, (name, swept) in zip(grid, sweeps.items(), strict=True):
        for axes in row[len(kinds[name]) :]:
            axes.set_visible(False)
        for axes, kind in zip(row, kinds[name], strict=False):
            _panel(axes, swept, kind)
            axes.set_xlabel(_AXES[name])
            # Named by what was measured: powers of ten would fall between the points.
            named = [f"{v}²" if name == "area" else str(v) for v in swept["values"]]
            axes.set_xticks(swept["amounts"], named)
            axes.set_xticks([], minor=True)
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=120, format="png")


def _kinds(swept: dict[str, Any]) -> list[str]:
    measured = next(iter(swept["sides"].values()))
    return [kind for kind in measured if kind not in ("exponents", "image_bytes")]


def _panel(axes: Any, swept: dict[str, Any], kind: str) -> None:  # noqa: ANN401
    amounts, memory = swept["amounts"], kind.endswith("_bytes")
    highest = 0.0
    for name, along in swept["sides"].items():
        spreads = along[kind]
        middle = [each / 2**20 for each in spreads] if memory else [e["median"] for e in spreads]
        around = None
        if not memory:
            below = [each["median"] - each["min"] for each in spreads]
            around = [below, [each["max"] - each["median"] for each in spreads]]
        axes.errorbar(amounts, middle, yerr=around, marker="o", capsize=3, label=name)
        highest = max(highest, middle[0])
    guide = [highest * amount / amounts[0] for amount in amounts]
    axes.plot(amounts, guide, "k:", linewidth=1, label="in proportion")
    axes.set(xscale="log", yscale="log")
    axes.set_ylabel(f"{kind.removesuffix('_bytes')}, {'MiB over base' if memory else 'seconds'}")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
