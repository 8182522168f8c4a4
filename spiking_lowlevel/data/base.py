"""What a data set for restoration is: pairs of a degraded and a clean image, in three splits."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import torch
from lightning.pytorch import LightningDataModule
from lightning.pytorch.loops.progress import _ProcessedTracker as ProcessedTracker
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from spiking_lowlevel.data.cache import PictureCache
from spiking_lowlevel.data.crops import one_thread
from spiking_lowlevel.data.sampling import (
    Draw,
    FixedSampler,
    Replay,
    SeededSampler,
    Share,
    SharedSampler,
    Turn,
)
from spiking_lowlevel.errors import UserError

Split = Literal["train", "validate", "test"]


_PIXELS = 2**26
"""Of a batch of crops, at most: 1.6 GB of degraded and clean images."""


class Pair(NamedTuple):
    """A degraded image and the clean one, both [3, H, W] in [0, 1], with a name; or a batch."""

    degraded: Tensor
    clean: Tensor
    name: str


class Pairs(Dataset[Pair], ABC):
    """Pairs that are loaded by `Draw`: which pair, and the seed."""

    scored: bool = True
    """Whether every pair has a clean image; where one is missing, `Pair.clean` is NaN."""

    @abstractmethod
    def __len__(self) -> int:
        """How many pairs there are."""

    @abstractmethod
    def __getitem__(self, draw: Draw) -> Pair:
        """The pair that a draw asks for."""

    def files(self) -> list[Path]:
        """The files that clean images are read from, each once; empty where that is not known."""
        return []

    def degraded_files(self) -> list[Path]:
        """The files that degraded images are read from, each once; empty where there are none."""
        return []


class RestorationData(LightningDataModule, ABC):
    """Batches of pairs for training, single whole pictures for validation and test.

    Args:
        batch_size: crops a training batch.
        crop: side of the square training crops, in pixels.
        draws: training crops an epoch; as many as there are pictures when left out.
        workers: processes that load training data; 0 loads in the main process.
        replayed_crops: 0 for crops drawn afresh; n to replay one stream in n processes (`Replay`).
        cache: megabytes of decoded training pictures to keep, over all workers; 0 keeps none.
    """

    kind: ClassVar[str] = "data"

    def __init__(
        self,
        batch_size: int = 4,
        crop: int = 64,
        draws: int | None = None,
        workers: int = 0,
        replayed_crops: int = 0,
        cache: int = 1024,
    ) -> None:
        super().__init__()
        for name, value, least, most in (
            ("batch_size", batch_size, 1, 4096),
            ("crop", crop, 1, 4096),
            ("draws", 1 if draws is None else draws, 0, 10**7),
            ("workers", workers, 0, 256),
            ("replayed_crops", replayed_crops, 0, 4096),
            ("cache", cache, 0, 2**30),
        ):
            require_between(name, value, least, most)
        if batch_size * crop**2 > _PIXELS:
            raise UserError(
                f"data: {batch_size} crops of {crop}x{crop} are more than {_PIXELS:,} pixels a "
                "batch; lower data.batch_size or data.crop"
            )
        self.replayed_crops, self.cache = replayed_crops, cache
        self.batch_size, self.crop, self.draws, self.workers = batch_size, crop, draws, workers
        self._looked_for: dict[Split, Pairs] = {}

    @abstractmethod
    def pairs(self, split: Split) -> Pairs:
        """The pairs of a split: crops for "train", whole pictures for "validate" and "test".

        Raises:
            UserError: files are missing, unreadable or do not match.
        """

    def looked_for(self, split: Split) -> Pairs:
        """`pairs` of a split, looked for once: a data set may have thousands of files.

        Raises:
            UserError: files are missing, unreadable or do not match.
        """
        if split not in self._looked_for:
            self._looked_for[split] = self.pairs(split)
        return self._looked_for[split]

    def training_cache(self) -> PictureCache:
        """An empty cache of the size that each process which loads training data may fill."""
        return PictureCache(self.cache / max(1, self.workers))

    def train_dataloader(self) -> DataLoader[Pair]:
        """Shuffled batches of crops [B, 3, crop, crop]; an incomplete last batch is dropped.

        Several processes share one stream of crops: together they see what one process with batches
        of all their crops would see.

        Raises:
            UserError: an epoch is shorter than a batch of all processes.
        """
        pairs, share = self.looked_for("train"), self._share()
        draws = self.draws or len(pairs)
        if draws < self.batch_size * share.processes:
            many = f" in each of {share.processes} processes" if share.processes > 1 else ""
            raise UserError(
                f"data.draws: {draws} training crops an epoch do not fill a batch of "
                f"{self.batch_size}{many}; raise data.draws or lower data.batch_size"
            )
        clock = None if self.trainer is None else self._turn
        replay = Replay(self.replayed_crops, self.batch_size) if self.replayed_crops else None
        seed = torch.initial_seed() % 2**63
        sampler = SeededSampler(len(pairs), draws, seed, clock, replay, self.batch_size, share)
        return self._loader(pairs, sampler, self.batch_size, self.workers)

    def _share(self) -> Share:
        trainer = self.trainer
        return Share() if trainer is None else Share(trainer.global_rank, trainer.world_size)

    def _turn(self) -> Turn:
        """Where the run stands: 0 batches into an epoch, but for one that goes on in the middle."""
        trainer = self.trainer
        assert trainer is not None
        progress = trainer.fit_loop.epoch_loop.batch_progress.current
        assert isinstance(progress, ProcessedTracker)
        return Turn(trainer.current_epoch, progress.processed)

    def val_dataloader(self) -> DataLoader[Pair]:
        """Whole pictures [1, 3, H, W] of the validation split, in order."""
        return self._evaluation("validate")

    def test_dataloader(self) -> DataLoader[Pair]:
        """Whole pictures [1, 3, H, W] of the test split, in order."""
        return self._evaluation("test")

    def predict_dataloader(self) -> DataLoader[Pair]:
        """The pictures of the test split; they need no clean images."""
        return self._evaluation("test", scored=False)

    def _evaluation(self, split: Split, scored: bool = True) -> DataLoader[Pair]:
        pairs = self.looked_for(split)
        if scored and not pairs.scored:
            raise UserError(
                f"data: {split} pictures have no clean images to score against; "
                "slv predict works on them"
            )
        return self._loader(pairs, FixedSampler(len(pairs), self._share()), 1, 0)

    def _loader(
        self, pairs: Pairs, sampler: SharedSampler, batch_size: int, workers: int
    ) -> DataLoader[Pair]:
        return DataLoader(
            pairs,
            batch_size=batch_size,
            sampler=sampler,
            num_workers=workers,
            persistent_workers=workers > 0,
            # Crops are small, and a worker that decodes a large picture has time to.
            prefetch_factor=4 if workers > 0 else None,
            worker_init_fn=one_thread,
            drop_last=batch_size > 1,
        )


def require_between(name: str, value: float, least: float, most: float) -> None:
    """Refuse a setting of the data that is out of range.

    Raises:
        UserError: naming it, what was given and what is allowed.
    """
    if not least <= value <= most:
        raise UserError(f"data.{name}: {value} is not between {least} and {most:,}")
