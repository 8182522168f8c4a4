"""Options that studies share, and how they refuse what they do not understand."""

import argparse
from pathlib import Path
from typing import NoReturn

from spiking_lowlevel.errors import UserError


class StudyParser(argparse.ArgumentParser):
    """A parser whose errors are a message and a hint; what it does not know is for `slv test`."""

    def __init__(self, prog: str, about: str, usage: str) -> None:
        super().__init__(prog, description=about, usage=usage, allow_abbrev=False)
        self.formatter_class = argparse.RawDescriptionHelpFormatter

    def error(self, message: str) -> NoReturn:
        """Refuse a command line.

        Raises:
            UserError: always.
        """
        raise UserError(f"{self.prog}: {message}\n  See: {self.prog} --help")


def add_pictures(group: argparse._ArgumentGroup) -> None:
    """Which pictures a network is watched on."""
    group.add_argument(
        "--pictures", type=count, default=2, metavar="N",
        help="first pictures of the test split (2)",
    )  # fmt: skip
    group.add_argument(
        "--image", type=Path, action="append", default=[], metavar="FILE",
        help="a picture of your own instead; several are allowed",
    )  # fmt: skip
    group.add_argument(
        "--size", type=size, default=(128, 128), metavar="HxW|N",
        help="what is cut out of the middle of each, in pixels (128)",
    )  # fmt: skip


def count(text: str) -> int:
    """A whole number of at least 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, given {text!r}")
    return int(text)


def size(text: str) -> tuple[int, int]:
    """Height and width in pixels, or one number for both.

    Raises:
        ArgumentTypeError: it is neither.
    """
    height, x, width = text.partition("x")
    sides = (height, width if x else height)
    if not all(side.isdecimal() and int(side) for side in sides):
        raise argparse.ArgumentTypeError(
            f"expected pixels such as 80, or height by width such as 64x96, given {text!r}"
        )
    return int(sides[0]), int(sides[1])


def names(text: str) -> tuple[str, ...]:
    """Names between commas, each once."""
    return tuple(dict.fromkeys(name for name in text.split(",") if name))
