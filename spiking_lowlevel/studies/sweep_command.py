"""`slv sweep` from its command line to its table."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from spiking_lowlevel import registry
from spiking_lowlevel.devices import device_of
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.studies import pictures, sweep_training
from spiking_lowlevel.studies.sweep_building import built
from spiking_lowlevel.studies.sweep_measuring import (
    Row,
    Spending,
    load,
    restore_seconds,
    spending,
)
from spiking_lowlevel.studies.sweep_options import SweepPlan
from spiking_lowlevel.studies.sweep_plot import draw
from spiking_lowlevel.studies.sweep_points import RUNS, Point, check_names, points
from spiking_lowlevel.studies.sweep_quality import Quality, quality
from spiking_lowlevel.studies.sweep_table import table, write_csv

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""


@dataclass(frozen=True)
class _Counted:
    """A trained point whose seconds are not taken yet."""

    point: Point
    run: Path
    network: Network
    quality: Quality
    spending: Spending


def run(plan: SweepPlan, expand: Expand) -> None:
    """Train, test and measure every point, print the table, write it; exit code 1 for failures.

    Raises:
        UserError: something was asked for that cannot be done.
    """
    words = expand(list(plan.words))
    registry.load()
    models, device = _models(plan.models), device_of(plan.device)
    check_names(plan)
    base = built(words)
    todo, root = points(plan, words, base), plan.out / RUNS
    if plan.dry_run:
        _say(*_listed(todo, root))
        return
    # Before anything is trained: a picture that cannot be read is known of at once.
    if plan.images:
        seen = pictures.of_files(plan.images, plan.size)
    else:
        seen = pictures.of_data(base.data, plan.pictures, plan.size)
    failures: list[str] = []
    counted = _measured(todo, root, seen, models, failures)
    networks = {each.point.label: each.network for each in counted}
    seconds = restore_seconds(networks, seen, plan.rounds, device)
    _tell(plan, type(base.network).__name__, [_row(c, seconds) for c in counted], models)
    if failures:
        _say("", f"{len(failures)} of {len(todo)} points failed:", *failures)
        sys.exit(1)


def _measured(
    todo: Sequence[Point],
    root: Path,
    seen: Sequence[Tensor],
    models: Mapping[str, CostModel],
    failures: list[str],
) -> list[_Counted]:
    """The points one after the other; what goes wrong with one is noted, and the others go on."""
    found = []
    for i, point in enumerate(todo, 1):
        place = sweep_training.done(point, root)
        _say("", f"point {i} of {len(todo)}: {point.label}" + (f", as in {place}" if place else ""))
        try:
            place = place or sweep_training.train(point, root)
            sweep_training.evaluate(place)
            network = load(place).task.network
            spent = spending(network, seen, models)
            found.append(_Counted(point, place, network, quality(place), spent))
        except Exception as error:  # whatever it is, the other points do not suffer from it
            known = isinstance(error, UserError)
            reason = str(error) if known else f"{type(error).__name__}: {error}"
            failures.append(f"{point.label}: {reason}")
            _say(f"failed: {reason}")
    return found


def _row(counted: _Counted, seconds: Mapping[str, float]) -> Row:
    return Row(
        counted.point,
        counted.run,
        counted.quality,
        counted.spending,
        train_seconds=sweep_training.train_seconds(counted.run),
        restore_seconds=seconds[counted.point.label],
    )


def _tell(
    plan: SweepPlan, network: str, rows: Sequence[Row], models: Mapping[str, CostModel]
) -> None:
    if not rows:
        return
    units, model = {name: each.unit for name, each in models.items()}, plan.models[0]
    _say("", *table(rows, units))
    write_csv(rows, units, plan.out / "sweep.csv")
    draw(rows, model, units[model], plan.out / "sweep.png", f"{network}: neurons and time steps")
    _say("", f"written to {plan.out}: sweep.csv, sweep.png")


def _models(asked: Sequence[str]) -> dict[str, CostModel]:
    known = {entry.name: entry.cls for entry in registry.entries("cost")}
    for name in asked:
        if name not in known:
            hint = did_you_mean(name, known) or f"Models: {', '.join(known)}"
            raise UserError(f"--models: there is no cost model {name!r}. {hint}")
    return {name: known[name]() for name in asked}


def _listed(todo: Sequence[Point], root: Path) -> list[str]:
    told = [f"{len(todo)} point{'s' * (len(todo) > 1)}:"]
    for i, point in enumerate(todo, 1):
        place = sweep_training.done(point, root)
        state = f"trained: {place}" if place else f"to train in {root / point.name}"
        told.append(f"{i:>3}  {point.label}, {point.parameters:,} parameters, {state}")
    return told


def _say(*told: str) -> None:
    print("\n".join(told), flush=True)  # noqa: T201
