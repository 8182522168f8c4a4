"""Real pairs: degraded images beside clean ones, matched by name, in any of the known layouts."""

from pathlib import Path

from spiking_lowlevel.data.base import Pairs, RestorationData, Split, require_between
from spiking_lowlevel.data.crops import RandomCrop
from spiking_lowlevel.data.file_pairs import FilePairs as FilePairs
from spiking_lowlevel.data.file_pairs import names
from spiking_lowlevel.data.layouts import Found, Item, LayoutName, Left, recognise
from spiking_lowlevel.data.layouts.plain import looks_plain, match_folders, plain
from spiking_lowlevel.data.layouts.sound import require_sound
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register

_SIDES = ("input", "target")
_CALLED: dict[Split, str] = {"train": "training", "validate": "validation", "test": "test"}


@register
class PairedFolders(RestorationData):
    """Pairs of image files: your own in `input/` and `target/`, or a public set as it was unpacked.

    Your own: `root/{train,validate,test}/{input,target}/`, or `root/{input,target}/` alone. The
    public sets are recognised, and paired by the rule of their names; `slv data check ROOT` shows
    what was found. What has no split of its own is taken from the training pairs, evenly spread
    over their names: first the test pairs, then the validation pairs. No pair is in two splits, and
    no clean image either. Sets without clean images can be predicted on, not scored.

    Args:
        root: the folder, as above; that of a public set, of what wraps it, or of one of its parts.
        input: name of the folders of degraded images.
        target: name of the folders of clean images.
        layout: how the set lies on disc; "auto" recognises it.
        left: which image is on the left where one file holds both; "auto" takes the brighter one
            for the rainy one, and where that does not decide, the published order.
        held_out: share of the pairs to hold out for each split that is missing; at least one pair.
            1 makes all of them test pairs.
        flips: flip training crops left to right, in half of the cases.
        batch_size: crops a training batch.
        crop: side of the square training crops, in pixels.
        draws: training crops an epoch; as many as there are training pairs when left out.
        workers: processes that load training data; 0 loads in the main process.
        replayed_crops: 0 draws crops afresh in every epoch; n replays, as the published loader does
            with n processes, one stream of crop places in each of them and in every epoch.
        reach_border: False never takes a crop with the last row or column, as the published loader.
        validation_crop: validate on one square crop of this side a picture, always the same, as
            published with 64; None validates on whole pictures.
        validate_on_test: validate on the test pictures, as first published; the best checkpoint is
            then chosen by what it is scored on.
        cache: megabytes of decoded training pictures to keep, over all workers; 0 keeps none.
    """

    def __init__(
        self,
        root: Path,
        input: str = "input",
        target: str = "target",
        layout: LayoutName = "auto",
        left: Left = "auto",
        held_out: float = 0.15,
        flips: bool = True,
        batch_size: int = 4,
        crop: int = 64,
        draws: int | None = None,
        workers: int = 0,
        replayed_crops: int = 0,
        reach_border: bool = True,
        validation_crop: int | None = None,
        validate_on_test: bool = False,
        cache: int = 1024,
    ) -> None:
        super().__init__(batch_size, crop, draws, workers, replayed_crops, cache)
        require_between("held_out", held_out, 0, 1)
        if validation_crop is not None:
            require_between("validation_crop", validation_crop, 1, 4096)
        self.root, self.input, self.target = root, input, target
        self.layout: LayoutName = layout
        self.left: Left = left
        self.held_out = held_out
        self.flips, self.reach_border = flips, reach_border
        self.validation_crop, self.validate_on_test = validation_crop, validate_on_test
        self._seen: Found | None = None

    def pairs(self, split: Split) -> Pairs:
        """The pairs of a split: random crops for "train", whole pictures else."""
        found = self._found()
        items = self._splits(found)[split]
        if not items:
            raise UserError(self._lacks(found, split))
        crop, cache = None, None
        if split == "train":
            crop = RandomCrop(self.crop, self.flips, self.reach_border)
            cache = self.training_cache()
        elif split == "validate" and self.validation_crop is not None:
            crop = RandomCrop(self.validation_crop, False, self.reach_border)
        # Named before anything was held out, so a picture's name does not depend on that.
        called = {
            item: name
            for part in found.splits().values()
            for item, name in zip(part, names([i.degraded for i in part]), strict=True)
        }
        fixed, enlarge = split == "validate", found.layout.enlarge
        return FilePairs(items, crop, fixed, enlarge, [called[item] for item in items], cache)

    def _found(self) -> Found:
        if self._seen is None:
            self._seen = self._look()
        return self._seen

    def _look(self) -> Found:
        sides = (self.input, self.target)
        if self.layout not in ("auto", "plain") and sides != _SIDES:
            raise UserError(
                f"data.layout: {self.layout} has its own folder names, but data.input and "
                "data.target are given too; leave out one or the other"
            )
        if not self.root.exists():
            raise UserError(
                f"data.root: the folder {self.root} does not exist; give the folder of "
                f"the pairs, which holds {self.input}/ and {self.target}/"
            )
        if sides != _SIDES:
            return plain(self.root, *sides)
        mine = self.layout in ("auto", "plain") and looks_plain(self.root, *sides)
        try:
            found = recognise(self.root, self.layout, self.left)
        except UserError:
            if mine:  # the plain reader says more precisely what is missing
                return plain(self.root, *sides)
            raise
        if mine and found.layout.name == "plain":
            return plain(self.root, *sides)
        require_sound(found)
        return found

    def _splits(self, found: Found) -> dict[Split, list[Item]]:
        parts = found.splits()
        whole = parts.get("train", []) + parts.get("all", [])
        splits: dict[Split, list[Item]] = {"train": whole}
        for split in ("test", "validate"):
            if split in parts:
                splits[split] = parts[split]
            elif split == "validate" and self.validate_on_test:
                splits[split] = splits["test"]
            elif split == "test" and self.held_out == 1:
                splits["test"], splits["train"] = splits["train"], []
            elif splits["train"]:
                splits["train"], splits[split] = self._hold_out(splits["train"])
            else:
                splits[split] = []
        return splits

    def _hold_out(self, items: list[Item]) -> tuple[list[Item], list[Item]]:
        # Pairs that share a clean image stay together: else it would be trained on and tested.
        scenes = list(dict.fromkeys(_scene(i) for i in items))
        count = max(1, round(self.held_out * len(scenes)))
        if count >= len(scenes):
            raise UserError(
                f"data.root: {self.root} has {len(scenes)} pairs left to train on, too few "
                f"to hold out {count} more; add pairs or a folder for each split"
            )
        held = {scenes[len(scenes) * (2 * i + 1) // (2 * count)] for i in range(count)}
        kept = [i for i in items if _scene(i) not in held]
        return kept, [i for i in items if _scene(i) in held]

    def _lacks(self, found: Found, split: Split) -> str:
        splits = self._splits(found)
        both = split != "test" and not splits["train"] and not splits["validate"]
        wanted = "training or validation" if both else _CALLED[split]
        what = f"data.root: {self.root} holds no {wanted} pictures"
        if any(i.clean is None for p in found.parts for i in p.items):
            return f"{what}: none of its images has a clean one; slv predict works on it"
        if self.held_out == 1 and "test" not in found.splits():
            all_test = "data.held_out is 1, which makes all of them test pictures"
            return f"{what}: {all_test}; give a share such as 0.15"
        has = " and ".join(_CALLED[s] for s, items in splits.items() if items)
        return (
            f"{what}, only {has} pictures (layout {found.layout.name}); slv test works on a test "
            "set, and to train give the folder of a set with training pictures"
        )


def _scene(item: Item) -> object:
    return item.clean or item.degraded


def match(inputs: Path, targets: Path) -> list[tuple[Path, Path]]:
    """Pairs of files with equal names (the endings may differ) from two folders, sorted by name.

    Raises:
        UserError: a folder is missing or empty, an image has no partner, or sizes differ.
    """
    items = match_folders(inputs, targets).items
    return [(i.degraded.path, i.clean.path) for i in items if i.clean is not None]
