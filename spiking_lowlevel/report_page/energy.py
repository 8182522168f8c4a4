"""The section on energy: every cost model, what it prices, and where the energy goes."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from spiking_lowlevel.energy.report.figures import count, priced, share
from spiking_lowlevel.energy.report.grouping import whole_stages
from spiking_lowlevel.energy.report.notes import head, sentences, totals
from spiking_lowlevel.energy.report.plots.models import draw_models
from spiking_lowlevel.energy.report.plots.rates import draw_rates, rates
from spiking_lowlevel.energy.report.plots.stack import draw_stack
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.table import chosen
from spiking_lowlevel.report_page.markup import (
    details,
    embedded,
    lacking,
    note,
    section,
    table,
    text,
)

Draw = Callable[[Path], None]


def energy_section(report: Report | None, why: str) -> str:
    """Totals under all cost models, the dearest stages and the plots, or why there are none."""
    title = "Energy"
    if report is None:
        return section("energy", title, lacking(why))
    model = chosen(report, None)[0]
    about = "".join(f"<p>{text(line)}</p>" for line in head(report, model))
    verdicts = "".join(f"<li>{text(line)}</li>" for line in sentences(report))
    plots = "".join(_plot(draw, words) for draw, words in _plots(report, model))
    return section(
        "energy",
        title,
        note("Modelled arithmetic, not a measurement; all numbers are per image."),
        about,
        *_totals(report),
        f'<ul class="verdicts">{verdicts}</ul>',
        f'<div class="plots">{plots}</div>',
        details(f"By stage of the network, under {model}", _stages(report, model)),
        details("Constants of the models, and where they are from", _constants(report)),
    )


def _totals(report: Report) -> list[str]:
    """A table for every unit, with what each model prices at the end of its row."""
    scopes = {bill.model: bill.scope for bill in report.bills}
    found = []
    # Energies before what is told in other units: False sorts first.
    for heads, *lines in sorted(totals(report), key=lambda part: part[0][1] != "energy"):
        body = [
            [*map(text, line), f'<span class="scope">{text(scopes[line[0]])}</span>']
            for line in lines
        ]
        found.append(table([*heads, "has a price; free"], body, last=True))
    return found


def _stages(report: Report, model: str) -> str:
    unit = report.bill(model).unit
    stages = whole_stages(report)
    whole = sum(stage.price(model) for stage in stages) or 1.0
    top = max((stage.price(model) / whole for stage in stages), default=1.0) or 1.0
    body = [
        [
            text(stage.name),
            text(stage.input),
            count(stage.mean(lambda x: x.total.macs_dense)),
            text(priced(stage.price(model), unit)),
            f'<span class="bar" style="--part:{100 * stage.price(model) / whole / top:.1f}%">'
            f"{text(share(stage.price(model) / whole))}</span>",
        ]
        for stage in stages
    ]
    return table(["stage", "input", "dense MACs", "energy", "share"], body, left=2)


def _constants(report: Report) -> str:
    body = [
        [
            text(bill.model),
            text(name),
            text(f"{constant.value:g} {constant.unit}"),
            text(constant.precision or "–"),
            text(constant.source),
            text(constant.fidelity),
        ]
        for bill in report.bills
        for name, constant in bill.constants.items()
    ]
    return table(["model", "constant", "value", "precision", "source", "read in"], body, left=6)


def _plots(report: Report, model: str) -> list[tuple[Draw, str]]:
    found: list[tuple[Draw, str]] = [
        (lambda path: draw_stack(report, path, model), f"Where the energy goes, under {model}")
    ]
    if sum(bill.unit == "pJ" and bill.total > 0 for bill in report.bills) > 1:
        found.append((lambda path: draw_models(report, path), "The cost models side by side"))
    if rates(report):
        found.append((lambda path: draw_rates(report, path), "Firing rates while it was counted"))
    return found


def _plot(draw: Draw, words: str) -> str:
    from PIL import Image as Pillow

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plot.png")
        draw(path)
        with Pillow.open(path) as image:
            size = image.size
        plot = embedded(path.read_bytes(), "PNG", words, size)
    return f'<figure class="plot">{plot}<figcaption>{text(words)}</figcaption></figure>'
