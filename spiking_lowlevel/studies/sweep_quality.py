"""How well a trained point restores, as `slv test` has found."""

import csv
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.sweep_training import PER_IMAGE


@dataclass(frozen=True)
class Quality:
    """Means over the images of a test split, under the headline protocol.

    Args:
        protocol: its name.
        psnr: of the restored images, in dB.
        degraded: PSNR of the images that went in, in dB.
        ssim: of the restored images, where the protocol has it.
    """

    protocol: str
    psnr: float
    degraded: float
    ssim: float | None


def quality(run: Path) -> Quality:
    """The scores that `slv test` has written into a run folder.

    Raises:
        UserError: the headline protocol has no PSNR.
    """
    with (run / PER_IMAGE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    headline = [row for row in rows if row["protocol"] == rows[0]["protocol"]]
    after = "psnr_restored"
    before = next((c for c in rows[0] if c.startswith("psnr_") and c != after), None)
    if before is None or not headline[0].get(after):
        raise UserError(f"{run / PER_IMAGE}: the first protocol gives no PSNR to compare by")

    def mean(column: str) -> float:
        return sum(float(row[column]) for row in headline) / len(headline)

    ssim = mean("ssim_restored") if headline[0].get("ssim_restored") else None
    return Quality(rows[0]["protocol"], mean(after), mean(before), ssim)
