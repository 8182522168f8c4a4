"""Which arguments make neurons, and what they are without spikes."""

import pytest

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import ESDNet, VLIFNet
from spiking_lowlevel.neurons import LIF, VLIF
from spiking_lowlevel.studies.sweep_neurons import chosen, neuron_arguments, twin_words

OF_VLIFNET = ["neuron", "visual_neuron", "patch_neuron"]


class NoNeurons:
    def __init__(self, width: int = 8, time_steps: int = 4) -> None: ...


class NoSteps:
    def __init__(self, neuron: type = LIF) -> None: ...


def named(neuron: str, **arguments: object) -> dict[str, object]:
    return {"class_path": f"spiking_lowlevel.neurons.{neuron}", "init_args": arguments}


def test_factories_of_neurons_are_told_from_other_factories():
    assert neuron_arguments(VLIFNet) == OF_VLIFNET
    assert neuron_arguments(ESDNet) == ["neuron"]
    assert neuron_arguments(VLIF) == ["inner"]
    assert neuron_arguments(LIF) == []


def test_the_twin_keeps_neurons_that_are_made_of_neurons():
    given = {"neuron": named("LIF"), "visual_neuron": named("VLIF", inner=named("NILIF"))}
    assert twin_words(VLIFNet, given) == (
        "--model.network.time_steps=1",
        "--model.network.neuron=Rectifier",
        "--model.network.visual_neuron.inner=Rectifier",
        "--model.network.patch_neuron=Rectifier",
    )
    plain = twin_words(VLIFNet, {"visual_neuron": named("LIF")})
    assert "--model.network.visual_neuron=Rectifier" in plain


def test_arguments_are_chosen_or_told():
    assert chosen(VLIFNet, ()) == ("neuron",)
    assert chosen(VLIFNet, ("patch_neuron", "neuron")) == ("patch_neuron", "neuron")
    with pytest.raises(UserError, match=r"neurons as neuron, visual_neuron.*mean: visual_neuron"):
        chosen(VLIFNet, ("visual_neurn",))
    with pytest.raises(UserError, match="takes no neuron"):
        chosen(NoNeurons, ("neuron",))
    with pytest.raises(UserError, match="no argument time_steps"):
        chosen(NoSteps, ())
    with pytest.raises(UserError, match="--twin none"):
        twin_words(NoNeurons, {})
