"""What is known of a trained point: quality, energy and seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from spiking_lowlevel import runs
from spiking_lowlevel.bench.timing import Candidate, Laps, clock_of, in_turn
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.energy.report.report import make_report
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.studies.recording import record
from spiking_lowlevel.studies.subject import Subject, build
from spiking_lowlevel.studies.sweep_points import Point
from spiking_lowlevel.studies.sweep_quality import Quality


@dataclass(frozen=True)
class Spending:
    """What a network did with the pictures, per image.

    Args:
        energy: by cost model, in the unit of the model.
        spike_driven: share of the dense multiply-accumulates that additions alone can answer.
        silent: the part of it that sees nothing but zeros, as after neurons that never fire.
        rate: spikes that are not zero over all neurons and time steps.
        spiking_layers: how many layers of spiking neurons there are, firing or not.
    """

    energy: dict[str, float]
    spike_driven: float
    silent: float
    rate: float
    spiking_layers: int


@dataclass(frozen=True)
class Row:
    """A point with everything that is told of it.

    Args:
        point: what was trained.
        run: its run folder.
        quality: on the test split.
        spending: on the pictures.
        train_seconds: of `slv fit` as a whole.
        restore_seconds: per image.
    """

    point: Point
    run: Path
    quality: Quality
    spending: Spending
    train_seconds: float
    restore_seconds: float


def load(run: Path) -> Subject:
    """Task and data of a trained run, the network as it is by itself, not compiled.

    Raises:
        UserError: it cannot be read.
    """
    return build([*runs.expand(["--run", str(run)]), "--compile=none", "--checkpointing=false"])


def spending(
    network: Network, pictures: Sequence[Tensor], models: Mapping[str, CostModel]
) -> Spending:
    """Count what a network does with pictures [B, 3, H, W], and price it.

    Raises:
        UserError: parameters of the network were never counted.
    """
    recording = record(network, pictures)
    report = make_report(recording, list(models.values()), trained=True)
    return Spending(
        energy={name: report.bill(name).total for name in models},
        spike_driven=recording.spike_driven_fraction,
        silent=report.silent_fraction,
        rate=recording.mean_rate,
        spiking_layers=len(recording.neurons),
    )


def restore_seconds(
    networks: Mapping[str, Network], pictures: Sequence[Tensor], rounds: int, device: torch.device
) -> dict[str, float]:
    """Seconds per image of every network: medians over rounds in which each has its turn."""
    on_device = [picture.to(device) for picture in pictures]
    restoring = {name: _restoring(n.to(device), on_device) for name, n in networks.items()}
    timed = in_turn(restoring, rounds, 1, clock_of(device), "restoring")
    images = sum(len(picture) for picture in pictures)
    return {name: each.whole["median"] / images for name, each in timed.items()}


def _restoring(network: Network, pictures: Sequence[Tensor]) -> Candidate:
    def restore(laps: Laps) -> None:
        with torch.inference_mode():
            for picture in pictures:
                network.restore(picture)
        laps.lap("restore")

    return restore
