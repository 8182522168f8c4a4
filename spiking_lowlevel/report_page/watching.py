"""The network of a run at work: its pictures restored, and its spikes looked at."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from torch import Tensor

from spiking_lowlevel.callbacks.firing import Rate, rate_of
from spiking_lowlevel.callbacks.spike_counts import SpikeCounter
from spiking_lowlevel.callbacks.spike_maps import SpikeMaps, map_spikes
from spiking_lowlevel.data.base import Pair, RestorationData
from spiking_lowlevel.data.images import read_image, to_tensor
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.watch import watch
from spiking_lowlevel.report_page.run_files import Score
from spiking_lowlevel.studies.pictures import middle
from spiking_lowlevel.studies.subject import Subject
from spiking_lowlevel.tasks.base import RestorationTask

SATURATED = 0.95
"""Rate above which a channel counts as saturated, as in the `SpikeRates` callback."""


@dataclass(frozen=True)
class Shown:
    """A picture that the page shows.

    Args:
        name: of the picture.
        degraded: what went in, [3, H, W] in [0, 1].
        clean: the truth, if there is one.
        maps: what came out, and where the network spiked.
        scores: of just what is shown, the headline protocol first.
    """

    name: str
    degraded: Tensor
    clean: Tensor | None
    maps: SpikeMaps
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Watched:
    """A network and what it made of some pictures.

    Args:
        parameters: number of parameter elements.
        degraded: what the task calls its input, such as "rainy".
        source: where the pictures come from, in words.
        shown: the pictures.
        rates: of every neuron layer, over all of them.
    """

    parameters: int
    degraded: str
    source: str
    shown: tuple[Shown, ...]
    rates: tuple[Rate, ...]


def pairs_of_data(data: RestorationData, count: int, side: int) -> tuple[str, list[Pair]]:
    """The middle of the first test pictures, or of those of the validation, and which they are.

    Raises:
        UserError: neither can be read with their clean images, nor the test pictures without.
    """
    loaders = {
        "test pictures": data.test_dataloader,
        "validation pictures": data.val_dataloader,
        "test pictures without truth": data.predict_dataloader,
    }
    refused: list[UserError] = []
    for source, loader in loaders.items():
        try:
            batches = list(islice(loader(), count))
        except UserError as error:
            refused.append(error)
            continue
        if batches:
            return source, [_cut(batch, side) for batch in batches]
        refused.append(UserError(f"data: there are no {source}"))
    raise refused[0]


def pairs_of_files(paths: Sequence[Path], side: int) -> tuple[str, list[Pair]]:
    """The middle of photographs; NaN stands for the truth that nobody knows.

    Raises:
        UserError: a file is missing or no image.
    """
    images = [middle(to_tensor(read_image(path)), (side, side)) for path in paths]
    return "photographs", [
        Pair(image, image * float("nan"), path.name)
        for image, path in zip(images, paths, strict=True)
    ]


def restore(subject: Subject, source: str, pairs: Sequence[Pair]) -> Watched:
    """Restore pictures as the task of a run does, and watch every neuron layer at it."""
    task, counter = subject.task, SpikeCounter()
    shown = []
    for i, pair in enumerate(pairs):
        told = f"slv report: restoring picture {i + 1} of {len(pairs)}, {pair.name}"
        print(told, file=sys.stderr, flush=True)  # noqa: T201
        with watch(task.network, counter):
            maps = map_spikes(task.network, task.inference, pair.degraded)
        clean = None if pair.clean.isnan().any() else pair.clean
        scores = () if clean is None else _scores(task, pair, maps.restored)
        shown.append(Shown(pair.name, pair.degraded, clean, maps, scores))
    rates = tuple(rate_of(0, name, c, SATURATED) for name, c in counter.counts().items())
    parameters = sum(p.numel() for p in task.network.parameters())
    return Watched(parameters, task.degraded_name, source, tuple(shown), rates)


def _cut(batch: Pair, side: int) -> Pair:
    cut = [middle(image[:1], (side, side))[0] for image in (batch.degraded, batch.clean)]
    return Pair(cut[0], cut[1], str(batch.name[0]))


def _scores(task: RestorationTask, pair: Pair, restored: Tensor) -> tuple[Score, ...]:
    found = []
    for protocol in task.protocols:
        try:
            before, after = (
                protocol(image[None], pair.clean[None]) for image in (pair.degraded, restored)
            )
        except UserError:
            continue  # a protocol that leaves out a border wants more than is shown
        psnr, ssim = ((float(before[k]), float(after[k])) for k in ("psnr", "ssim"))
        found.append(Score(pair.name, protocol.name, psnr, ssim))
    return tuple(found)
