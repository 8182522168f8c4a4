"""`slv reproduce` from its command line to its table."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.reproduce.options import ReproducePlan
from spiking_lowlevel.runs import CONFIG, VERSIONS, find_run, next_run, write_versions
from spiking_lowlevel.studies.sweep_training import launch
from spiking_lowlevel.training import command_line as training
from spiking_lowlevel.training import run_record
from spiking_lowlevel.training.run_record import RECORD, End, Hashes, Record

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""

_MISSING = "-"
_SHOWN = 22  # all digits of a float, and the beginning of a hash


def run(plan: ReproducePlan, expand: Expand) -> None:
    """Train again, compare and print; exit code 1 where something is not the same.

    Raises:
        UserError: there is no whole record, the data are others, or the training failed.
    """
    file = find_run(plan.record) / RECORD if plan.record.is_dir() else plan.record
    record = run_record.read(file)
    if "end" not in record:
        raise UserError(f"{file} has no end: that run did not finish, so nothing can be compared")
    out = _place(plan, record)
    with TemporaryDirectory() as folder:
        config = Path(folder, CONFIG)
        write_text(config, yaml.safe_dump(record["config"], sort_keys=False))
        here = [f"--trainer.logger.folder={out}", "--trainer.logger.resumed=false"]
        words = ["--config", str(config), *plan.words, *here]
        line = training.run(["fit", *expand(words)], training.Building)
        assert isinstance(line.datamodule, RestorationData)
        _require_same_data(record["data"], run_record.hashes(line.datamodule), plan.anyway)
        _tell(_differences(record, Path(folder)))
        launch(["fit", *words])
    again = run_record.read(out / RECORD)
    if "end" not in again:
        raise UserError(f"{out / RECORD} has no end: the run stopped before its last step")
    rows = compare(record["end"], again["end"])
    print("\n".join(table(rows)))  # noqa: T201
    print(f"\nrun folder: {out}")  # noqa: T201
    if any(one != other for _, one, other in rows):
        sys.exit(1)


def _place(plan: ReproducePlan, record: Record) -> Path:
    """Where to train: a folder that holds no run.

    Raises:
        UserError: that of the plan holds one, or the record does not name an experiment.
    """
    out = plan.out
    if out is None:
        logger = record["config"].get("trainer", {}).get("logger") or {}
        named = logger.get("init_args", {}) if isinstance(logger, dict) else {}
        if not {"root", "experiment"} <= named.keys():
            raise UserError("the record names no experiment; give a new run folder: -o OUT")
        out = next_run(Path(named["root"], named["experiment"]))
    if (out / CONFIG).exists():
        raise UserError(f"-o {out}: there is a run in it already; give a new folder")
    return out


def _require_same_data(recorded: Hashes, here: Hashes, anyway: bool) -> None:
    faults = list(_other_data(recorded, here))
    if faults and not anyway:
        raise UserError(
            f"the data are not those of the record: {'; '.join(faults)}. Give where those are with "
            "--data.root FOLDER, or go on with --anyway"
        )
    _tell(faults)
    if not recorded:
        _tell(["the record knows no files of the data, so they are not compared"])


def _other_data(recorded: Hashes, here: Hashes) -> Iterator[str]:
    """A sentence for every split and side whose files are not the recorded ones."""
    for split in dict.fromkeys((*recorded, *here)):
        then, now = recorded.get(split, {}), here.get(split, {})
        for side in dict.fromkeys((*then, *now)):
            if then.get(side) != now.get(side):
                counts = [files[side]["files"] if side in files else 0 for files in (then, now)]
                told = "as many, with other content"
                if counts[0] != counts[1]:
                    told = f"{counts[0]} recorded, {counts[1]} here"
                yield f"{split} split, {side} images: {told}"


def _differences(record: Record, folder: Path) -> Iterator[str]:
    """What is told of code and versions that are not the recorded ones, and of the run itself."""
    write_versions(folder)
    here = json.loads((folder / VERSIONS).read_text(encoding="utf-8"))
    yield from _changes(record["versions"], here)
    then = record["code"]
    now = run_record.code(record["config"].get("plugins") or ())
    if then["commit"] != now["commit"]:
        yield f"commit: {then['commit']} recorded, {now['commit']} here"
    changed = [name for name, made in (("recorded", then), ("here", now)) if made["changed"]]
    if changed:
        yield f"code that is not committed: {' and '.join(changed)}"
    yield from _changes(then["plugins"], now["plugins"])
    if record.get("resumed"):
        yield "the run was interrupted; options given when it went on are not used here"


def _changes(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*then, *now)):
        one, other = then.get(name, _MISSING), now.get(name, _MISSING)
        if one != other:
            yield f"{name}: {one} recorded, {other} here"


def _tell(sentences: Iterator[str] | list[str]) -> None:
    for sentence in sentences:
        print(f"slv reproduce: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


def compare(recorded: End, again: End) -> list[tuple[str, str, str]]:
    """Name, recorded value and new value of everything that came of the two runs."""
    one, other = _values(recorded), _values(again)
    names = dict.fromkeys((*one, *other))
    return [(name, one.get(name, _MISSING), other.get(name, _MISSING)) for name in names]


def _values(end: End) -> dict[str, str]:
    metrics = {name: str(value) for name, value in end["metrics"].items()}
    return {"steps": str(end["steps"]), **metrics, "weights": end["weights"]}


def table(rows: list[tuple[str, str, str]]) -> list[str]:
    """The lines of the table; of hashes, the first 22 digits."""
    shown = [("", "recorded", "again", "equal")]
    shown += [(n, a[:_SHOWN], b[:_SHOWN], "yes" if a == b else "no") for n, a, b in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    cells = (zip(row, widths, strict=True) for row in shown)
    return ["  ".join(cell.ljust(width) for cell, width in row).rstrip() for row in cells]
