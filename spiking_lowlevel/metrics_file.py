"""`metrics.csv`: one row a logged step, appended to as a run goes on."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from torch import Tensor

from spiking_lowlevel.files import write_text

Metrics = Mapping[str, Tensor | float]
_PLACE = ("epoch", "step")


class MetricsFile:
    """Collects rows and appends them; a new column rewrites the file, beside itself and renamed.

    Args:
        path: of the file.
        resumed: go on with what is there; else it is written over.
    """

    def __init__(self, path: Path, resumed: bool = False) -> None:
        self.path = path
        self._rows: list[dict[str, str]] = []  # not written yet
        self._columns: list[str] = []  # of the file
        if resumed and path.is_file():
            self._columns = _columns(self._written())

    def log_metrics(self, metrics: Metrics, step: int) -> None:
        """Note a row."""
        values = {name: _value(value) for name, value in metrics.items()}
        self._rows.append({**values, "step": str(step)})

    def save(self) -> None:
        """Write what has been noted."""
        if not self._rows:
            return
        columns = _columns([dict.fromkeys(self._columns, ""), *self._rows])
        if columns != self._columns:
            self._rewrite([*(self._written() if self._columns else []), *self._rows], columns)
        else:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                file.write(_text(self._rows, columns))
        self._rows = []

    def forget(self, step: int) -> None:
        """Drop the rows from a step on: a run that goes on from there will write them again."""
        if self._columns:
            kept = [row for row in self._written() if int(row["step"]) < step]
            self._rewrite(kept, self._columns)

    def _written(self) -> list[dict[str, str]]:
        with self.path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        # A power cut may leave half a line at the end.
        return [
            r for r in rows if None not in r.values() and None not in r and r["step"].isdecimal()
        ]

    def _rewrite(self, rows: list[dict[str, str]], columns: list[str]) -> None:
        head = ",".join(columns) + "\n"
        write_text(self.path, head + _text(rows, columns))
        self._columns = columns


def _columns(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Epoch and step first, the others by name."""
    names = {name for row in rows for name in row} - set(_PLACE)
    return [*_PLACE, *sorted(names)]


def _text(rows: list[dict[str, str]], columns: list[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writerows(rows)
    return text.getvalue()


def _value(value: Tensor | float) -> str:
    return str(value.item() if isinstance(value, Tensor) else value)
