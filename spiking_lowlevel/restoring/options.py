"""The command line of `slv restore`."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, get_args

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring.inputs import PIPE, SUFFIXES

_ABOUT = """\
Restores rainy photographs with a spiking network.

  slv restore photo.jpg -o clean.jpg           one photograph
  slv restore holiday/ -o clean/               a folder and all below it, names kept
  slv restore 'trip/**/*.png' more/ -o clean/  patterns, folders and files, mixed
  slv restore - -o - < photo.jpg > clean.jpg   a pipe
  slv restore photo.jpg -o clean.jpg --compare --save-spikes
                                               also clean-compare.png and clean-spikes.png
  slv restore holiday/ -o clean/ --weights runs/derain/0 --device cuda --precision bf16-mixed

Takes PNG, JPEG, TIFF, WebP and BMP, by their content: grey, with alpha, of 16 bits, from one pixel
to a little over 100 megapixels. Large pictures are restored tile by tile, in the memory of small
ones; while one is decoded it takes four bytes a pixel (eight where colours have 16 bits).

A picture keeps its format, depth, alpha, colour profile, EXIF data and resolution; a palette and
CMYK become RGB, and the table says so. Nothing is overwritten without --force. What cannot be
restored is told in a line, the others go on, and the exit code is 1; it is 2 where the command line
is wrong.
"""
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
FORMATS = {"png": ".png", "jpg": ".jpg", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp",
           "bmp": ".bmp"}  # fmt: skip


@dataclass(frozen=True)
class RestorePlan:
    """What `slv restore` is asked for.

    Args:
        inputs: files, folders and patterns, or `-` alone.
        out: a file, a folder, or `-`.
        weights: a shipped network, a file or a run; None for the default.
        device: where to compute, or `auto`.
        precision: of the convolutions.
        tile: side of the tiles in pixels; None for that of the network.
        overlap: of neighbouring tiles in pixels; None for that of the network.
        ensemble: whether to take the mean over eight flips and rotations.
        compare: whether to write before and after side by side.
        save_spikes: whether to write where the network spiked.
        suffix: of the format to write; empty for that of the input.
        quality: of JPEG and WebP; None for 95.
        force: whether to overwrite.
        plugins: files to load.
    """

    inputs: tuple[str, ...]
    out: Path
    weights: str | None = None
    device: str = "auto"
    precision: Precision = "32-true"
    tile: int | None = None
    overlap: int | None = None
    ensemble: bool = False
    compare: bool = False
    save_spikes: bool = False
    suffix: str = ""
    quality: int | None = None
    force: bool = False
    plugins: tuple[str, ...] = ()

    @property
    def extras(self) -> tuple[str, ...]:
        """Words of the pictures that are written beside each."""
        return ("compare",) * self.compare + ("spikes",) * self.save_spikes


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"slv restore: {message}\n  See: slv restore --help")


def parse(words: list[str]) -> RestorePlan:
    """What a command line asks for.

    Raises:
        UserError: an option is wrong, or two contradict each other.
    """
    given = vars(_parser().parse_args(words))
    given["inputs"], given["plugins"] = tuple(given["inputs"]), tuple(given["plugins"])
    given["ensemble"], given["suffix"] = given["ensemble"] is not None, given.pop("form") or ""
    plan = RestorePlan(**given)
    piped = str(plan.out) == PIPE
    if PIPE in plan.inputs and len(plan.inputs) > 1:
        raise UserError("slv restore: - is the picture on standard input; give nothing beside it")
    if piped and plan.extras:
        raise UserError(
            "slv restore: --compare and --save-spikes need a file to lie beside; -o FILE"
        )
    if plan.inputs == (PIPE,) and not piped and plan.out.suffix.lower() not in SUFFIXES:
        raise UserError(f"slv restore: -o {plan.out}: name a file, such as clean.png, or -")
    return plan


def _parser() -> argparse.ArgumentParser:
    made = _Parser("slv restore", description=_ABOUT, allow_abbrev=False)
    made.usage = "slv restore INPUT... -o OUT [options]"
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument(
        "inputs", nargs="+", metavar="INPUT",
        help="file, folder, pattern such as 'trip/**/*.jpg', or - for standard input",
    )  # fmt: skip
    made.add_argument(
        "-o", "--out", dest="out", type=Path, required=True, metavar="OUT",
        help="for one photograph a file (clean.png; the format goes by its suffix), else a folder; "
        "- for standard output",
    )  # fmt: skip
    _add_network(made.add_argument_group("network"))
    _add_tiles(made.add_argument_group("tiles"))
    _add_writing(made.add_argument_group("writing"))
    return made


def _add_network(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--weights", "--run", metavar="NAME|FILE|RUN",
        help="a shipped network, a file of slv export, or a run folder (derain-small)",
    )  # fmt: skip
    group.add_argument(
        "--device", default="auto", metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps (auto)"
    )
    group.add_argument(
        "--precision",
        default="32-true",
        choices=get_args(Precision),
        help="of the convolutions (32-true)",
    )
    group.add_argument(
        "--ensemble", choices=["x8"],
        help="the mean over eight flips and rotations of every tile: a little better, eight times "
        "the work",
    )  # fmt: skip
    group.add_argument(
        "--plugins", action="append", default=[], metavar="FILE", help="also load it; runs its code"
    )


def _add_tiles(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--tile", type=_tile, metavar="auto|N",
        help="side of the tiles in pixels; more memory and less done twice, but a network does "
        "best on what it was trained for (auto: what that is, or less if memory is short)",
    )  # fmt: skip
    group.add_argument(
        "--overlap", type=_pixels, metavar="N",
        help="pixels that neighbours share at least, and fade into each other along (that of the "
        "network)",
    )  # fmt: skip


def _add_writing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--compare", action="store_true",
        help="also write NAME-compare.png, before and after side by side, upright, and reduced if "
        "a picture has over 4 megapixels",
    )  # fmt: skip
    group.add_argument(
        "--save-spikes", action="store_true",
        help="also write NAME-spikes.png: where the neurons fired, the mean over layers and steps, "
        "in colour over the photograph; reduced likewise",
    )  # fmt: skip
    group.add_argument(
        "--format", dest="form", type=_format, metavar="NAME",
        help=f"{', '.join(FORMATS)}; names get its suffix (that of the input)",
    )  # fmt: skip
    group.add_argument(
        "--quality", type=_quality, metavar="N",
        help="of JPEG and WebP, 1 to 100 (95; WebP stays lossless if it was)",
    )  # fmt: skip
    group.add_argument("--force", action="store_true", help="overwrite what is there already")


def _pixels(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number of pixels, given {text!r}")
    return int(text)


def _tile(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) < 8:
        raise argparse.ArgumentTypeError(f"expected auto or at least 8 pixels, given {text!r}")
    return int(text)


def _quality(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 100, given {text!r}")
    return int(text)


def _format(text: str) -> str:
    name = text.lower().removeprefix(".").replace("tif", "tiff").replace("tifff", "tiff")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(FORMATS)}, given {text!r}")
    return FORMATS[name]
