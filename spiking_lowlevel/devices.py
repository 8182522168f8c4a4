"""Where a network computes, by its name."""

import torch

from spiking_lowlevel.errors import UserError


def device_of(name: str) -> torch.device:
    """The device of a name; `auto` is the best that this machine has.

    Raises:
        UserError: it is not to be had here.
    """
    if name == "auto":
        mps = torch.backends.mps.is_available()
        name = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"--device {name} is not to be had here: {reason}. Give auto, cpu, cuda, cuda:1 or mps"
        ) from None
    return device
