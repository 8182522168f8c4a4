"""What a run has left in its folder, read as values; what it has not left is empty."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spiking_lowlevel import config_file
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.runs import CONFIG, VERSIONS

Rows = tuple[dict[str, str], ...]
BeforeAfter = tuple[float, float]


@dataclass(frozen=True)
class Score:
    """One picture, or the mean of many, under one protocol, before and after restoration.

    Args:
        name: of the picture.
        protocol: name of the protocol.
        psnr: in dB.
        ssim: at most 1.
    """

    name: str
    protocol: str
    psnr: BeforeAfter
    ssim: BeforeAfter


@dataclass(frozen=True)
class RunFiles:
    """A run folder as text and numbers.

    Args:
        folder: of the run.
        config: text of its configuration.
        settings: the same, parsed.
        versions: of the software, by name.
        metrics: rows of metrics.csv.
        validation: scores of the last validation, a row a picture and protocol.
        test: those of the last `slv test`.
        test_settings: the configuration of that test.
        spikes: rows of spikes.csv, of the test where there was one.
        spikes_of: whether those are of the "test" or of the "validation".
    """

    folder: Path
    config: str
    settings: dict[str, Any]
    versions: dict[str, str]
    metrics: Rows
    validation: tuple[Score, ...]
    test: tuple[Score, ...]
    test_settings: dict[str, Any]
    spikes: Rows
    spikes_of: str

    @property
    def name(self) -> str:
        """Experiment and number."""
        place = self.folder.resolve()
        return f"{place.parent.name}/{place.name}"

    @property
    def network(self) -> str:
        """Class name of the network."""
        path = inside(self.settings, "model", "init_args", "network", "class_path")
        return str(path or "network").rpartition(".")[2]

    @property
    def steps(self) -> int | None:
        """Training steps that were taken, as far as metrics.csv tells."""
        logged = [int(row["step"]) for row in self.metrics if row.get("train/loss")]
        return max(logged) + 1 if logged else None

    @property
    def seconds(self) -> float | None:
        """Wall time from the first file of the training to the last; None where dates are lost."""
        first, last = self.folder / VERSIONS, self.folder / "metrics.csv"
        if self.steps is None:
            return None
        passed = last.stat().st_mtime - first.stat().st_mtime
        return passed if passed >= 1 else None  # a copy that did not keep the dates has them equal

    @property
    def scored(self) -> tuple[str, tuple[Score, ...]]:
        """The scores that count: of the test, or else of the last validation, and which."""
        return ("test", self.test) if self.test else ("validation", self.validation)


def read(folder: Path) -> RunFiles:
    """Read a run folder.

    Raises:
        UserError: its configuration cannot be read, or a table holds what is no number.
    """
    test = folder / "test"
    tested = (test / "spikes.csv").is_file()
    try:
        return RunFiles(
            folder,
            (folder / CONFIG).read_text(encoding="utf-8"),
            _settings(folder / CONFIG),
            _versions(folder / VERSIONS),
            _numbers(rows(folder / "metrics.csv"), ("step",)),
            tuple(_scores(rows(folder / "per_image.csv"))),
            tuple(_scores(rows(test / "per_image.csv"))),
            _settings(test / CONFIG),
            _numbers(rows((test if tested else folder) / "spikes.csv"), ("epoch",), ("neuron",)),
            "test" if tested else "validation",
        )
    except (ValueError, KeyError, TypeError, OSError, csv.Error) as error:
        raise UserError(
            f"{folder}: a file of the run cannot be read ({error}); restore or remove it"
        ) from None


def rows(path: Path) -> Rows:
    """The rows of a CSV file; none where it is missing."""
    if not path.is_file():
        return ()
    with path.open(newline="", encoding="utf-8") as file:
        found = tuple(csv.DictReader(file))
    if any(None in row or None in row.values() for row in found):
        raise ValueError(f"{path.name} has a row with more or fewer cells than columns")
    return found


def means(scores: Iterable[Score]) -> dict[str, tuple[Score, int]]:
    """The mean score over pictures, and how many there are, by protocol."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.protocol, []).append(score)
    return {
        protocol: (
            Score("", protocol, _mean(s.psnr for s in some), _mean(s.ssim for s in some)),
            len(some),
        )
        for protocol, some in found.items()
    }


def inside(settings: dict[str, Any], *path: str) -> Any:  # noqa: ANN401
    """What lies at a path of a configuration; None where there is nothing."""
    found: Any = settings
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _mean(pairs: Iterable[BeforeAfter]) -> BeforeAfter:
    before, after = zip(*pairs, strict=True)
    return sum(before) / len(before), sum(after) / len(after)


def _settings(path: Path) -> dict[str, Any]:
    found = config_file.read(path) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def _versions(path: Path) -> dict[str, str]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no versions")
    return {str(name): str(version) for name, version in found.items()}


def _numbers(table: Rows, whole: tuple[str, ...], words: tuple[str, ...] = ()) -> Rows:
    """The table, whose cells are numbers, whole ones in some columns, and words in others."""
    for row in table:
        for column in (*whole, *words):
            if not row.get(column):
                raise ValueError(f"a row without {column}")
        for column, cell in row.items():
            if column not in words and cell:
                int(cell) if column in whole else float(cell)
    return table


def _scores(table: Rows) -> Iterable[Score]:
    for row in table:
        psnr, ssim = ((_before(row, kind), f"{kind}_restored") for kind in ("psnr", "ssim"))
        if all(row.get(key) for key in (*psnr, *ssim)):
            yield Score(row["name"], row["protocol"], _pair(row, psnr), _pair(row, ssim))


def _before(row: dict[str, str], kind: str) -> str:
    """The column of the degraded images, which every task calls in its own way."""
    return next((k for k in row if k.startswith(f"{kind}_") and k != f"{kind}_restored"), "")


def _pair(row: dict[str, str], keys: tuple[str, str]) -> BeforeAfter:
    return float(row[keys[0]]), float(row[keys[1]])
