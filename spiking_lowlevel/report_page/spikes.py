"""The sections on spikes: where every neuron layer fires, and how often."""

import numpy as np
from PIL import Image as Pillow
from torch import Tensor

from spiking_lowlevel.callbacks.firing import Rate, alarms
from spiking_lowlevel.callbacks.spike_maps import overlay
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.report_page.markup import lacking, note, picture, section, table, text
from spiking_lowlevel.report_page.run_files import Rows, RunFiles
from spiking_lowlevel.report_page.watching import SATURATED, Shown, Watched

_NO_SPIKES = "This network has no spiking neurons: its activations are real values everywhere."
_SIDE = 320  # pixels of the longer side of a map, so that a page of many layers stays small


def maps_section(watched: Watched | None, why: str) -> str:
    """A map of every neuron layer by level of resolution, or why there are none."""
    title = "Spike maps"
    if watched is None:
        return section("maps", title, lacking(why))
    first = watched.shown[0]
    if not first.maps.rates:
        return section("maps", title, lacking(_NO_SPIKES))
    words = (
        f"Where the layers fire on {first.name}: the rate over steps and channels in colour, over "
        "the picture in grey. Every map has a scale of its own, since layers differ by orders of "
        "magnitude; its title tells the mean and the brightest place. Click a map to enlarge it."
    )
    levels = "".join(_level(first, side) for side in first.maps.levels())
    return section("maps", title, note(words), levels)


def rates_section(watched: Watched | None, why: str, files: RunFiles) -> str:
    """Rates by layer and by step on the pictures shown, and those that the run has logged."""
    title = "Spike rates"
    logged = last_epoch(files.spikes)
    if watched is not None and not watched.rates:
        return section("rates", title, lacking(_NO_SPIKES))
    if watched is None and not logged:
        return section("rates", title, lacking(f"{why} There is no spikes.csv either."))
    if watched is None:
        return section("rates", title, lacking(why), _logged(logged))
    words = (
        "Rate: spikes that are not zero over all places, on the pictures shown above. t1, t2, ...: "
        "the same at every time step that the layer runs. Dead channels never fired there; "
        f"saturated ones fired at more than {SATURATED:.0%}."
    )
    if logged:
        words += " Logged: the rate in the last epoch of the spikes.csv of the run, over its "
        words += f"{files.spikes_of} pictures."
    alarm = alarms(list(watched.rates), SATURATED)
    told = "".join(f'<p class="alarm">{text(line)}</p>' for line in alarm.splitlines())
    return section("rates", title, note(words), told, _rates(watched.rates, logged))


def last_epoch(spikes: Rows) -> dict[str, float]:
    """The rate by layer in the last epoch of spikes.csv."""
    last = max((int(row["epoch"]) for row in spikes), default=0)
    return {row["neuron"]: float(row["rate"]) for row in spikes if int(row["epoch"]) == last}


def _level(shown: Shown, side: int) -> str:
    maps = shown.maps
    names = [name for name in maps.rates if maps.sides[name] == side]
    size = "full resolution" if side == 1 else f"1/{side} resolution"
    plural = "" if len(names) == 1 else "s"
    every = _map(shown, f"all {size}", "mean of its layers", maps.levels()[side])
    cells = "".join(_map(shown, name, "", maps.rates[name]) for name in names)
    head = f"{size[0].upper()}{size[1:]} ({len(names)} layer{plural})"
    return f'<h3>{text(head)}</h3><div class="multiples">{every}{cells}</div>'


def _map(shown: Shown, name: str, about: str, rate: Tensor) -> str:
    top = float(rate.max())
    told = f"mean {float(rate.mean()):.2%}, brightest {top:.1%}" if top else "silent"
    words = f"{about}: {told}" if about else told
    image = picture(_small(overlay(shown.degraded, rate, top)), f"{name}: {told}", "WEBP", 78)
    return (
        f'<figure class="map"><label><input type="checkbox" aria-label="enlarge {text(name)}">'
        f"{image}</label><figcaption><b>{_breakable(name)}</b> {text(words)}</figcaption></figure>"
    )


def _small(image: Image) -> Image:
    height, width = image.shape[:2]
    part = _SIDE / max(height, width)
    if part >= 1:
        return image
    size = (max(1, round(width * part)), max(1, round(height * part)))
    return np.asarray(Pillow.fromarray(image).resize(size, Pillow.Resampling.BOX))


def _rates(rates: tuple[Rate, ...], logged: dict[str, float]) -> str:
    steps = max(len(rate.step_rates) for rate in rates)
    top = max(rate.rate for rate in rates)
    brightest = max(max(rate.step_rates, default=0.0) for rate in rates)
    head = ["layer", "levels", "rate", *(f"t{t + 1}" for t in range(steps)), "dead", "saturated"]
    if logged:
        head.append("logged")
    body = []
    for rate in rates:
        row = [_breakable(rate.neuron), str(rate.levels), _bar(rate.rate, top)]
        row += [_cell(value, brightest) for value in rate.step_rates]
        row += ["–"] * (steps - len(rate.step_rates))
        row += [_share(rate.dead_channels, rate.channels)]
        row += [_share(rate.saturated_channels, rate.channels)]
        if logged:
            row.append(f"{logged[rate.neuron]:.2%}" if rate.neuron in logged else "–")
        body.append(row)
    return table(head, body)


def _logged(logged: dict[str, float]) -> str:
    top = max(logged.values())
    body = [[_breakable(name), _bar(rate, top)] for name, rate in logged.items()]
    words = note("The rates in the last epoch of the spikes.csv of the run:")
    return words + table(["layer", "rate"], body)


def _bar(value: float, top: float) -> str:
    part = 100 * value / top if top else 0
    return f'<span class="bar" style="--part:{part:.1f}%">{value:.2%}</span>'


def _cell(value: float, top: float) -> str:
    # The root, so that small rates can be told apart as well.
    part = 100 * (value / top) ** 0.5 if top else 0
    return f'<span class="heat" style="--part:{part:.0f}%">{value:.1%}</span>'


def _share(part: int | None, whole: int | None) -> str:
    words = f"{part} of {whole}"
    return f"<b>{words}</b>" if part else words


def _breakable(name: str) -> str:
    """A dotted name that may break after its dots."""
    return text(name).replace(".", ".<wbr>")
