"""Folders and patterns searched where links may go round."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path


def walk(
    folder: Path, locked: list[Path] | None = None
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """A folder and those below it, as `os.walk` has them, each real one once; nothing hidden.

    Args:
        folder: where to begin; links in it are followed, those that go round too.
        locked: gets the folders that cannot be read.
    """
    seen: set[str] = set()

    def remember(error: OSError) -> None:
        if locked is not None:
            locked.append(Path(error.filename))

    for place, folders, files in os.walk(folder, onerror=remember, followlinks=True):
        here = os.path.realpath(place)
        if here in seen:
            folders.clear()
            continue
        seen.add(here)
        folders[:] = sorted(name for name in folders if name[0] != ".")
        yield Path(place), folders, sorted(name for name in files if name[0] != ".")


def expanded(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """What matches the parts of a pattern below a folder; ** enters each real folder once."""
    if not parts:
        yield folder
        return
    first, *rest = parts
    if first == "**" == next(iter(rest), ""):  # once is as much as twice
        yield from expanded(folder, rest)
    elif first == "**":
        for place, _, files in walk(folder):
            yield from expanded(place, rest)
            if not rest:
                yield from (place / name for name in files)
    elif has_magic(first):
        hidden = first[0] == "."
        for name in sorted(fnmatch.filter(names(folder), first)):
            if hidden or name[0] != ".":
                yield from expanded(folder / name, rest)
    elif os.path.lexists(folder / first):
        yield from expanded(folder / first, rest)


def names(folder: Path) -> list[str]:
    """What lies in a folder; nothing where it is missing, locked, or no folder."""
    try:
        return os.listdir(folder)
    except OSError:
        return []
