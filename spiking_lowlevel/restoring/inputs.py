"""Which photographs a command line means, and where each is written to."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path

from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.files import LONGEST_NAME, printable
from spiking_lowlevel.restoring.searching import expanded, names, walk

PIPE = "-"
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")


@dataclass(frozen=True)
class Photograph:
    """A file to restore.

    Args:
        source: the file.
        target: what it is restored to.
        fault: why it cannot be, where that is known beforehand.
    """

    source: Path
    target: Path
    fault: str = ""

    def beside(self, word: str) -> Path:
        """Where a further picture goes: photo.jpg, photo-compare.png."""
        return self.target.with_name(f"{self.target.stem}-{word}.png")


def find(
    inputs: Sequence[str], out: Path, suffix: str, extras: Sequence[str], force: bool
) -> list[Photograph]:
    """The photographs that files, folders and patterns mean, each once, in their order.

    A folder is searched with all below it, but for hidden files and the folder that is written to;
    sub-folders are kept. Of a pattern, what lies below its first part without wildcards is kept.

    Args:
        inputs: files, folders and patterns.
        out: a file, if one photograph is meant and it ends as one; else a folder.
        suffix: of what is written; that of the input where it is empty.
        extras: words of further pictures that are written beside each.
        force: overwrite what is there already.

    Raises:
        UserError: an input means nothing, or two would be written to one place.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for given in inputs:
        for source, below in _meant(given, out):
            found.setdefault(os.path.abspath(source), (source, below))
    single = len(found) == 1 and not any(map(os.path.isdir, inputs))
    as_file = single and out.suffix.lower() in SUFFIXES and not os.path.isdir(out)
    if not as_file and os.path.exists(out) and not os.path.isdir(out):
        raise UserError(
            f"-o {printable(out)} is a file; give a folder for {len(found)} photographs"
        )
    photographs = []
    for source, below in found.values():
        target = out if as_file else out / below
        if suffix:
            target = target.with_suffix(suffix)
        photographs.append(Photograph(source, target))
    _refuse_collisions(photographs, extras)
    return [checked(p, extras, force) for p in photographs]


def checked(photograph: Photograph, extras: Sequence[str], force: bool) -> Photograph:
    """The photograph, with a fault if what it is restored to has no place.

    Args:
        photograph: whose targets are looked at.
        extras: words of further pictures that are written beside it.
        force: overwrite what is there already.
    """
    for target in (photograph.target, *(photograph.beside(word) for word in extras)):
        fault = ""
        if len(os.fsencode(target.name)) > LONGEST_NAME:
            fault = f"the name {target.name} is too long; it ends at {LONGEST_NAME} bytes"
        elif not force and os.path.lexists(target):
            own = "is the input itself" if _same(target, photograph.source) else "is there already"
            fault = f"{target} {own}; --force overwrites it"
        if fault:
            return replace(photograph, fault=printable(fault))
    return photograph


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _meant(given: str, out: Path) -> Iterator[tuple[Path, Path]]:
    """Files that an input means, and what of their path is kept."""
    path, shown = Path(given), printable(given)
    if os.path.isdir(path):
        files = list(_below(path, out))
        if not files:
            raise UserError(f"{shown}: no photograph lies in this folder ({', '.join(SUFFIXES)})")
        yield from ((file, file.relative_to(path)) for file in files)
    elif os.path.lexists(path):
        yield path, Path(path.name)
    elif has_magic(given):
        yield from _matching(given, out)
    else:
        near = did_you_mean(path.name, names(path.parent))
        raise UserError(f"{shown}: there is no such file or folder. {printable(near)}".rstrip())


def _matching(pattern: str, out: Path) -> Iterator[tuple[Path, Path]]:
    shown = printable(pattern)
    parts = Path(pattern).parts
    plain = next(i for i, part in enumerate(parts) if has_magic(part))
    start, wild = Path(*parts[:plain]), parts[plain:]
    if ".." in wild:  # what is kept of the path would lead out of the output
        raise UserError(f"{shown}: give a pattern without .. after its first wildcard")
    matches = sorted(set(expanded(start, wild)))
    skipped = Path(os.path.realpath(out))
    files = [p for p in matches if p.suffix.lower() in SUFFIXES and not os.path.isdir(p)]
    files = [p for p in files if skipped not in Path(os.path.realpath(p)).parents]
    if not files:  # a pattern of folders
        folders = [p for p in matches if os.path.isdir(p)]
        files = [file for folder in folders for file in _below(folder, out)]
    if not files:
        raise UserError(f"{shown}: no photograph matches ({', '.join(SUFFIXES)})")
    yield from ((file, file.relative_to(start)) for file in files)


def _below(folder: Path, out: Path) -> Iterator[Path]:
    """The pictures in a folder and all below it, without the output."""
    skipped = Path(os.path.realpath(out))
    locked: list[Path] = []
    for place, folders, files in walk(folder, locked):
        if place != folder and Path(os.path.realpath(place)) == skipped:
            folders.clear()
            continue
        yield from (place / name for name in files if Path(name).suffix.lower() in SUFFIXES)
    yield from locked  # reading them will tell why


def _refuse_collisions(photographs: Sequence[Photograph], extras: Sequence[str]) -> None:
    taken: dict[str, Path] = {}
    for photograph in photographs:
        for target in (photograph.target, *(photograph.beside(word) for word in extras)):
            other = taken.setdefault(os.path.normcase(os.path.abspath(target)), photograph.source)
            if other != photograph.source:
                one, two = printable(other), printable(photograph.source)
                raise UserError(
                    f"{one} and {two} would both be written to {printable(target)}; rename one, or "
                    "restore them to different folders"
                )
