"""Additions and multiplications in one precision."""

from dataclasses import replace

import pytest
from hand_counted import FULL, SCALED, fully_connected, neurons, recording, synaptic

from spiking_lowlevel.energy import HorowitzFP16, HorowitzFP32, HorowitzINT8, HorowitzINT32
from spiking_lowlevel.energy.base import Arithmetic, Constant, Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations
from spiking_lowlevel.energy.horowitz import FP32, INT8, INT32
from spiking_lowlevel.errors import UserError

NETWORK = recording()


@pytest.mark.parametrize(
    ("model", "as_spikes", "as_real"),
    [
        (HorowitzFP32(), 299.428, 1530.409),
        (HorowitzFP16(), 133.079, 499.046),
        (HorowitzINT32(), 33.270, 1064.632),
        (HorowitzINT8(), 9.981, 76.520),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_full_convolution_in_microjoule(model, as_spikes: float, as_real: float):
    spikes = model.price(synaptic(Activity.BINARY, FULL), NETWORK)
    real = model.price(synaptic(Activity.REAL, FULL), NETWORK)
    assert spikes.total / 1e6 == pytest.approx(as_spikes, abs=5e-4)
    assert real.total / 1e6 == pytest.approx(as_real, abs=5e-4)
    assert spikes == Price(compute=spikes.total)


def test_operations_of_other_layers():
    work = Operations(multiply=2, add=3, compare=5, select=7, nonlinear=11, bias=13)
    price = HorowitzFP32().price(Layer("norm", "norm", other=work), NETWORK)
    assert price.total == pytest.approx(2 * 3.7 + (3 + 5 + 13) * 0.9)


def test_membranes():
    assert HorowitzINT8().price(neurons(), NETWORK).total == pytest.approx(4 * 0.2 + 9 * 0.03)


def test_spikes_of_an_odd_height_are_multiplied_after_the_sum():
    price = HorowitzFP32().price(synaptic(Activity.GRADED, SCALED), NETWORK)
    assert price.total == pytest.approx(18 * 0.9 + 50 * 3.7)


def test_real_values_once_make_all_calls_multiply():
    both = {Activity.GRADED: SCALED, Activity.REAL: replace(SCALED, scalings=0)}
    price = HorowitzFP32().price(Layer("conv", "conv2d", inputs=both), NETWORK)
    assert price.total == pytest.approx(2 * 338 * 4.6)


def test_silence_is_free():
    silent = fully_connected(0, Activity.ZERO)
    assert HorowitzFP32().price(silent, NETWORK) == Price()


def test_a_table_of_two_precisions_is_refused():
    with pytest.raises(UserError, match="additions in int32, multiplications in fp32"):
        Arithmetic(INT32.add, FP32.multiply, 32)


def test_a_table_in_another_unit_is_refused():
    femtojoule = replace(INT8.add, value=30.0, unit="fJ")
    with pytest.raises(UserError, match="in pJ; given fJ and pJ"):
        Arithmetic(femtojoule, INT8.multiply, 8)


def test_constants_are_told_with_their_source():
    add = HorowitzINT8().constants()["add"]
    assert isinstance(add, Constant)
    assert (add.value, add.unit, add.precision, add.fidelity) == (0.03, "pJ", "int8", "second-hand")
    assert "10.1109/ISSCC.2014.6757323" in add.source
