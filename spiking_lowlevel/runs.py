"""The run folder: what a run leaves behind, and where.

runs/<experiment>/<n>/
    config.yaml       the complete configuration; slv test --config reads it back
    versions.json     of Python and the packages that decide numbers
    metrics.csv       what was logged, step by step
    checkpoints/      best.ckpt by validation, last.ckpt
    samples/ learning_curve.png spikes.csv spikes.png per_image.csv
    report.html       what `slv report` writes
    test/             the same from `slv test`; validate/ and predict/ likewise
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

from lightning.pytorch.loggers import CSVLogger

import spiking_lowlevel
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text

CONFIG = "config.yaml"
VERSIONS = "versions.json"
BEST = Path("checkpoints", "best.ckpt")
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
    """

    def __init__(
        self, experiment: str = "default", root: Path = Path("runs"), folder: Path | None = None
    ) -> None:
        place = next_run(root / experiment) if folder is None else folder
        super().__init__(place.parent.parent, place.parent.name, version=place.name)


def next_run(experiment: Path) -> Path:
    """The first unused number in the folder of an experiment: the folder of a new run."""
    return experiment / str(max((int(run.name) for run in runs(experiment)), default=-1) + 1)


def runs(experiment: Path) -> list[Path]:
    """The run folders of an experiment, oldest first."""
    found = experiment.iterdir() if experiment.is_dir() else ()
    return sorted((p for p in found if p.name.isdecimal()), key=lambda p: int(p.name))


def expand(words: list[str]) -> list[str]:
    """Command-line words with `--run RUN` written out: its configuration and best checkpoint.

    An imported network has no checkpoint; its configuration names its weights.

    Raises:
        UserError: there is no run, or it has no checkpoint yet.
    """
    for i, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--run":
            run = find_run(Path(value if equals else "".join(words[i + 1 : i + 2])))
            out = ["--config", str(run / CONFIG)]
            if not has_weights(run):
                raise UserError(f"{run} has no {BEST} yet; train it first, or give --ckpt_path")
            if (run / BEST).is_file():
                out += ["--ckpt_path", str(run / BEST)]
            return [*words[:i], *out, *words[i + (1 if equals else 2) :]]
    return words


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
