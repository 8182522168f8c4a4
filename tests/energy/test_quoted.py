"""The constants quoted for the tables of deraining networks."""

import pytest
from hand_counted import SCALED, fully_connected, neurons, recording, synaptic

from spiking_lowlevel.energy import QuotedTables
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations

NORM = Layer("norm", "norm", other=Operations(multiply=9, add=9), outputs=9, spikes=9)


@pytest.mark.parametrize(
    ("layer", "price"),
    [
        (synaptic(Activity.REAL, SCALED), 338 * 12.5),
        (fully_connected(), 12 * 0.077),
        (neurons(updates=4, spikes=3), 3 * 3.7),
        (NORM, 0.0),
    ],
    ids=["multiply-accumulates", "synaptic operations", "signs", "norm"],
)
def test_what_a_layer_costs(layer: Layer, price: float):
    assert QuotedTables().price(layer, recording()).total == pytest.approx(price)


def test_all_of_it_is_second_hand():
    constants = QuotedTables().constants()
    assert {c.fidelity for c in constants.values()} == {"second-hand"}
    assert all("model_complexity.py" in c.source for c in constants.values())
