"""Clean photographs, degraded on the fly: as many pairs as there is patience to train."""

import os
from pathlib import Path
from zlib import crc32

import numpy as np

from spiking_lowlevel.data.base import Pair, Pairs, RestorationData, Split, require_between
from spiking_lowlevel.data.cache import PictureCache
from spiking_lowlevel.data.crops import RandomCrop
from spiking_lowlevel.data.images import image_size, list_images, read_image, to_tensor
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.degradations.base import Degradation, Image
from spiking_lowlevel.degradations.rain import Rain
from spiking_lowlevel.registry import register

BUNDLED = Path(__file__).parent / "photographs"


@register
class Photographs(RestorationData):
    """Photographs in `train/`, `validate/` and `test/` folders, with a synthesised degradation.

    Training pairs are degraded afresh in every epoch. Validation and test pairs are always the
    same: their degradation is seeded by the file name.

    Args:
        root: folder that holds the three folders; the bundled photographs when left out.
        degradation: what spoils them.
        variants: validation and test pairs made of each photograph, with different degradations.
        flips: flip training crops left to right, in half of the cases.
        batch_size: crops a training batch.
        crop: side of the square training crops, in pixels.
        draws: training crops an epoch; as many as there are photographs when left out.
        workers: processes that load training data; 0 loads in the main process.
        cache: megabytes of decoded training photographs to keep, over all workers; 0 keeps none.
    """

    def __init__(
        self,
        root: Path | None = None,
        degradation: Degradation = Rain(),
        variants: int = 2,
        flips: bool = True,
        batch_size: int = 4,
        crop: int = 64,
        draws: int | None = None,
        workers: int = 0,
        cache: int = 1024,
    ) -> None:
        super().__init__(batch_size, crop, draws, workers, cache=cache)
        require_between("variants", variants, 1, 1000)
        self.root = BUNDLED if root is None else root
        self.degradation, self.variants = degradation, variants
        self.flips = flips

    def pairs(self, split: Split) -> Pairs:
        """The photographs of a split, degraded: random crops for "train", else whole pictures."""
        files = list_images(self.root / split)
        if split == "train":
            crop = RandomCrop(self.crop, self.flips)
            return TrainingCrops(files, self.degradation, crop, self.training_cache())
        return FixedPictures(files, self.degradation, self.variants)


class TrainingCrops(Pairs):
    """Crops of photographs, degraded afresh for every draw.

    Args:
        files: the photographs.
        degradation: what spoils them.
        crop: takes the crops.
        cache: reads the photographs.

    Raises:
        UserError: a photograph is no image.
    """

    def __init__(
        self, files: list[Path], degradation: Degradation, crop: RandomCrop, cache: PictureCache
    ) -> None:
        self.photographs, self.cache = files, cache
        self.degradation, self.crop = degradation, crop
        for file in files:
            image_size(file)  # what is no image is told now, not hours into an epoch

    def __len__(self) -> int:
        return len(self.photographs)

    def __getitem__(self, draw: Draw) -> Pair:
        """A crop of the photograph that was drawn; the seed decides where, and the degradation.

        Raises:
            UserError: the photograph is truncated.
        """
        file = self.photographs[draw.pair]
        photograph = self.cache.read(file)
        clean, _ = self.crop(photograph, photograph, draw.seed)
        return _pair(clean, self.degradation, draw.seed, file.stem)

    def files(self) -> list[Path]:
        """The photographs."""
        return list(self.photographs)


class FixedPictures(Pairs):
    """Whole photographs with degradations that never change: seeded by file name and variant.

    Args:
        files: the photographs.
        degradation: what spoils them.
        variants: pairs made of each photograph.
    """

    def __init__(self, files: list[Path], degradation: Degradation, variants: int) -> None:
        # Variant by variant, so that the first pairs show different photographs.
        self.made = [(f, f"{f.stem}-{v + 1}") for v in range(variants) for f in files]
        self.degradation = degradation

    def __len__(self) -> int:
        return len(self.made)

    def __getitem__(self, draw: Draw) -> Pair:
        """The pair that was drawn, always the same."""
        file, name = self.made[draw.pair]
        return _pair(read_image(file), self.degradation, crc32(os.fsencode(name)), name)

    def files(self) -> list[Path]:
        """The photographs."""
        return list(dict.fromkeys(file for file, _ in self.made))


def _pair(clean: Image, degradation: Degradation, seed: int, name: str) -> Pair:
    degraded = degradation(clean, np.random.default_rng(seed))
    return Pair(to_tensor(degraded), to_tensor(clean), name)
