"""The points of a sweep as curves: a neuron along T, means over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from spiking_lowlevel.energy.report.figures import PJ_PER_MJ
from spiking_lowlevel.studies.sweep_measuring import Row


@dataclass(frozen=True)
class Dot:
    """A neuron at one T: means over seeds.

    Args:
        steps: T.
        psnr: in dB.
        worst: the lowest PSNR of a seed.
        best: the highest.
        energy: per image, in mJ or in the unit of the model.
        seconds: to restore an image.
        silent: share of the dense multiply-accumulates that see nothing but zeros.
    """

    steps: int
    psnr: float
    worst: float
    best: float
    energy: float
    seconds: float
    silent: float


@dataclass(frozen=True)
class Curve:
    """All T of one neuron, the lowest first."""

    neuron: str
    twin: bool
    dots: tuple[Dot, ...]


def curves(rows: Sequence[Row], model: str, unit: str) -> list[Curve]:
    """What is drawn, in the order of the rows."""
    found = []
    for neuron in dict.fromkeys(row.point.neuron for row in rows):
        own = [row for row in rows if row.point.neuron == neuron]
        steps = sorted({row.point.steps for row in own})
        dots = [_dot([row for row in own if row.point.steps == T], model, unit) for T in steps]
        found.append(Curve(neuron, own[0].point.twin, tuple(dots)))
    return found


def _dot(rows: Sequence[Row], model: str, unit: str) -> Dot:
    psnr = [row.quality.psnr for row in rows]
    energy = sum(row.spending.energy[model] for row in rows) / len(rows)
    return Dot(
        rows[0].point.steps,
        psnr=sum(psnr) / len(psnr),
        worst=min(psnr),
        best=max(psnr),
        energy=energy / PJ_PER_MJ if unit == "pJ" else energy,
        seconds=sum(row.restore_seconds for row in rows) / len(rows),
        silent=sum(row.spending.silent for row in rows) / len(rows),
    )
