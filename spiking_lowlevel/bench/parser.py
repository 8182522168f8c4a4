"""The options of `slv bench`, and their help."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from spiking_lowlevel.errors import UserError, did_you_mean

VS = "--vs"
WHAT = ("inference", "training", "loading", "memory", "kinds", "watching")
SWEEPS = {
    "area": (64, 96, 128, 192, 256),
    "steps": (1, 2, 4, 8),
    "batch": (1, 2, 4, 8),
    "width": (16, 32, 48, 64),
}

_ABOUT = """\
Times a configuration or a run: whole steps, restoring and training, with the convolutions of the
same step alone as the floor that this machine allows. Medians [min-max] over the rounds; the first
calls are timed apart. Nothing is trained, and no run folder is written.

  slv bench --config FILE [any option of slv fit] [options]
  slv bench --run RUN --what inference,training,kinds,memory,loading -o bench.json
  slv bench --config FILE --vs --compile network
  slv bench --config FILE --vs --config FILE2 [any option of slv fit] [its own images]

What follows --vs is a second side, timed in turn with the first: A B A B. Where it names no
--config and no --run, it is the first side with these words added; nothing at all shows how far
equal sides differ. Images that it does not name are those of the first side, and so are rounds.
Networks get the same random weights, with settled batch norms, where the names agree or the second
network has a method `load_like(network)`; their outputs and spikes are compared then.
Modes are options of slv fit: --compile neurons|network, --checkpointing true, --precision bf16.
"""


@dataclass(frozen=True)
class Sweep:
    """What grows, and the values it takes."""

    name: str
    values: tuple[int, ...]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"slv bench: {message}\n  See: slv bench --help")


def parser(sides_only: bool = False) -> argparse.ArgumentParser:
    """The parser of the first side, or of what a second side may have of its own."""
    made = _Parser("slv bench", description=_ABOUT, allow_abbrev=False, add_help=not sides_only)
    made.usage = f"slv bench --config FILE | --run RUN [options] [{VS} ...]"
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    _add_images(made)
    if not sides_only:
        _add_measuring(made)
    return made


def _add_images(parser: argparse.ArgumentParser) -> None:
    images = parser.add_argument_group("of a side: random images, and how they are restored")
    images.add_argument(
        "--size", type=_size, default=(80, 80), metavar="HxW|N", help="to restore (80)"
    )
    images.add_argument("--batch", type=_count, default=1, metavar="N", help="of them at once (1)")
    images.add_argument(
        "--crop", type=_count, metavar="N", help="side of training crops (as configured)"
    )
    images.add_argument(
        "--train-batch", type=_count, metavar="N", help="of them a step (as configured)"
    )
    images.add_argument(
        "--fuse", action=argparse.BooleanOptionalAction, default=False,
        help="restore with the copy for inference alone, norms folded into convolutions",
    )  # fmt: skip


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("measuring, for both sides")
    group.add_argument(
        "--what", type=_what, default=WHAT[:2], metavar="WORD,...",
        help=f"of {', '.join(WHAT)} (inference,training)",
    )  # fmt: skip
    group.add_argument("--rounds", type=_count, default=5, metavar="N", help="that count (5)")
    group.add_argument("--warmup", type=_count, default=2, metavar="N", help="rounds before (2)")
    group.add_argument("--threads", type=_count, metavar="N", help="of PyTorch (its own choice)")
    group.add_argument("--device", default="cpu", help="cpu or cuda (cpu)")
    group.add_argument(
        "--processes", type=_count, metavar="N",
        help="also train in N processes on this machine, threads and batch split among them",
    )  # fmt: skip
    group.add_argument(
        "--sweep", type=_sweep, action="append", default=[], metavar="NAME[=N,...]",
        help=f"let one of {', '.join(SWEEPS)} grow, and measure inference, training or memory "
        "along it instead, as --what says. An area goes by its side, is trained on one crop a step "
        "where --train-batch does not say, and its memory is that of restoring in tiles. Several "
        "are allowed",
    )  # fmt: skip
    group.add_argument(
        "-o", dest="out", type=_out, metavar="OUT.json",
        help="write everything that was measured; and the plot of a sweep, as OUT.png",
    )  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, given {text!r}")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    height, x, width = text.partition("x")
    sides = (height, width if x else height)
    if not all(side.isdecimal() and int(side) for side in sides):
        raise argparse.ArgumentTypeError(
            f"expected pixels such as 80, or height by width such as 64x96, given {text!r}"
        )
    return int(sides[0]), int(sides[1])


def _what(text: str) -> tuple[str, ...]:
    for word in text.split(","):
        if word not in WHAT:
            hint = did_you_mean(word, WHAT) or f"Words: {', '.join(WHAT)}"
            raise argparse.ArgumentTypeError(f"there is nothing called {word!r}. {hint}")
    return tuple(word for word in WHAT if word in text.split(","))


def _sweep(text: str) -> Sweep:
    name, equals, values = text.partition("=")
    if name not in SWEEPS:
        hint = did_you_mean(name, SWEEPS) or f"Sweeps: {', '.join(SWEEPS)}"
        raise argparse.ArgumentTypeError(f"there is no sweep {name!r}. {hint}")
    chosen = tuple(_count(v) for v in values.split(",")) if equals else SWEEPS[name]
    return Sweep(name, tuple(sorted(set(chosen))))


def _out(text: str) -> Path:
    if Path(text).suffix != ".json":
        raise argparse.ArgumentTypeError(f"expected a name that ends in .json, given {text!r}")
    return Path(text)
