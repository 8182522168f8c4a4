"""Firing rates as a value: a table, alarms in words, a heat map."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spiking_lowlevel.files import written_whole


@dataclass(frozen=True)
class Rate:
    """What one neuron layer did in one epoch; rate and mean in [0, 1]."""

    epoch: int
    neuron: str
    levels: int
    rate: float
    mean: float


def alarms(rates: list[Rate], saturated: float) -> str:
    """A sentence on silent layers and one on saturated ones, each with advice; or nothing."""
    dead = [r.neuron for r in rates if r.rate == 0]
    full = [r.neuron for r in rates if r.rate > saturated]
    sentences = []
    if dead:
        sentences.append(
            f"spikes: {len(dead)} of {len(rates)} neuron layers are silent ({_some(dead)}): "
            "they pass nothing on. Lower their threshold, or start the norms before them larger."
        )
    if full:
        sentences.append(
            f"spikes: {len(full)} of {len(rates)} neuron layers fire at more than {saturated:.0%} "
            f"({_some(full)}): they tell nothing apart. Raise their threshold or shorten tau."
        )
    return "\n".join(sentences)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def table(history: list[Rate]) -> str:
    """All rates as CSV text, one row a neuron layer and epoch."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["epoch", "neuron", "levels", "rate", "mean"])
    writer.writeheader()
    writer.writerows(vars(r) for r in history)
    return text.getvalue()


def draw(history: list[Rate], path: Path) -> None:
    """A heat map of firing rates as PNG: one row a neuron layer, one column an epoch."""
    from matplotlib.figure import Figure

    neurons = list(dict.fromkeys(r.neuron for r in history))
    epochs = list(dict.fromkeys(r.epoch for r in history))
    rates = np.full((len(neurons), len(epochs)), np.nan)
    for r in history:
        rates[neurons.index(r.neuron), epochs.index(r.epoch)] = r.rate
    figure = Figure((4 + 0.35 * len(epochs), 1.2 + 0.22 * len(neurons)), layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(rates, aspect="auto", vmin=0, cmap="viridis", interpolation="nearest")
    axes.set_xticks(range(len(epochs)), [str(e) for e in epochs], fontsize=8)
    axes.set_yticks(range(len(neurons)), neurons, fontsize=7)
    for y, x in zip(*np.nonzero(rates == 0), strict=True):
        axes.text(x, y, "silent", ha="center", va="center", color="white", fontsize=6)
    axes.set_xlabel("epoch")
    figure.colorbar(picture, label="firing rate")
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=120, format="png")
