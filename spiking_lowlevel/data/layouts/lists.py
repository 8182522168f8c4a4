"""Lists of pairs: a text file with the paths of a degraded and a clean image in every line."""

import os
from pathlib import Path

from spiking_lowlevel.data.base import Split
from spiking_lowlevel.data.images import SUFFIXES
from spiking_lowlevel.data.layouts.base import Item, Part
from spiking_lowlevel.data.sources import Source


def read_list(path: Path) -> Part | None:
    """The pairs of a list, paths relative to its folder; None for any other text file.

    A path may begin with "/" or "./". A line with one path is an image without ground truth.
    """
    lines = _lines(path)
    if not lines:
        return None
    present: dict[Path, set[str]] = {}
    items: list[Item] = []
    degraded_alone: list[Path] = []
    clean_alone: list[Path] = []
    for line in lines:
        places = [path.parent / word.removeprefix(".").lstrip("/") for word in line]
        here = [_is_there(p, present) for p in places]
        if all(here):
            items.append(Item(Source(places[0]), Source(places[1]) if places[1:] else None))
        elif here[-1]:
            clean_alone.append(places[-1])
        else:
            degraded_alone.append(places[0])
    if not items:
        return None
    split = _split(path.stem.lower(), items)
    return Part(split, path, f"the list {path.name}", items, degraded_alone, clean_alone)


def _lines(path: Path) -> list[list[str]]:
    """The words of every line, if all lines are of one or two image paths."""
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return []
    lines = [line for line in lines if line]
    good = all(
        len(line) in (1, 2) and all(os.path.splitext(w)[1].lower() in SUFFIXES for w in line)
        for line in lines
    )
    return lines if good else []


def _is_there(path: Path, present: dict[Path, set[str]]) -> bool:
    # One look into every folder: the training list has more than half a million lines.
    if path.parent not in present:
        folder = path.parent
        present[folder] = set(os.listdir(folder)) if folder.is_dir() else set()
    return path.name in present[path.parent]


def _split(stem: str, items: list[Item]) -> Split | None:
    if "test" in stem or items[0].clean is None:
        return "test"
    if "val" in stem:
        return "validate"
    return "train" if "train" in stem or "real_world" in stem else None
