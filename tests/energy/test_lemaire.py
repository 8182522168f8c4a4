"""Lemaire et al. 2022: operations, accesses and addresses, worked by hand."""

import pytest
from hand_counted import SCALED, fully_connected, neurons, recording, synaptic

from spiking_lowlevel.energy import Lemaire2022
from spiking_lowlevel.energy.base import Price
from spiking_lowlevel.energy.baselines import total
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally
from spiking_lowlevel.energy.lemaire import Terms
from spiking_lowlevel.energy.sram import access_energy
from spiking_lowlevel.errors import UserError

MODEL = Lemaire2022()
FC, LIF = fully_connected(), neurons()


def conv(spikes: int, **shape) -> Layer:
    """3x3, 1 to 2 channels of 5x5, one frame; the counts that borders decide do not matter here."""
    geometry = {"kernel": (3, 3), "stride": (1, 1), "input": (1, 1, 5, 5), "output": (1, 2, 5, 5)}
    tally = Tally(1, 25, spikes, spikes, macs=338, macs_dense=450)
    shape = Geometry(**{**geometry, "weights": 18, **shape})
    return synaptic(Activity.BINARY, tally, frames=1, geometry=shape, outputs=50)


def test_a_linear_layer_with_its_neurons_has_the_energies_of_the_authors_code():
    network = recording(FC, LIF)
    prices = [MODEL.price(layer, network) for layer in network.layers]
    terms = [MODEL.terms(layer) for layer in network.layers]
    assert sum(each.mac for each in terms) == 4
    assert sum(each.acc for each in terms) == 17
    assert sum(price.compute for price in prices) == pytest.approx(14.5)
    assert sum(price.addressing for price in prices) == pytest.approx(1.2)

    times: dict[tuple[str, int], int] = {}
    for access in terms[0].accesses + terms[1].accesses:
        key = access.memory, access.words
        times[key] = times.get(key, 0) + access.times
    assert times == {
        ("inputs", 1000): 3,
        ("outputs", 1000): 1,
        ("weights", 32): 12,
        ("potentials", 4): 32,
    }
    assert 32 * access_energy("regression", 4) == pytest.approx(422.445, abs=5e-4)
    assert 12 * access_energy("regression", 32) == pytest.approx(158.534, abs=5e-4)
    assert 4 * access_energy("regression", 1000) == pytest.approx(54.195, abs=5e-4)
    memory = sum(price.memory for price in prices)
    assert memory == pytest.approx(422.445 + 158.534 + 54.195, abs=2e-3)
    assert total(network, MODEL) == pytest.approx(650.874, abs=2e-3)


def test_neurons_that_do_not_leak_do_not_multiply():
    without = neurons(other=Operations(add=5, compare=4))
    assert MODEL.terms(without).mac == 0
    assert MODEL.terms(without).acc == 5


def test_membranes_of_several_steps_lie_in_one_memory():
    terms = MODEL.terms(neurons(updates=16, spikes=3, steps=4))
    assert (terms.mac, terms.acc) == (16, 19)
    assert terms.accesses == (("potentials", 4, 32), ("outputs", 1000, 3))


@pytest.mark.parametrize(
    ("shape", "acc", "touched"),
    [
        ({}, 2 * 9 * 2, 36),
        ({"stride": (2, 2), "output": (1, 2, 3, 3)}, 2 * 2 * 2 * 2, 36),
        ({"stride": (3, 1), "output": (1, 2, 2, 5)}, 2 * 1 * 3 * 2, 36),
        ({"groups": 2, "output": (1, 4, 5, 5)}, 2 * 9 * 2, 36),
        ({"stride": (2, 2), "transposed": True, "output": (1, 2, 10, 10)}, 2 * 9 * 2, 36),
        ({"kernel": (4, 1, 1), "stride": (4, 1, 1), "output": (1, 2, 4, 4, 4)}, 2 * 2, 16),
    ],
    ids=["plain", "stride", "two strides", "groups", "transposed", "three dimensions"],
)
def test_two_spikes_into_a_convolution(shape: dict, acc: int, touched: int):
    terms = MODEL.terms(conv(2, **shape))
    assert (terms.mac, terms.acc) == (0, acc)
    assert (terms.address_mac, terms.address_acc) == (4, touched)
    outputs = conv(2, **shape).geometry.output
    cells = outputs[1] * outputs[2] * outputs[3] * (outputs[4] if len(outputs) > 4 else 1)
    assert terms.accesses == (
        ("inputs", 1000, 2),
        ("weights", 18, touched),
        ("potentials", cells, 2 * touched),
    )


def test_a_convolution_with_spikes_and_biases_is_priced_term_by_term():
    layer = conv(2, biases=2)
    price = Lemaire2022(sram="bus64").price(layer, recording(layer))
    accesses = 2 + 36 + 50 + 72  # inputs, weights, biases, potentials
    assert price == Price(
        compute=pytest.approx(36 * 0.1),
        memory=pytest.approx(5 * accesses),
        addressing=pytest.approx(4 * 3.2 + 36 * 0.1),
    )


def test_spikes_of_level_three_are_three_spikes():
    tally = Tally(1, 8, 1, 3, accumulations=12, macs=32, macs_dense=32)
    levels = synaptic(Activity.MULTILEVEL, tally, op="linear", geometry=FC.geometry, outputs=4)
    assert MODEL.terms(levels) == MODEL.terms(FC)


def test_spikes_of_an_odd_height_are_multiplied_after_the_sum():
    layer = synaptic(Activity.GRADED, SCALED, geometry=conv(1).geometry, outputs=50)
    assert MODEL.price(layer, recording(layer)).compute == pytest.approx(18 * 0.1 + 50 * 3.1)


def test_real_values_into_a_convolution_follow_formal_networks():
    tally = Tally(2, 50, 50, 50, macs=676, macs_nonzero=676, macs_dense=900)
    shape = conv(0, biases=2).geometry
    layer = synaptic(Activity.REAL, tally, frames=2, geometry=shape, outputs=100)
    assert MODEL.terms(layer) == Terms(
        mac=900,
        acc=100,
        address_acc=50 + 100 + 2 * 2 * 9,
        accesses=(  # what a NamedTuple equals
            ("inputs", 25, 900),
            ("weights", 18, 900),
            ("biases", 2, 100),
            ("outputs", 50, 100),
        ),
    )


def test_real_values_into_a_linear_layer_follow_formal_networks():
    assert MODEL.terms(fully_connected(8, Activity.REAL)) == Terms(
        mac=32,
        acc=4,
        address_acc=32,
        accesses=(("inputs", 8, 8), ("weights", 32, 32), ("outputs", 4, 4)),
    )


def test_the_second_of_two_activations_lies_in_a_queue():
    product = fully_connected(geometry=Geometry(input=(1, 8), output=(1, 4)))
    assert Lemaire2022(fifo=7).terms(product).accesses[1] == ("weights", 7, 12)


def test_layers_without_synapses_and_membranes_are_free():
    norm = Layer("norm", "norm", other=Operations(multiply=9, add=9), outputs=9)
    assert MODEL.price(norm, recording(norm)) == Price()


@pytest.mark.parametrize("sram", ["regression", "piecewise", "bus64"])
def test_the_reading_of_memories_is_told(sram):
    model = Lemaire2022(sram=sram, fifo=16)
    assert model.price(FC, recording(FC)).memory == pytest.approx(
        12 * access_energy(sram, 32) + 24 * access_energy(sram, 4) + 3 * access_energy(sram, 16)
    )
    names = set(model.constants())
    assert {"add", "multiply", "fifo"} < names
    assert {name.split("_")[0] for name in names - {"add", "multiply", "fifo"}} == {"sram"}


@pytest.mark.parametrize(
    ("given", "says"),
    [({"sram": "dram"}, "it can be regression, piecewise, bus64"), ({"fifo": 0}, "at least 1")],
)
def test_what_cannot_be_is_refused(given: dict, says: str):
    with pytest.raises(UserError, match=says):
        Lemaire2022(**given)
