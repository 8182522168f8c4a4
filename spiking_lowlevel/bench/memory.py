"""Peak memory of a step over what the process held before it, each in a process of its own.

On a CPU this is the operating system's account of resident memory: what the step needs, and what
the allocator and the libraries keep for themselves. On CUDA it is that of PyTorch's allocator.
"""

import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import torch

from spiking_lowlevel import plugins
from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.build import build
from spiking_lowlevel.bench.options import Side
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import Laps
from spiking_lowlevel.errors import UserError

P = ParamSpec("P")
R = TypeVar("R")
STEPS = 2
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Peak:
    """Bytes: held before the step, after building and imports; and the most above that."""

    base: int
    over: int


def peak(side: Side, what: str, device: str, threads: int) -> Peak:
    """The peak memory of a side in "inference", "training" or "restoring" an image in tiles.

    Raises:
        UserError: the process died, or cannot do what is asked.
    """
    return in_child(_peak, side, what, device, threads)


def in_child(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in a fresh process, which knows of the plugins that are loaded here.

    Raises:
        UserError: the process died.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(function, *args, **kwargs).result()
        except BrokenProcessPool:
            raise UserError(
                "slv bench: the process that was to measure memory was ended from outside; most "
                "likely the machine ran out of memory. Make --size, --crop or the batch smaller"
            ) from None


def _peak(side: Side, what: str, device: str, threads: int) -> Peak:
    torch.set_num_threads(threads)
    plugins.load(plugins.files())
    subject = build(side, device)
    subject.fuse()
    account = Account(subject.device)
    step = _step(subject, what)
    for _ in range(STEPS):
        step()
    return account.peak()


def _step(subject: Subject, what: str) -> Callable[[], object]:
    if what == "training":
        train, batch = steps.TrainingStep(subject), subject.crops()
        subject.task.train()
        return lambda: train(Laps(), batch)
    images = subject.images()
    if what == "inference":
        restore = steps.inference(subject, images)
        return lambda: restore(Laps())
    subject.restorer.eval()
    return lambda: subject.task.inference(subject.restorer, images)


class Account:
    """The memory of this process, or of a device, from now on."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        elif _CLEAR.exists():
            with suppress(OSError):
                _CLEAR.write_text(_RESET_PEAK)  # or the peak of importing would count
        self.base = self._most()

    def peak(self) -> Peak:
        """What was held at the start, and the most since then above it."""
        return Peak(self.base, self._most() - self.base)

    def _most(self) -> int:
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        if _STATUS.exists():
            # Not getrusage: on Linux a process starts with the peak of the one that started it.
            status = _STATUS.read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) * 1024
        try:
            import resource
        except ImportError:
            raise UserError("slv bench: there is no account of memory on this system") from None
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if platform.system() == "Darwin" else most * 1024
