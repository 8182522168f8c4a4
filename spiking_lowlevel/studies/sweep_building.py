"""From a command line of `slv fit` to its network, its data and its complete configuration."""

import logging
from dataclasses import dataclass
from typing import Any

import yaml

from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.tasks.base import RestorationTask
from spiking_lowlevel.training import command_line as training


@dataclass(frozen=True)
class Built:
    """What a command line of `slv fit` makes, before anything is run.

    Args:
        network: untrained.
        data: not loaded yet.
        config: the complete configuration.
    """

    network: Network
    data: RestorationData
    config: dict[str, Any]

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of the network."""
        return self.config["model"]["init_args"]["network"]["init_args"]


def built(words: list[str]) -> Built:
    """Build task and data of a command line; nothing is run or written.

    Raises:
        UserError: the words are not what `slv fit` takes.
    """
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)  # it tells the seed
    line = training.run(["fit", *words], training.Building)
    assert isinstance(line.model, RestorationTask)
    assert isinstance(line.datamodule, RestorationData)
    # As the run folder has it, so that the two can be compared.
    config = yaml.safe_load(line._parser("fit").dump(line.config["fit"], skip_none=False))
    return Built(line.model.network, line.datamodule, config)
