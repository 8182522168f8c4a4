"""Spikes counted against the plain way, and by hand."""

import numpy as np
import pytest
import torch
from torch import Tensor

from spiking_lowlevel.callbacks import spike_counts
from spiking_lowlevel.callbacks.spike_counts import SpikeCounter, firing
from spiking_lowlevel.neurons import LIF, NILIF


def spikes_of(levels: int, shape: tuple[int, ...] = (3, 2, 5, 6, 7)) -> Tensor:
    """Spikes of all levels, half of them zero, laid channels-last as networks do."""
    torch.manual_seed(levels)
    whole = torch.randint(-levels, levels + 1, shape).clamp(min=0)
    return (whole / levels).movedim(2, -1).contiguous().movedim(-1, 2)


def neuron(levels: int) -> NILIF:
    return NILIF(1, levels=levels)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("levels", [1, 3, 4, 10])
def test_counts_are_those_of_the_plain_way(levels: int, dtype: torch.dtype):
    spikes, counter = spikes_of(levels), SpikeCounter()
    counter("layer", neuron(levels), spikes.to(dtype))
    counter("layer", neuron(levels), spikes.to(dtype))
    counts = counter.counts()["layer"]
    fired = 2 * (spikes != 0).sum((1, 3, 4))
    total = 2 * (spikes.double() * levels).round().long().sum((1, 3, 4))
    assert counts.fired.dtype == counts.total.dtype == counts.places.dtype == np.int64
    assert counts.fired.tolist() == fired.tolist()
    assert counts.total.tolist() == total.tolist()
    assert (counts.places == 2 * 2 * 6 * 7).all()


def test_rates_by_hand():
    # two steps, two channels, two pixels
    spikes = torch.tensor([[[0.0, 1.0], [0.0, 0.0]], [[0.25, 1.0], [0.0, 0.5]]])
    counter = SpikeCounter()
    counter("layer", neuron(4), spikes.view(2, 1, 2, 1, 2))
    counts = counter.counts()["layer"]
    assert counts.rate() == 4 / 8
    assert counts.mean() == 2.75 / 8
    assert counts.rate(axis=0).tolist() == [3 / 4, 1 / 4]
    assert counts.rate(axis=1).tolist() == [1 / 4, 3 / 4]
    assert counts.mean(axis=0).tolist() == [2.25 / 4, 0.5 / 4]
    assert counts.mean(axis=1).tolist() == [1 / 4, 1.75 / 4]


@pytest.mark.parametrize("levels", [1, 3, 4])
def test_frames_too_large_for_single_precision_are_counted_in_parts(
    levels: int, monkeypatch: pytest.MonkeyPatch
):
    most, part = [], spike_counts.partial_sums

    def watched(spikes: Tensor, levels: int) -> tuple[Tensor, ...]:
        most.append(levels * spikes[0, :, 0].numel())
        return part(spikes, levels)

    monkeypatch.setattr(spike_counts, "_EXACT", 100)
    monkeypatch.setattr(spike_counts, "partial_sums", watched)
    spikes, counter = spikes_of(levels), SpikeCounter()
    counter("layer", neuron(levels), spikes)
    assert max(most) <= 100
    counts = counter.counts()["layer"]
    assert counts.fired.tolist() == (spikes != 0).sum((1, 3, 4)).tolist()
    assert counts.total.sum() == round(float(spikes.double().sum()) * levels)


def test_many_small_counts_do_not_lose_what_single_precision_would():
    counter = SpikeCounter()
    # 2**24 and 200 times one more: in single precision the ones would be lost
    counter("layer", LIF(1), torch.ones(1, 1, 1, 4096, 4096))
    for _ in range(200):
        counter("layer", LIF(1), torch.ones(1, 1, 1, 1, 1))
    assert counter.counts()["layer"].fired.item() == 2**24 + 200
    assert counter.counts()["layer"].places.item() == 2**24 + 200


def test_a_neuron_that_runs_at_several_places_is_one_layer():
    shared, counter = LIF(1), SpikeCounter()
    counter("layer", shared, torch.ones(1, 1, 1, 2, 2))
    counter("layer", shared, torch.tensor([0.0, 1.0]).view(2, 1, 1, 1, 1).expand(2, 1, 3, 1, 1))
    counts = counter.counts()["layer"]
    assert counts.fired.tolist() == [[4, 0, 0], [1, 1, 1]]
    assert counts.places.tolist() == [[5, 1, 1], [1, 1, 1]]
    assert counts.rate() == 7 / 10


def test_processes_add_up_to_one_that_saw_everything():
    pictures = [spikes_of(4), spikes_of(4, (3, 1, 5, 8, 8)).flip(0)]
    binary = [spikes_of(1), 1 - spikes_of(1)]
    alone, first, second = SpikeCounter(), SpikeCounter(), SpikeCounter()
    for counter, seen in ((alone, (0, 1)), (first, (0,)), (second, (1,))):
        names = ["graded", "binary"]
        for i in seen:
            # the second process meets the layers in another order
            for name in names if i == 0 else reversed(names):
                levels, some = (4, pictures) if name == "graded" else (1, binary)
                counter(name, neuron(levels), some[i])
    sent: list[Tensor] = []
    second.counts(lambda own: sent.append(own) or own)
    assert sent[0].dtype == torch.int64
    together, expected = first.counts(lambda own: own + sent[0]), alone.counts()
    assert list(together) == ["graded", "binary"]
    for name, counts in together.items():
        assert counts.fired.tolist() == expected[name].fired.tolist()
        assert counts.total.tolist() == expected[name].total.tolist()
        assert counts.places.tolist() == expected[name].places.tolist()


@pytest.mark.parametrize("shape", [(2, 3, 8, 300, 2), (1, 1, 8, 511, 1), (2, 2, 3, 255, 5)])
@pytest.mark.parametrize("channels_last", [True, False])
def test_eight_at_a_time_is_one_at_a_time(shape: tuple[int, ...], channels_last: bool):
    spikes = spikes_of(4, shape).clamp(max=0.5)
    spikes[:, :, 0] = 0.25  # every row of this channel adds up
    assert spikes.movedim(2, 4).is_contiguous()
    expected = (spikes != 0).sum((1, 3, 4)).tolist()
    assert firing(spikes if channels_last else spikes.contiguous()).tolist() == expected
    part = spikes[:, :, :, : shape[3] - 1]  # neither layout
    assert firing(part).tolist() == (part != 0).sum((1, 3, 4)).tolist()


def test_what_is_no_number_adds_nothing():
    spikes = torch.tensor([1.0, torch.nan]).view(1, 1, 2, 1, 1)
    counter = SpikeCounter()
    counter("layer", neuron(4), spikes)
    assert counter.counts()["layer"].total.tolist() == [[4, 0]]


def test_nothing_seen_is_nothing_counted():
    assert SpikeCounter().counts() == {}
