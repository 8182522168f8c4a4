"""Histograms of membranes against potentials worked by hand."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from spiking_lowlevel.callbacks.membranes import MembraneCounter, bin_edges, draw, table
from spiking_lowlevel.neurons import LIF, NILIF
from spiking_lowlevel.neurons.watch import watch, watch_membranes


@pytest.mark.parametrize("bins", [8, 9, 33, 80])
@pytest.mark.parametrize("levels", [1, 3, 4])
def test_the_threshold_is_the_edge_of_a_bin(bins: int, levels: int):
    edges = bin_edges(levels, bins)
    assert len(edges) == bins + 1
    assert (edges == 1).sum() == 1
    assert edges[0] < 0
    assert edges[-1] > 2 * levels - 1  # where the highest level begins


def test_potentials_by_hand():
    # h: 0.5, 0.25 + 0.75 (a tie, which fires), then 0 + 9 beyond all bins
    counter, neuron = MembraneCounter(8), LIF(1, tau=2.0, threshold=1.0)
    with watch_membranes(neuron, counter):
        neuron(torch.tensor([0.5, 0.75, 9.0]).view(3, 1, 1, 1, 1))
    histogram = counter.histograms()[""]
    assert histogram.edges.tolist() == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert histogram.counts.tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 0, 1]
    assert histogram.threshold == 1.0
    assert histogram.firing == pytest.approx(2 / 3)


def test_below_all_bins_and_in_units_of_the_threshold():
    counter, neuron = MembraneCounter(8), LIF(1, threshold=0.5)
    with watch_membranes(neuron, counter):
        neuron(torch.tensor([-9.0, -0.25, 0.75]).view(1, 1, 3, 1, 1))
    assert counter.histograms()[""].counts.tolist() == [1, 0, 0, 0, 1, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("threshold", [0.15, 0.3, 1 / 3, 7.1])
def test_bins_from_the_threshold_on_hold_exactly_what_fires(threshold: float):
    network = nn.Sequential(LIF(4, threshold=threshold), NILIF(4))
    counter, fired = MembraneCounter(80), {}
    torch.manual_seed(0)
    current = threshold * torch.randn(4, 2, 4, 9, 9)
    current[0, :, :2] = threshold  # ties
    with (
        watch(network, lambda name, _, spikes: fired.update({name: int(spikes.count_nonzero())})),
        watch_membranes(network, counter),
    ):
        network(current)
    for name, histogram in counter.histograms().items():
        from_there = int(np.searchsorted(histogram.edges, 1.0)) + 1
        assert histogram.counts[from_there:].sum() == fired[name]
        assert histogram.counts.sum() == current.numel()


def test_processes_add_up():
    counters = [MembraneCounter(8), MembraneCounter(8)]
    for counter, current in zip(counters, (0.0, 1.5), strict=True):
        counter("layer", LIF(1, threshold=1.0), torch.full((1, 1, 1, 1), current))
    sent: list[torch.Tensor] = []
    counters[1].histograms(lambda own: sent.append(own) or own)
    counts = counters[0].histograms(lambda own: own + sent[0])["layer"].counts
    assert counts.tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 0, 0]


def test_the_table_has_open_ends_and_the_picture_a_panel_a_layer(tmp_path: Path):
    counter = MembraneCounter(8)
    for name in ("first", "second"):
        counter(name, LIF(1, threshold=1.0), torch.tensor([-9.0, 0.0, 0.1, 9.0]))
    rows = list(csv.DictReader(io.StringIO(table(3, counter.histograms()))))
    assert len(rows) == 2 * 10
    assert [(r["from"], r["to"], r["count"]) for r in rows[:2]] == [
        ("-inf", "-4", "1"),
        ("-4", "-3", "0"),
    ]
    assert (rows[9]["from"], rows[9]["to"], rows[9]["count"]) == ("4", "inf", "1")
    assert {(r["epoch"], r["threshold"]) for r in rows} == {("3", "1.0")}
    draw(counter.histograms(), tmp_path / "two.png")
    with Image.open(tmp_path / "two.png") as picture:
        pixels = np.asarray(picture.convert("L"))
    halves = np.array_split(pixels, 2, axis=1)
    assert all((half[30:-50] < 200).mean() > 0.02 for half in halves)  # filled bars, both sides
