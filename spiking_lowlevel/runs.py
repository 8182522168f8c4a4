"""The run folder: what a run leaves behind, and where.

runs/<experiment>/<n>/
    config.yaml       the complete configuration; slv test --config reads it back
    versions.json     of Python and the packages that decide numbers
    run.json          data hashes, code, versions and what came of it; slv reproduce reads it
    metrics.csv       what was logged, step by step
    checkpoints/      best.ckpt by validation, last.ckpt to go on from
    samples/ learning_curve.png spikes.csv spikes.png per_image.csv
    report.html       what `slv report` writes
    test/             the same from `slv test`; validate/ and predict/ likewise
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.loggers import CSVLogger

import spiking_lowlevel
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.metrics_file import Metrics, MetricsFile

CONFIG = "config.yaml"
VERSIONS = "versions.json"
BEST = Path("checkpoints", "best.ckpt")
LAST = Path("checkpoints", "last.ckpt")
WEIGHTS = "weights.safetensors"
_PACKAGES = (
    "torch",
    "lightning",
    "torchmetrics",
    "jsonargparse",
    "snntorch",
    "albumentations",
    "numpy",
)


class RunFolder(CSVLogger):
    """Numbers the runs of an experiment and logs their metrics to `metrics.csv`.

    Args:
        experiment: name of the folder under `root` that collects the runs.
        root: where all experiments are.
        folder: use exactly this folder instead of the next free number.
        resumed: go on with the files in `folder` instead of writing them over.
    """

    def __init__(
        self,
        experiment: str = "default",
        root: Path = Path("runs"),
        folder: Path | None = None,
        resumed: bool = False,
    ) -> None:
        if folder is None and not is_name(experiment):
            raise UserError(
                f"trainer.logger.experiment: {experiment!r} is no name of a folder in {root}; the "
                "place of all experiments is trainer.logger.root"
            )
        place = next_run(root / experiment) if folder is None else folder
        super().__init__(place.parent.parent, place.parent.name, version=place.name)
        self.resumed, self._file = resumed, None

    @property
    @rank_zero_experiment
    def experiment(self) -> MetricsFile:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The file that rows go to; in the first process alone."""
        if self._file is None:
            self._file = MetricsFile(Path(self.log_dir, "metrics.csv"), self.resumed)
        return self._file

    @rank_zero_only
    def log_metrics(self, metrics: Metrics, step: int | None = None) -> None:
        """Note a row; every hundredth step, and before every checkpoint, they are written."""
        self.experiment.log_metrics(metrics, step or 0)
        if ((step or 0) + 1) % self._flush_logs_every_n_steps == 0:
            self.save()

    @rank_zero_only
    def log_hyperparams(self, params: object = None) -> None:
        """Nothing: `config.yaml` has them all."""

    @rank_zero_only
    def save(self) -> None:
        """Write the rows that are not written yet."""
        self.experiment.save()

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write the last rows."""
        if self._file is not None:
            self.save()


def is_name(experiment: str) -> bool:
    """Whether an experiment is called so that its folder is within that of all experiments."""
    parts = Path(experiment).parts
    whole = bool(parts) and ".." not in parts and not Path(experiment).is_absolute()
    return whole and experiment.isprintable() and len(experiment) < 200


def next_run(experiment: Path) -> Path:
    """The first unused number in the folder of an experiment: the folder of a new run."""
    return experiment / str(max((int(run.name) for run in runs(experiment)), default=-1) + 1)


def runs(experiment: Path) -> list[Path]:
    """The run folders of an experiment, oldest first."""
    found = experiment.iterdir() if experiment.is_dir() else ()
    return sorted((p for p in found if p.name.isdecimal()), key=lambda p: int(p.name))


def expand(words: list[str]) -> list[str]:
    """Command-line words with `--run RUN` and `--resume RUN` written out.

    `--run` becomes the run's configuration and its best checkpoint; an imported network has no
    checkpoint, its configuration names its weights. `--resume` becomes the configuration, the last
    checkpoint and the folder.

    Raises:
        UserError: there is no run, or it has no checkpoint yet.
    """
    written_out = {"--run": _evaluated, "--resume": _resumed}
    for i, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in written_out:
            path = Path(value if equals else "".join(words[i + 1 : i + 2]))
            return [*words[:i], *written_out[option](path), *words[i + (1 if equals else 2) :]]
    return words


def _evaluated(path: Path) -> list[str]:
    run = find_run(path)
    if not has_weights(run):
        raise UserError(f"{run} has no {BEST} yet; train it first, or give --ckpt_path")
    best = ["--ckpt_path", str(run / BEST)] if (run / BEST).is_file() else []
    return ["--config", str(run / CONFIG), *best]


def _resumed(path: Path) -> list[str]:
    run = newest_run(Path("runs")) if path == Path("last") and not path.is_dir() else find_run(path)
    if not (run / LAST).is_file():
        raise UserError(f"{run} has no {LAST}: it stopped before the first one; start it again")
    here = [f"--trainer.logger.folder={run}", "--trainer.logger.resumed=true"]
    return ["--config", str(run / CONFIG), *here, "--ckpt_path", str(run / LAST)]


def newest_run(root: Path) -> Path:
    """The run, of any experiment under `root`, that was last written to.

    Raises:
        UserError: there is none.
    """
    found = [run for experiment in root.glob("*") for run in runs(experiment) if is_run(run)]
    last = [run for run in found if (run / LAST).is_file()]
    if not last:
        raise UserError(f"--resume last: no run under {root} has a checkpoint; give a run folder")
    return max(last, key=lambda run: (run / LAST).stat().st_mtime)


def is_run(folder: Path) -> bool:
    """Whether a folder is one that a run has left."""
    return (folder / CONFIG).is_file() and (folder / VERSIONS).is_file()


def has_weights(run: Path) -> bool:
    """Whether a run has come as far as a checkpoint, or was imported."""
    return (run / BEST).is_file() or (run / WEIGHTS).is_file()


def find_run(path: Path) -> Path:
    """The run that a path means: a run folder itself, or the newest run of an experiment.

    Runs that failed before their first checkpoint do not count as long as there is another.

    Raises:
        UserError: there is no run there.
    """
    found = [place for place in (path, *reversed(runs(path))) if is_run(place)]
    for place in (*filter(has_weights, found), *found):
        return place
    raise UserError(
        f"{path} holds no run; give a folder such as runs/derain-demo/0 or runs/derain-demo"
    )


def write_versions(folder: Path) -> None:
    """Note the versions of everything that decides numbers in `versions.json`."""
    versions = {
        "spiking_lowlevel": spiking_lowlevel.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: version(name) for name in _PACKAGES},
    }
    write_text(folder / VERSIONS, json.dumps(versions, indent=2) + "\n")
