"""The command line of `slv report`."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.studies.parser import StudyParser, count

_ABOUT = """\
Writes one HTML page about a run: learning curves, before and after under a slider, error maps,
where and how often every neuron layer spikes, modelled energy under every cost model, scores under
every protocol, the configuration and the versions. The page is a single file that loads nothing:
mail it, archive it, open it without a network.

  slv report RUN                              RUN/report.html; the newest run of an experiment too
  slv report RUN -o derain.html --pictures 5
  slv report RUN --images photo.jpg other.png your own photographs; no truth, so no scores of them
  slv report RUN --no-energy                  faster: nothing is counted for the cost models
  slv report RUN --data.root FOLDER           any option of slv test, such as where data are now

The network restores the middle of each picture again, on the processor. What a run lacks, such as a
test or a checkpoint, the page says in its place. RUN/energy is used where slv energy has counted.
"""


@dataclass(frozen=True)
class ReportPlan:
    """What `slv report` is asked for.

    Args:
        run: a run folder, or the folder of an experiment.
        out: the page; None for report.html in the run folder.
        pictures: how many test pictures are shown.
        images: photographs to show instead.
        crop: side of what is shown of each, in pixels.
        energy: whether to count operations where that has not been done.
        words: options of `slv test`.
    """

    run: Path
    out: Path | None
    pictures: int
    images: tuple[Path, ...]
    crop: int
    energy: bool
    words: tuple[str, ...]


def parse(words: list[str]) -> ReportPlan:
    """What a command line asks for; what is not known here is for `slv test`.

    Raises:
        UserError: an option is wrong, or no run is named.
    """
    given, rest = _parser().parse_known_args(words)
    return ReportPlan(
        run=given.run,
        out=given.out,
        pictures=given.pictures,
        images=tuple(given.images),
        crop=given.crop,
        energy=given.energy,
        words=tuple(rest),
    )


def _parser() -> argparse.ArgumentParser:
    made = StudyParser("slv report", _ABOUT, "slv report RUN [-o FILE.html] [options]")
    made.add_argument("run", type=Path, metavar="RUN", help="folder of a run or of an experiment")
    made.add_argument(
        "-o", dest="out", type=Path, metavar="FILE.html", help="the page (RUN/report.html)"
    )
    made.add_argument(
        "--pictures", type=count, default=3, metavar="N",
        help="first test pictures to show; those of the validation where there are none (3)",
    )  # fmt: skip
    made.add_argument(
        "--images", type=Path, nargs="+", default=[], metavar="FILE",
        help="photographs of your own instead",
    )  # fmt: skip
    made.add_argument(
        "--crop", type=count, default=320, metavar="N",
        help="side of what is cut out of the middle of each, in pixels (320)",
    )  # fmt: skip
    made.add_argument(
        "--no-energy", dest="energy", action="store_false",
        help="do not count operations; tell what slv energy has counted, if it has",
    )  # fmt: skip
    return made
