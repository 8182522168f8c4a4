"""Training in several processes on one machine: its cores and the batch split among them.

Three ways in turn: one process with everything; DistributedDataParallel over gloo; and the same
processes without exchanging gradients, which is the ideal that these cores allow.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from spiking_lowlevel import plugins
from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.build import build
from spiking_lowlevel.bench.options import Side
from spiking_lowlevel.bench.subject import Subject
from spiking_lowlevel.bench.timing import Candidate, Laps, in_turn, pairwise
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.tasks.base import RestorationTask

WAYS = ("one process", "exchanging", "not exchanging")


def processes(subject: Subject, count: int, rounds: int, warmup: int) -> dict[str, Any]:
    """Seconds of a training step in the three ways, and how the second compares to the others.

    Raises:
        UserError: batch or threads cannot be split, or a process failed.
    """
    batch, threads = subject.data.batch_size, torch.get_num_threads()
    for option, whole in (("--train-batch", batch), ("--threads", threads)):
        if whole % count:
            raise UserError(
                f"slv bench: {option} {whole} cannot be split among {count} processes; give a "
                f"multiple of {count}"
            )
    side = replace(subject.side, train_batch=batch // count)
    with _workers(side, count, threads // count) as pipes:
        ways: dict[str, Candidate] = {
            WAYS[0]: steps.training(subject, subject.crops()),
            **{way: _all(pipes, way) for way in WAYS[1:]},
        }
        timed = in_turn(ways, rounds, warmup, title=f"{count} processes, {subject.name}")
    seconds = {way: timed[way].whole for way in WAYS}
    return {
        "processes": count,
        "threads_each": threads // count,
        "batch_each": batch // count,
        "seconds": seconds,
        "over_one": pairwise(seconds["exchanging"], seconds["one process"]),
        "over_ideal": pairwise(seconds["exchanging"], seconds["not exchanging"]),
    }


def _all(pipes: list[Connection], way: str) -> Candidate:
    """A step in all processes at once, which takes as long as the slowest."""

    def step(laps: Laps) -> None:
        for pipe in pipes:
            pipe.send(way)
        laps.seconds["step"] = max(_answer(pipe) for pipe in pipes)

    return step


def _answer(pipe: Connection) -> float:
    try:
        answer = pipe.recv()
    except EOFError:
        answer = "it was ended from outside"
    if isinstance(answer, str):
        raise UserError(f"slv bench: a process of --processes failed: {answer}")
    return answer


@contextmanager
def _workers(side: Side, count: int, threads: int) -> Iterator[list[Connection]]:
    context = get_context("spawn")
    with ExitStack() as stack:
        meeting = Path(stack.enter_context(tempfile.TemporaryDirectory()), "meeting")
        started, pipes = [], []
        for rank in range(count):
            here, there = context.Pipe()
            given = (there, side, rank, count, threads, meeting)
            started.append(context.Process(target=_work, args=given, daemon=True))
            started[-1].start()
            there.close()  # so that the end of the process is the end of the pipe
            pipes.append(here)
        try:
            for pipe in pipes:
                _answer(pipe)
            yield pipes
        finally:
            for pipe, process in zip(pipes, started, strict=True):
                pipe.close()
                process.join(10)
                process.kill()


class _Whole(nn.Module):
    """Loss and network in one, as Lightning wraps them."""

    def __init__(self, task: RestorationTask) -> None:
        super().__init__()
        self.network, self.loss = task.network, task.loss

    def forward(self, degraded: Tensor, clean: Tensor) -> Tensor:
        """The loss of a batch."""
        return self.loss(self.network(degraded), clean)


def _work(pipe: Connection, side: Side, rank: int, count: int, threads: int, meeting: Path) -> None:
    """Answer every word in the pipe with the seconds of a step, until the pipe is closed."""
    try:
        torch.set_num_threads(threads)
        plugins.load(plugins.files())
        dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=count)
        subject = build(side, "cpu")
        subject.fuse()
        whole = DistributedDataParallel(
            _Whole(subject.task), find_unused_parameters=subject.unused_parameters
        )
        subject.task.train()
        train, batch = steps.TrainingStep(subject, whole), subject.crops()
        pipe.send(0.0)
        while True:
            way = pipe.recv()
            dist.barrier()
            laps = Laps()
            with nullcontext() if way == "exchanging" else whole.no_sync():
                train(laps, batch)
            pipe.send(laps.total)
    except (EOFError, BrokenPipeError):
        pass
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
