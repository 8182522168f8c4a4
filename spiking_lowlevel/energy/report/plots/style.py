"""What the pictures have in common: colours that all eyes tell apart, and how they are saved."""

from pathlib import Path
from typing import Any

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import written_whole

# Okabe and Ito's colours.
BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
BLACK = "#222222"
GREY = "#8A8A8A"
GROUPS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_FORMATS = ("png", "pdf", "svg")


def save(figure: Any, path: Path) -> None:  # noqa: ANN401
    """Write a figure, whole or not at all, as what the ending of the path says.

    Raises:
        UserError: the ending is none of .png, .pdf, .svg.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in _FORMATS:
        raise UserError(f"{path.name}: pictures end in .png, .pdf or .svg")
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=160, format=ending)


def bare(axes: Any, grid: str = "x") -> None:  # noqa: ANN401
    """Leave out the frame above and to the right, and put a faint grid behind."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)


def heading(axes: Any, title: str, below: str = "") -> None:  # noqa: ANN401
    """A bold title at the left and, smaller and grey under it, what to know of it."""
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", pad=22 if below else 8)
    if below:
        axes.annotate(
            below,
            (0, 1),
            (0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8,
            color="#555555",
        )
