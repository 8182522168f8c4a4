"""What the published networks compute, by type of input: at 64x64 and T = 4, full size.

Weights are random, which the split by type does not depend on; norms are settled, so that neurons
fire. Dense MACs are the textbook number, taps on the padding included.
"""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from plain.plain_vlifnet import PlainVLIFNet

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.networks import ESDNet, Network, SpikeRain, VLIFNet
from spiking_lowlevel.networks.settle import settle


@cache
def seen(make: Callable[[], Network], repeat_frames: bool = True) -> Recording:
    torch.manual_seed(0)
    network, image = make().eval(), torch.rand(1, 3, 64, 64)
    settle(network, lambda: network(image))
    with OpCounter(network, repeat_frames=repeat_frames) as counter, torch.inference_mode():
        network(image)
    return counter.recording()


def share(recording: Recording, which: Callable[[Layer], bool]) -> float:
    """Of all dense MACs, in per cent."""
    some = sum(layer.total.macs_dense for layer in recording.synaptic if which(layer))
    return 100 * some / recording.macs_dense


def real(layer: Layer) -> bool:
    return layer.activity == Activity.REAL


def test_the_published_form_of_vlifnet_multiplies_real_values():
    recording = seen(PlainVLIFNet)
    assert recording.macs_dense / 1e9 == pytest.approx(24.734, abs=5e-4)
    assert recording.time_steps == 4
    assert (recording.coverage, recording.missed_parameters) == (1, ())
    # 1x1 convolutions on spikes that were interpolated; where the neurons are silent, on nothing.
    mixing = [layer for layer in recording.synaptic if "channel_adjust" in layer.name]
    assert {layer.activity for layer in mixing} <= {Activity.REAL, Activity.ZERO}
    assert share(recording, mixing.__contains__) == pytest.approx(11.6, abs=0.05)
    others = share(recording, lambda layer: real(layer) and layer not in mixing)
    assert others == pytest.approx(78.7, abs=0.1)
    assert 88 < share(recording, real) < 90.5


def test_mixed_before_it_is_enlarged_a_visual_spike_has_levels():
    recording = seen(VLIFNet, repeat_frames=False)
    mixes = [layer for layer in recording.synaptic if layer.name.endswith("restore.mix")]
    assert len(mixes) == 12 + 4 + 3  # one an SDEM
    assert {layer.activity for layer in mixes} <= {Activity.MULTILEVEL, Activity.ZERO}
    assert all(layer.declared and layer.levels == 4 for layer in mixes)
    published = seen(PlainVLIFNet).macs_dense
    # A quarter of the positions of these, and one of T frames where all are equal.
    assert recording.macs_dense < 0.91 * published


def test_esdnet_multiplies_a_third():
    recording = seen(ESDNet)
    assert recording.macs_dense / 1e9 == pytest.approx(30.769, abs=5e-4)
    assert share(recording, real) == pytest.approx(32.4, abs=0.1)
    assert recording.spike_driven_fraction == pytest.approx(0.676, abs=0.001)


def test_spikerain_multiplies_a_hundredth():
    recording = seen(SpikeRain)
    assert share(recording, real) == pytest.approx(1, abs=0.3)


def test_equal_frames_are_run_once_unless_asked_for():
    once, repeated = seen(ESDNet, repeat_frames=False), seen(ESDNet)
    embed = {r.layers[0].frames: r.layers[0].copies for r in (once, repeated)}
    assert embed == {1: 1, 4: 4}
    assert [layer.name for layer in repeated.layers if layer.copies > 1][:1] == ["embed"]
