"""What the page shows of one photograph: restored, where the network spiked, what it computed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from spiking_lowlevel.callbacks.spike_maps import SpikeMaps, map_spikes, overlay
from spiking_lowlevel.data.images import to_image, to_tensor
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.energy.horowitz import HorowitzFP32
from spiking_lowlevel.energy.literature import LiteratureProtocol
from spiking_lowlevel.energy.report.figures import share
from spiking_lowlevel.energy.report.report import Report, make_report
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.restore import Tiling
from spiking_lowlevel.restoring.restorer import Restorer
from spiking_lowlevel.studies.recording import record

Progress = Callable[[float, str], object]
"""Is told how much is done, from 0 to 1, and what is done next."""
COUNTED = 256
"""Side of the middle of a photograph that operations are counted on, in pixels."""
MAPPED = 768
"""Longest side of what spikes are mapped on; maps take memory for every layer."""
_RESTORING, _MAPPING = 0.6, 0.85


@dataclass(frozen=True)
class Studied:
    """A photograph and what a network made of it.

    Args:
        before: the photograph [H, W, 3].
        after: restored [H, W, 3].
        seconds: that restoring took, without looking at spikes.
        maps: where the network spiked, in the middle of large photographs.
        report: the energy of the middle `COUNTED` pixels, as one image.
        tiles: how the network went over the photograph.
    """

    before: Image
    after: Image
    seconds: float
    maps: SpikeMaps
    report: Report
    tiles: str


def study(restorer: Restorer, photograph: Image, progress: Progress) -> Studied:
    """Restore a photograph [H, W, 3], then watch the network do it.

    Raises:
        UserError: its operations cannot be counted.
    """
    degraded = to_tensor(photograph)
    start = time.perf_counter()
    after = _restored(restorer, degraded, progress)
    seconds = time.perf_counter() - start
    progress(_RESTORING, "Looking where the network spikes")
    part = middle(degraded, MAPPED)
    maps = _on_cpu(map_spikes(restorer.network, restorer.inference, part.to(restorer.device)))
    progress(_MAPPING, "Counting operations")
    counted = middle(degraded, COUNTED)[None].to(restorer.device)
    recording = record(restorer.network, [counted], complete=False)
    models = [HorowitzFP32(), LiteratureProtocol()]
    report = make_report(recording, models, trained=True, title=restorer.name)
    return Studied(photograph, to_image(after), seconds, maps, report, _tiles(restorer, degraded))


def pictures(studied: Studied) -> list[tuple[Image, str]]:
    """The spike maps over the restored photograph: of all layers, then level by level."""
    maps = studied.maps
    if not maps.rates:
        return []
    levels = [(_level(side, maps), rate) for side, rate in maps.levels().items()]
    found = []
    for title, rate in [(f"All {len(maps.rates)} layers", maps.mean), *levels]:
        top = float(rate.max())
        told = f"{share(float(rate.mean()))} on average, {share(top)} at most" if top else "silent"
        found.append((overlay(maps.restored, rate, top), f"{title}: {told}"))
    return found


def middle(image: Tensor, side: int) -> Tensor:
    """The middle of an image [..., H, W], at most `side` pixels high and wide."""
    H, W = image.shape[-2:]
    y, x = max(0, H - side) // 2, max(0, W - side) // 2
    return image[..., y : y + side, x : x + side]


def _restored(restorer: Restorer, degraded: Tensor, progress: Progress) -> Tensor:
    H, W = degraded.shape[-2:]
    tiling = restorer.inference
    total = H * W
    if isinstance(tiling, Tiling):
        h, w = tiling.side(H), tiling.side(W)
        total = len(tiling.starts(H, h)) * h * len(tiling.starts(W, w)) * w

    def tell(done: int) -> None:
        progress(_RESTORING * min(1.0, done / total), "Restoring")

    progress(0.0, "Restoring")
    return restorer.inference(_Told(restorer, tell), degraded[None])[0]


def _level(side: int, maps: SpikeMaps) -> str:
    layers = sum(maps.sides[name] == side for name in maps.rates)
    return f"{layers} layers at {'full' if side == 1 else f'1/{side}'} resolution"


def _tiles(restorer: Restorer, degraded: Tensor) -> str:
    tiling, longest = restorer.inference, max(degraded.shape[-2:])
    if isinstance(tiling, Tiling):
        return f"in tiles of up to {tiling.tile} px" if longest > tiling.tile else "in one piece"
    return type(tiling).__name__


def _on_cpu(maps: SpikeMaps) -> SpikeMaps:
    return SpikeMaps(
        maps.restored.cpu(), {name: rate.cpu() for name, rate in maps.rates.items()}, maps.sides
    )


class _Told(Network):
    """The network of a restorer as a strategy sees it; tells how many pixels it has restored."""

    def __init__(self, restorer: Restorer, tell: Callable[[int], None]) -> None:
        super().__init__()
        self.network = restorer.network  # so that a strategy can measure it
        vars(self)["multiple"] = restorer.network.multiple
        vars(self).update(restorer=restorer, tell=tell, done=0)

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images [B, 3, H, W]."""
        restored: Tensor = vars(self)["restorer"].tiles(degraded)
        vars(self)["done"] += degraded[:, 0].numel()
        vars(self)["tell"](vars(self)["done"])
        return restored.to(torch.float32)
