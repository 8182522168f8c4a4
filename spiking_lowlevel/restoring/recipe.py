"""What a network is made of, in the words of a configuration: enough to build it again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from jsonargparse import ArgumentError, ArgumentParser

from spiking_lowlevel import config_file, registry
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.restore import Strategy

METADATA = "spiking_lowlevel"
"""Key of the recipe in the metadata of a safetensors file."""
_KINDS = ("network", "neuron", "encoder", "block")
_MISTAKES = (ArgumentError, ValueError, TypeError)


@dataclass(frozen=True)
class Recipe:
    """A network and how it goes over an image, as `class_path` and `init_args`.

    Args:
        network: the network.
        inference: how it restores images larger than it takes at once.
    """

    network: dict[str, Any]
    inference: dict[str, Any]

    @classmethod
    def of_config(cls, path: Path) -> Self:
        """The recipe in the configuration of a run.

        Raises:
            UserError: it is not the configuration of a restoration task.
        """
        try:
            task = config_file.read(path)["model"]["init_args"]  # pyright: ignore[reportIndexIssue]
            whole = {"class_path": "Whole"}
            return cls(task["network"], task.get("inference") or whole)
        except (OSError, KeyError, TypeError) as error:
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise UserError(
                f"{path} does not describe a network ({told}); a run of slv fit has "
                "model.init_args.network in its config.yaml"
            ) from None

    @classmethod
    def of_metadata(cls, text: str) -> Self:
        """The recipe that a weights file carries; it may name registered classes alone.

        Raises:
            UserError: it is none, or names a class that no one registered.
        """
        try:
            content = json.loads(text)
            recipe = cls(dict(content["network"]), dict(content["inference"]))
        except (ValueError, TypeError, KeyError):
            raise UserError(
                f"the metadata {METADATA!r} of the file does not describe a network; "
                "write the file anew with slv export"
            ) from None
        recipe._check_classes()
        return recipe

    def metadata(self) -> dict[str, str]:
        """The recipe as the metadata of a weights file."""
        return {METADATA: json.dumps(asdict(self))}

    def with_tile(self, side: int) -> Self:
        """The same network going over tiles of another side, in pixels."""
        arguments = {**self.inference.get("init_args", {}), "tile": side}
        return type(self)(self.network, {**self.inference, "init_args": arguments})

    def build(self) -> tuple[Network, Strategy]:
        """The network, with random weights, and its strategy.

        Raises:
            UserError: a class or an argument is not known.
        """
        registry.load(*_KINDS)
        parser = ArgumentParser(exit_on_error=False)
        parser.add_argument("--network", type=Network)
        parser.add_argument("--inference", type=Strategy)
        try:
            built = parser.instantiate_classes(parser.parse_object(asdict(self)))
        except _MISTAKES as error:
            told = " ".join(str(error).split())[:300]
            raise UserError(
                f"the network {self.network.get('class_path')} cannot be built: {told}. If it is a "
                "plugin, name its file: --plugins FILE"
            ) from None
        return built["network"], built["inference"]

    def _check_classes(self) -> None:
        """Refuse names of other modules: a file is not to choose what gets imported."""
        for name in _class_paths([self.network, self.inference]):
            if "." in name and not name.startswith(f"{registry.PACKAGE}."):
                raise UserError(
                    f"the file names the class {name}, which is not of {registry.PACKAGE}; load "
                    "such a network from the folder of its run"
                )


def _class_paths(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "class_path" in value:
            yield str(value["class_path"])
        for inner in value.values():
            yield from _class_paths(inner)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for inner in value:
            yield from _class_paths(inner)
