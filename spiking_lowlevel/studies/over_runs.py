"""Quality against energy over finished runs: what `slv test` and `slv energy` left in them."""

import csv
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from spiking_lowlevel.energy.report.json_file import read_json
from spiking_lowlevel.energy.report.plots.pareto import Point, draw_pareto
from spiking_lowlevel.energy.report.report import HONEST
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.runs import find_run

_SCORES = Path("test", "per_image.csv")
_ENERGY = Path("energy", "energy.json")


class Finished(NamedTuple):
    """A run that was tested and counted.

    Args:
        name: of the experiment, and the number of the run.
        network: name of its class.
        protocol: of the PSNR, the first that the run was scored under.
        psnr: mean over the test pictures, in dB.
        pixels: of the pictures that were counted, their mean.
        energy: by the model, in mJ per image.
        driven: spike-driven fraction.
    """

    name: str
    network: str
    protocol: str
    psnr: float
    pixels: int
    energy: float
    driven: float


def compare(runs: Sequence[Path], model: str, out: Path) -> list[str]:
    """Draw runs as quality against energy; give back a table of them.

    Raises:
        UserError: a run was not tested or not counted, or runs cannot be compared: other protocols,
            or energies of pictures of other sizes.
    """
    found = [finished(find_run(path), model) for path in runs]
    for field in ("protocol", "pixels"):
        values = {str(getattr(each, field)) for each in found}
        if len(values) > 1:
            told = ", ".join(f"{each.name}: {getattr(each, field)}" for each in found)
            raise UserError(
                f"slv energy --over: runs differ in {field} ({told}); compare like with like"
            )
    points = [Point(x.name, x.psnr, x.energy, x.network) for x in found]
    below = f"{model}, pictures of {found[0].pixels:,} pixels; modelled, not measured"
    draw_pareto(points, out, below=below)
    wide = max(len(each.name) for each in found) + 2
    head = f"{'run':<{wide}}{found[0].protocol + ' PSNR':>14}{'energy, mJ':>12}{'spike-driven':>14}"
    return [
        head,
        *(f"{x.name:<{wide}}{x.psnr:>14.2f}{x.energy:>12.4g}{x.driven:>14.1%}" for x in found),
        f"energy per image by {model}; written to {out}",
    ]


def finished(run: Path, model: str = HONEST) -> Finished:
    """What is known of a run.

    Raises:
        UserError: it was not tested, or not counted under this model.
    """
    for part, verb in ((_SCORES, "test"), (_ENERGY, "energy")):
        if not (run / part).is_file():
            raise UserError(f"{run} holds no {part}; first: slv {verb} --run {run}")
    protocol, psnr = _quality(run / _SCORES)
    report = read_json(run / _ENERGY)
    recording, bill = report.recording, report.bill(model)
    if bill.unit != "pJ":
        raise UserError(f"slv energy --over: {model} counts {bill.unit}; name a model of energies")
    return Finished(
        name=f"{run.resolve().parent.name}/{run.resolve().name}",
        network=recording.network,
        protocol=protocol,
        psnr=psnr,
        pixels=round(recording.pixels / recording.images),
        energy=bill.total / 1e9,
        driven=recording.spike_driven_fraction,
    )


def _quality(path: Path) -> tuple[str, float]:
    """The first protocol of a table of scores, and the mean PSNR in dB under it."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    try:
        protocol = rows[0]["protocol"]
        psnr = mean(float(r["psnr_restored"]) for r in rows if r["protocol"] == protocol)
    except (IndexError, KeyError, ValueError):
        raise UserError(f"{path} is no table of scores; write it anew: slv test") from None
    if not isfinite(psnr):
        raise UserError(f"{path}: the mean PSNR is {psnr} dB, which no plot can show")
    return protocol, psnr
