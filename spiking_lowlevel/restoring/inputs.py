"""Which photographs a command line means, and where each is written to."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.errors import UserError, did_you_mean

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
    single = len(found) == 1 and not any(Path(given).is_dir() for given in inputs)
    as_file = single and out.suffix.lower() in SUFFIXES and not out.is_dir()
    if not as_file and out.exists() and not out.is_dir():
        raise UserError(f"-o {out} is a file; give a folder for {len(found)} photographs")
    photographs = []
    for source, below in found.values():
        target = out if as_file else out / below
        if suffix:
            target = target.with_suffix(suffix)
        photographs.append(Photograph(source, target))
    _refuse_collisions(photographs, extras)
    return [p if force else _with_fault(p, extras) for p in photographs]


def _meant(given: str, out: Path) -> Iterator[tuple[Path, Path]]:
    """Files that an input means, and what of their path is kept."""
    path = Path(given)
    if path.is_dir():
        files = list(_below(path, out))
        if not files:
            raise UserError(f"{given}: no photograph lies in this folder ({', '.join(SUFFIXES)})")
        yield from ((file, file.relative_to(path)) for file in files)
    elif os.path.lexists(path):
        yield path, Path(path.name)
    elif glob.has_magic(given):
        yield from _matching(given, out)
    else:
        folder = path.parent
        near = did_you_mean(path.name, os.listdir(folder) if folder.is_dir() else ())
        raise UserError(f"{given}: there is no such file or folder. {near}".rstrip())


def _matching(pattern: str, out: Path) -> Iterator[tuple[Path, Path]]:
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
    skipped = out.resolve()
    files = [p for p in matches if p.suffix.lower() in SUFFIXES and not p.is_dir()]
    files = [p for p in files if skipped not in p.resolve().parents]
    parts = Path(pattern).parts
    plain = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    start = Path(*parts[:plain])
    if not files:  # a pattern of folders
        folders = [p for p in matches if p.is_dir()]
        files = [file for folder in folders for file in _below(folder, out)]
    if not files:
        raise UserError(f"{pattern}: no photograph matches ({', '.join(SUFFIXES)})")
    yield from ((file, file.relative_to(start)) for file in files)


def _below(folder: Path, out: Path) -> Iterator[Path]:
    """The pictures in a folder and all below it, each real folder once, without the output."""
    skipped = out.resolve()
    seen: set[Path] = set()
    locked: list[Path] = []

    def remember(error: OSError) -> None:
        locked.append(Path(error.filename))

    for place, folders, files in os.walk(folder, onerror=remember, followlinks=True):
        here = Path(place).resolve()
        if here in seen or (here == skipped and Path(place) != folder):
            folders.clear()
            continue
        seen.add(here)
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(files):
            if name[0] != "." and Path(name).suffix.lower() in SUFFIXES:
                yield Path(place) / name
    yield from locked  # reading them will tell why


def _refuse_collisions(photographs: Sequence[Photograph], extras: Sequence[str]) -> None:
    taken: dict[str, Path] = {}
    for photograph in photographs:
        for target in (photograph.target, *(photograph.beside(word) for word in extras)):
            other = taken.setdefault(os.path.normcase(os.path.abspath(target)), photograph.source)
            if other != photograph.source:
                raise UserError(
                    f"{other} and {photograph.source} would both be written to {target}; rename "
                    "one, or restore them to different folders"
                )


def _with_fault(photograph: Photograph, extras: Sequence[str]) -> Photograph:
    """The photograph, with a fault if something is there already that it would overwrite."""
    for target in (photograph.target, *(photograph.beside(word) for word in extras)):
        if os.path.lexists(target):
            same = target.exists() and photograph.source.exists()
            what = "is the input itself" if same and target.samefile(photograph.source) else (
                "is there already"
            )  # fmt: skip
            fault = f"{target} {what}; --force overwrites it"
            return Photograph(photograph.source, photograph.target, fault)
    return photograph
