"""`slv import`: a published checkpoint becomes a folder that `slv test --run` takes.

OUT/
    weights.safetensors   all parameters and buffers, under our names
    config.yaml           the network with its widths and depths, tiles and protocols as published
    versions.json         of Python and the packages that decide numbers
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import write_text
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.weights import save_weights
from spiking_lowlevel.published import SYSTEMS
from spiking_lowlevel.published.system import State, System
from spiking_lowlevel.runs import CONFIG, WEIGHTS, write_versions

_PROFILER = ("total_ops", "total_params")
"""Last parts of entries that a profiler left in saved files."""


def read_checkpoint(path: Path) -> tuple[State, int]:
    """The tensors of a published checkpoint, and how many entries of a profiler were dropped.

    Takes a bare state dict or a dict with `state_dict`, with or without a leading `module.`.
    Nothing in the file is run.

    Raises:
        UserError: the file is missing, is no checkpoint, or holds more than tensors.
    """
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise UserError(f"{path} {what}; give the file of the checkpoint to import")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a file that is something else makes of the reader
        raise UserError(
            f"{path} cannot be read as a checkpoint of tensors alone ({type(error).__name__}). It "
            "is damaged, no checkpoint of PyTorch, or holds code, and code in a file is never run"
        ) from None
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not content:
        raise UserError(f"{path} holds no state dict; given a {type(content).__name__}")
    named: dict[str, Any] = {}
    for key, value in content.items():
        name = str(key).removeprefix("module.")
        if name in named:
            raise UserError(f"{path} holds {name} twice, with and without module. in front")
        named[name] = value
    kept = {k: v for k, v in named.items() if k.rpartition(".")[2] not in _PROFILER}
    strange = [k for k, v in kept.items() if not isinstance(v, Tensor) or v.layout != torch.strided]
    if strange:
        raise UserError(f"{path}: {strange[0]} is no dense tensor; a state dict holds those alone")
    return kept, len(named) - len(kept)


def read_system(name: str, published: State) -> System:
    """The system that a word means, refused when the checkpoint is plainly that of another.

    Raises:
        UserError: there is no such system, or it is another one.
    """
    if name not in SYSTEMS:
        raise UserError(f"--from {name!r}: known are {', '.join(SYSTEMS)}")
    system = SYSTEMS[name]
    others = [s.name for s in SYSTEMS.values() if s.signature in published]
    if system.signature not in published and others:
        raise UserError(f"this is a checkpoint of {others[0]}; use --from {others[0]}")
    return system


def import_checkpoint(name: str, file: Path, out: Path) -> str:
    """Read a published checkpoint and write the folder; returns what to tell the user.

    Raises:
        UserError: the file cannot be read, does not fit, or `out` holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"-o {out} is not empty; give a new folder")
    published, dropped = read_checkpoint(file)
    try:
        network, arguments = read_system(name, published).build(published)
    except UserError as error:
        raise UserError(f"{file}: {error}") from error
    try:
        out.mkdir(parents=True, exist_ok=True)
        save_weights(network, out / WEIGHTS)
        write_text(out / CONFIG, _config(name, network, arguments, file.name))
        write_versions(out)
    except OSError as error:
        raise UserError(f"-o {out} cannot be written: {error.strerror or error}") from error
    count = sum(p.numel() for p in network.parameters())
    told = ", ".join(f"{key} {value}" for key, value in arguments.items())
    extra = f", {dropped} entries of a profiler dropped" if dropped else ""
    return (
        f"{type(network).__name__}: {told}\n"
        f"{count:,} parameters; {len(published)} entries read{extra}\n"
        f"written: {out / WEIGHTS}, {out / CONFIG}\n"
        f"test it with: slv test --run {out} --data.root FOLDER"
    )


def _config(name: str, network: Network, arguments: dict[str, Any], file: str) -> str:
    content = {
        "seed_everything": 0,
        "model": {
            "class_path": "Deraining",
            "init_args": {
                "network": {"class_path": type(network).__name__, "init_args": arguments},
                "inference": {"class_path": "PublishedTiles"},
                "protocols": ["RGB", "LumaCropped"],
                "weights": WEIGHTS,
            },
        },
        # Everything that is not split into training and test pictures is to be tested on.
        "data": {"class_path": "PairedFolders", "init_args": {"held_out": 1}},
        "trainer": {
            "logger": {"class_path": "RunFolder", "init_args": {"experiment": f"imported-{name}"}}
        },
    }
    head = (
        f"# {file}, imported by: slv import --from {name}\n"
        "# Tiles and protocols are those of the authors' scripts. Weights lie beside this file.\n"
        "#   slv test --run FOLDER_OF_THIS_FILE --data.root FOLDER_OF_PAIRS\n"
        "# To train on, hold pairs out again:\n"
        "#   slv fit --config THIS_FILE --data.root FOLDER_OF_PAIRS --data.held_out 0.15\n"
    )
    return head + yaml.safe_dump(content, sort_keys=False)
