"""The section with pictures before and after under a slider, and what is wrong with them."""

import torch
from torch import Tensor

from spiking_lowlevel.callbacks.spike_maps import overlay
from spiking_lowlevel.callbacks.strips import error_map, heat
from spiking_lowlevel.data.images import to_image
from spiking_lowlevel.report_page.markup import lacking, note, picture, section, text
from spiking_lowlevel.report_page.run_files import Score
from spiking_lowlevel.report_page.watching import Shown, Watched

ERROR_TOP = 0.2
"""Error that has the brightest colour: 51 of 255 levels."""


def pictures_section(watched: Watched | None, why: str, whole: tuple[Score, ...]) -> str:
    """Sliders and error maps, or why there are none.

    Args:
        watched: what was restored, if anything.
        why: what stands in its place otherwise.
        whole: scores of whole pictures, as the run has them.
    """
    if watched is None:
        return section("pictures", "Before and after", lacking(why))
    words = (
        f"Cut out of the middle of {watched.source}, restored by the weights of this run. "
        "Drag over a picture, or use the slider under it."
    )
    shown = "".join(
        _shown(i, one, watched.degraded, whole) for i, one in enumerate(watched.shown, 1)
    )
    return section("pictures", "Before and after", note(words), shown)


def _shown(number: int, shown: Shown, degraded: str, whole: tuple[Score, ...]) -> str:
    slider = _slider(number, shown, degraded)
    return (
        f'<article class="shown"><h3>{text(shown.name)}</h3><div class="beside">{slider}'
        f'<div class="maps4">{_maps(shown, degraded)}</div></div>{_caption(shown, whole)}</article>'
    )


def _slider(number: int, shown: Shown, degraded: str) -> str:
    before = picture(to_image(shown.degraded), f"{shown.name}, {degraded}")
    after = picture(to_image(shown.maps.restored), f"{shown.name}, restored")
    label = f"How much of {shown.name} is shown as it was, {degraded}, in per cent from the left"
    return (
        f'<div class="compare" role="group" aria-label="{text(shown.name)}, before and after">'
        '<div class="stack">'
        f'<figure class="after">{after}<figcaption>restored</figcaption></figure>'
        f'<figure class="before">{before}<figcaption>{text(degraded)}</figcaption></figure>'
        '<span class="handle" aria-hidden="true"></span></div>'
        f'<input type="range" id="slider-{number}" min="0" max="100" step="1" value="50" '
        f'aria-label="{text(label)}"></div>'
    )


def _maps(shown: Shown, degraded: str) -> str:
    rate, spikes = shown.maps.mean, []
    if shown.maps.rates:
        words = f"spikes of all layers, 0 to {float(rate.max()):.1%}"
        spikes = [(words, overlay(shown.degraded, rate, float(rate.max())))]
    if shown.clean is None:
        removed = error_map(shown.maps.restored, shown.degraded, ERROR_TOP)
        found = [*spikes, ("what was changed", removed)]
    else:
        found = [
            ("truth", to_image(shown.clean)),
            *spikes,
            (f"error, {degraded}", error_map(shown.degraded, shown.clean, ERROR_TOP)),
            ("error, restored", error_map(shown.maps.restored, shown.clean, ERROR_TOP)),
        ]
    maps = "".join(
        f"<figure>{picture(image, f'{shown.name}: {title}', 'WEBP', 85)}"
        f"<figcaption>{text(title)}</figcaption></figure>"
        for title, image in found
    )
    return maps + scale()


def scale() -> str:
    """The colours of an error map, with their values."""
    colours = heat(torch.linspace(0, 1, 9)[None], 1.0)[0]
    stops = ",".join(f"rgb({r},{g},{b})" for r, g, b in colours)
    return (
        '<p class="scale">error <span>0</span>'
        f'<i style="background:linear-gradient(90deg,{stops})" aria-hidden="true"></i>'
        f"<span>{ERROR_TOP} and more of 1, mean of the colours</span></p>"
    )


def mean_error(a: Tensor, b: Tensor) -> float:
    """The mean absolute difference of two images."""
    return float((a - b).abs().mean())


def _caption(shown: Shown, whole: tuple[Score, ...]) -> str:
    if shown.clean is None:
        changed = mean_error(shown.maps.restored, shown.degraded)
        words = "There is no truth for this picture, so no score. "
        words += f"The network changed it by {changed:.4f} of 1 a pixel on average."
        return f'<p class="scores">{text(words)}</p>'
    lines = [_line(f"{s.protocol}, what is shown", s) for s in shown.scores]
    mine = [s for s in whole if s.name == shown.name]
    lines += [_line(f"{s.protocol}, the whole picture", s) for s in mine]
    return f'<ul class="scores">{"".join(lines)}</ul>'


def _line(title: str, score: Score) -> str:
    (a, b), (c, d) = score.psnr, score.ssim
    return (
        f"<li>{text(title)}: PSNR {a:.2f} → <b>{b:.2f} dB</b> ({b - a:+.2f}), "
        f"SSIM {c:.4f} → <b>{d:.4f}</b></li>"
    )
