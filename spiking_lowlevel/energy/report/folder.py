"""Everything that a report can be told as, side by side in a folder."""

from collections.abc import Sequence
from pathlib import Path

from spiking_lowlevel.energy.report.csv_file import write_csv
from spiking_lowlevel.energy.report.json_file import write_json
from spiking_lowlevel.energy.report.markdown import write_markdown
from spiking_lowlevel.energy.report.plots.models import draw_models
from spiking_lowlevel.energy.report.plots.rates import draw_rates, rates
from spiking_lowlevel.energy.report.plots.stack import draw_stack
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.table import chosen


def write_folder(
    report: Report, folder: Path, shown: Sequence[str] | None = None, *, pictures: bool = True
) -> list[Path]:
    """Write energy.json, energy.csv, energy.md and pictures; give back the paths.

    The pictures are energy.png (by layer, under the first model shown), energy_rates.png where
    neurons were seen step by step, and energy_models.png where more than one model is in pJ.

    Args:
        report: what is told.
        folder: made where it is missing.
        shown: names of models, as for `table`.
        pictures: whether to draw.

    Raises:
        UserError: a model is not in the report, or the models have different units.
    """
    models = chosen(report, shown)
    written = [folder / f"energy.{ending}" for ending in ("json", "csv", "md")]
    write_json(report, written[0])
    write_csv(report, written[1])
    write_markdown(report, written[2], models)
    if pictures:
        draw_stack(report, folder / "energy.png", models[0])
        written.append(folder / "energy.png")
        if rates(report):
            draw_rates(report, folder / "energy_rates.png")
            written.append(folder / "energy_rates.png")
        if sum(bill.unit == "pJ" and bill.total > 0 for bill in report.bills) > 1:
            draw_models(report, folder / "energy_models.png")
            written.append(folder / "energy_models.png")
    return written
