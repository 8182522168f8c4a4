"""The weights of a network as a safetensors file: nothing in it can run code."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import written_whole
from spiking_lowlevel.networks.base import Network

_SHOWN = 5


def save_weights(network: Network, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write all parameters and buffers, whole or not at all; `metadata` tells what they are."""
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    with written_whole(path) as beside:
        save_file(state, beside, metadata)


def load_weights(network: Network, path: Path) -> None:
    """Read all parameters and buffers of a network, in the precision that the network has.

    Raises:
        UserError: the file is missing or damaged, or is not about this network.
    """
    if not path.is_file():
        raise UserError(f"weights: the file {path} does not exist; slv import writes such files")
    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(f"weights: {path} is no whole safetensors file ({error})") from None
    ours = network.state_dict()
    faults = [f"{name} is missing" for name in ours if name not in state]
    faults += [f"{name} is left over" for name in state if name not in ours]
    faults += [
        f"{name} is {list(state[name].shape)}, not {list(value.shape)}"
        for name, value in ours.items()
        if name in state and state[name].shape != value.shape
    ]
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        told = ", ".join(faults[:_SHOWN])
        raise UserError(
            f"weights: {path} holds another network than this {type(network).__name__}: "
            f"{told}{more}; give the network the arguments that belong to the file"
        )
    network.load_state_dict(state)
