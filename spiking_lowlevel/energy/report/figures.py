"""Numbers as they stand in the tables: three figures and a prefix, so that columns stay narrow."""

from collections.abc import Sequence

_COUNTS = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_ENERGIES = ((1e12, "J"), (1e9, "mJ"), (1e6, "µJ"), (1e3, "nJ"), (1.0, "pJ"))
_ROUNDS_UP = 0.9995
"""999.5 is told as 1.00 k, not as 1000."""
PJ_PER_MJ = 1e9


def count(value: float) -> str:
    """A number of things.

    >>> count(0), count(338), count(999.7), count(24_733_974), count(7.29e9)
    ('0', '338', '1.00k', '24.7M', '7.29G')
    """
    factor, prefix = _scale(value, _COUNTS)
    if prefix or value != int(value):
        return _three(value / factor) + prefix
    return str(int(value))


def energy(picojoules: float) -> str:
    """An energy given in pJ.

    >>> energy(0), energy(18.0), energy(299_428), energy(1.0267e11), energy(9.996e8)
    ('0', '18.0 pJ', '299 nJ', '103 mJ', '1.00 mJ')
    """
    if not picojoules:
        return "0"
    factor, unit = _scale(picojoules, _ENERGIES)
    return f"{_three(picojoules / factor)} {unit}"


def energy_scale(picojoules: float) -> tuple[float, str]:
    """The unit that a largest value of so many pJ is told in, and how many pJ it is.

    >>> energy_scale(299_428)
    (1000.0, 'nJ')
    """
    return _scale(picojoules, _ENERGIES)


def priced(value: float, unit: str) -> str:
    """A price in the unit of its model, which energies are told in and other units are left out of.

    >>> priced(4600, "pJ"), priced(4600, "bit operations")
    ('4.60 nJ', '4.60k')
    """
    return energy(value) if unit == "pJ" else count(value)


def share(part: float) -> str:
    """A part of one, in per cent.

    >>> share(0), share(0.0003), share(0.0567), share(0.9997), share(1)
    ('0%', '<0.1%', '5.7%', '>99.9%', '100%')
    """
    if part == 0:
        return "0%"
    if part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return "100%" if part == 1 else f"{part:.1%}"


def times(quotient: float) -> str:
    """A quotient of two prices.

    >>> times(3.654), times(0.0421), times(713)
    ('3.65x', '0.0421x', '713x')
    """
    return f"{_three(quotient)}x"


def lines(rows: Sequence[Sequence[str]], left: int = 1, *, last: bool = False) -> list[str]:
    """Rows as lines: the first `left` columns to the left, and the last one if asked for."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    found = []
    for row in rows:
        cells = [
            cell.ljust(width) if i < left or (last and i == len(row) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        found.append("  ".join(cells).rstrip())
    return found


def _scale(value: float, steps: Sequence[tuple[float, str]]) -> tuple[float, str]:
    for factor, name in steps:
        if abs(value) >= factor * _ROUNDS_UP:
            return factor, name
    return steps[-1]


def _three(value: float) -> str:
    """Three significant figures, never as a power of ten."""
    if value == 0:
        return "0"
    digits = 0
    while digits < 9 and abs(value) * 10**digits < 99.95:
        digits += 1
    return f"{value:.{digits}f}"
