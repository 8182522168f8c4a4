"""Energies as papers report them."""

import pytest
from hand_counted import FULL, neurons, recording, synaptic

from spiking_lowlevel.energy import HorowitzFP32, LiteratureProtocol
from spiking_lowlevel.energy.base import Price
from spiking_lowlevel.energy.baselines import ann_twin, total
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations, Tally

MODEL = LiteratureProtocol()
STEM = Layer("stem", "conv2d", inputs={Activity.REAL: Tally(1, 50, 50, macs_dense=1000)})
LIF = neurons(updates=100, spikes=25)
BODY = Layer("body", "conv2d", inputs={Activity.BINARY: Tally(1, 100, 10, 10, macs_dense=2000)})
LEVELS = Layer(
    "levels", "conv2d", inputs={Activity.MULTILEVEL: Tally(1, 100, 10, 23, macs_dense=2000)}
)
MIXED = Layer("mixed", "conv2d", inputs={Activity.REAL: Tally(1, 100, 90, macs_dense=4000)})
NORM = Layer("norm", "norm", other=Operations(multiply=9, add=9, compare=9, bias=9))
NETWORK = recording(STEM, NORM, LIF, BODY, LEVELS, MIXED)


@pytest.mark.parametrize(
    ("layer", "price"),
    [
        (STEM, 1000 * 4.6),
        (NORM, 0),
        (LIF, 0),
        (BODY, 0.1 * 2000 * 0.9),
        (LEVELS, 0.1 * 2000 * 0.9),  # the share that is not zero, whatever its height
        (MIXED, 0.25 * 4000 * 0.9),  # the rate of the neurons, not 0.9, the share of its input
    ],
    ids=lambda value: value.name if isinstance(value, Layer) else "",
)
def test_every_layer_of_a_network(layer: Layer, price: float):
    assert MODEL.price(layer, NETWORK) == Price(compute=pytest.approx(price))


def test_taps_on_the_padding_are_charged():
    network = recording(LIF, synaptic(Activity.BINARY, FULL))
    assert MODEL.price(network.layers[1], network).total == pytest.approx(339_738_624 * 0.9)


def test_the_first_layers_multiply_whatever_they_see():
    black = Layer("stem", "conv2d", inputs={Activity.ZERO: Tally(1, 50, macs_dense=1000)})
    assert MODEL.price(black, recording(black, LIF)).total == pytest.approx(4600)
    assert MODEL.price(black, recording(LIF, black)).total == 0


def test_two_operations_of_one_module_are_told_apart():
    network = recording(STEM, LIF, Layer("stem", "linear", inputs=BODY.inputs))
    assert MODEL.price(network.layers[2], network).total == pytest.approx(180)


def test_an_ann_is_all_multiply_accumulates():
    assert MODEL.price(MIXED, recording(STEM, BODY, MIXED)).total == pytest.approx(4000 * 4.6)
    assert MODEL.price(MIXED, recording()).total == pytest.approx(4000 * 4.6)
    twin = ann_twin(NETWORK)
    assert total(twin, MODEL) == pytest.approx((1000 + 2000 + 2000 + 4000) * 4.6)


def test_it_understates_what_real_values_cost():
    network = recording(LIF, synaptic(Activity.REAL, FULL))
    real = HorowitzFP32().price(network.layers[1], network).total
    usual = MODEL.price(network.layers[1], network).total
    assert real / usual == pytest.approx(332_697_600 * 4.6 / (0.25 * 339_738_624 * 0.9))
