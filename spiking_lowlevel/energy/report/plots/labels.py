"""Labels beside points, put where they cover least."""

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

Where = tuple[float, float]

_NEAR, *_FAR = (6, 15, 26, 38)
_PLACES = tuple(
    (far, across, up)
    for far, (across, up) in product(
        (_NEAR, *_FAR),
        ((1, 0), (0, 1), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)),
    )
)
"""Distance of a label in points, and on which side of its point it stands; the best first."""
_ACROSS = {-1: "right", 0: "center", 1: "left"}
_UP = {-1: "top", 0: "center", 1: "bottom"}
_MARKER = 10
_LINE = 5
"""Sides of what a marker and a line take, in points."""


def put_labels(axes: Any, labels: Sequence[tuple[str, Where]], line: Sequence[Where]) -> None:  # noqa: ANN401
    """Write a label beside every point so that it covers no label, no point, no line, no edge.

    Args:
        axes: laid out already, with their limits set: what moves later moves under the labels.
        labels: and their points in data coordinates.
        line: corners of a line to keep clear of, in data coordinates.
    """
    figure = axes.figure
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # as laid out: extents must not move any more
    scale, frame = figure.dpi / 72, axes.get_window_extent()
    taken = [_around([axes.transData.transform(at)], _MARKER * scale) for _, at in labels]
    corners = [axes.transData.transform(at) for at in line]
    taken += [_around(ends, _LINE * scale) for ends in pairwise(corners)]
    for label, at in labels:
        text = _text(axes, label, at)
        boxes = [_moved(text, *place) for place in _PLACES]
        covered = [sum(_common(box, other) for other in taken) + _out(box, frame) for box in boxes]
        best = min(range(len(_PLACES)), key=lambda i: (round(covered[i]), i))
        _moved(text, *_PLACES[best])
        text.arrow_patch.set_visible(_PLACES[best][0] > _NEAR)
        taken.append(boxes[best])


def _text(axes: Any, label: str, at: Where) -> Any:  # noqa: ANN401
    from matplotlib.patheffects import withStroke

    return axes.annotate(
        label,
        at,
        (0, 0),
        textcoords="offset points",
        fontsize=8,
        zorder=4,
        path_effects=[withStroke(linewidth=2, foreground="white")],
        arrowprops={"arrowstyle": "-", "color": "#999999", "linewidth": 0.7, "shrinkB": 4},
    )


def _moved(text: Any, far: int, across: int, up: int) -> Any:  # noqa: ANN401
    """The box of a text after it was moved."""
    from matplotlib.text import Text

    text.set_position((across * far, up * far))
    text.set_ha(_ACROSS[across])
    text.set_va(_UP[up])
    text.update_positions(text.figure.canvas.get_renderer())
    return Text.get_window_extent(text)  # of the words alone, without the line to the point


def _around(corners: Sequence[Any], margin: float) -> Any:  # noqa: ANN401
    from matplotlib.transforms import Bbox

    xs, ys = zip(*corners, strict=True)
    half = margin / 2
    return Bbox([[min(xs) - half, min(ys) - half], [max(xs) + half, max(ys) + half]])


def _common(a: Any, b: Any) -> float:  # noqa: ANN401
    """Area that two boxes share."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, width) * max(0.0, height)


def _out(box: Any, frame: Any) -> float:  # noqa: ANN401
    """Area of a box that is not inside a frame."""
    return box.width * box.height - _common(box, frame)
