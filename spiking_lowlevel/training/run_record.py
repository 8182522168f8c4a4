"""`run.json`: what a run was made of, and what came of it, so that it can be made again.

{
  "config":     the content of config.yaml
  "code":       version; commit and whether the package was changed since, in a git checkout;
                the SHA-256 of every plugin file
  "versions":   the content of versions.json
  "data":       by split and side: number of files, and one SHA-256 over their names and bytes
  "protocols", "seed", "command"
  "resumed":    the commands by which the run has gone on, where it was interrupted
  "end":        steps, metrics, and the SHA-256 of the weights; missing while it runs
}
"""

import json
import math
import os
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import lightning.pytorch as pl
import torch
import yaml
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

import spiking_lowlevel
from spiking_lowlevel.callbacks.base import Watcher
from spiking_lowlevel.data.base import RestorationData, Split
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.runs import CONFIG, VERSIONS
from spiking_lowlevel.training.split_check import digests_of, pairs_of

RECORD = "run.json"
_SPLITS: tuple[Split, ...] = ("train", "validate", "test")


class Code(TypedDict):
    """The code that a run was made by; no commit where it was not in a git checkout."""

    version: str
    commit: str | None
    changed: bool | None
    plugins: dict[str, str]


class Files(TypedDict):
    """A number of files, and one hash over their names and bytes."""

    files: int
    sha256: str


Hashes = dict[str, dict[str, Files]]
"""By split, then by "clean" and "degraded"; what is made on the fly or not known is left out."""


class End(TypedDict):
    """What came of a run; a metric that is no finite number is a word."""

    steps: int
    metrics: dict[str, float | str]
    weights: str


class Record(TypedDict):
    """The content of `run.json`, as the module has it."""

    config: dict[str, Any]
    code: Code
    versions: dict[str, str]
    data: Hashes
    protocols: list[str]
    seed: int | None
    command: list[str]
    resumed: NotRequired[list[list[str]]]
    end: NotRequired[End]


class RunRecord(Watcher):
    """Writes `run.json` into the run folder when training starts, and completes it at the end.

    A run that goes on keeps what it has begun with.

    Args:
        command: the words after `slv` that the run was started by.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        self.command = list(command)
        self._path: Path | None = None

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record what the run is made of, beside the configuration."""
        place = trainer.log_dir  # all processes have to ask
        if not trainer.is_global_zero or place is None or not Path(place, CONFIG).is_file():
            return
        self._path = Path(place, RECORD)
        if getattr(trainer.logger, "resumed", False):
            begun = self._path.is_file()
            record = read(self._path) if begun else self._begin(Path(place), trainer, pl_module)
            record["resumed"] = [*record.get("resumed", []), ["slv", *self.command]]
            record.pop("end", None)
        else:
            record = self._begin(Path(place), trainer, pl_module)
        write(self._path, record)

    def _begin(self, place: Path, trainer: pl.Trainer, pl_module: pl.LightningModule) -> Record:
        config = yaml.safe_load((place / CONFIG).read_text(encoding="utf-8"))
        versions = place / VERSIONS
        data = getattr(trainer, "datamodule", None)
        return Record(
            config=config,
            code=code(config.get("plugins") or ()),
            versions=json.loads(versions.read_text("utf-8")) if versions.is_file() else {},
            data=hashes(data) if isinstance(data, RestorationData) else {},
            protocols=[protocol.name for protocol in getattr(pl_module, "protocols", [])],
            seed=config.get("seed_everything"),
            command=["slv", *self.command],
        )

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record what has come of it."""
        weights = weights_hash(pl_module)  # by every process: each may hold a part of them
        if self._path is None:
            return
        record = read(self._path)
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        record["end"] = End(
            steps=trainer.global_step,
            metrics={k: v if math.isfinite(v) else str(v) for k, v in sorted(metrics.items())},
            weights=weights,
        )
        write(self._path, record)


def write(path: Path, record: Record) -> None:
    """Write a record, whole or not at all."""
    write_text(path, json.dumps(record, indent=2) + "\n")


def read(path: Path) -> Record:
    """The record in a file.

    Raises:
        UserError: the file is missing, or no record.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror}; give the {RECORD} of a run"
        ) from None
    except ValueError as error:
        raise UserError(f"{path} is no {RECORD} of a run: {error}") from None
    needed = Record.__required_keys__
    if not isinstance(record, dict) or not needed <= record.keys():
        raise UserError(f"{path} is no {RECORD} of a run; it needs {', '.join(sorted(needed))}")
    return record  # pyright: ignore[reportReturnType]


def code(plugins: Sequence[str] = ()) -> Code:
    """The code that runs, and whether it is changed since its commit."""
    files = [path for path in map(Path, plugins) if path.is_file()]
    package = Path(spiking_lowlevel.__file__).parent
    commit, changed = None, None
    if (package.parent / ".git").exists():  # not a checkout of something else around it
        commit = _git(package.parent, "rev-parse", "HEAD")
        status = _git(package.parent, "status", "--porcelain", "--", package.name)
        changed = None if status is None else bool(status)
    return Code(
        version=spiking_lowlevel.__version__,
        commit=commit,
        changed=changed,
        plugins={str(path): digest for path, digest in digests_of(files).items()},
    )


def _git(checkout: Path, *words: str) -> str | None:
    """What git says about a checkout, which it must not touch; None where it cannot."""
    command = ["git", "--no-optional-locks", "-C", str(checkout), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def hashes(data: RestorationData) -> Hashes:
    """What the files of every split hold, where they are known.

    Raises:
        UserError: a file cannot be read, or there is nothing to train on.
    """
    sides: dict[tuple[str, str], list[Path]] = {}
    for split in _SPLITS:
        pairs = pairs_of(data, split)
        if pairs is not None:
            sides[split, "clean"] = pairs.files()
            sides[split, "degraded"] = pairs.degraded_files()
    digests = digests_of({path: None for files in sides.values() for path in files})
    found: Hashes = {}
    for (split, side), files in sides.items():
        if files:
            lines = sorted(f"{path.name} {digests[path]}\n" for path in files)
            whole = sha256(os.fsencode("".join(lines))).hexdigest()
            found.setdefault(split, {})[side] = Files(files=len(files), sha256=whole)
    return found


def weights_hash(module: nn.Module) -> str:
    """The SHA-256 over the tensors of a module, by name: type, shape and bytes of each."""
    whole = sha256()
    for name, value in sorted(module.state_dict().items()):
        if isinstance(value, Tensor):
            whole_value = value.full_tensor() if isinstance(value, DTensor) else value
            plain = whole_value.detach().cpu().contiguous()
            whole.update(f"{name} {plain.dtype} {tuple(plain.shape)}\n".encode())
            whole.update(plain.reshape(-1).view(torch.uint8).numpy().tobytes())
    return whole.hexdigest()
