"""What stands above and below a table: the headline, the totals, what to make of them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from spiking_lowlevel.energy.report.bill import Baseline, Bill
from spiking_lowlevel.energy.report.figures import count, priced, share, times
from spiking_lowlevel.energy.report.flags import MEANINGS
from spiking_lowlevel.energy.report.report import HONEST, USUAL, Report
from spiking_lowlevel.energy.thresholds import MEAN_RATE, SPIKES_PER_SYNAPSE, Band

UNTRAINED = (
    "untrained weights: which layers see real values and the totals of operations hold; rates, "
    "energy and what is silent don't"
)
MODELLED = (
    "Modelled, not measured: counted operations times published constants, most of them for 45 nm. "
    "Compare networks within a column, never across columns."
)
_NAMED = 5
"""Operations and parameters that are named; of more, only the number is told."""


def head(report: Report, model: str) -> list[str]:
    """What was watched, and the share of it that additions alone can answer."""
    r = report.recording
    dense = r.macs_dense / r.images
    images = f"{r.images} image{'s' if r.images > 1 else ''} of {r.pixels / r.images:,.0f} pixels"
    zeros = report.silent_fraction
    silent = f" ({share(zeros)}: nothing but zeros)" if zeros else ""
    found = [
        f"{report.who}: {share(r.spike_driven_fraction)} spike-driven, the "
        f"share of {count(dense)} dense MACs whose input is spikes{silent}",
        f"{images}, T = {r.time_steps}, {r.parameters:,} parameters, "
        f"{share(r.coverage)} of operations counted; all numbers per image, % of "
        f"{model}",
    ]
    return found if report.trained else [*found, UNTRAINED]


def legend(report: Report, model: str) -> list[str]:
    """What the flags in a table say and how many layers have each; what is saved by a model."""
    names = Counter(f.name for x in report.recording.layers for f in set(report.flags(x)))
    width = max(map(len, names), default=0)
    found = []
    for name, meaning in MEANINGS.items():
        if name in names:
            layers = f"{names[name]} layer{'s' if names[name] > 1 else ''}"
            saved = f" ({_saving(report, model)})" if name == "T-REDUNDANT" else ""
            found.append(f"{name.ljust(width)}  {layers}: {meaning}{saved}")
    return found


def saving(report: Report, model: str) -> float:
    """What a model asks for frames that were worked out before, per image and in its unit."""
    pairs = zip(report.recording.layers, report.bill(model).charges, strict=True)
    return sum(charge.total * (1 - 1 / layer.copies) for layer, charge in pairs)


def _saving(report: Report, model: str) -> str:
    bill = report.bill(model)
    saved = saving(report, model)
    part = share(saved / bill.total) if bill.total else "0%"
    return f"saves {priced(saved, bill.unit)}, {part} of {model}"


def totals(report: Report) -> list[list[list[str]]]:
    """For every unit a table: each model's total, its baselines, its break-even rate."""
    units: dict[str, list[Bill]] = {}
    for bill in report.bills:
        units.setdefault(bill.unit, []).append(bill)
    return [_totals(unit, bills) for unit, bills in units.items()]


def _totals(unit: str, bills: Sequence[Bill]) -> list[list[str]]:
    names = dict.fromkeys(_name(each) for bill in bills for each in bill.baselines)
    what = "energy" if unit == "pJ" else unit
    rows = [["model", what, *names, "break-even rate"]]
    for bill in bills:
        known = {_name(each): each.total for each in bill.baselines}
        cells = [_beside(bill, known[name]) if name in known else "" for name in names]
        rate = "" if bill.break_even is None else f"{bill.break_even:.2f}"
        rows.append([bill.model, priced(bill.total, unit), *cells, rate])
    return _filled(rows)


def _filled(rows: list[list[str]]) -> list[list[str]]:
    """Without the columns that hold nothing but their heads."""
    kept = [i for i, column in enumerate(zip(*rows, strict=True)) if any(column[1:])]
    return [[row[i] for i in kept] for row in rows]


def _name(baseline: Baseline) -> str:
    return (
        f"{baseline.name} int{baseline.bits}" if baseline.name == "bit-matched" else baseline.name
    )


def _beside(bill: Bill, baseline: float) -> str:
    """A baseline, and how many times more the network costs."""
    told = priced(baseline, bill.unit)
    return f"{told} ({times(bill.total / baseline)})" if baseline else told


def sentences(report: Report) -> list[str]:
    """What follows from the numbers, and what does not; one a line."""
    return [*_verdicts(report), *_missed(report), *_closing(report)]


def _verdicts(report: Report) -> Iterator[str]:
    if any(bill.baselines for bill in report.bills):
        yield (
            "In brackets: how many times the baseline the network costs. ANN: the same network "
            "without spikes, run once, in the prices of the model; int8 and bit-matched: the same "
            "in integers; beside another precision the factor also holds the change of precision."
        )
    never = [b.model for b in report.bills if b.break_even is not None and b.break_even > 1]
    if never:
        yield (
            "Break-even rates above 1 can't be reached by binary spikes: "
            f"by {', '.join(never)} they win at any rate, in layers that see spikes alone."
        )
    if report.understatement is not None:
        yield (
            f"The usual protocol ({USUAL}) tells {priced(report.bill(USUAL).total, 'pJ')}: "
            f"{HONEST} asks {times(report.understatement)} that, each input priced as what it is."
        )
    yield from _held_against(report)


def _held_against(report: Report) -> Iterator[str]:
    """Rates beside the published limits below which spikes pay."""
    spikes, rate = report.spikes_per_synapse, report.recording.mean_rate
    if spikes is not None:
        band = SPIKES_PER_SYNAPSE
        yield (
            f"Spikes per synapse and image: {spikes:.3f}, {band.place(spikes)} the "
            f"{band.low.value} to {band.high.value} up to which spikes pay, by how often an ANN "
            f"reuses data ({_who(band)})."
        )
    if report.recording.neurons:
        band = MEAN_RATE
        yield (
            f"Firing rate of all neurons: {share(rate)}, {band.place(rate)} the "
            f"{share(band.low.value)} to {share(band.high.value)} up to which spikes pay once data "
            f"movement counts ({_who(band)})."
        )


def _who(band: Band) -> str:
    """Whose limits they are, without the place in the paper."""
    return ", ".join(band.low.source.split(", ")[:-1]) or band.low.source


def _missed(report: Report) -> Iterator[str]:
    r = report.recording
    if r.uncounted:
        calls = sum(each.calls for each in r.uncounted)
        yield f"Not counted: {_calls(calls)}, {share(1 - r.coverage)} of all, without a rule:"
        for each in sorted(r.uncounted, key=lambda each: -each.elements)[:_NAMED]:
            yield (
                f"  {each.op} in {each.module or 'the network'}: {_calls(each.calls)}, "
                f"{count(each.elements / r.images)} output elements per image"
            )
        if len(r.uncounted) > _NAMED:
            yield f"  and {len(r.uncounted) - _NAMED} more"
    if r.missed_parameters:
        named = ", ".join(r.missed_parameters[:_NAMED])
        more = len(r.missed_parameters) - _NAMED
        yield (
            f"Parameters that no counted operation used: {named}"
            f"{f' and {more} more' if more > 0 else ''}."
        )


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number} calls"


def _closing(report: Report) -> Iterator[str]:
    yield MODELLED
    if report.versions:
        yield ", ".join(f"{name} {number}" for name, number in report.versions.items())
