"""Layers whose every number is written down by hand, for the tests of what prices them."""

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording

FULL = Tally(
    calls=1,
    elements=786_432,
    nonzero=786_432,
    units=786_432,
    accumulations=332_697_600,
    macs=332_697_600,
    macs_nonzero=332_697_600,
    macs_dense=339_738_624,
)
"""A 3x3 convolution, padded by 1, of 48 to 48 channels of 64x64, all of them 1, for T = 4."""

SCALED = Tally(calls=1, elements=25, nonzero=1, units=1, accumulations=18, macs=338, scalings=50)
"""The same of 1 to 2 channels of 5x5 with one spike of height 0.3 in the middle."""


def synaptic(activity: Activity, tally: Tally, **others) -> Layer:
    """A layer that saw inputs of one class only."""
    return Layer("conv", others.pop("op", "conv2d"), 1, inputs={activity: tally}, **others)


def fully_connected(spikes: int = 3, activity: Activity = Activity.BINARY, **others) -> Layer:
    """Linear, 8 to 4, without a bias, one step."""
    tally = Tally(1, 8, spikes, spikes, 4 * spikes, 32, 4 * spikes, 32)
    shape = {"geometry": Geometry(input=(1, 8), output=(1, 4), weights=32), **others}
    return Layer("fc", "linear", 1, 1, {activity: tally}, outputs=4, **shape)


def neurons(updates: int = 4, spikes: int = 1, steps: int = 1, **others) -> Layer:
    """Leaky neurons with a soft reset."""
    work = {"other": Operations(multiply=updates, add=updates + spikes, compare=updates), **others}
    return Layer(
        "lif",
        "neuron",
        1,
        steps,
        levels=work.pop("levels", 1),
        outputs=updates,
        spikes=spikes,
        updates=updates,
        state=updates // steps,
        **work,
    )


def recording(*layers: Layer, images: int = 1, time_steps: int = 1) -> Recording:
    """A network of these layers."""
    return Recording("Net", images, pixels=25 * images, time_steps=time_steps, layers=layers)
