"""What became of every photograph: a row each."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What became of a photograph.

    Args:
        name: of the input.
        target: what was written, and where; empty where it failed.
        fault: why it failed, in one line; empty where it did not.
        size: height and width in pixels, where they are known.
        seconds: decoding, restoring and writing took.
        notes: what did not survive, in words.
    """

    name: str
    target: str = ""
    fault: str = ""
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


def table(rows: Sequence[Row]) -> list[str]:
    """Lines of a table: file, size, seconds, seconds per megapixel, and where it was written."""
    cells = [("file", "size", "s", "s/MP", "written"), *(_cells(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(4)]
    lines = []
    for row in cells:
        numbers = "  ".join(row[i].rjust(widths[i]) for i in (1, 2, 3))
        lines.append(f"{row[0].ljust(widths[0])}  {numbers}  {row[4]}")
    good = [row for row in rows if not row.fault]
    failed = len(rows) - len(good)
    if len(rows) > 1:
        pixels = sum(row.size[0] * row.size[1] for row in good if row.size) / 1e6
        seconds = sum(row.seconds for row in good)
        lines.append(f"{len(good)} restored, {pixels:.1f} MP in {seconds:.1f} s; {failed} failed")
    return lines


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    size = f"{row.size[1]}x{row.size[0]}" if row.size else "-"
    if row.fault:
        return row.name, size, "-", "-", f"failed: {row.fault}"
    each = row.seconds / (row.size[0] * row.size[1] / 1e6) if row.size else 0.0
    notes = f" ({'; '.join(row.notes)})" if row.notes else ""
    return row.name, size, f"{row.seconds:.2f}", f"{each:.1f}", row.target + notes
