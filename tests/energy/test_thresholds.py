"""Rates and counts at which spikes stop paying."""

import pytest
from hand_counted import FULL, neurons, recording, synaptic

from spiking_lowlevel.energy import HorowitzFP32
from spiking_lowlevel.energy.baselines import ann_twin, total
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.energy.horowitz import FP32, INT8
from spiking_lowlevel.energy.thresholds import (
    MEAN_RATE,
    SPIKES_PER_SYNAPSE,
    break_even_rate,
    spikes_per_synapse,
    understatement,
)


@pytest.mark.parametrize(
    ("arithmetic", "steps", "rate"), [(FP32, 4, 1.28), (INT8, 4, 1.92), (FP32, 1, 5.11)]
)
def test_break_even_rates(arithmetic, steps: int, rate: float):
    assert break_even_rate(arithmetic, steps) == pytest.approx(rate, abs=5e-3)


def test_at_the_break_even_rate_spikes_and_real_values_cost_the_same():
    rate = break_even_rate(FP32, 8)
    assert rate == pytest.approx(4600 / 7200)
    tally = Tally(1, 72, 46, 46, accumulations=4600, macs=7200)
    network = recording(synaptic(Activity.BINARY, tally, frames=8), time_steps=8)
    model = HorowitzFP32()
    assert total(network, model) == pytest.approx(total(ann_twin(network), model))


def test_how_much_the_usual_protocol_understates():
    assert understatement(103.9, 9.8) == pytest.approx(10.6, abs=0.01)
    assert understatement(1.0, 0.0) is None


def driven(name: str, accumulations: int, macs: int, frames: int) -> Layer:
    tally = Tally(1, 1, 1, 1, accumulations, macs)
    return Layer(name, "conv2d", 1, frames, {Activity.MULTILEVEL: tally})


def test_every_synapse_of_a_full_convolution_carries_a_spike_a_step():
    full = synaptic(Activity.BINARY, FULL, frames=4)
    assert spikes_per_synapse(recording(full, time_steps=4)) == 4


def test_spikes_a_synapse_over_layers_and_images():
    real = synaptic(Activity.REAL, FULL, frames=8)
    every_step = driven("a", accumulations=300, macs=1600, frames=8)  # 200 synapses, two images
    once = driven("b", accumulations=60, macs=200, frames=2)  # 100 synapses
    network = recording(real, every_step, neurons(), once, images=2, time_steps=4)
    assert spikes_per_synapse(network) == 360 / (2 * 200 + 2 * 100)


def test_a_network_without_spikes_has_no_spikes_a_synapse():
    real = synaptic(Activity.REAL, FULL, frames=4)
    assert spikes_per_synapse(recording(real, neurons(), time_steps=4)) is None


@pytest.mark.parametrize(
    ("value", "place"),
    [(0.1, "below"), (0.15, "within"), (1, "within"), (1.38, "within"), (1.4, "above")],
)
def test_where_a_value_lies(value: float, place: str):
    assert SPIKES_PER_SYNAPSE.place(value) == place


def test_the_limits_are_quoted():
    assert (MEAN_RATE.low.value, MEAN_RATE.high.value) == (0.057, 0.064)
    for band in (MEAN_RATE, SPIKES_PER_SYNAPSE):
        assert band.low.fidelity == band.high.fidelity == "second-hand"
        assert "arXiv" in band.low.source or "TETCI" in band.low.source
