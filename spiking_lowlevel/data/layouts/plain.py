"""The plain layout, strictly: folders of degraded and clean images; what is missing is named."""

from pathlib import Path

from spiking_lowlevel.data.base import Split
from spiking_lowlevel.data.images import list_images
from spiking_lowlevel.data.layouts.base import Found, Part, Place
from spiking_lowlevel.data.layouts.parts import paired
from spiking_lowlevel.data.layouts.sound import require_sound
from spiking_lowlevel.data.layouts.table import LAYOUTS
from spiking_lowlevel.data.layouts.tree import by_stem

_FOLDERS: dict[Split, tuple[str, ...]] = {
    "train": ("train",),
    "validate": ("validate", "val", "valid"),
    "test": ("test",),
}


def looks_plain(root: Path, input: str, target: str) -> bool:
    """Whether a side's folder lies in the root or in one of its split folders."""
    folders = [root, *(root / n for names in _FOLDERS.values() for n in names)]
    return any((f / side).is_dir() for f in folders for side in (input, target))


def plain(root: Path, input: str, target: str) -> Found:
    """The pairs of `root/{input,target}/` or `root/{train,validate,test}/{input,target}/`.

    Raises:
        UserError: a folder is missing or empty, an image has no partner, or sizes differ.
    """
    parts: list[Part] = []
    for split, names in _FOLDERS.items():
        folder = next((root / n for n in names if (root / n).is_dir()), None)
        if folder is not None:
            parts.append(match_folders(folder / input, folder / target, split))
    whole = (root / input).is_dir() or (root / target).is_dir() or not parts
    if whole and not any(p.split == "train" for p in parts):
        own = root.resolve().name
        split: Split | None = next((s for s, names in _FOLDERS.items() if own in names), None)
        parts.append(match_folders(root / input, root / target, None if parts else split))
    return Found(LAYOUTS["plain"], root.resolve(), parts)


def match_folders(inputs: Path, targets: Path, split: Split | None = None) -> Part:
    """The pairs of two folders, for a split.

    Raises:
        UserError: a folder is missing or empty, an image has no partner, or sizes differ.
    """
    degraded, twins = by_stem(list_images(inputs))
    clean, more = by_stem(list_images(targets))
    place = Place(split, "", ())
    part = paired(place, inputs, targets, degraded, clean, twins + more)
    require_sound(Found(LAYOUTS["plain"], inputs.parent, [part]))
    return part
