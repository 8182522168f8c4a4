"""Pairs of image files, read when they are asked for."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from PIL import Image as Pillow

from spiking_lowlevel.data.base import Pair, Pairs
from spiking_lowlevel.data.cache import PictureCache
from spiking_lowlevel.data.crops import RandomCrop
from spiking_lowlevel.data.images import read_image, to_tensor
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.data.sources import Source
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError


class FilePairs(Pairs):
    """Pairs of image files.

    A pair without a clean image has one that is NaN all over, so that no score can come of it.

    Args:
        files: degraded and clean image of every pair; a clean one may be missing.
        crop: takes crops; None for whole pictures.
        fixed: a picture's crop is always the same, whatever the draw.
        enlarge: bring smaller degraded images to the size of the clean one, bicubically.
        called: the name of every pair; made of the files' names when left out.
        cache: reads the files; None reads them afresh every time.
    """

    def __init__(
        self,
        files: Sequence[tuple[Path | Source, Path | Source | None]],
        crop: RandomCrop | None,
        fixed: bool = False,
        enlarge: bool = False,
        called: Sequence[str] | None = None,
        cache: PictureCache | None = None,
    ) -> None:
        self.sources = [(_source(a), None if b is None else _source(b)) for a, b in files]
        self.names = list(called or names([a for a, _ in self.sources]))
        self.crop, self.fixed, self.enlarge = crop, fixed, enlarge
        self.cache = cache or PictureCache(0)
        self.scored = all(b is not None for _, b in self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, draw: Draw) -> Pair:
        """The pair of this index; the seed decides the crop.

        Raises:
            UserError: an image cannot be read, or the two have different sizes.
        """
        name = self.names[draw.pair]
        degraded, clean = read_pair(*self.sources[draw.pair], self.enlarge, self.cache.read)
        if self.crop is not None and clean is not None:
            seed = crc32(os.fsencode(name)) if self.fixed else draw.seed
            degraded, clean = self.crop(degraded, clean, seed)
        inputs = to_tensor(degraded)
        targets = torch.full_like(inputs, torch.nan) if clean is None else to_tensor(clean)
        return Pair(inputs, targets, name)

    def files(self) -> list[Path]:
        """The files of the clean images; those of both where one file holds both."""
        return list(dict.fromkeys(b.path for _, b in self.sources if b is not None))

    def degraded_files(self) -> list[Path]:
        """The files of the degraded images."""
        return list(dict.fromkeys(a.path for a, _ in self.sources))


def read_pair(
    degraded: Source,
    clean: Source | None,
    enlarge: bool = False,
    read: Callable[[Path], Image] = read_image,
) -> tuple[Image, Image | None]:
    """Both images [H, W, 3] of a pair; a file that holds both is read once.

    Raises:
        UserError: an image cannot be read, or the two have different sizes.
    """
    pixels = read(degraded.path)
    first = degraded.cut(pixels)
    if clean is None:
        return first, None
    second = clean.cut(pixels if clean.path == degraded.path else read(clean.path))
    if enlarge and first.shape != second.shape:
        height, width = second.shape[:2]
        large = Pillow.fromarray(first).resize((width, height), Pillow.Resampling.BICUBIC)
        return np.asarray(large), second
    require_one_size(degraded, first.shape[:2], clean, second.shape[:2])
    return first, second


def require_one_size(
    degraded: Source, size: tuple[int, ...], clean: Source, other: tuple[int, ...]
) -> None:
    """Refuse a pair of two sizes (height, width).

    Raises:
        UserError: the sizes differ.
    """
    if size != other:
        raise UserError(
            f"{degraded} is {size[1]}x{size[0]} pixels, but its partner {clean} is "
            f"{other[1]}x{other[0]}; a pair needs one size"
        )


def names(sources: Sequence[Source]) -> list[str]:
    """A name for every image, no two alike: its stem, after its folders where stems come twice.

    Only what tells the folders apart is named: Rain_Heavy-1, not training-Rain_Heavy-1.
    """
    stems = [s.path.stem for s in sources]
    if max(Counter(stems).values(), default=0) < 2:
        return stems
    folders = [s.path.parent.parts for s in sources]
    levels = list(zip(*folders, strict=False))
    telling = [i for i, level in enumerate(levels) if len(set(level)) > 1]
    shortest = len(levels)
    return [
        "-".join([*(f[i] for i in telling), *f[shortest:], stem])
        for f, stem in zip(folders, stems, strict=True)
    ]


def _source(place: Path | Source) -> Source:
    return place if isinstance(place, Source) else Source(place)
