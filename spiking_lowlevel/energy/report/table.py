"""The text that a person reads in a terminal."""

import re
from collections.abc import Sequence

from spiking_lowlevel.energy.report import grouping
from spiking_lowlevel.energy.report.figures import count, lines, priced, share
from spiking_lowlevel.energy.report.fitting import fitted, wrapped
from spiking_lowlevel.energy.report.notes import head, legend, sentences, totals
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.rows import Row, operations
from spiking_lowlevel.errors import UserError

SHOWN = ("HorowitzFP32", "HorowitzINT8", "SimpleMemory")
"""Models that a table tells of unless others are asked for: two precisions, and memory."""
_COLUMNS = (
    ("", "layer"),
    ("", "op"),
    ("", "input"),
    ("", "rate"),
    ("mean", "level"),
    ("MAC", "dense"),
    ("MAC", "exact"),
    ("", "AC"),
    ("", "MAC"),
    ("other", "ops"),
    ("state", "bytes"),
)
LEFT = 3
"""Columns of words; numbers follow."""


def table(
    report: Report, shown: Sequence[str] | None = None, *, full: bool = False, costliest: int = 0
) -> list[str]:
    """The lines of the whole report; all numbers are per image.

    Args:
        report: what is told.
        shown: names of models that get a column; those of `SHOWN` that the report has if none are.
        full: a row for every layer, however many there are.
        costliest: only so many layers, the dearest by the first model, and the rest as one; 0 for
            all, in stages where there are many.

    Raises:
        UserError: a model is not in the report, or the models have different units.
    """
    models = chosen(report, shown)
    rows = pick(report, models[0], full=full, costliest=costliest)
    found = [
        *head(report, models[0]),
        "",
        *fitted(cells(report, rows, models), LEFT),
        "",
        *legend(report, models[0]),
    ]
    for part in totals(report):
        found += ["", *lines(part)]
    found += ["", *sentences(report)]
    return [part for line in found for part in wrapped(line)]


def chosen(report: Report, shown: Sequence[str] | None) -> list[str]:
    """The models that get a column: those asked for, or else `SHOWN`, or else the first three.

    Raises:
        UserError: a model is not in the report, the models have different units, or there are none.
    """
    if not report.bills:
        raise UserError("a report without a cost model has no table; give at least one model")
    known = {bill.model: bill.unit for bill in report.bills}
    first = report.bills[0].unit
    usual = [name for name in SHOWN if name in known]
    alike = [name for name, unit in known.items() if unit == first][:3]
    names = list(shown) if shown else usual or alike
    units = {report.bill(name).unit for name in names}
    if len(units) > 1:
        raise UserError(
            f"a table has one unit; {', '.join(names)} have {', '.join(sorted(units))}: "
            "ask for those of one unit at a time"
        )
    return names


def pick(report: Report, model: str, *, full: bool, costliest: int) -> list[Row]:
    """The rows of a table: every layer, the dearest by a model, or as many as are readable."""
    if full:
        return grouping.every_layer(report)
    return grouping.costliest(report, model, costliest) if costliest else grouping.readable(report)


def cells(report: Report, rows: Sequence[Row], models: Sequence[str]) -> list[list[str]]:
    """A table as words: two lines of heads, one line a row, one for the total."""
    unit = report.bill(models[0]).unit
    heads = [_two(model) for model in models]
    above = [a for a, _ in _COLUMNS] + [a for a, _ in heads] + ["", ""]
    below = [b for _, b in _COLUMNS] + [b for _, b in heads] + ["%", "flags"]
    everything = grouping.total(report)
    whole = everything.price(models[0])
    found = [above, below]
    name = ""
    for row in [*rows, everything]:
        told = _cells(row, models, unit, whole)
        # The name of a stage stands before its first row alone.
        told[0] = "" if row.name == name else row.name
        name = row.name
        found.append(told)
    return found


def _cells(row: Row, models: Sequence[str], unit: str, whole: float) -> list[str]:
    several = len(row.layers) > 1 and row.op
    return [
        row.name,
        f"{len(row.layers)} {row.op}" if several else row.op,
        row.input,
        "" if row.rate is None else share(row.rate),
        "" if row.level is None else f"{row.level:.2f}",
        _some(row.mean(lambda x: x.total.macs_dense)),
        _some(row.mean(lambda x: x.total.macs)),
        _some(row.mean(lambda x: x.accumulations)),
        _some(row.mean(lambda x: x.macs)),
        _some(row.mean(operations)),
        _some(row.state),
        *(priced(row.price(model), unit) for model in models),
        share(row.price(models[0]) / whole) if whole else "",
        "; ".join(row.flags),
    ]


def _some(number: float) -> str:
    return count(number) if number else ""


def _two(model: str) -> tuple[str, str]:
    """A name of several words on two lines.

    >>> _two("HorowitzFP32"), _two("Lemaire2022")
    (('Horowitz', 'FP32'), ('', 'Lemaire2022'))
    """
    words = re.findall(r"[A-Z]+[a-z]*[0-9]*|.+", model)
    return ("".join(words[:-1]), words[-1]) if 1 < len(words) < 4 else ("", model)
