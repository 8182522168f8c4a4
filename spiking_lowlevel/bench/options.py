"""The command line of `slv bench`: one side or two, and what they are measured with."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.bench.parser import VS, Sweep, parser
from spiking_lowlevel.errors import UserError

_INHERITED = ("size", "batch", "crop", "train_batch")


@dataclass(frozen=True)
class Side:
    """One side: a command line of `slv fit`, the images, and whether a fused copy restores them.

    `typed` is all that was written, `words` what of it is for `slv fit`.
    """

    name: str
    typed: tuple[str, ...]
    words: tuple[str, ...]
    fuse: bool
    size: tuple[int, int]
    batch: int
    crop: int | None
    train_batch: int | None


@dataclass(frozen=True)
class Plan:
    """What is measured, and how."""

    sides: tuple[Side, ...]
    what: tuple[str, ...]
    rounds: int
    warmup: int
    threads: int | None
    device: str
    processes: int | None
    sweeps: tuple[Sweep, ...]
    out: Path | None


def parse(words: Sequence[str]) -> Plan:
    """What a command line asks for.

    Raises:
        UserError: an option of bench is wrong; those of `slv fit` are not looked at here.
    """
    first, *others = _split(words)
    if len(others) > 1:
        raise UserError(f"slv bench compares two sides, and {VS} stands there {len(others)} times")
    _refuse_shared(others)
    given, rest = parser().parse_known_args(first)
    sides = [_side("A", first, given, rest)]
    for typed in others:
        sides.append(_second(typed, given, rest))
    return Plan(
        sides=tuple(sides),
        what=given.what,
        rounds=given.rounds,
        warmup=given.warmup,
        threads=given.threads,
        device=given.device,
        processes=given.processes,
        sweeps=tuple(given.sweep),
        out=given.out,
    )


def known() -> list[str]:
    """The names of all options of bench, without dashes."""
    return [flag.lstrip("-") for flag in (*_flags(parser()), VS)]


def _split(words: Sequence[str]) -> list[list[str]]:
    """The words of every side."""
    sides: list[list[str]] = [[]]
    for word in words:
        if word == VS:
            sides.append([])
        else:
            sides[-1].append(word)
    return sides


def _second(typed: list[str], first: argparse.Namespace, rest: list[str]) -> Side:
    options = {word.partition("=")[0] for word in typed}
    alike = not options & {"--config", "-c", "--run"}
    inherited = vars(first) if alike else {key: vars(first)[key] for key in _INHERITED}
    given, own = parser(sides_only=True).parse_known_args(typed, argparse.Namespace(**inherited))
    return _side("B", typed, given, [*rest, *own] if alike else own)


def _side(name: str, typed: list[str], given: argparse.Namespace, words: list[str]) -> Side:
    return Side(
        name=name,
        typed=tuple(typed),
        words=tuple(words),
        fuse=given.fuse,
        size=given.size,
        batch=given.batch,
        crop=given.crop,
        train_batch=given.train_batch,
    )


def _refuse_shared(others: list[list[str]]) -> None:
    shared = set(_flags(parser())) - set(_flags(parser(sides_only=True)))
    for word in (word.partition("=")[0] for typed in others for word in typed):
        if word in shared:
            raise UserError(f"slv bench: {word} is for both sides; write it before {VS}")


def _flags(given: argparse.ArgumentParser) -> list[str]:
    return [flag for action in given._actions for flag in action.option_strings]
