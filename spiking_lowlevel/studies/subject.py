"""What is studied: the task and the data that a command line of `slv test` names."""

import logging
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.checkpoints import load_checkpoint
from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.tasks.base import RestorationTask
from spiking_lowlevel.training import command_line as training


@dataclass(frozen=True)
class Subject:
    """A task with its network, ready for evaluation, and its data, not loaded yet.

    Args:
        task: in evaluation mode.
        data: of the configuration.
        trained: whether it brought weights of its own.
    """

    task: RestorationTask
    data: RestorationData
    trained: bool


def build(words: list[str]) -> Subject:
    """Build task and data of a configuration, without a trainer; nothing is run or written.

    Args:
        words: a command line of `slv test`, --run written out and plugins loaded.

    Raises:
        UserError: the words or the checkpoint are not what they should be.
    """
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)  # it tells the seed
    line = training.run(["test", *words], training.Building)
    config = line.config["test"]
    assert isinstance(line.model, RestorationTask)
    assert isinstance(line.datamodule, RestorationData)
    checkpoint = config.get("ckpt_path")
    if checkpoint:
        load_checkpoint(line.model, Path(checkpoint))
    weights = config.model.init_args.get("weights")
    return Subject(line.model.eval(), line.datamodule, bool(checkpoint or weights))
