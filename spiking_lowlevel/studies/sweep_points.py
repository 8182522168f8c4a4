"""The points of a sweep: what is trained, and with which options of `slv fit`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spiking_lowlevel import registry
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.studies.sweep_building import Built, built
from spiking_lowlevel.studies.sweep_neurons import STEPS, chosen, class_of, twin_words
from spiking_lowlevel.studies.sweep_options import AUTO, NONE, SweepPlan

TWIN = "ANN twin"
RUNS = "runs"
"""The folder of all runs, in that of the sweep."""


@dataclass(frozen=True)
class Choice:
    """What makes a point another one than its neighbours.

    Args:
        neuron: class name of the neuron, or `TWIN`.
        seed: of its training, where the sweep has several.
        words: for `slv fit`, after those that all points have.
    """

    neuron: str
    seed: int | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A network to train.

    Args:
        neuron: class name of the neuron, or `TWIN`.
        steps: T of the network.
        seed: of its training, where the sweep has several.
        words: for `slv fit`.
        config: the complete configuration that these make.
        parameters: number of parameter elements of the network.
    """

    neuron: str
    steps: int
    seed: int | None
    words: tuple[str, ...]
    config: dict[str, Any]
    parameters: int

    @property
    def twin(self) -> bool:
        """Whether it is the network without spikes."""
        return self.neuron == TWIN

    @property
    def label(self) -> str:
        """What a person calls it."""
        seed = "" if self.seed is None else f", seed {self.seed}"
        return f"{self.neuron}, T = {self.steps}{seed}"

    @property
    def name(self) -> str:
        """The name of its experiment, and of the folder of its runs."""
        seed = "" if self.seed is None else f"-seed{self.seed}"
        return f"{self.neuron.replace(' ', '-')}-T{self.steps}{seed}"


def check_names(plan: SweepPlan) -> None:
    """Refuse what does not exist, before anything is built.

    Raises:
        UserError: a neuron is not registered, or there is no such file for the twin.
    """
    known = [entry.name for entry in registry.entries("neuron")]
    for name in plan.neurons:
        if "." not in name and name not in known:  # the parser knows about dotted paths
            hint = did_you_mean(name, known) or f"Neurons: {', '.join(known)}"
            raise UserError(f"--neurons: there is no neuron {name!r}. {hint}")
    if plan.twin not in (AUTO, NONE) and not Path(plan.twin).is_file():
        raise UserError(f"--twin {plan.twin}: no such file; or give {AUTO} or {NONE}")


def points(plan: SweepPlan, words: list[str], base: Built) -> list[Point]:
    """Build every network once, so that mistakes are told before the first is trained.

    Args:
        plan: what is asked for.
        words: of `plan`, plugins loaded.
        base: what these words make.

    Raises:
        UserError: an argument or an overlay is not what it should be.
    """
    network, given = type(base.network), base.arguments
    arguments = chosen(network, plan.arguments)
    configured = class_of(given.get(arguments[0]))
    names = plan.neurons or (configured.__name__ if configured else arguments[0],)
    choices: list[Choice] = []
    for seed in plan.seeds or (None,):
        seeded = () if seed is None else (f"--seed_everything={seed}",)
        for name in names:
            made = [f"--model.network.{a}={name}" for a in arguments if plan.neurons]
            for T in plan.steps:
                own = (*made, f"--model.network.{STEPS}={T}", *seeded)
                choices.append(Choice(name.rpartition(".")[2], seed, own))
        if plan.twin != NONE:
            auto = plan.twin == AUTO
            own = twin_words(network, given) if auto else ("--config", plan.twin)
            choices.append(Choice(TWIN, seed, (*own, *seeded)))
    return [_point(plan, words, choice) for choice in choices]


def _point(plan: SweepPlan, words: list[str], choice: Choice) -> Point:
    made = built([*words, *choice.words])
    parameters = sum(p.numel() for p in made.network.parameters())
    bare = Point(choice.neuron, made.arguments[STEPS], choice.seed, (), made.config, parameters)
    place = (
        "--trainer.logger=RunFolder",
        f"--trainer.logger.root={plan.out / RUNS}",
        f"--trainer.logger.experiment={bare.name}",
    )
    return replace(bare, words=(*words, *choice.words, *place))
