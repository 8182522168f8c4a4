"""The page: its head with the numbers that count, the navigation, and all sections."""

from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel import __version__
from spiking_lowlevel.energy.report.figures import count, priced, share
from spiking_lowlevel.energy.report.report import Report
from spiking_lowlevel.energy.report.table import chosen
from spiking_lowlevel.report_page.energy import energy_section
from spiking_lowlevel.report_page.learning import learning_section
from spiking_lowlevel.report_page.markup import text
from spiking_lowlevel.report_page.pictures import pictures_section
from spiking_lowlevel.report_page.run_files import RunFiles, means
from spiking_lowlevel.report_page.scores import scores_section
from spiking_lowlevel.report_page.settings import settings_section, versions_section
from spiking_lowlevel.report_page.spikes import maps_section, rates_section
from spiking_lowlevel.report_page.watching import Watched

_SECTIONS = {
    "learning": "Learning",
    "pictures": "Pictures",
    "maps": "Spike maps",
    "rates": "Spike rates",
    "energy": "Energy",
    "scores": "Scores",
    "config": "Configuration",
    "versions": "Versions",
}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@dataclass(frozen=True)
class Contents:
    """What a page tells.

    Args:
        files: of the run.
        watched: what the network made of pictures, if it could.
        unwatched: why it could not.
        report: what it computes, if it was counted.
        uncounted: why it was not.
    """

    files: RunFiles
    watched: Watched | None
    unwatched: str
    report: Report | None
    uncounted: str


def page(told: Contents) -> str:
    """The whole page as text."""
    files, here = told.files, Path(__file__).parent
    style = (here / "page.css").read_text(encoding="utf-8")
    script = (here / "page.js").read_text(encoding="utf-8")
    links = "".join(f'<a href="#{key}">{title}</a>' for key, title in _SECTIONS.items())
    body = "\n".join(
        [
            learning_section(files),
            pictures_section(told.watched, told.unwatched, (*files.test, *files.validation)),
            maps_section(told.watched, told.unwatched),
            rates_section(told.watched, told.unwatched, files),
            energy_section(told.report, told.uncounted),
            scores_section(files),
            settings_section(files),
            versions_section(files),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{text(files.name)}: {text(files.network)}</title><style>{style}</style></head>\n"
        f'<body><a class="skip" href="#main">To the sections</a>{_head(told)}'
        f'<nav aria-label="Sections">{links}</nav>\n<main id="main">\n{body}\n</main>'
        f"<footer>Written by slv report, spiking_lowlevel {text(__version__)}.</footer>"
        f"<script>{script}</script></body></html>\n"
    )


def _head(told: Contents) -> str:
    cards = "".join(
        f'<div class="card"><dt>{text(title)}</dt><dd>{value}'
        f"<small>{text(about)}</small></dd></div>"
        for title, value, about in _cards(told)
    )
    return (
        f'<header><p class="network">{text(told.files.network)}</p>'
        f'<h1>{text(told.files.name)}</h1><dl class="cards">{cards}</dl></header>'
    )


def _cards(told: Contents) -> list[tuple[str, str, str]]:
    """Title, value as HTML, and a remark of every number that counts."""
    found = [*_quality(told.files), *_energy(told.report)]
    if told.watched:
        number = told.watched.parameters
        found.append(("parameters", count(number), f"{number:,}"))
    files = told.files
    steps = "none logged" if files.steps is None else f"{files.steps:,}"
    found.append(("training steps", steps, "as far as metrics.csv tells"))
    if files.seconds is not None:
        passed = duration(files.seconds)
        found.append(("wall time", passed, "from the first to the last file of the training"))
    return found


def _quality(files: RunFiles) -> list[tuple[str, str, str]]:
    which, scores = files.scored
    if not scores:
        return [("PSNR", "not scored yet", "")]
    mean, number = next(iter(means(scores).values()))
    (a, b), (c, d) = mean.psnr, mean.ssim
    about = f"{mean.protocol}, mean of {number} {which} pictures"
    return [
        (f"PSNR, {mean.protocol}", f"{a:.2f} → <b>{b:.2f} dB</b>", f"{b - a:+.2f} dB; {about}"),
        (f"SSIM, {mean.protocol}", f"{c:.4f} → <b>{d:.4f}</b>", f"{d - c:+.4f}; {about}"),
    ]


def _energy(report: Report | None) -> list[tuple[str, str, str]]:
    if report is None:
        return [("energy", "not counted", "")]
    model, r = chosen(report, None)[0], report.recording
    bill = report.bill(model)
    pixels = f"per image of {r.pixels / r.images:,.0f} pixels, T = {r.time_steps}"
    dense = "of the dense multiply-accumulates see spikes"
    return [
        ("spike-driven", f"<b>{text(share(r.spike_driven_fraction))}</b>", dense),
        (f"energy, {model}", f"<b>{text(priced(bill.total, bill.unit))}</b>", f"modelled {pixels}"),
    ]


def duration(seconds: float) -> str:
    """A time as a person says it.

    >>> duration(42), duration(250), duration(5940)
    ('42 s', '4 min 10 s', '1 h 39 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
