"""Arithmetic in bits."""

import pytest
from hand_counted import SCALED, fully_connected, neurons, recording, synaptic

from spiking_lowlevel.energy import BitOperations
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.errors import UserError

THREE_OF_FOUR = Tally(1, 25, 1, 3, accumulations=54, macs=338, macs_nonzero=18, macs_dense=450)


@pytest.mark.parametrize(
    ("model", "layer", "price"),
    [
        (BitOperations(), fully_connected(), 12 * 8),
        (BitOperations(), synaptic(Activity.MULTILEVEL, THREE_OF_FOUR), 54 * 8),
        (BitOperations(), synaptic(Activity.REAL, THREE_OF_FOUR), 338 * 64),
        (BitOperations(bits_a=4, bits_w=2), synaptic(Activity.REAL, THREE_OF_FOUR), 338 * 8),
        (BitOperations(bits_a=4, bits_w=2), fully_connected(), 12 * 2),
        (BitOperations(), synaptic(Activity.GRADED, SCALED), 18 * 8 + 50 * 64),
        (BitOperations(), neurons(), 0),
    ],
    ids=["binary", "levels", "real", "narrow real", "narrow binary", "odd height", "neurons"],
)
def test_what_a_layer_costs(model: BitOperations, layer: Layer, price: int):
    assert model.price(layer, recording()).total == price
    assert model.unit == "bit operations"


@pytest.mark.parametrize("bits", [{"bits_a": 0}, {"bits_w": -1}])
def test_a_number_without_a_bit_is_refused(bits: dict[str, int]):
    with pytest.raises(UserError, match="at least 1 bit"):
        BitOperations(**bits)
