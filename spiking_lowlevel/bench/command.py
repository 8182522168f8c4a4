"""`slv bench` from its command line to its report."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import torch

from spiking_lowlevel.bench.build import build
from spiking_lowlevel.bench.compare import outputs, share_weights
from spiking_lowlevel.bench.kinds import kinds
from spiking_lowlevel.bench.loading import loading
from spiking_lowlevel.bench.machine import machine
from spiking_lowlevel.bench.measure import inference, training
from spiking_lowlevel.bench.memory import peak
from spiking_lowlevel.bench.options import Plan
from spiking_lowlevel.bench.plot import draw
from spiking_lowlevel.bench.processes import processes
from spiking_lowlevel.bench.report import table
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.sweep import sweep
from spiking_lowlevel.bench.watching import watching
from spiking_lowlevel.files import write_text

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""


def run(plan: Plan, expand: Expand) -> None:
    """Measure what is asked for, print it, and write it where that is asked for.

    Raises:
        UserError: something was asked for that cannot be done.
    """
    report = measured(plan, expand)
    print("\n".join(table(report)))  # noqa: T201
    if plan.out is not None:
        write_text(plan.out, json.dumps(report, indent=2) + "\n")
        if plan.sweeps:
            draw(report["results"]["sweeps"], plan.out.with_suffix(".png"))


def measured(plan: Plan, expand: Expand) -> dict[str, Any]:
    """The report: machine, settings, sides, results."""
    if plan.threads is not None:
        torch.set_num_threads(plan.threads)
    sides = tuple(replace(s, words=tuple(expand(list(s.words)))) for s in plan.sides)
    subjects = [build(side, plan.device) for side in sides]
    about = machine(subjects[0].device)
    different = share_weights(subjects)
    for subject in subjects:
        subject.fuse()
    results = _results(plan, subjects, different)
    if plan.sweeps:
        shared = (plan.device, torch.get_num_threads(), plan.rounds, plan.warmup)
        results["sweeps"] = {s.name: sweep(sides, plan.what, s, *shared) for s in plan.sweeps}
    settings = {"what": plan.what, "rounds": plan.rounds, "warmup": plan.warmup}
    told = {subject.name: subject.told() for subject in subjects}
    report = {"machine": about, "settings": settings, "sides": told, "results": results}
    return json.loads(json.dumps(report))  # so that what is printed is what the file holds


def _results(plan: Plan, subjects: list[Subject], different: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    counts = (plan.rounds, plan.warmup)
    at_once = [] if plan.sweeps else plan.what
    if "inference" in at_once:
        found["inference"] = inference(subjects, *counts)
        if len(subjects) == 2:
            reason = None if different is None else {"reason": different}
            found["inference"]["difference"] = reason or outputs(*subjects)
    if "training" in at_once:
        found["training"] = training(subjects, *counts)
    if "kinds" in plan.what:
        asked = [what for what in ("inference", "training") if what in plan.what]
        ways = asked or ["inference", "training"]
        found["kinds"] = {way: kinds(subjects, way, plan.rounds) for way in ways}
    if "loading" in plan.what:
        found["loading"] = {s.name: loading(s, *counts) for s in subjects}
    if "watching" in plan.what:
        found["watching"] = {s.name: watching(s, *counts) for s in subjects}
    if "memory" in at_once:
        found["memory"] = {s.name: _peaks(plan, s) for s in subjects}
    if plan.processes is not None:
        found["processes"] = {s.name: processes(s, plan.processes, *counts) for s in subjects}
    return found


def _peaks(plan: Plan, subject: Subject) -> dict[str, Any]:
    threads = torch.get_num_threads()
    return {
        what: asdict(peak(subject.side, what, plan.device, threads))
        for what in ("inference", "training", "restoring")
    }
