"""Pictures that are in two splits: scores on what was trained on, or chosen by, say nothing.

Files are compared byte by byte, by their hash and only where their sizes are equal, so a start
costs next to nothing. Equal pixels in files of other bytes are found by `slv data check`.
"""

import os
import sys
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path
from typing import Literal

import lightning.pytorch as pl

from spiking_lowlevel.data.base import Pairs, RestorationData, Split
from spiking_lowlevel.errors import UserError

Overlap = Literal["error", "warn", "allow"]
"""What becomes of training pictures that are evaluated on, too."""

_NAMED = 3  # files in a message


def check(
    data: RestorationData, overlap: Overlap, choose_on_test: bool, trainer: pl.Trainer
) -> None:
    """Look for pictures that are in two splits, before anything is trained.

    Args:
        data: what is trained and evaluated on; pairs that do not know their files pass.
        overlap: what to do about training pictures in the validation or test split.
        choose_on_test: allow that validation, by which a checkpoint is chosen, is on test pictures.
        trainer: knows whether validation chooses anything.

    Raises:
        UserError: a picture is in two splits, and that was not allowed.
    """
    choosing = chooses(trainer) and not choose_on_test
    if overlap == "allow" and not choosing:
        return
    validation, test = clean_files(data, "validate"), clean_files(data, "test")
    if choosing:
        _refuse_choice(shared(test, validation), test)
    if overlap == "allow":
        return
    train = clean_files(data, "train")
    faults = [
        _in_both(again, train, called)
        for called, files in (("validation", validation), ("test", test))
        if (again := shared(train, files))
    ]
    if faults and overlap == "error":
        raise UserError(
            "; ".join(faults) + ". A score on pictures that were trained on says nothing: remove "
            "them from one of the two, or go on with --overlap warn (or allow)"
        )
    if faults and trainer.is_global_zero:
        print(f"slv: warning: {'; '.join(faults)}", file=sys.stderr)  # noqa: T201


def chooses(trainer: pl.Trainer) -> bool:
    """Whether validation decides anything, such as which checkpoint is the best."""
    callbacks: list[pl.Callback] = getattr(trainer, "callbacks", [])
    if not trainer.limit_val_batches or getattr(trainer, "fast_dev_run", False):
        return False
    return any(getattr(callback, "monitor", None) for callback in callbacks)


def pairs_of(data: RestorationData, split: Split) -> Pairs | None:
    """The pairs of a split; None where there are none to evaluate on.

    Raises:
        UserError: there is nothing to train on.
    """
    try:
        return data.looked_for(split)
    except UserError:
        if split == "train":
            raise
        return None  # whoever evaluates on it will be told


def clean_files(data: RestorationData, split: Split) -> list[Path]:
    """The files of a split's clean images; empty where they are not known.

    Raises:
        UserError: there is nothing to train on.
    """
    pairs = pairs_of(data, split)
    return [] if pairs is None else pairs.files()


def shared(ones: Sequence[Path], others: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Files of the first that are among the others, by path or by content, and which they are.

    Raises:
        UserError: a file cannot be read.
    """
    known = {_real(other): other for other in reversed(others)}
    same = {one: known[_real(one)] for one in ones if _real(one) in known}
    left = [one for one in ones if one not in same]
    sizes = {path: _size(path) for path in (*left, *others)}
    common = {sizes[p] for p in left} & {sizes[p] for p in others}
    digests = digests_of([path for path, size in sizes.items() if size in common])
    content = {digests[other]: other for other in reversed(others) if other in digests}
    same |= {p: content[digests[p]] for p in left if digests.get(p) in content}
    return [(one, same[one]) for one in ones if one in same]


def digests_of(paths: Collection[Path]) -> dict[Path, str]:
    """The SHA-256 of the bytes of every file, read in several threads.

    Raises:
        UserError: a file cannot be read.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(paths, threads.map(_digest, paths), strict=True))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"cannot read {path}: {error.strerror}; replace or remove the file")


def _in_both(again: list[tuple[Path, Path]], train: list[Path], called: str) -> str:
    return (
        f"data: {len(again)} of {len(train)} training pictures are in the {called} split, too: "
        f"{_listed(again)}"
    )


def _refuse_choice(again: list[tuple[Path, Path]], test: list[Path]) -> None:
    if again:
        raise UserError(
            f"data: {len(again)} of {len(test)} test pictures are in the validation split, too: "
            f"{_listed(again)}. The best checkpoint would be chosen by what it is tested on: keep "
            "the two apart (PairedFolders: data.validate_on_test false), or ask for it with "
            "--choose_on_test true, which the saved configuration then tells"
        )


def _listed(again: list[tuple[Path, Path]]) -> str:
    words = [str(a) if a == b else f"{a} is {b}" for a, b in again[:_NAMED]]
    return ", ".join(words) + (", ..." if len(again) > _NAMED else "")
