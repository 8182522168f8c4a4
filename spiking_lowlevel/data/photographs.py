"""Clean photographs, degraded on the fly: as many pairs as there is patience to train."""

from pathlib import Path
from zlib import crc32

import numpy as np

from spiking_lowlevel.data.base import Pair, Pairs, RestorationData, Split
from spiking_lowlevel.data.crops import RandomCrop
from spiking_lowlevel.data.images import list_images, read_image, to_tensor
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
        flips: flip training crops left to right, in half of the cases.
        batch_size: crops a training batch.
        crop: side of the square training crops, in pixels.
        draws: training crops an epoch; as many as there are photographs when left out.
        workers: processes that load training data; 0 loads in the main process.
    """

    def __init__(
        self,
        root: Path | None = None,
        degradation: Degradation = Rain(),
        flips: bool = True,
        batch_size: int = 4,
        crop: int = 64,
        draws: int | None = None,
        workers: int = 0,
    ) -> None:
        super().__init__(batch_size, crop, draws, workers)
        self.root = BUNDLED if root is None else root
        self.degradation = degradation
        self.flips = flips

    def pairs(self, split: Split) -> Pairs:
        """The photographs of a split, degraded: random crops for "train", else whole pictures."""
        files = list_images(self.root / split)
        crop = RandomCrop(self.crop, self.flips) if split == "train" else None
        return DegradedPhotographs(files, self.degradation, crop)


class DegradedPhotographs(Pairs):
    """Pairs of a photograph and what a degradation makes of it.

    Args:
        files: the photographs; they are read once and kept in memory as 8-bit pixels.
        degradation: what spoils them.
        crop: takes training crops; None for whole pictures with a fixed degradation.
    """

    def __init__(
        self, files: list[Path], degradation: Degradation, crop: RandomCrop | None
    ) -> None:
        self.files, self.degradation, self.crop = files, degradation, crop
        self.photographs = [read_image(f) for f in files]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, draw: Draw) -> Pair:
        """The photograph of this index; the seed decides crop and degradation."""
        clean, name = self.photographs[draw.pair], self.files[draw.pair].stem
        if self.crop is None:
            return self._pair(clean, name, crc32(name.encode()))
        clean, _ = self.crop(clean, clean, draw.seed)
        return self._pair(clean, name, draw.seed)

    def _pair(self, clean: Image, name: str, seed: int) -> Pair:
        degraded = self.degradation(clean, np.random.default_rng(seed))
        return Pair(to_tensor(degraded), to_tensor(clean), name)
