"""Tables that fit into the width of a terminal."""

import re
from collections.abc import Sequence
from itertools import product
from textwrap import wrap

from spiking_lowlevel.energy.report.figures import lines

WIDTH = 150
_NAME = 24
"""Names of modules are not made shorter than this."""
_ENDS = (0.6, 0.75, 0.4)
"""Shares of a short name that its end may have: the first that leaves all names different."""
_FLAGS = (27, 23, 16)
"""Flags stand on several lines where they are longer: the first of these that leaves room."""
_HARD = "\N{NO-BREAK SPACE}"
_GAP = re.compile(r"\s{2}")


def fitted(rows: Sequence[list[str]], left: int) -> list[str]:
    """Rows as lines that are short enough: flags go on below, long names lose their middle."""
    found: list[str] = []
    told: list[list[str]] = []
    for flags in _FLAGS:
        told = _unflagged(rows, flags)
        found = lines(told, left, last=True)
        if max(map(len, found)) <= WIDTH:
            return found
    short = _shortened([row[0] for row in told], max(map(len, found)) - WIDTH)
    told = [[name, *row[1:]] for name, row in zip(short, told, strict=True)]
    return lines(told, left, last=True)


def _unflagged(rows: Sequence[list[str]], width: int) -> list[list[str]]:
    """Rows with so many flags as there is room for; the others stand in rows of their own."""
    found = []
    for row in rows:
        whole = row[-1].replace(" ", _HARD).replace(";" + _HARD, "; ")  # no break inside a flag
        parts = wrap(whole, width, break_on_hyphens=False, break_long_words=False)
        for i, part in enumerate(parts or [""]):
            start = [""] * (len(row) - 1) if i else row[:-1]
            found.append([*start, part.replace(_HARD, " ")])
    return found


def _shortened(names: list[str], over: int) -> list[str]:
    """Names that are shorter by so many letters, or by fewer where two would be the same."""
    longest = max(map(len, names))
    for width, end in product(range(max(_NAME, longest - over), longest), _ENDS):
        short = [_short(name, width, end) for name in names]
        if len(set(short)) == len(set(names)):
            return short
    return names


def wrapped(line: str) -> list[str]:
    """A sentence on several lines; lines of a table, which have wide gaps, as they are."""
    if len(line) <= WIDTH or _GAP.search(line.strip()):
        return [line]
    return wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _short(name: str, width: int, end: float) -> str:
    """A name with its middle left out, and such a share of what is left at the end.

    >>> _short("encoder1.body.0.attention.time.squeeze", 20, 0.5)
    'encoder1.b…e.squeeze'
    """
    if len(name) <= width:
        return name
    last = int((width - 1) * end)
    return f"{name[: width - 1 - last]}…{name[-last:]}"
