"""Energies of integer spikes, unrolled to binary ones."""

import pytest
from hand_counted import neurons, recording

from spiking_lowlevel.energy import IntegerUnrolling, LiteratureProtocol
from spiking_lowlevel.energy.baselines import total
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.energy.sample import sample

MODEL = IntegerUnrolling()
STEM = Layer("stem", "conv2d", inputs={Activity.REAL: Tally(1, 50, 50, macs_dense=1000)})
LIF = neurons(updates=100, spikes=25, levels=4)
BODY = Layer("body", "conv2d", inputs={Activity.MULTILEVEL: Tally(1, 100, 10, 23, macs_dense=2000)})
MIXED = Layer("mixed", "conv2d", inputs={Activity.REAL: Tally(1, 100, 90, 90, macs_dense=4000)})
NETWORK = recording(STEM, LIF, BODY, MIXED)


@pytest.mark.parametrize(
    ("layer", "price"),
    [
        (STEM, 1000 * 4.6),
        (LIF, 0),
        (BODY, 0.23 * 2000 * 0.9),  # the mean level, zeros included
        (MIXED, 0.25 * 2.3 * 4000 * 0.9),  # the neurons' rate times the level of other spikes
    ],
    ids=["stem", "neurons", "levels", "real"],
)
def test_every_layer_of_a_network(layer: Layer, price: float):
    assert MODEL.price(layer, NETWORK).total == pytest.approx(price)


def test_where_no_spike_enters_a_layer_its_level_counts_as_one():
    assert MODEL.price(MIXED, recording(LIF, MIXED)).total == pytest.approx(0.25 * 4000 * 0.9)


def test_binary_spikes_cost_what_the_literature_says():
    assert total(sample(13), MODEL) == pytest.approx(total(sample(13), LiteratureProtocol()))
