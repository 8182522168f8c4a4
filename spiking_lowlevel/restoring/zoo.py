"""Trained networks by name, file or run: `load("derain-small")`."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from spiking_lowlevel import plugins
from spiking_lowlevel.devices import device_of
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.weights import load_weights
from spiking_lowlevel.restore import Strategy
from spiking_lowlevel.restoring.options import Precision
from spiking_lowlevel.restoring.recipe import METADATA, Recipe
from spiking_lowlevel.restoring.restorer import Restorer

SHIPPED = Path(__file__).parents[1] / "weights"
DEFAULT = "derain-small"
WEIGHTS = "weights.safetensors"


def names() -> list[str]:
    """The networks that come with the package, each with its model card and licence."""
    return sorted(p.parent.name for p in SHIPPED.glob(f"*/{WEIGHTS}"))


def load(
    weights: str | Path = DEFAULT, device: str = "cpu", precision: Precision = "32-true"
) -> Restorer:
    """A trained network, ready for photographs: `load("derain-small").restore(image)`.

    Loading runs no code from a file. A run is built from its configuration, which may name plugin
    files: those are run.

    Args:
        weights: name of a shipped network, a .safetensors file of `slv export`, a run folder or
            the folder of an experiment (its newest run), or a checkpoint in a run folder.
        device: "cpu", "cuda", "cuda:1", "mps", or "auto" for the best there is.
        precision: "32-true", or "bf16-mixed" or "16-mixed", faster where the device computes so.

    Raises:
        UserError: there is no such network, or it cannot be read or built.
    """
    where = device_of(device)
    network, inference = found(weights)
    fused = network.fuse().to(device=where, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return Restorer(str(weights), fused, inference, where, precision)


def found(weights: str | Path) -> tuple[Network, Strategy]:
    """The network that a name, a file or a run means, in evaluation mode, and its strategy.

    Raises:
        UserError: there is no such network, or it cannot be read or built.
    """
    path = SHIPPED / str(weights) / WEIGHTS if str(weights) in names() else Path(weights)
    if path.is_dir():
        return _of_run(path)
    if not path.is_file():
        raise UserError(_unknown(str(weights)))
    if path.suffix == ".ckpt":
        return _of_checkpoint(path, path.parent.parent)
    network, inference = _recipe_of(path).build()
    load_weights(network, path)
    return network.eval(), inference


def _recipe_of(path: Path) -> Recipe:
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise UserError(f"weights: {path} is no whole safetensors file ({error})") from None
    beside = path.parent / "config.yaml"
    if METADATA in metadata:
        return Recipe.of_metadata(metadata[METADATA])
    if beside.is_file():
        return Recipe.of_config(beside)
    raise UserError(
        f"weights: {path} does not say which network it is of; write such files with "
        "slv export RUN -o FILE, or keep the config.yaml of the run beside it"
    )


def _of_run(folder: Path) -> tuple[Network, Strategy]:
    from spiking_lowlevel import runs  # imports Lightning

    run = runs.find_run(folder)
    if (run / runs.BEST).is_file():
        return _of_checkpoint(run / runs.BEST, run)
    if (run / runs.WEIGHTS).is_file():
        return found(run / runs.WEIGHTS)
    raise UserError(f"{run} has no {runs.BEST} yet; train it first")


def _of_checkpoint(path: Path, run: Path) -> tuple[Network, Strategy]:
    from spiking_lowlevel.checkpoints import load_checkpoint

    config = run / "config.yaml"
    if not config.is_file():
        raise UserError(f"{path} lies in no run folder: there is no {config} to say what it is of")
    plugins.load(plugins.files(plugins.in_configs(["--config", str(config)])))
    network, inference = Recipe.of_config(config).build()
    load_checkpoint(_Task(network), path)
    return network.eval(), inference


class _Task(nn.Module):
    """A network under the name that it has in the checkpoints of a task."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network


def _unknown(given: str) -> str:
    hint = did_you_mean(given, names())
    return (
        f"weights: there is no {given!r}. {hint + ' ' if hint else ''}Give a shipped network "
        f"({', '.join(names())}), a .safetensors file, or a run folder such as runs/derain-demo"
    )
