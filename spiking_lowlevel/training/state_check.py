"""A look before the first step: whether a layer carries state from one batch to the next."""

import copy
import math

import lightning.pytorch as pl
import torch
from lightning.fabric.utilities import rank_zero_warn
from lightning.pytorch.utilities.seed import isolate_rng
from torch import Tensor, nn

from spiking_lowlevel.callbacks.base import Watcher
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.testing.kept_state import kept_state

SIDE = 16  # pixels at least, of the picture that is asked about twice


class StateCheck(Watcher):
    """Asks a copy of the network about one small picture twice, before the first step.

    The answers have to be equal, layer by layer. The network itself, all random numbers and so the
    run stay as they are, to the bit; every process finds the same. This is before the network is
    moved to its device or shared out, and the copy runs uncompiled.
    """

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Refuse a network in which a layer keeps state, before it is trained.

        Raises:
            UserError: names the first layer that does, and what to do.
        """
        if stage != "fit":
            return
        network = pl_module.network
        assert isinstance(network, Network)
        fault = state_in(network)
        if fault:
            raise UserError(
                f"{type(network).__name__}: {fault}, so one batch would leak into the next. "
                "State has to be local to forward: start from zeros in it and keep nothing on the "
                "module (a StepNeuron does so by itself). See: slv check NAME of that layer's class"
            )


def state_in(network: Network) -> str:
    """What a layer of the network keeps between two calls, or ""; leaves the network as it is."""
    with isolate_rng():
        twin = _copy(network)
        x = _picture(network)
        if twin is None:
            return ""
        try:
            return kept_state(twin, x)
        except (RuntimeError, ValueError):
            return ""  # it takes no picture this small: the first step tells what is wrong


def _copy(network: Network) -> nn.Module | None:
    try:
        return copy.deepcopy(network).eval()
    except RuntimeError as error:
        rank_zero_warn(f"whether the network keeps state is not checked: {error}")
        return None


def _picture(network: Network) -> Tensor:
    """A random picture [1, 3, S, S] in [0, 1], as the network's weights are in device and dtype."""
    side = network.multiple * math.ceil(SIDE / network.multiple)
    picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    weight = next((p for p in network.parameters() if p.is_floating_point()), picture)
    return picture.to(weight)
