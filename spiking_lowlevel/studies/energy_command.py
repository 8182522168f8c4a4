"""`slv energy` from its command line to its report."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from torch import Tensor

from spiking_lowlevel import registry
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.energy.counting.sight import Inference
from spiking_lowlevel.energy.report.folder import write_folder
from spiking_lowlevel.energy.report.report import HONEST, make_report
from spiking_lowlevel.energy.report.table import table
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.networks.settle import settle
from spiking_lowlevel.runs import is_run
from spiking_lowlevel.studies import pictures
from spiking_lowlevel.studies.energy_options import EnergyPlan
from spiking_lowlevel.studies.over_runs import compare
from spiking_lowlevel.studies.recording import record
from spiking_lowlevel.studies.subject import Subject, build

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""


def run(plan: EnergyPlan, expand: Expand) -> None:
    """Count, print the report, and write it.

    Raises:
        UserError: something was asked for that cannot be done.
    """
    if plan.over:
        model = plan.models[0] if plan.models else HONEST
        out = plan.out or Path("quality_energy.png")
        print("\n".join(compare(plan.over, model, out)))  # noqa: T201
        return
    words = expand(list(plan.words))
    registry.load("cost")
    models = every_model()
    _check(plan.models, {type(model).__name__: model.unit for model in models})
    subject = build(words)
    network = subject.task.network
    seen = _pictures(plan, subject)
    if not subject.trained:
        settle(network, lambda: network.padded(seen[0]))
    recording = record(
        network,
        seen,
        inference=Inference(strict=plan.strict),
        repeat_frames=plan.repeat_frames,
        complete=not plan.allow_uncounted,
    )
    report = make_report(recording, models, trained=subject.trained, title=_title(plan))
    lines = table(report, plan.models or None, full=plan.full, costliest=plan.costliest)
    out = plan.out or _beside_run(words)
    if out is not None:  # before it is told: whoever reads only the head of it closes the pipe
        written = write_folder(report, out, plan.models or None)
        lines += ["", f"written to {out}: {', '.join(path.name for path in written)}"]
    print("\n".join(lines))  # noqa: T201


def every_model() -> list[CostModel]:
    """All cost models that are registered, as they are by default."""
    return [entry.cls() for entry in registry.entries("cost")]


def _check(asked: tuple[str, ...], known: dict[str, str]) -> None:
    """Refuse models before anything is counted for them."""
    for name in asked:
        if name not in known:
            hint = did_you_mean(name, known) or f"Models: {', '.join(known)}"
            raise UserError(f"slv energy: there is no cost model {name!r}. {hint}")
    units = dict.fromkeys(known[name] for name in asked)
    if len(units) > 1:
        raise UserError(
            f"slv energy: a table has one unit; {', '.join(asked)} have {', '.join(units)}: "
            "ask for those of one unit at a time"
        )


def _pictures(plan: EnergyPlan, subject: Subject) -> list[Tensor]:
    if plan.images:
        return pictures.of_files(plan.images, plan.size)
    return pictures.of_data(subject.data, plan.pictures, plan.size)


def _title(plan: EnergyPlan) -> str:
    """The configurations or the run that were named."""
    named = []
    for word, value in zip(plan.words, (*plan.words[1:], ""), strict=True):
        option, equals, own = word.partition("=")
        if option in ("--config", "-c", "--run"):
            named.append(own if equals else value)
    return ", ".join(named)


def _beside_run(words: list[str]) -> Path | None:
    """A folder in the run that the configuration is of, if it is of one."""
    configs = [Path(b) for a, b in pairwise(words) if a in ("--config", "-c")]
    return next((c.parent / "energy" for c in configs if is_run(c.parent)), None)
