"""Checkpoint files: whether they can be read, and what to say when they fit another network."""

import re
from pathlib import Path

import torch
from torch import nn

from spiking_lowlevel.errors import UserError

KEYWORDS = ("best", "last", "hpc")
"""Words that Lightning takes for a checkpoint path."""


def check_checkpoint(path: Path) -> None:
    """Refuse a file that is no whole checkpoint, without running any code from it.

    Raises:
        UserError: the file is missing, truncated, or no checkpoint.
    """
    if not path.is_file():
        raise UserError(f"ckpt_path: the file {path} does not exist")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        whole = "state_dict" in content
    except Exception:  # whatever a file that is something else makes of the reader
        whole = False
    if not whole:
        raise UserError(
            f"ckpt_path: {path} is no checkpoint of slv, or it is truncated; "
            "give a file such as runs/derain-demo/0/checkpoints/best.ckpt"
        )


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
