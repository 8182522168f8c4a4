"""From the command line of a side to its task and data, as `slv fit` builds them."""

import logging
from pathlib import Path

import torch
from jsonargparse import Namespace

from spiking_lowlevel.bench.options import Side, known
from spiking_lowlevel.bench.subject import Modes, Subject
from spiking_lowlevel.checkpoints import load_checkpoint
from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.devices import device_of
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.tasks.base import RestorationTask
from spiking_lowlevel.training import command_line as training

_OF_FIT = ("--config", "--ckpt_path", "--compile", "--checkpointing", "--precision")
_PRECISIONS = ("32-true", "bf16-mixed")


def build(side: Side, device: str) -> Subject:
    """Build a side as `slv fit` would; nothing is run and nothing is written.

    Raises:
        UserError: its words, its checkpoint or the device are not what they should be.
    """
    place = _device(device)
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)  # it tells the seed
    words = list(side.words)
    for key, value in (("crop", side.crop), ("batch_size", side.train_batch)):
        words += [] if value is None else [f"--data.{key}={value}"]
    try:
        line = training.run(["fit", *words], training.Building)
    except UserError as error:
        if "there is no such key" in str(error):
            error.args = (f"{error}{_own_option(words)}",)
        raise
    config = line.config["fit"]
    assert isinstance(line.model, RestorationTask)
    assert isinstance(line.datamodule, RestorationData)
    checkpoint = config.get("ckpt_path")
    if checkpoint:
        load_checkpoint(line.model, Path(checkpoint))
    weights = config.model.init_args.get("weights")
    return Subject(
        side=side,
        task=line.model,
        data=line.datamodule,
        modes=_modes(side, config),
        device=place,
        trained=bool(checkpoint or weights),
        unused_parameters="find_unused" in str(config.trainer.strategy),
    )


def _modes(side: Side, config: Namespace) -> Modes:
    given = config.trainer.precision
    names = {"None": "32-true", "32": "32-true", "bf16": "bf16-mixed"}
    precision = names.get(str(given), str(given))
    if precision not in _PRECISIONS:
        raise UserError(
            f"slv bench times the precisions {' and '.join(_PRECISIONS)}; the configuration says "
            f"{given}. Choose one with --precision"
        )
    return Modes(
        compile=config.compile,
        checkpointing=config.checkpointing,
        precision=precision,
        fuse=side.fuse,
    )


def _device(name: str) -> torch.device:
    if name.partition(":")[0] not in ("cpu", "cuda"):
        raise UserError(f"--device {name}: slv bench knows cpu, cuda, and cuda:1 and so on")
    return device_of(name)


def _own_option(words: list[str]) -> str:
    """A hint on a word that `slv fit` does not know, where it looks like an option of bench."""
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    hints = [did_you_mean(o.lstrip("-"), known()) for o in options if o not in _OF_FIT]
    return "".join(f"\n  {hint}" for hint in hints if hint)
