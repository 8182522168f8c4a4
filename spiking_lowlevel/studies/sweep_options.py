"""The command line of `slv sweep`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.parser import StudyParser, add_pictures, count, names

AUTO, NONE = "auto", "none"

_ABOUT = """\
Trains one network with several numbers of time steps T and several neurons, and once without
spikes; tests each on the test split; counts what each does with the same pictures, priced by cost
models; and times how long each takes to restore them. Modelled arithmetic beside measured seconds.

  slv sweep --config FILE --steps 1,2,4 --neurons LIF,NILIF -o OUT
  slv sweep --config FILE [any option of slv fit] --steps 1,2,4,8 --seeds 0,1,2 -o OUT
  slv sweep --config FILE --neuron-argument visual_neuron --neurons VLIF,LIF -o OUT
  slv sweep --config FILE --twin configs/overlays/ann_twin.yaml -o OUT --dry-run

Every point is a run of its own, OUT/runs/NAME/0, trained by slv fit and tested by slv test with the
same options, the twin included. The same command goes on where it was stopped: a point that one of
its runs has trained to the end with the same configuration is not trained again. A point that fails
is told at the end, with exit code 1; the others go on.

Written are OUT/sweep.csv (a row a point) and OUT/sweep.png: PSNR against modelled energy, and
against seconds. Seconds to train are those of slv fit as a whole, start-up and validation included;
seconds to restore are of the plain network, in turn over all points, neither compiled nor fused.
"""


@dataclass(frozen=True)
class SweepPlan:
    """What `slv sweep` is asked for; `words` are for `slv fit`.

    No neurons: that of the configuration. No arguments: `neuron`, or the only one there is. No
    seeds: that of the configuration.
    """

    words: tuple[str, ...]
    steps: tuple[int, ...]
    neurons: tuple[str, ...]
    arguments: tuple[str, ...]
    seeds: tuple[int, ...]
    twin: str
    models: tuple[str, ...]
    pictures: int
    images: tuple[Path, ...]
    size: tuple[int, int]
    rounds: int
    device: str
    dry_run: bool
    out: Path


def parse(words: Sequence[str]) -> SweepPlan:
    """What a command line asks for; what is not known here is for `slv fit`.

    Raises:
        UserError: an option is wrong, or no configuration is named.
    """
    given, rest = _parser().parse_known_args(words)
    options = {word.partition("=")[0] for word in rest}
    if options & {"--run", "--ckpt_path"}:
        raise UserError(
            "slv sweep trains every point from its start: --run and --ckpt_path have no place; "
            "give the configuration of a run as --config RUN/config.yaml"
        )
    if not options & {"--config", "-c"}:
        raise UserError(
            "slv sweep: no network is named; give --config FILE\n  See: slv sweep --help"
        )
    return SweepPlan(
        words=tuple(rest),
        steps=given.steps,
        neurons=given.neurons,
        arguments=given.neuron_argument,
        seeds=given.seeds,
        twin=given.twin,
        models=given.models,
        pictures=given.pictures,
        images=tuple(given.image),
        size=given.size,
        rounds=given.rounds,
        device=given.device,
        dry_run=given.dry_run,
        out=given.out,
    )


def _parser() -> argparse.ArgumentParser:
    made = StudyParser("slv sweep", _ABOUT, "slv sweep --config FILE -o OUT [options]")
    _add_points(made.add_argument_group("points"))
    add_pictures(made.add_argument_group("pictures that energy and seconds are told of"))
    _add_telling(made.add_argument_group("measuring and telling"))
    return made


def _add_points(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--steps", type=_steps, default=(1, 2, 4), metavar="T,...", help="time steps (1,2,4)"
    )
    group.add_argument(
        "--neurons", type=_once, default=(), metavar="NAME,...",
        help="see slv list neurons (that of the configuration)",
    )  # fmt: skip
    group.add_argument(
        "--neuron-argument", type=_once, default=(), metavar="NAME,...",
        help="the arguments of the network that get the neuron (neuron)",
    )  # fmt: skip
    group.add_argument(
        "--seeds", type=_seeds, default=(), metavar="N,...",
        help="train every point once with each; the plot shows mean and range",
    )  # fmt: skip
    group.add_argument(
        "--twin", default=AUTO, metavar=f"{AUTO}|{NONE}|FILE",
        help="the network without spikes: every neuron a Rectifier and T = 1; none; or a "
        "configuration to lay over yours (auto)",
    )  # fmt: skip


def _add_telling(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--models", type=_once, default=("HorowitzFP32", "HorowitzINT8", "SimpleMemory"),
        metavar="NAME,...",
        help="cost models, the first for the plot (HorowitzFP32,HorowitzINT8,SimpleMemory)",
    )  # fmt: skip
    group.add_argument(
        "--rounds", type=count, default=5, metavar="N", help="of restoring; the median is told (5)"
    )
    group.add_argument("--device", default="cpu", help="that restores: cpu or cuda (cpu)")
    group.add_argument("--dry-run", action="store_true", help="list the points, and do nothing")
    group.add_argument(
        "-o", dest="out", type=Path, required=True, metavar="OUT", help="folder to write to"
    )


def _steps(text: str) -> tuple[int, ...]:
    return tuple(sorted({count(word) for word in text.split(",")}))


def _seeds(text: str) -> tuple[int, ...]:
    words = list(dict.fromkeys(text.split(",")))
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError(f"expected whole numbers such as 0,1, given {text!r}")
    return tuple(map(int, words))


def _once(text: str) -> tuple[str, ...]:
    """Names between commas, each once, at least one."""
    found = tuple(dict.fromkeys(names(text)))
    if not found:
        raise argparse.ArgumentTypeError("expected a name, or names between commas")
    return found
