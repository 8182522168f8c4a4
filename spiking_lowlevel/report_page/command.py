"""`slv report` from its command line to its page."""

import sys
from collections.abc import Callable

from spiking_lowlevel import registry
from spiking_lowlevel.energy.report.json_file import read_json
from spiking_lowlevel.energy.report.report import Report, make_report
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.report_page import run_files
from spiking_lowlevel.report_page.options import ReportPlan
from spiking_lowlevel.report_page.page import Contents, page
from spiking_lowlevel.report_page.watching import Watched, pairs_of_data, pairs_of_files, restore
from spiking_lowlevel.runs import find_run, has_weights
from spiking_lowlevel.studies.energy_command import every_model
from spiking_lowlevel.studies.recording import record
from spiking_lowlevel.studies.subject import Subject, build

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""

_LARGE = 6e6  # bytes: what still travels by mail


def run(plan: ReportPlan, expand: Expand) -> None:
    """Restore, watch and count what there is, and write the page.

    Raises:
        UserError: there is no run, or something was asked for that cannot be done.
    """
    folder = find_run(plan.run)
    out = plan.out or folder / "report.html"
    if out.is_dir():
        raise UserError(f"slv report: {out} is a folder; give a file: -o {out / 'report.html'}")
    files = run_files.read(folder)
    write_text(out, page(_contents(plan, files, expand)))
    size = out.stat().st_size
    advice = "; a smaller --crop or fewer --pictures make it smaller" if size > _LARGE else ""
    print(f"{out}, {size / 1e6:.1f} MB{advice}")  # noqa: T201


def _contents(plan: ReportPlan, files: run_files.RunFiles, expand: Expand) -> Contents:
    subject, watched, why = None, None, ""
    if not has_weights(files.folder):
        why = "This run has no checkpoint yet, so nothing can be restored."
    else:
        try:
            subject = build(expand(["--run", str(files.folder), *plan.words]))
            watched = _watched(plan, subject)
        except UserError as error:
            if plan.words or plan.images:  # what was asked for in so many words
                raise
            why = f"The network or its pictures could not be loaded: {error}"
    report, uncounted = _report(plan, files, subject, watched)
    return Contents(files, watched, why, report, uncounted or why)


def _watched(plan: ReportPlan, subject: Subject) -> Watched:
    if plan.images:
        source, pairs = pairs_of_files(plan.images, plan.crop)
    else:
        source, pairs = pairs_of_data(subject.data, plan.pictures, plan.crop)
    return restore(subject, source, pairs)


def _report(
    plan: ReportPlan, files: run_files.RunFiles, subject: Subject | None, watched: Watched | None
) -> tuple[Report | None, str]:
    """What was counted by `slv energy`, or is now; else why nothing is."""
    counted = files.folder / "energy" / "energy.json"
    if counted.is_file():
        return read_json(counted), ""
    again = f"slv energy --run {files.folder}"
    if not plan.energy:
        return None, f"Operations were not counted (--no-energy). Run: {again}"
    if subject is None or watched is None:
        return None, ""
    print("slv report: counting operations", file=sys.stderr, flush=True)  # noqa: T201
    pictures = [shown.degraded[None] for shown in watched.shown]
    try:
        recording = record(subject.task.network, pictures)
    except UserError as error:
        return None, f"Operations could not be counted: {error}"
    registry.load("cost")
    return make_report(recording, every_model(), trained=subject.trained, title=files.name), ""
