"""How long a training step has to wait for its batch, with the data and workers as configured."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from torch.utils.data import DataLoader
from tqdm import tqdm

from spiking_lowlevel.bench.steps import TrainingStep
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import Clock, Laps, clock_of, spread
from spiking_lowlevel.data.base import Pair

_FEWEST = 10
_PATIENCE = 20.0  # seconds


def loading(
    subject: Subject, rounds: int, warmup: int, clock: Clock | None = None
) -> dict[str, Any]:
    """Seconds of waiting and of the step for one batch after the other, and their shares.

    An epoch, or as much of it as takes 20 seconds, is loaded before, so that caches are as full as
    they will be for most of a training. Batches that were loaded ahead of the first step do not
    count either: they would hide a slow loader. The start of an epoch does.
    """
    subject.data.prepare_data()
    subject.data.setup("fit")
    loader = subject.data.train_dataloader()
    _fill_caches(loader)
    ahead = loader.num_workers * (loader.prefetch_factor or 0)
    skipped, count = max(warmup, ahead), max(_FEWEST, rounds)
    waits, steps = [], []
    subject.task.train()
    train, batches = TrainingStep(subject), _endless(loader)
    clock = clock or clock_of(subject.device)
    title = f"loading, {subject.name}"
    for _ in tqdm(range(skipped + count), desc=title, leave=False, disable=None, delay=1):
        start = clock()
        batch = next(batches)
        waits.append(clock() - start)
        laps = Laps(clock)
        train(laps, Pair(batch.degraded.to(subject.device), batch.clean.to(subject.device), ""))
        steps.append(laps.total)
    waits, steps = waits[skipped:], steps[skipped:]
    return {
        "workers": loader.num_workers,
        "batches": count,
        "skipped": skipped,
        "wait": spread(waits),
        "step": spread(steps),
        "share": spread(w / s for w, s in zip(waits, steps, strict=True)),
        "overall_share": sum(waits) / sum(steps),
    }


def _fill_caches(loader: DataLoader[Pair]) -> None:
    start = perf_counter()
    for _ in loader:
        if perf_counter() - start > _PATIENCE:
            return


def _endless(loader: DataLoader[Pair]) -> Iterator[Pair]:
    while True:
        yield from loader
