"""Line charts as inline SVG, drawn here so that a page needs no library."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from spiking_lowlevel.report_page.markup import text

Point = tuple[float, float]

_WIDTH, _HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 14, 14, 50


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Args:
        label: in the legend and in the read-out.
        points: x and y.
        look: classes of the style sheet: "a", "b", "c", and "faint" or "dashed".
    """

    label: str
    points: tuple[Point, ...]
    look: str


@dataclass(frozen=True)
class Axis:
    """A range of values laid along pixels; `log` in decades."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        low, high, v = (math.log10(x) if self.log else x for x in (self.low, self.high, value))
        return self.start + (v - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values in the range: 1, 2, 2.5 or 5 times powers of ten."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            steps = (1, 2, 5) if self.high / self.low < 200 else (1,)
            found = [m * 10.0**e for e in range(first, last + 1) for m in steps]
            return [v for v in found if self.low <= v <= self.high]
        step = _step((self.high - self.low) / 6)
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def chart(title: str, x_label: str, y_label: str, lines: Sequence[Line], log: bool = False) -> str:
    """A figure with axes, a legend and a line to read values off.

    Values that are no numbers, or not positive on a logarithmic axis, leave no point.
    """
    kept = [Line(n.label, _clean(n.points, log), n.look) for n in lines]
    kept = [line for line in kept if line.points]
    if not kept:
        return ""
    xs, ys = zip(*(point for line in kept for point in line.points), strict=True)
    x = Axis(*_widened(min(xs), max(xs), 0, False), _LEFT, _WIDTH - _RIGHT)
    y = Axis(*_widened(min(ys), max(ys), 0.06, log), _HEIGHT - _BOTTOM, _TOP, log)
    drawn = [(line, [(x(a), y(b)) for a, b in line.points]) for line in kept]
    read = [
        {"label": n.label, "x": [a for a, _ in n.points], "y": [b for _, b in n.points],
         "at": [round(a, 1) for a, _ in at]}
        for n, at in drawn
    ]  # fmt: skip
    legend = "".join(
        f'<li><span class="key {n.look}" aria-hidden="true"></span>{text(n.label)}</li>'
        for n in kept
    )
    return (
        f'<figure class="chart"><figcaption>{text(title)}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{text(title)}" '
        f'data-x="{text(x_label)}" data-lines="{text(json.dumps(read))}">'
        f"{_axes(x, y, x_label, y_label)}{''.join(_drawn(n, at) for n, at in drawn)}"
        f'<line class="cursor" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" x1="-9" x2="-9"/></svg>'
        f'<ul class="legend">{legend}</ul><output aria-live="off">&nbsp;</output></figure>'
    )


def running_mean(points: Sequence[Point], window: int) -> tuple[Point, ...]:
    """The mean of every point and those before it, `window` in all."""
    found, total = [], 0.0
    for i, (a, b) in enumerate(points):
        total += b - (points[i - window][1] if i >= window else 0.0)
        found.append((a, total / min(i + 1, window)))
    return tuple(found)


def thinned(points: Sequence[Point], most: int = 1200) -> tuple[Point, ...]:
    """At most so many points: every second, third, ... and the last one."""
    stride = max(1, math.ceil(len(points) / most))
    kept = list(points[::stride])
    if points and kept[-1] != points[-1]:
        kept.append(points[-1])
    return tuple(kept)


def short(value: float) -> str:
    """A number with as many digits as an axis needs.

    >>> short(3000), short(0.05), short(2.5), short(1e-6)
    ('3,000', '0.05', '2.5', '1e-06')
    """
    return f"{value:,.0f}" if value == round(value) else f"{value:.4g}"


def _axes(x: Axis, y: Axis, x_label: str, y_label: str) -> str:
    bottom, found = _HEIGHT - _BOTTOM, []
    for value in y.ticks():
        at = round(y(value), 1)
        found.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
        )
        found.append(f'<text class="y" x="{_LEFT - 7}" y="{at + 5}">{short(value)}</text>')
    for value in x.ticks():
        at = round(x(value), 1)
        found.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{_TOP}" y2="{bottom}"/>')
        found.append(f'<text class="x" x="{at}" y="{bottom + 19}">{short(value)}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    found.append(f'<text class="x name" x="{middle}" y="{_HEIGHT - 6}">{text(x_label)}</text>')
    turned = (_TOP + bottom) / 2
    found.append(
        f'<text class="x name" x="14" y="{turned}" transform="rotate(-90 14 {turned})">'
        f"{text(y_label)}</text>"
    )
    return "".join(found)


def _drawn(line: Line, at: Sequence[Point]) -> str:
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in at)
    marks = ""
    if len(at) <= 40 and "dashed" not in line.look:
        marks = "".join(
            f'<circle class="{line.look}" cx="{a:.1f}" cy="{b:.1f}" r="3.2">'
            f"<title>{text(f'{line.label}: {v:.6g} at {short(s)}')}</title></circle>"
            for (a, b), (s, v) in zip(at, line.points, strict=True)
        )
    return f'<polyline class="{line.look}" points="{path}"/>{marks}'


def _clean(points: Sequence[Point], log: bool) -> tuple[Point, ...]:
    return tuple((a, b) for a, b in points if math.isfinite(b) and (b > 0 or not log))


def _widened(low: float, high: float, by: float, log: bool) -> Point:
    if log:
        return (low / 1.15, high * 1.15) if high > low else (low / 2, high * 2)
    room = (high - low) * by if high > low else 1.0
    return low - room, high + room


def _step(rough: float) -> float:
    scale = 10.0 ** math.floor(math.log10(rough))
    return next(m * scale for m in (1, 2, 2.5, 5, 10) if m * scale >= rough * 0.999)
