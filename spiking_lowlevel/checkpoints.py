"""Checkpoint files: whether they can be read, and what to say when they fit another network."""

import os
import re
import shutil
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from torch import nn

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import written_whole

KEYWORDS = ("best", "last", "hpc")
"""Words that Lightning takes for a checkpoint path."""


class WholeFiles(TorchCheckpointIO):
    """Writes checkpoints beside their place and renames them, so none is ever half there.

    What was there stays until the new file is whole and on the disk. Files are read as tensors and
    plain values alone: no code from them is run.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: object = None
    ) -> None:
        """Write a checkpoint, whole or not at all.

        Raises:
            UserError: there is no room for it, or no right to write it.
        """
        try:
            with written_whole(Path(path)) as beside:
                torch.save(checkpoint, beside)
                with beside.open("rb") as file:
                    os.fsync(file.fileno())
        except (OSError, RuntimeError) as error:  # PyTorch's writer raises the second for the first
            raise UserError(_unwritten(Path(path), error)) from error

    def load_checkpoint(  # noqa: D102  as its base has it
        self,
        path: str | Path,
        map_location: Any = "cpu",  # noqa: ANN401
        weights_only: bool | None = True,
    ) -> dict[str, Any]:
        return super().load_checkpoint(path, map_location, weights_only=True)


def _unwritten(path: Path, error: Exception) -> str:
    free = shutil.disk_usage(path.parent).free / 2**20
    kept = f"; the one from before is whole, go on from it with: slv fit --resume {path.parents[1]}"
    return (
        f"the checkpoint {path} could not be written ({str(error).splitlines()[0]}); {free:.0f} MB "
        f"are free there{kept if path.is_file() else ''}"
    )


def check_checkpoint(path: Path) -> None:
    """Refuse a file that is no whole checkpoint, without running any code from it.

    Raises:
        UserError: the file is missing, truncated, no checkpoint, or wants code to be run.
    """
    if not path.is_file():
        raise UserError(f"ckpt_path: the file {path} does not exist{_other_than(path)}")
    fault = _fault(path)
    if fault:
        raise UserError(f"ckpt_path: {path} {fault}{_other_than(path)}")


def _fault(path: Path) -> str:
    """What is wrong with a checkpoint file, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what PyTorch finds odd: what we find is told below
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        wanted = re.search(r"(?:GLOBAL|global|class) `?'?([\w.]+)", str(error))
        if wanted is not None:
            return f"asks for {wanted[1]} to be run or built; it was not. No checkpoint of slv does"
    except Exception:  # whatever a file that is something else makes of the reader
        pass
    else:
        if isinstance(content, dict) and "state_dict" in content:
            return ""
    return "is no checkpoint of slv, or it is truncated"


def _other_than(path: Path) -> str:
    """A sentence on the newest whole checkpoint beside one that is of no use."""
    beside = [p for p in path.parent.glob("*.ckpt") if p.is_file() and p != path]
    for other in sorted(beside, key=lambda p: p.stat().st_mtime, reverse=True):
        if not _fault(other):
            return f"; the newest whole one there is {other}: give it with --ckpt_path"
    return "; give a file such as runs/derain-demo/0/checkpoints/best.ckpt"


def load_checkpoint(module: nn.Module, path: Path) -> None:
    """Give a task the weights of a checkpoint file; no code from the file is run.

    Raises:
        UserError: it is no whole checkpoint, or one of another network.
    """
    check_checkpoint(path)
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(of_another_network(path, str(error))) from error


def of_another_network(path: Path, message: str) -> str:
    """A sentence on a checkpoint whose weights do not fit, from the message that PyTorch gives."""
    faults = re.findall(r"^\s+(size mismatch for [^:]*|\S.*key\(s\).*)", message, re.MULTILINE)
    first = f" ({faults[0].strip()}, and {len(faults) - 1} more)" if faults else ""
    return (
        f"ckpt_path: {path} holds the weights of another network{first}; test it with the "
        "configuration of its own run: slv test --run RUN"
    )
