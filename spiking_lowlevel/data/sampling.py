"""Which example comes next, and with what randomness: decided once, in one place.

A draw carries its own seed, made of the run's seed, the epoch and its place in the epoch. So crops
differ between epochs and workers, repeat under a seed, and do not depend on the number of workers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """One example to load: which pair, and the seed of all its randomness."""

    pair: int
    seed: int


@dataclass(frozen=True)
class Replay:
    """Seeds as of a loader whose processes all begin every epoch with one and the same stream.

    Process b mod n loads batch b, so sample i of it is number (b // n) * batch_size + i of that
    process. The seed depends on this number alone: not on the epoch, the run or the process.

    Args:
        processes: how many load in turn.
        batch_size: samples a batch.
    """

    processes: int
    batch_size: int

    def seeds(self, draws: int) -> np.ndarray:
        """The seeds of the draws of an epoch."""
        batch, sample = np.divmod(np.arange(draws), self.batch_size)
        places = batch // self.processes * self.batch_size + sample
        return np.random.default_rng(0).integers(2**31, size=draws)[places]


class SeededSampler(Sampler[Draw]):
    """Shuffled draws, each with a seed of its own; every pair comes up equally often.

    Args:
        pairs: number of pairs in the data set.
        draws: draws an epoch; more than `pairs` to take several crops of each.
        seed: of the run.
        clock: tells the epoch; without one, `set_epoch` does. A sampler that is wrapped for several
            processes needs a clock, since the wrapper does not hand `set_epoch` on.
        replay: gives the draws the seeds of one short stream instead; None for seeds of their own.
    """

    def __init__(
        self,
        pairs: int,
        draws: int,
        seed: int,
        clock: Callable[[], int] | None = None,
        replay: Replay | None = None,
    ) -> None:
        self.pairs, self.draws, self.seed, self.clock = pairs, draws, seed, clock
        self.replay = replay
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer at the start of every epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.draws

    def __iter__(self) -> Iterator[Draw]:
        epoch = self.epoch if self.clock is None else self.clock()
        rng = np.random.default_rng((self.seed, epoch))
        rounds = -(-self.draws // self.pairs)
        order = np.concatenate([rng.permutation(self.pairs) for _ in range(rounds)])
        seeds = rng.integers(2**31, size=self.draws)
        if self.replay is not None:
            seeds = self.replay.seeds(self.draws)
        return (Draw(int(i), int(s)) for i, s in zip(order[: self.draws], seeds, strict=True))


class FixedSampler(Sampler[Draw]):
    """Every pair once, in order. The seeds are fixed, for evaluation: a pair is always the same.

    Args:
        pairs: number of pairs in the data set.
    """

    def __init__(self, pairs: int) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return self.pairs

    def __iter__(self) -> Iterator[Draw]:
        return (Draw(i, 0) for i in range(self.pairs))
