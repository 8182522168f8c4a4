"""A report as Markdown: the tables of the terminal, for papers and READMEs."""

from collections.abc import Sequence
from pathlib import Path

from spiking_lowlevel.energy.report.notes import head, legend, sentences, totals
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.table import LEFT, cells, chosen, pick
from spiking_lowlevel.files import write_text


def write_markdown(
    report: Report,
    path: Path,
    shown: Sequence[str] | None = None,
    *,
    full: bool = False,
    costliest: int = 0,
) -> None:
    """Write a report as `as_markdown` tells it, whole or not at all."""
    write_text(path, as_markdown(report, shown, full=full, costliest=costliest))


def as_markdown(
    report: Report, shown: Sequence[str] | None = None, *, full: bool = False, costliest: int = 0
) -> str:
    """A report as Markdown, with the arguments of `table`.

    Raises:
        UserError: a model is not in the report, or the models have different units.
    """
    models = chosen(report, shown)
    above, below, *rows = cells(
        report, pick(report, models[0], full=full, costliest=costliest), models
    )
    heads = [f"{first} {second}".strip() for first, second in zip(above, below, strict=True)]
    heads[-len(models) - 2 : -2] = models
    first, *others = head(report, models[0])
    parts = [f"**{_escaped(first)}**", *map(_escaped, others)]
    parts.append(_table([heads, *rows], LEFT, last=True))
    parts.append(
        "\n".join(f"* {_escaped(' '.join(line.split()))}" for line in legend(report, models[0]))
    )
    parts += [_table(part, 1) for part in totals(report)]
    parts.append("\n".join(_bullets(sentences(report))))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(rows: Sequence[Sequence[str]], left: int, *, last: bool = False) -> str:
    """Rows as a table: the first `left` columns to the left, and the last one if asked for."""
    heads, *body = rows
    rule = [
        ":--" if i < left or (last and i == len(heads) - 1) else "--:" for i in range(len(heads))
    ]
    told = [[_escaped(cell) for cell in row] for row in (heads, *body)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (told[0], rule, *told[1:]))


def _bullets(told: Sequence[str]) -> list[str]:
    """Sentences as a list; those that are set in stand one level deeper."""
    return [
        f"  * {_escaped(line.strip())}" if line.startswith(" ") else f"* {_escaped(line)}"
        for line in told
    ]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
