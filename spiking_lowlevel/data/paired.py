"""Real pairs: a folder of degraded images beside a folder of clean ones, matched by name."""

from pathlib import Path

from spiking_lowlevel.data.base import Pair, Pairs, RestorationData, Split
from spiking_lowlevel.data.crops import RandomCrop
from spiking_lowlevel.data.images import image_size, list_images, read_image, to_tensor
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register

_FOLDERS: dict[Split, tuple[str, ...]] = {
    "train": ("train",),
    "validate": ("validate", "val", "valid"),
    "test": ("test",),
}

Files = list[tuple[Path, Path]]


@register
class PairedFolders(RestorationData):
    """Folders `input/` and `target/` of equally named images, whole or split into three.

    Either `root/{train,validate,test}/{input,target}/`, or `root/{input,target}/` alone. What has
    no folder of its own is taken from the training pairs, evenly spread over their names: first the
    test pairs, then the validation pairs. No pair is ever in two splits.

    Args:
        root: the folder, as above.
        input: name of the folders of degraded images.
        target: name of the folders of clean images.
        held_out: share of the pairs to hold out for each split without a folder; at least one pair.
        flips: flip training crops left to right, in half of the cases.
        batch_size: crops a training batch.
        crop: side of the square training crops, in pixels.
        draws: training crops an epoch; as many as there are training pairs when left out.
        workers: processes that load training data; 0 loads in the main process.
    """

    def __init__(
        self,
        root: Path,
        input: str = "input",
        target: str = "target",
        held_out: float = 0.15,
        flips: bool = True,
        batch_size: int = 4,
        crop: int = 64,
        draws: int | None = None,
        workers: int = 0,
    ) -> None:
        super().__init__(batch_size, crop, draws, workers)
        self.root, self.input, self.target = root, input, target
        self.held_out = held_out
        self.flips = flips

    def pairs(self, split: Split) -> Pairs:
        """The pairs of a split: random crops for "train", whole pictures else."""
        files = self._splits()[split]
        return FilePairs(files, RandomCrop(self.crop, self.flips) if split == "train" else None)

    def _splits(self) -> dict[Split, Files]:
        if not self.root.is_dir():
            raise UserError(
                f"data.root: the folder {self.root} does not exist; give the folder of "
                f"the pairs, which holds {self.input}/ and {self.target}/"
            )
        splits: dict[Split, Files] = {}
        for split, names in _FOLDERS.items():
            folder = next((self.root / n for n in names if (self.root / n).is_dir()), None)
            if folder is not None:
                splits[split] = match(folder / self.input, folder / self.target)
        if "train" not in splits:
            splits["train"] = match(self.root / self.input, self.root / self.target)
        for split in ("test", "validate"):
            if split not in splits:
                splits["train"], splits[split] = self._hold_out(splits["train"])
        return splits

    def _hold_out(self, files: Files) -> tuple[Files, Files]:
        count = max(1, round(self.held_out * len(files)))
        if count >= len(files):
            raise UserError(
                f"data.root: {self.root} has {len(files)} pairs left to train on, too few "
                f"to hold out {count} more; add pairs or a folder for each split"
            )
        held = {len(files) * (2 * i + 1) // (2 * count) for i in range(count)}
        kept = [f for i, f in enumerate(files) if i not in held]
        return kept, [files[i] for i in sorted(held)]


def match(inputs: Path, targets: Path) -> Files:
    """Pairs of files with equal names (the endings may differ) from two folders, sorted by name.

    Raises:
        UserError: a folder is missing or empty, an image has no partner, or sizes differ.
    """
    degraded, clean = _by_name(inputs), _by_name(targets)
    for here, there, where in ((degraded, clean, targets), (clean, degraded, inputs)):
        alone = sorted(here.keys() - there.keys())
        if alone:
            more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
            raise UserError(
                f"{here[alone[0]]} has no partner of that name in {where}{more}; "
                "add the partner or remove the image"
            )
    files = [(degraded[name], clean[name]) for name in sorted(degraded)]
    for a, b in files:
        (ha, wa), (hb, wb) = image_size(a), image_size(b)
        if (ha, wa) != (hb, wb):
            raise UserError(
                f"{a} is {wa}x{ha} pixels, but its partner {b} is {wb}x{hb}; a pair needs one size"
            )
    return files


def _by_name(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in list_images(folder):
        if path.stem in files:
            raise UserError(f"{files[path.stem]} and {path} have the same name; keep one of them")
        files[path.stem] = path
    return files


class FilePairs(Pairs):
    """Pairs of image files.

    Args:
        files: degraded and clean file of every pair.
        crop: takes training crops; None for whole pictures.
    """

    def __init__(self, files: Files, crop: RandomCrop | None) -> None:
        self.files, self.crop = files, crop

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, draw: Draw) -> Pair:
        """The pair of this index; the seed decides the crop."""
        inputs, targets = self.files[draw.pair]
        degraded, clean = read_image(inputs), read_image(targets)
        if self.crop is not None:
            degraded, clean = self.crop(degraded, clean, draw.seed)
        return Pair(to_tensor(degraded), to_tensor(clean), inputs.stem)
