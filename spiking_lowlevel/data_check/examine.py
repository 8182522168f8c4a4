"""Every picture of a data set looked at once, in several threads."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
from tqdm import tqdm

from spiking_lowlevel.data.base import Split
from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.data.layouts import Found, Item, LayoutName, Left, Part, recognise
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError

SWAPPED = -0.5
"""Mean of degraded - clean, in grey levels, below which the sides count as swapped."""


@dataclass(frozen=True)
class Look:
    """What one pair is like: sizes (height, width), mean difference, and the clean pixels' hash.

    `fault` is a sentence where the pair cannot be read; a size that could not be read is None.
    """

    item: Item
    size: tuple[int, int] | None
    clean_size: tuple[int, int] | None = None
    difference: float | None = None
    digest: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class SplitReport:
    """What was found out about a split.

    Args:
        name: "train", "validate", "test" or "all".
        parts: what lies where.
        looks: one a pair.
    """

    name: str
    parts: list[Part]
    looks: list[Look]

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        """How many degraded images there are of every size (height, width)."""
        return Counter(look.size for look in self.looks if look.size is not None)

    @property
    def unreadable(self) -> list[str]:
        """A sentence for every pair that cannot be read."""
        return [look.fault for look in self.looks if look.fault is not None]

    @property
    def difference(self) -> float | None:
        """Mean of degraded - clean over the pairs, in grey levels of 255."""
        seen = [look.difference for look in self.looks if look.difference is not None]
        return sum(seen) / len(seen) if seen else None

    @property
    def darker(self) -> list[Item]:
        """Pairs whose degraded image is darker than the clean one."""
        looks = [look for look in self.looks if look.difference is not None]
        return [look.item for look in looks if (look.difference or 0) < SWAPPED]


@dataclass(frozen=True)
class Report:
    """What was found out about a data set."""

    root: Path
    found: Found
    splits: list[SplitReport]

    def uneven(self, split: SplitReport) -> list[Look]:
        """Pairs of two sizes, where the layout does not have them enlarged."""
        if self.found.layout.enlarge:
            return []
        return [x for x in split.looks if x.clean_size is not None and x.size != x.clean_size]

    def swapped(self, split: SplitReport) -> bool:
        """Whether the degraded images are the darker ones, where rain does not darken."""
        mean = split.difference
        calm = not (self.found.layout.hazy or self.found.layout.enlarge)
        return calm and mean is not None and mean < SWAPPED

    def overlaps(self) -> list[tuple[str, str, list[Item]]]:
        """Two splits, and the pairs of the second whose clean pixels are in the first too."""
        found = []
        for i, first in enumerate(self.splits):
            known = {look.digest for look in first.looks if look.digest is not None}
            for second in self.splits[i + 1 :]:
                again = [look.item for look in second.looks if look.digest in known]
                if again:
                    found.append((first.name, second.name, again))
        return found

    def repeats(self, split: SplitReport) -> int:
        """Clean files of a split with the pixels of another clean file of it."""
        files = {(x.digest, x.item.clean) for x in split.looks if x.digest is not None}
        return len(files) - len({digest for digest, _ in files})


def examine(
    root: Path, layout: LayoutName = "auto", left: Left = "auto", progress: bool = False
) -> Report:
    """Read every picture of a data set.

    Args:
        root: its folder.
        layout: how it lies there; "auto" recognises it.
        left: which image is the left one where a file holds two.
        progress: show a bar on standard error, if that is a terminal.

    Raises:
        UserError: nothing is recognised.
    """
    found = recognise(root, layout, left)
    by_split = found.splits()
    order: tuple[Split | Literal["all"], ...] = ("train", "validate", "test", "all")
    splits = []
    total = sum(map(len, by_split.values()))
    quiet = None if progress else True  # None: quiet unless a person looks on
    with tqdm(total=total, unit=" pairs", leave=False, disable=quiet, delay=1) as bar:
        for name in order:
            if name not in by_split:
                continue
            looks: list[Look] = []
            for look in _looks(by_split[name]):
                looks.append(look)
                bar.update()
            parts = [p for p in found.parts if (p.split or "all") == name]
            splits.append(SplitReport(name, parts, looks))
    return Report(root, found, splits)


def _looks(items: list[Item]) -> Iterator[Look]:
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(_look, items, chunksize=16)


def _look(item: Item) -> Look:
    degraded, clean = item
    try:
        pixels = read_image(degraded.path)
        first = degraded.cut(pixels)
        if clean is None:
            return Look(item, _size(first))
        # A file that holds both is decoded once.
        second = clean.cut(pixels) if clean.path == degraded.path else clean.read()
    except UserError as error:
        return Look(item, None, fault=str(error))
    digest = sha256(repr(second.shape).encode() + second.tobytes()).hexdigest()
    difference = float(first.mean(dtype=np.float64) - second.mean(dtype=np.float64))
    return Look(item, _size(first), _size(second), difference, digest)


def _size(image: Image) -> tuple[int, int]:
    return image.shape[0], image.shape[1]
