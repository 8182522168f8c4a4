"""The command line of `slv reproduce`."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.studies.parser import StudyParser

_ABOUT = """\
Trains a run again from its run.json, into a new run folder, and compares steps, final metrics and
the hash of the weights with what was recorded. The exit code is 1 where they differ.

  slv reproduce RUN/run.json                 into the next folder of the same experiment
  slv reproduce RUN/run.json -o OUT
  slv reproduce RUN                          the run folder will do
  slv reproduce RUN --data.root FOLDER       any option of slv fit, such as where data are now

Start it in the directory where the run was started: paths may be relative to it.
Files of the data are compared with the recorded hashes first; package versions that differ are
told. Bit for bit the same is to be expected on the same machine with the same versions alone.
"""


@dataclass(frozen=True)
class ReproducePlan:
    """What `slv reproduce` is asked for.

    Args:
        record: the run.json, or the folder of a run or of an experiment.
        out: the new run folder; None for the next one of the experiment.
        anyway: go on though the data are not those of the record.
        words: options of `slv fit`.
    """

    record: Path
    out: Path | None
    anyway: bool
    words: tuple[str, ...]


def parse(words: list[str]) -> ReproducePlan:
    """What a command line asks for; what is not known here is for `slv fit`.

    Raises:
        UserError: an option is wrong, or no run is named.
    """
    given, rest = _parser().parse_known_args(words)
    return ReproducePlan(given.record, given.out, given.anyway, tuple(rest))


def _parser() -> argparse.ArgumentParser:
    made = StudyParser("slv reproduce", _ABOUT, "slv reproduce RUN_JSON [-o OUT] [options]")
    made.add_argument("record", type=Path, metavar="RUN_JSON", help="run.json of a run, or the run")
    made.add_argument("-o", dest="out", type=Path, metavar="OUT", help="a new run folder")
    made.add_argument(
        "--anyway", action="store_true", help="go on though the data are not those of the record"
    )
    return made
