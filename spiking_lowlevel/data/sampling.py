"""Which example comes next, and with what randomness: decided once, in one place.

A draw carries its own seed, made of the run's seed, the epoch and its place in the epoch. So crops
differ between epochs and workers, repeat under a seed, and do not depend on the number of workers.

Nor do they depend on the number of processes that train together: those share one stream of draws,
and a run that goes on in the middle of an epoch goes on in the middle of that stream.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch.utils.data.distributed import DistributedSampler


class Draw(NamedTuple):
    """One example to load: which pair, and the seed of all its randomness."""

    pair: int
    seed: int


class Turn(NamedTuple):
    """Where a run stands when an epoch of batches begins.

    Args:
        epoch: from 0.
        batches: those of this epoch that every process has taken already.
    """

    epoch: int = 0
    batches: int = 0


class Share(NamedTuple):
    """Which part of all draws a process takes.

    Args:
        rank: of the process, from 0.
        processes: how many there are.
    """

    rank: int = 0
    processes: int = 1


ALONE = Share()


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


class SharedSampler(DistributedSampler[Draw]):
    """A sampler that knows the share of its process; Lightning wraps all others.

    Args:
        share: of this process.
    """

    def __init__(self, share: Share) -> None:
        # Not that of the base, which would count, pad and shuffle a data set: what is shared out is
        # ours. Of the base there is the type, by which Lightning leaves a sampler alone.
        self.share = share


class SeededSampler(SharedSampler):
    """Shuffled draws, each with a seed of its own; every pair comes up equally often.

    Global batch b holds the draws from b·n·B on, n processes of batches of B; process r takes those
    from (b·n + r)·B on, so n processes see together what one with batches of n·B sees. What does
    not fill a global batch is left out.

    Args:
        pairs: number of pairs in the data set.
        draws: draws an epoch; more than `pairs` to take several crops of each.
        seed: of the run.
        clock: tells where the run stands; without one, `set_epoch` tells the epoch.
        replay: gives the draws the seeds of one short stream instead; None for seeds of their own.
        batch_size: draws a batch of one process, B.
        share: of this process.
    """

    def __init__(
        self,
        pairs: int,
        draws: int,
        seed: int,
        clock: Callable[[], Turn] | None = None,
        replay: Replay | None = None,
        batch_size: int = 1,
        share: Share = ALONE,
    ) -> None:
        super().__init__(share)
        self.pairs, self.draws, self.seed, self.clock = pairs, draws, seed, clock
        self.replay, self.batch_size = replay, batch_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer at the start of every epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self._batches() * self.batch_size

    def __iter__(self) -> Iterator[Draw]:
        turn = Turn(self.epoch) if self.clock is None else self.clock()
        rng = np.random.default_rng((self.seed, turn.epoch))
        rounds = -(-self.draws // self.pairs)
        order = np.concatenate([rng.permutation(self.pairs) for _ in range(rounds)])
        seeds = rng.integers(2**31, size=self.draws)
        if self.replay is not None:
            seeds = self.replay.seeds(self.draws)
        return (
            Draw(int(i), int(s))
            for i, s in zip(self._mine(order, turn), self._mine(seeds, turn), strict=True)
        )

    def _batches(self) -> int:
        return self.draws // (self.batch_size * self.share.processes)

    def _mine(self, values: np.ndarray, turn: Turn) -> np.ndarray:
        """The values of the batches that this process has still to take."""
        processes, batches = self.share.processes, self._batches()
        all_of_them = values[: batches * processes * self.batch_size]
        shared = all_of_them.reshape(batches, processes, self.batch_size)
        return shared[turn.batches :, self.share.rank].reshape(-1)


class FixedSampler(SharedSampler):
    """Every pair once over all processes, in order, with fixed seeds: a pair is always the same.

    Where there are more processes than pairs, those that are left over repeat one, so that all of
    them take part; they say that they are `spare`.

    Args:
        pairs: number of pairs in the data set.
        share: of this process; without one, all pairs.
    """

    def __init__(self, pairs: int, share: Share = ALONE) -> None:
        super().__init__(share)
        self.pairs = pairs

    @property
    def spare(self) -> bool:
        """Whether the pairs of this process are those of another one, and do not count."""
        return self.share.rank >= self.pairs

    def __len__(self) -> int:
        return len(self._mine())

    def __iter__(self) -> Iterator[Draw]:
        return (Draw(i, 0) for i in self._mine())

    def _mine(self) -> range:
        if self.spare:
            return range(min(1, self.pairs))
        return range(self.share.rank, self.pairs, self.share.processes)
