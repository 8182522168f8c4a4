"""Histograms of membrane potentials before the reset, in units of the threshold.

Bin k holds edge[k] ≤ h / threshold < edge[k+1]. One of the edges is 1, so that the bins from there
on hold exactly the places that fire. Spikes of D levels reach further: bins span ±(2 + 2D).
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from spiking_lowlevel.files import written_whole
from spiking_lowlevel.neurons.base import StepNeuron
from spiking_lowlevel.neurons.watch import firing_threshold


@dataclass(frozen=True)
class Histogram:
    """How often the membrane of one neuron layer was where, over all steps, channels and pixels.

    Args:
        threshold: potential from which on the neurons fire, in the units of their current.
        edges: of the bins [N + 1], in units of the threshold.
        counts: places below all bins, in each of them, and above, [N + 2].
    """

    threshold: float
    edges: np.ndarray
    counts: np.ndarray

    @property
    def firing(self) -> float:
        """Share of the places at the threshold or above."""
        first = int(np.searchsorted(self.edges, 1.0))
        return float(self.counts[first + 1 :].sum() / self.counts.sum())


class MembraneCounter:
    """Sorts membranes into bins as `watch_membranes` calls it.

    Args:
        bins: how many over the whole span, at least 8.
    """

    def __init__(self, bins: int) -> None:
        self.bins = bins
        self._edges: dict[str, tuple[float, Tensor]] = {}
        self._bounds: dict[str, Tensor] = {}
        self._counts: dict[str, Tensor] = {}

    def __call__(self, name: str, neuron: StepNeuron, h: Tensor) -> None:
        """Count membrane potentials h [B, C, H, W] of one time step."""
        if name not in self._bounds:
            threshold = firing_threshold(neuron) or 1.0
            edges = bin_edges(neuron.levels or 1, self.bins)
            self._edges[name] = threshold, edges
            self._bounds[name] = (edges * threshold).to(h)
        places = torch.bucketize(h.flatten(), self._bounds[name], out_int32=True, right=True)
        counts = torch.bincount(places, minlength=self.bins + 2)
        self._counts[name] = self._counts.get(name, 0) + counts

    def histograms(
        self, add_up: Callable[[Tensor], Tensor] = lambda own: own
    ) -> dict[str, Histogram]:
        """All histograms by neuron layer, in the order in which the layers first ran.

        Args:
            add_up: the sum of 64-bit integers over all processes.
        """
        if not self._counts:
            return {}
        names = sorted(self._counts)  # processes may have met them in another order
        sums = add_up(torch.stack([self._counts[name] for name in names])).cpu().numpy()
        counts = dict(zip(names, sums, strict=True))
        return {
            name: Histogram(threshold, edges.numpy(), counts[name])
            for name, (threshold, edges) in self._edges.items()
        }


def bin_edges(levels: int, bins: int) -> Tensor:
    """Edges [bins + 1] in float64 over about ±(2 + 2D) thresholds; one of them is exactly 1.

    >>> bin_edges(1, 8).tolist()
    [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    """
    span = 2 + 2 * levels
    width = 2 * span / bins
    below = round((1 + span) / width)
    return 1 + width * (torch.arange(bins + 1, dtype=torch.float64) - below)


def table(epoch: int, histograms: Mapping[str, Histogram]) -> str:
    """All histograms as CSV text, one row a neuron layer and bin; the outermost bins are open."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["epoch", "neuron", "threshold", "from", "to", "count"])
    for name, histogram in histograms.items():
        edges = [-np.inf, *histogram.edges.tolist(), np.inf]
        for low, high, count in zip(edges, edges[1:], histogram.counts.tolist(), strict=False):
            writer.writerow([epoch, name, histogram.threshold, f"{low:.6g}", f"{high:.6g}", count])
    return text.getvalue()


def draw(histograms: Mapping[str, Histogram], path: Path) -> None:
    """Small histograms side by side as PNG, one a neuron layer; what fires is in another colour."""
    from matplotlib.figure import Figure

    columns = min(5, len(histograms))
    rows = -(-len(histograms) // columns)
    figure = Figure((0.6 + 2.4 * columns, 0.7 + 1.35 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for place in axes:
        place.set_axis_off()
    for place, (name, histogram) in zip(axes, histograms.items(), strict=False):
        place.set_axis_on()
        share, edges = histogram.counts[1:-1] / histogram.counts.sum(), histogram.edges
        first = int(np.searchsorted(edges, 1.0))
        place.stairs(share[:first], edges[: first + 1], fill=True, color="#8a8f98")
        place.stairs(share[first:], edges[first:], fill=True, color="#d1495b")
        place.axvline(1, color="black", linewidth=0.8, linestyle="--")
        place.set(xlim=(edges[0], edges[-1]), yticks=[])
        place.tick_params(labelsize=6)
        place.set_title(f"{name}\n{histogram.firing:.2%} fire", fontsize=6)
    figure.supxlabel("membrane potential before the reset / threshold", fontsize=9)
    figure.supylabel("share of places", fontsize=9)
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=120, format="png")
