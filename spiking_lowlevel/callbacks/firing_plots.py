"""Firing rates as pictures: over epochs, and over the time steps of one."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spiking_lowlevel.callbacks.firing import Rate
from spiking_lowlevel.files import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_epochs(history: list[Rate], path: Path) -> None:
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


def draw_steps(rates: list[Rate], path: Path) -> None:
    """A heat map of one epoch as PNG: one row a neuron layer, one box a time step.

    The steps of all layers fill the same width, so that the r² steps of a visual neuron lie under
    the one step of the others. Silent layers are red. On the right: the rate over all steps, and
    how many channels never fire, or hardly ever rest.
    """
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

    most = max(len(r.step_rates) for r in rates)
    figure = Figure((6 + 0.22 * most, 1.3 + 0.22 * len(rates)), layout="constrained")
    axes = figure.add_subplot()
    top = max(max(r.step_rates) for r in rates) or 1.0
    scale = PowerNorm(0.5, vmin=0, vmax=top)  # most layers fire far less than the busiest one
    boxes = [
        axes.pcolormesh(
            np.linspace(0, most, len(r.step_rates) + 1),
            [y - 0.5, y + 0.5],
            np.array([r.step_rates]),
            norm=scale,
            edgecolors="white",
            linewidth=0.4,
        )
        for y, r in enumerate(rates)
    ]
    _label(axes, rates, most)
    figure.colorbar(boxes[0], label="firing rate", pad=0.02, format="{x:.1%}")
    axes.set_title(f"firing rate by time step, epoch {rates[0].epoch}", fontsize=9)
    with written_whole(path) as beside:
        figure.savefig(beside, dpi=120, format="png")


def _label(axes: "Axes", rates: list[Rate], most: int) -> None:
    """Names on the left, what each layer did on the right, steps of the slowest below."""
    axes.set(ylim=(len(rates) - 0.5, -0.5), xlim=(0, most))
    axes.set_yticks(range(len(rates)), [r.neuron for r in rates], fontsize=7)
    for label, r in zip(axes.get_yticklabels(), rates, strict=True):
        label.set_color("black" if r.rate else "#c1121f")
    for y, r in enumerate(rates):
        axes.text(1.01 * most, y, _summary(r), fontsize=7, va="center")
    fewest = min(len(r.step_rates) for r in rates)
    middles = (np.arange(fewest) + 0.5) * most / fewest
    axes.set_xticks(middles, [str(step) for step in range(fewest)], fontsize=8)
    axes.set_xlabel("time step (of layers with more steps, several boxes to one)", fontsize=8)


def _summary(rate: Rate) -> str:
    if not rate.rate:
        return "silent"
    words = [f"{rate.rate:.2%}"]
    if rate.dead_channels:
        words.append(f"{rate.dead_channels} of {rate.channels} channels dead")
    if rate.saturated_channels:
        words.append(f"{rate.saturated_channels} saturated")
    return ", ".join(words)
