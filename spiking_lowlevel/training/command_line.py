"""`slv fit | validate | test | predict`: Lightning's command line, set up once."""

import logging
import warnings
from pathlib import Path
from typing import Any, Literal, NoReturn

import lightning.pytorch as pl
from jsonargparse import Namespace
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI, SaveConfigCallback

from spiking_lowlevel import __version__, plugins, registry
from spiking_lowlevel import schedules as schedules  # so that a configuration can name them
from spiking_lowlevel.callbacks.base import folder
from spiking_lowlevel.callbacks.per_image import PerImage
from spiking_lowlevel.callbacks.predictions import Predictions
from spiking_lowlevel.checkpoints import (
    KEYWORDS,
    WholeFiles,
    check_checkpoint,
    of_another_network,
)
from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.failures import of_the_machine
from spiking_lowlevel.memory import keep_freed
from spiking_lowlevel.mistakes import explain
from spiking_lowlevel.networks.modes import Compile, compile_parts, recompute_blocks
from spiking_lowlevel.runs import BEST, CONFIG, RunFolder, has_weights, is_run, write_versions
from spiking_lowlevel.tasks.base import RestorationTask
from spiking_lowlevel.training import limits, split_check
from spiking_lowlevel.training.finite_guard import FiniteGuard
from spiking_lowlevel.training.last_checkpoint import LastCheckpoint
from spiking_lowlevel.training.named_code import require_known
from spiking_lowlevel.training.run_record import RunRecord
from spiking_lowlevel.training.seeded_steps import SeededSteps
from spiking_lowlevel.training.state_check import StateCheck

VERBS = ("fit", "validate", "test", "predict")


class Parser(LightningArgumentParser):
    """Lightning's parser; an error ends in one message that says what to do, and exit code 2."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Raise what the user did as a `UserError`, with the closest names that exist.

        Raises:
            UserError: always, but for the parsers of nested values, whose outer parser will.
        """
        if not self.exit_on_error:
            super().error(message, ex)
        raise UserError(explain(message)) from ex


class SaveRun(SaveConfigCallback):
    """Writes `config.yaml` and `versions.json` into the run folder before the first step.

    A run that goes on keeps those that it has begun with.
    """

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Write the configuration, and the versions beside it."""
        if getattr(trainer.logger, "resumed", False):
            return
        super().setup(trainer, pl_module, stage)
        place = folder(trainer)  # all processes have to ask
        if trainer.is_global_zero:
            write_versions(place)


class CommandLine(LightningCLI):
    """The training verbs of `slv`."""

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:  # noqa: ANN401
        """The parser of the command and of each verb."""
        kwargs.setdefault("dump_header", [f"spiking_lowlevel {__version__}"])
        kwargs["allow_abbrev"] = False
        return super().init_parser(**kwargs)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """What every run has: plugins by file, and a checkpoint of the best epoch."""
        parser.add_argument(
            "--plugins",
            type=list[Path],
            default=[],
            help="Plugin files to load besides those in ./plugins; loading runs their code.",
        )
        parser.add_argument(
            "--compile",
            type=Compile,
            default="none",
            help="Compile the neurons, or whole blocks: faster from the second step on; the first "
            "takes minutes.",
        )
        parser.add_argument(
            "--checkpointing",
            type=bool,
            default=False,
            help="Train in far less memory: blocks keep their input alone and run twice.",
        )
        parser.add_argument(
            "--precision",
            type=Literal["trainer", "32-true", "bf16-mixed", "bf16"],
            default="trainer",
            help="Short for trainer.precision. bf16 and bf16-mixed are the same: convolutions in "
            "bfloat16, weights and membranes in single precision; slow on processors without it.",
        )
        parser.add_argument(
            "--overlap",
            type=split_check.Overlap,
            default="error",
            help="What becomes of training pictures that are validation or test pictures, too.",
        )
        parser.add_argument(
            "--choose_on_test",
            type=bool,
            default=False,
            help="Let the best checkpoint be chosen by test pictures, as some publications do.",
        )
        parser.add_lightning_class_args(ModelCheckpoint, "checkpoint")
        parser.add_lightning_class_args(LastCheckpoint, "last_checkpoint")
        parser.add_lightning_class_args(FiniteGuard, "finite")
        parser.set_defaults(
            {
                "checkpoint.monitor": "val/psnr",
                "checkpoint.mode": "max",
                "checkpoint.filename": BEST.stem,
                # For None, a run that goes on knows too late whether it validates.
                "checkpoint.save_on_train_epoch_end": False,
                "checkpoint.enable_version_counter": False,  # after a run that has gone on, too
            }
        )

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:  # noqa: ANN401
        """Parse; refuse what the parser takes and nobody should, before anything is done with it.

        Raises:
            UserError: code that is none of ours, a seed or a number of machines that cannot be.
        """
        super().parse_arguments(parser, args)
        config = self.config[self.config.subcommand]
        _require_classes(config)
        limits.require_possible(config.trainer)
        limits.require_seed(config.get("seed_everything"))

    def before_instantiate_classes(self) -> None:
        """Record plugin files in the config; let an evaluation write into the run it is about."""
        verb = str(self.subcommand)
        config = self.config[verb]
        config.plugins = [Path(p) for p in plugins.used_by(self._parser(verb).dump(config))]
        if config.precision not in (None, "trainer"):
            half = config.precision.startswith("bf16")
            config.trainer.precision = "bf16-mixed" if half else config.precision
            config.precision = "trainer"  # said once in what is saved
        read = [Path(str(p)) for p in config.get("config") or ()]
        self._place_weights(config, [p.parent for p in read])
        about = [p.parent for p in read if p.name == CONFIG and is_run(p.parent)]
        if verb in ("validate", "test"):
            config.verbose = False  # PerImage prints the scores
        logger = config.trainer.logger
        if verb != "fit" and about and str(getattr(logger, "class_path", "")).endswith("RunFolder"):
            logger.init_args.folder = about[-1] / verb

    @staticmethod
    def _place_weights(config: Namespace, folders: list[Path]) -> None:
        """Find weights beside the configuration that names them; a checkpoint replaces them."""
        task = config.model.get("init_args", Namespace())
        weights = task.get("weights")
        if weights is None:
            return
        beside = [folder / weights for folder in folders if (folder / weights).is_file()]
        if config.get("ckpt_path"):
            task.weights = None
        elif beside:  # before any file of that name in the working directory
            task.weights = beside[-1]

    def instantiate_classes(self) -> None:
        """Build everything; what a constructor does not accept is the user's to mend.

        Raises:
            UserError: with what the constructor said.
        """
        try:
            super().instantiate_classes()
        except UserError:
            raise
        except (ValueError, TypeError, MisconfigurationException) as error:
            raise UserError(explain(str(error))) from error
        except Exception as error:  # classes of others, which refuse in their own ways
            told = of_the_machine(error) or f"{type(error).__name__}: {error}"
            raise UserError(explain(told)) from error
        config = self.config[str(self.subcommand)]
        trainer: pl.Trainer | None = self.trainer
        if trainer is not None and type(trainer.strategy.checkpoint_io) is TorchCheckpointIO:
            trainer.strategy.checkpoint_io = WholeFiles()
        if config.checkpointing:
            recompute_blocks(self.model.network)
        compile_parts(self.model.network, config.compile)

    def _run_subcommand(self, subcommand: str) -> None:
        path = self.config[subcommand].get("ckpt_path")
        if path and path not in KEYWORDS:
            check_checkpoint(Path(path))
        try:
            super()._run_subcommand(subcommand)
        except MisconfigurationException as error:
            raise UserError(str(error)) from error
        except Exception as error:
            if path and "loading state_dict" in str(error):
                raise UserError(of_another_network(Path(path), str(error))) from error
            if limits.is_of_schedule(error):
                told = f"{type(error).__name__}: {error}"
                raise UserError(f"model.optimizer or model.scheduler: {told}") from error
            raise

    def before_fit(self) -> None:
        """Refuse pictures that are in two splits, before there is a run folder."""
        config = self.config["fit"]
        split_check.check(self.datamodule, config.overlap, config.choose_on_test, self.trainer)
        limits.rehearse(self.model, self.datamodule)

    def after_fit(self) -> None:
        """Say where everything is, and how to go on."""
        if self.trainer.is_global_zero and self.trainer.logger:
            place = self.trainer.logger.log_dir
            print(f"\nrun folder: {place}")  # noqa: T201
            if place is not None and has_weights(Path(place)):
                print(f"test it with: slv test --run {place}")  # noqa: T201

    def after_test(self) -> None:
        """Say where everything is."""
        if self.trainer.is_global_zero and self.trainer.logger:
            print(f"\nwritten to: {self.trainer.logger.log_dir}")  # noqa: T201

    after_predict = after_validate = after_test

    def _parse_ckpt_path(self) -> None:
        """Leave the configuration alone: Lightning would let the checkpoint override it."""


class Building(CommandLine):
    """Builds task and data of a training verb, without a trainer; runs and writes nothing."""

    def instantiate_trainer(self, **kwargs: Any) -> Any:  # noqa: ANN401
        """None: there is nothing to run."""

    def _run_subcommand(self, subcommand: str) -> None:
        """Leave it at what is built."""


def _require_classes(config: Namespace) -> None:
    """Refuse parts that are no part: another class, or a function that would be called.

    Raises:
        UserError: naming the key.
    """
    if not isinstance(config.get("trainer"), Namespace):
        given = config.get("trainer")
        raise UserError(f"trainer: expected keys such as trainer.max_steps, given {given!r}")
    if not isinstance(config.get("model"), Namespace) or not isinstance(
        config.get("data"), Namespace
    ):
        raise UserError("model and data: each names a class, such as Deraining and PairedFolders")
    require_known(config)


def run(args: list[str], command: type[CommandLine] = CommandLine) -> CommandLine:
    """Run a training verb: the verb and its arguments; or do with them what another command does.

    Raises:
        UserError: something was asked for that cannot be done.
    """
    keep_freed()
    limits.bound_memory()
    registry.load()
    _quiet()
    return command(
        RestorationTask,
        RestorationData,
        save_config_callback=SaveRun,
        save_config_kwargs={"overwrite": True},
        seed_everything_default=0,
        trainer_defaults={
            "logger": {"class_path": f"{RunFolder.__module__}.{RunFolder.__name__}"},
            "callbacks": [StateCheck(), SeededSteps(), PerImage(), Predictions(), RunRecord(args)],
            "enable_model_summary": False,
        },
        parser_class=Parser,
        subclass_mode_model=True,
        subclass_mode_data=True,
        auto_configure_optimizers=False,
        args=args,
    )


def _quiet() -> None:
    """Hide what Lightning says to everybody at every start; everything else stays."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for text in (
        ".*args parameter is intended to run from within Python.*",  # which is how we call it
        ".*does not have many workers.*",  # pictures are small; the step is what takes long
        ".*Experiment logs directory .* exists.*",  # we wrote config.yaml there just before
        ".*Checkpoint directory .* exists and is not empty.*",
        ".*The dirpath has changed.*",  # an evaluation writes into a folder of its own
        ".*your dataloader is not resumable.*",  # its sampler is: it asks where the run stands
        ".*LeafSpec.*",  # Lightning's own use of a deprecated name
    ):
        warnings.filterwarnings("ignore", text)
