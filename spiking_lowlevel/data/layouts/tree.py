"""The folders below a root, and the images in them: looked at once, pixels left alone."""

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import combinations
from pathlib import Path

from spiking_lowlevel.data.images import SUFFIXES

_DEPTH = 5


@dataclass(frozen=True)
class Tree:
    """What lies below a root.

    Args:
        root: the folder.
        images: the image files of every folder, by name; the root comes first, deeper ones later.
        lists: text files.
    """

    root: Path
    images: dict[Path, list[Path]]
    lists: list[Path]

    @cached_property
    def _lower(self) -> dict[str, Path]:
        return {str(folder).lower(): folder for folder in self.images}

    def folder(self, start: Path, relative: str) -> Path | None:
        """The folder at a relative path, upper and lower case alike; None if there is none."""
        if relative == ".":
            return start if start in self.images else None
        exact = start / relative
        return exact if exact in self.images else self._lower.get(str(exact).lower())

    def base(self, folder: Path, patterns: str) -> Path | None:
        """What comes before the part of a folder's path that matches; None if nothing matches.

        The root's own name and those above it count, so a root may be one part of a set.
        """
        if patterns == "":
            return folder.resolve() if folder == self.root else None
        parts = [p.lower() for p in folder.resolve().parts]
        for pattern in patterns.split("|"):
            wanted = pattern.lower().strip("/").split("/")
            ends = parts[-len(wanted) :]
            if len(ends) == len(wanted) and all(map(fnmatchcase, ends, wanted)):
                whole = folder.resolve()
                return whole if pattern == "*" else whole.parents[len(wanted) - 1]
        return None


def look(root: Path) -> Tree:
    """The tree below a root, without hidden files and folders."""
    images: dict[Path, list[Path]] = {}
    lists: list[Path] = []
    level = [root]
    for _ in range(_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            found: list[Path] = []
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name[0] == "." or entry.name == "__MACOSX":
                        continue
                    if entry.is_dir():
                        if not (entry.is_symlink() and _goes_back(root, folder / entry.name)):
                            below.append(folder / entry.name)
                    elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
                        found.append(folder / entry.name)
                    elif entry.name.lower().endswith(".txt") and entry.is_file():  # no pipe
                        lists.append(folder / entry.name)
            images[folder] = sorted(found)
        level = sorted(below)
    return Tree(root, images, sorted(lists))


def _goes_back(root: Path, link: Path) -> bool:
    """Whether a link leads to a folder that it lies in itself."""
    above = [p for p in link.parents if p == root or root in p.parents]
    return os.path.realpath(link) in map(os.path.realpath, above)


def by_stem(paths: list[Path]) -> tuple[dict[str, Path], list[tuple[Path, Path]]]:
    """The files of one folder by stem, and those of them that share a stem with another."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(path.stem, []).append(path)
    twins = [two for group in found.values() for two in combinations(group, 2)]
    return {stem: group[0] for stem, group in found.items()}, twins
