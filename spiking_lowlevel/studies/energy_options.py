"""The command line of `slv energy`."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.parser import StudyParser, add_pictures, count, names

_ABOUT = """\
Counts what a network does with a picture, operation by operation, by what really goes into each
layer: nothing, binary spikes, spikes of several levels, or real values; and prices it under several
published models side by side. Modelled arithmetic, not a measurement.

  slv energy --run RUN                        a trained network, on its test pictures
  slv energy --config FILE [any option of slv test]
  slv energy --run RUN --image photo.jpg --size 256 --models HorowitzFP32,Lemaire2022
  slv energy --config FILE --repeat-frames    count equal frames T times, as published code runs
  slv energy --over RUN RUN ... -o runs.png   quality against energy of runs tested and counted

Written are energy.json (everything, exact; see spiking_lowlevel/energy/report/json_file.py),
energy.csv (a row a layer), energy.md and pictures. slv list costs names the models.
"""


@dataclass(frozen=True)
class EnergyPlan:
    """What `slv energy` is asked for."""

    words: tuple[str, ...]
    pictures: int
    images: tuple[Path, ...]
    size: tuple[int, int]
    models: tuple[str, ...]
    costliest: int
    full: bool
    repeat_frames: bool
    strict: bool
    allow_uncounted: bool
    over: tuple[Path, ...]
    out: Path | None


def parse(words: list[str]) -> EnergyPlan:
    """What a command line asks for; what is not known here is for `slv test`.

    Raises:
        UserError: an option is wrong, or neither a configuration nor a run is named.
    """
    given, rest = _parser().parse_known_args(words)
    named = {word.partition("=")[0] for word in rest}
    if not given.over and not named & {"--config", "-c", "--run"}:
        raise UserError(
            "slv energy: no network is named; give --run RUN or --config FILE\n"
            "  See: slv energy --help"
        )
    return EnergyPlan(
        words=tuple(rest),
        pictures=given.pictures,
        images=tuple(given.image),
        size=given.size,
        models=given.models,
        costliest=given.costliest,
        full=given.full,
        repeat_frames=given.repeat_frames,
        strict=given.strict,
        allow_uncounted=given.allow_uncounted,
        over=tuple(given.over),
        out=given.out,
    )


def _parser() -> argparse.ArgumentParser:
    made = StudyParser("slv energy", _ABOUT, "slv energy --config FILE | --run RUN [options]")
    add_pictures(made.add_argument_group("pictures"))
    counting = made.add_argument_group("counting")
    counting.add_argument(
        "--repeat-frames", action="store_true",
        help="run and count the equal frames of direct coding at every time step; as it is, layers "
        "that see them run once",
    )  # fmt: skip
    counting.add_argument(
        "--strict", action="store_true",
        help="infer no levels: what no neuron declares is real, unless it is 0 and 1",
    )  # fmt: skip
    counting.add_argument(
        "--allow-uncounted", action="store_true",
        help="go on though parameters were never counted, and totals are too low",
    )  # fmt: skip
    telling = made.add_argument_group("telling")
    telling.add_argument(
        "--models", type=names, default=(), metavar="NAME,...",
        help="cost models with a column (HorowitzFP32,HorowitzINT8,SimpleMemory); all are totalled",
    )  # fmt: skip
    telling.add_argument("--full", action="store_true", help="a row for every layer")
    telling.add_argument(
        "--costliest", type=count, default=0, metavar="N", help="only the N dearest layers"
    )
    telling.add_argument(
        "--over", type=Path, nargs="+", default=[], metavar="RUN",
        help="draw and list these runs instead, by the first of --models",
    )  # fmt: skip
    telling.add_argument(
        "-o", dest="out", type=Path, metavar="FOLDER",
        help="where to write (RUN/energy of a run; else nothing is written; quality_energy.png "
        "with --over)",
    )  # fmt: skip
    return made
