"""What the page says of a photograph in words and numbers, as HTML."""

from collections.abc import Sequence
from html import escape

from spiking_lowlevel.demo.studied import COUNTED, Studied
from spiking_lowlevel.energy.report.bill import Bill
from spiking_lowlevel.energy.report.figures import count, energy, share, times
from spiking_lowlevel.energy.report.report import HONEST, USUAL, Report

_NAMES = {HONEST: "Every operation counted", USUAL: "As papers usually report"}
_MEANINGS = {
    HONEST: "HorowitzFP32: each input priced as what it is, neurons and norms included",
    USUAL: "LiteratureProtocol: firing rate × textbook operations, all else free",
}


def facts(studied: Studied) -> str:
    """The few numbers that matter, as a row of tiles."""
    H, W, _ = studied.after.shape
    r = studied.report.recording
    mean_rate = share(r.mean_rate) if r.neurons else "no spikes"
    cells = [
        (f"{studied.seconds:.2f} s", f"to restore {W}×{H} px, {studied.tiles}"),
        (share(r.spike_driven_fraction), "spike-driven: of the multiply-accumulates, the share fed "
         "by spikes alone"),
        (mean_rate, "firing rate: of the neurons' outputs, the share that spike"),
        (count(r.parameters), f"parameters, {r.time_steps} time steps"),
    ]  # fmt: skip
    tiles = "".join(
        f"<div><b>{escape(number)}</b><span>{escape(what)}</span></div>" for number, what in cells
    )
    return f'<div class="facts">{tiles}</div>'


def energy_table(studied: Studied) -> str:
    """The energy of the network beside its twin without spikes, under two models, as a table."""
    report = studied.report
    H, W, _ = studied.after.shape
    rows = "".join(_row(report, model, H * W) for model in (HONEST, USUAL))
    heads = ("Model", "Spiking network", "Same network without spikes", "Ratio", "This photograph")
    above = "".join(f'<th scope="col">{head}</th>' for head in heads)
    notes = "".join(f"<p>{escape(note)}</p>" for note in _notes(report, (H, W)))
    return (
        f'<div class="energy"><h3>Energy, per megapixel</h3><table><thead><tr>{above}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{notes}</div>"
    )


def spikes_note(studied: Studied) -> str:
    """What the spike maps are of."""
    H, W, _ = studied.after.shape
    if not studied.maps.rates:
        return "This network has no spiking neurons."
    told = (
        "Firing rate, dark to bright, over the restored photograph in grey; each map has its own "
        "scale."
    )
    height, width = studied.maps.restored.shape[-2:]
    if (height, width) != (H, W):
        told += f" Of the middle {width}×{height} px of the photograph."
    return told


def _row(report: Report, model: str, pixels: int) -> str:
    bill = report.bill(model)
    scale = report.recording.images / report.recording.pixels
    each, twin = bill.total * scale, _twin(bill) * scale
    numbers: Sequence[str] = (
        energy(each * 1e6),
        energy(twin * 1e6),
        times(each / twin) if twin else "",
        energy(each * pixels),
    )
    cells = "".join(f"<td>{escape(number)}</td>" for number in numbers)
    name = f"{_NAMES[model]}<small>{escape(_MEANINGS[model])}</small>"
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _twin(bill: Bill) -> float:
    return next(each.total for each in bill.baselines if each.name == "ANN")


def _notes(report: Report, size: tuple[int, int]) -> list[str]:
    height, width = (min(side, COUNTED) for side in size)
    found = [
        f"Counted on the middle {width}×{height} px and scaled by area; overlaps of tiles are left "
        "out. A model of additions and multiplications in 45 nm silicon, not a measurement: "
        "memory and data movement are free in it."
    ]
    if report.understatement is not None:
        found.insert(
            0, f"Counting every operation asks {times(report.understatement)} what papers' usual "
            "protocol tells. Below 1x in the column Ratio, spikes save energy.",
        )  # fmt: skip
    missed = report.recording.coverage < 1 or report.recording.missed_parameters
    return [*found, *(["Some operations have no rule yet: totals are too low."] if missed else [])]
