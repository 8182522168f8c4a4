"""A recording to try a cost model on: three layers of a network that runs four steps an image."""

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording

STEPS, INPUTS, OUTPUTS = 4, 8, 4
SLOTS = STEPS * INPUTS
"""The most spikes that a neuron layer of `sample` can fire an image."""


def sample(spikes: int, images: int = 1) -> Recording:
    """A linear layer on real values, leaky neurons, and a linear layer on their binary spikes.

    Args:
        spikes: spikes that the neurons fire an image, 0 to `SLOTS`.
        images: how many images; every count is a multiple of it.
    """
    frames = STEPS * images
    layers = (
        _linear("stem", frames, INPUTS, Activity.REAL, frames * INPUTS),
        _neurons("neuron", frames, images * spikes),
        _linear("head", frames, OUTPUTS, Activity.BINARY, images * spikes),
    )
    return Recording("Sample", images, pixels=INPUTS * images, time_steps=STEPS, layers=layers)


def _linear(name: str, frames: int, outputs: int, activity: Activity, nonzero: int) -> Layer:
    elements = frames * INPUTS
    seen = Tally(
        calls=1,
        elements=elements,
        nonzero=nonzero,
        units=nonzero,
        accumulations=nonzero * outputs,
        macs=elements * outputs,
        macs_nonzero=nonzero * outputs,
        macs_dense=elements * outputs,
    )
    return Layer(
        name,
        "linear",
        calls=1,
        frames=frames,
        inputs={activity if nonzero else Activity.ZERO: seen},
        levels=int(activity == Activity.BINARY),
        geometry=Geometry(input=(STEPS, INPUTS), output=(STEPS, outputs), weights=INPUTS * outputs),
        outputs=frames * outputs,
    )


def _neurons(name: str, frames: int, spikes: int) -> Layer:
    updates = frames * INPUTS
    return Layer(
        name,
        "neuron",
        calls=1,
        frames=frames,
        levels=1,
        other=Operations(multiply=updates, add=updates + spikes, compare=updates),
        outputs=updates,
        spikes=spikes,
        updates=updates,
        state=INPUTS,
    )
