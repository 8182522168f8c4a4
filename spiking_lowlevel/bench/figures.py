"""Numbers as they stand in the tables of `slv bench`, and the tables."""

from collections.abc import Sequence

from spiking_lowlevel.bench.timing import Spread

Row = list[str]


def seconds(s: Spread) -> str:
    """Median [min-max] in one unit, to three figures.

    >>> seconds(Spread(median=0.4123, min=0.4, max=1.2, rounds=[]))
    '412 ms [400-1200]'
    """
    unit, factor = ("s", 1.0) if s["median"] >= 1 else ("ms", 1e3)
    low, high = figures(s["min"] * factor), figures(s["max"] * factor)
    return f"{figures(s['median'] * factor)} {unit} [{low}-{high}]"


def ratio(s: Spread) -> str:
    """Median [min-max] of a quotient, to two decimals."""
    return f"{s['median']:.2f} [{s['min']:.2f}-{s['max']:.2f}]"


def figures(value: float) -> str:
    """A number to three significant figures, never as a power of ten.

    >>> figures(1234.5), figures(12.345), figures(0.012345)
    ('1234', '12.3', '0.0123')
    """
    if value == 0:
        return "0"
    digits = 0
    while digits < 9 and abs(value) * 10**digits < 99.95:
        digits += 1
    return f"{value:.{digits}f}"


def aligned(rows: Sequence[Row]) -> list[str]:
    """Rows as lines: the first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return lines
