"""The same network, run once with real values."""

from dataclasses import replace

import pytest
from hand_counted import neurons, recording, synaptic

from spiking_lowlevel.energy import HorowitzFP32
from spiking_lowlevel.energy.baselines import ann_twin, integers, matched_bits, total, total_in
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Operations, Tally
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import FP32, INT8
from spiking_lowlevel.energy.sample import sample


def steps_of(*layers: Layer) -> Recording:
    """Two images of four steps."""
    return recording(*layers, images=2, time_steps=4)


def conv(frames: int, **counts: int) -> Layer:
    return synaptic(Activity.BINARY, Tally(1, **counts), frames=frames, outputs=80, copies=4)


def test_a_layer_that_ran_every_step_runs_once():
    seen = conv(frames=8, elements=400, nonzero=7, units=7, macs=2704, macs_dense=3600)
    twin = ann_twin(steps_of(seen))
    assert twin.time_steps == 1
    (layer,) = twin.layers
    assert layer.activity == Activity.REAL
    assert (layer.macs, layer.accumulations) == (676, 0)
    assert layer.inputs[Activity.REAL] == Tally(1, 100, 100, 100, 676, 676, 676, 900)
    assert (layer.frames, layer.outputs, layer.copies) == (2, 20, 1)


@pytest.mark.parametrize("frames", [2, 6])
def test_a_layer_that_ran_otherwise_stays(frames: int):
    (layer,) = ann_twin(steps_of(conv(frames, elements=100, macs=676))).layers
    assert (layer.macs, layer.frames, layer.outputs, layer.copies) == (676, frames, 80, 4)


def test_operations_without_frames_are_taken_to_have_run_every_step():
    (layer,) = ann_twin(steps_of(Layer("mul", "elementwise", 3, other=Operations(add=16)))).layers
    assert layer.other == Operations(add=4)


def test_neurons_become_rectifiers():
    lif = neurons(updates=80, spikes=9, steps=4)
    twin = ann_twin(steps_of(lif))
    assert not twin.neurons
    assert twin.layers == (
        Layer("lif", "rectifier", 1, 1, other=Operations(compare=20), outputs=20),
    )


def test_what_is_no_multiple_is_rounded_half_up():
    work = Operations(multiply=16, add=6, compare=5, select=7, nonlinear=1, bias=2)
    (layer,) = ann_twin(steps_of(Layer("mul", "elementwise", 1, 8, other=work))).layers
    assert layer.other == Operations(multiply=4, add=2, compare=1, select=2, nonlinear=0, bias=1)


def test_large_numbers_stay_exact():
    (layer,) = ann_twin(steps_of(conv(8, elements=4, macs=4 * (10**17 + 1)))).layers
    assert layer.macs == 10**17 + 1


def test_silent_layers_of_several_classes_are_all_real():
    both = {Activity.ZERO: Tally(1, 4, macs=40), Activity.BINARY: Tally(1, 4, 1, 1, 10, 40)}
    (layer,) = ann_twin(steps_of(Layer("conv", "conv2d", 2, 8, both))).layers
    assert layer.inputs.keys() == {Activity.REAL}
    assert layer.macs == 20


def test_the_twin_of_a_full_size_network_in_millijoule():
    seen = conv(frames=8, elements=8, macs=2 * 24_734_000_000)  # VLIFNet at 64x64, T = 4
    twin = ann_twin(steps_of(seen))
    assert total(twin, HorowitzFP32()) / 2 / 1e9 == pytest.approx(28.4, abs=0.05)


def test_spikes_do_not_change_the_twin():
    assert ann_twin(sample(0)) == ann_twin(sample(20))


@pytest.mark.parametrize(
    ("steps", "levels", "bits"), [(1, 1, 1), (4, 1, 3), (5, 1, 3), (7, 1, 3), (8, 1, 4), (4, 4, 5)]
)
def test_bits_that_tell_all_sums_of_spikes_apart(steps: int, levels: int, bits: int):
    network = recording(neurons(), neurons(levels=levels), time_steps=steps)
    assert matched_bits(network) == bits


def test_the_bits_of_a_network_without_neurons():
    assert matched_bits(recording(time_steps=4)) == 3


def test_integers_of_other_widths():
    assert (integers(8).add.value, integers(8).multiply.value) == (0.03, 0.2)
    narrow = integers(4)
    assert (narrow.add.value, narrow.multiply.value, narrow.bits) == (0.015, 0.05, 4)
    assert {narrow.add.precision, narrow.multiply.precision} == {"int4"}
    assert narrow.add.fidelity == "ours"


def test_quantised_baselines():
    seen = conv(frames=8, elements=400, nonzero=7, macs=2704)
    twin = ann_twin(steps_of(seen, neurons(updates=80)))
    assert total_in(twin, INT8) == pytest.approx(676 * 0.23 + 20 * 0.03)
    assert total_in(twin, integers(3)) == pytest.approx(
        676 * (0.2 * 9 / 64 + 0.03 * 3 / 8) + 20 * 0.03 * 3 / 8
    )
    assert total_in(twin, FP32) == total(twin, HorowitzFP32())


def test_a_recording_without_images_has_a_twin():
    empty = replace(recording(neurons(0, 0), Layer("conv", "conv2d")), images=0)
    assert ann_twin(empty).layers[0].outputs == 0
