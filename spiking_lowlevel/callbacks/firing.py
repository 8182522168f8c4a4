"""Firing rates as a value: tables, and alarms in words."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spiking_lowlevel.callbacks.spike_counts import Counts


@dataclass(frozen=True)
class Rate:
    """What one neuron layer did in one epoch; rates and means in [0, 1].

    Args:
        epoch: of the training.
        neuron: full name of the layer.
        levels: D of its spikes.
        rate: spikes that are not zero / all places.
        mean: sum of all spikes / all places.
        channels: how many it has; None, as all below is empty, where an older checkpoint tells.
        dead_channels: those that never fired.
        saturated_channels: those that fire at more than the rate that counts as saturated.
        step_rates: the rate at every time step.
        step_means: the mean at every time step.
    """

    epoch: int
    neuron: str
    levels: int
    rate: float
    mean: float
    channels: int | None = None
    dead_channels: int | None = None
    saturated_channels: int | None = None
    step_rates: tuple[float, ...] = ()
    step_means: tuple[float, ...] = ()


def rate_of(epoch: int, neuron: str, counts: Counts, saturated: float) -> Rate:
    """The rates of one layer from its counts; channels above the rate `saturated` are saturated."""
    by_channel = counts.rate(axis=0)
    return Rate(
        epoch,
        neuron,
        counts.levels,
        float(counts.rate()),
        float(counts.mean()),
        channels=len(by_channel),
        dead_channels=int((by_channel == 0).sum()),
        saturated_channels=int((by_channel > saturated).sum()),
        step_rates=tuple(counts.rate(axis=1).tolist()),
        step_means=tuple(counts.mean(axis=1).tolist()),
    )


def alarms(rates: list[Rate], saturated: float) -> str:
    """Sentences on silent, half dead and saturated layers, each with advice; or nothing."""
    dead = [r.neuron for r in rates if r.rate == 0]
    idle = [r.neuron for r in rates if r.rate and 2 * (r.dead_channels or 0) > (r.channels or 0)]
    full = [r.neuron for r in rates if r.rate > saturated]
    sentences = []
    if dead:
        sentences.append(
            f"spikes: {len(dead)} of {len(rates)} neuron layers are silent ({_some(dead)}): "
            "they pass nothing on. Lower their threshold, or start the norms before them larger."
        )
    if idle:
        sentences.append(
            f"spikes: in {len(idle)} of {len(rates)} neuron layers most channels never fire "
            f"({_some(idle)}): their weights are idle. Lower the threshold or the learning rate."
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
    """All rates as CSV text, one row a neuron layer and epoch; steps are counted, not listed."""
    head = ["epoch", "neuron", "levels", "rate", "mean", "steps", "channels"]
    head += ["dead_channels", "saturated_channels"]
    return _csv(head, ({**vars(r), "steps": len(r.step_rates) or None} for r in history))


def step_table(history: list[Rate]) -> str:
    """Rates of single time steps as CSV text, one row a neuron layer, epoch and step from 0."""
    rows = (
        {"epoch": r.epoch, "neuron": r.neuron, "step": step, "rate": rate, "mean": mean}
        for r in history
        for step, (rate, mean) in enumerate(zip(r.step_rates, r.step_means, strict=True))
    )
    return _csv(["epoch", "neuron", "step", "rate", "mean"], rows)


def channel_table(epoch: int, counts: Mapping[str, Counts]) -> str:
    """Rates of single channels as CSV text, one row a neuron layer and channel from 0."""
    rows = (
        {"epoch": epoch, "neuron": name, "channel": channel, "rate": rate, "mean": mean}
        for name, c in counts.items()
        for channel, (rate, mean) in enumerate(_rates_and_means(c))
    )
    return _csv(["epoch", "neuron", "channel", "rate", "mean"], rows)


def _rates_and_means(counts: Counts) -> Iterable[tuple[float, float]]:
    return zip(counts.rate(axis=0).tolist(), counts.mean(axis=0).tolist(), strict=True)


def _csv(head: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, head, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
