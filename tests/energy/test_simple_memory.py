"""Arithmetic and a flat price a byte."""

import pytest
from hand_counted import SCALED, fully_connected, neurons, recording, synaptic

from spiking_lowlevel.energy import SimpleMemory
from spiking_lowlevel.energy.base import Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations

WORD = 4 * 24.96


@pytest.mark.parametrize(
    ("layer", "compute", "words"),
    [
        (fully_connected(), 12 * 0.9, 12),
        (fully_connected(other=Operations(bias=4)), 12 * 0.9, 12 + 4),
        (fully_connected(8, Activity.REAL), 32 * 4.6, 32),
        (synaptic(Activity.GRADED, SCALED), 18 * 0.9 + 50 * 3.7, 18),
        (neurons(updates=4, spikes=1), 0, 8),
        (Layer("norm", "norm", other=Operations(multiply=9, add=9)), 0, 0),
    ],
    ids=["spikes", "bias", "real", "odd height", "membranes", "norm"],
)
def test_what_a_layer_costs(layer: Layer, compute: float, words: int):
    price = SimpleMemory().price(layer, recording())
    assert price == Price(pytest.approx(compute), pytest.approx(words * WORD))
