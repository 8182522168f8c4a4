"""A report as lines to read: ✓ what is sound, ✗ what is not, ! and · what is worth knowing."""

from collections.abc import Iterator, Sequence

from spiking_lowlevel.data.layouts import Item, Part
from spiking_lowlevel.data.layouts.halves import Measured
from spiking_lowlevel.data.layouts.table import PUBLISHED
from spiking_lowlevel.data_check.examine import Report, SplitReport

_NAMED = 10
_FAULT, _GOOD, _NOTE, _WARNING = "  ✗ ", "  ✓ ", "  · ", "  ! "


def lines(report: Report) -> tuple[list[str], int]:
    """The lines of a report, and how many faults they name."""
    layout = report.found.layout
    out = [f"{report.root}", f"layout {layout.name}: {layout.summary}"]
    for split in report.splits:
        out += ["", f"{split.name}: {_count(report, split)}"]
        out += _pairing(report, split)
        out += _orphans(split)
        out += _pictures(report, split)
    out += ["", *_overlap(report)]
    fits = _candidates(report)
    if fits and not layout.sets:
        out.append(f"{_NOTE}published with as many pairs: {', '.join(fits)}")
    faults, warnings = (sum(line.startswith(s) for line in out) for s in (_FAULT, _WARNING))
    told = f"{faults} fault{'s' * (faults != 1)}" if faults else "no faults"
    out += ["", told + (f", {warnings} to look at (!)" if warnings else "")]
    return out, faults


def _count(report: Report, split: SplitReport) -> str:
    count = len(split.looks)
    without = all(look.item.clean is None for look in split.looks)
    text = f"{count} {'images without clean ones' if without else 'pairs'}"
    sets = report.found.layout.sets or _called(report)
    counts = {name: PUBLISHED[name].get(split.name, ()) for name in sets}
    counts = {name: numbers for name, numbers in counts.items() if numbers}
    if len(split.parts) > 1 or not counts:
        for part in split.parts:
            if part.folder.name in PUBLISHED and split.name in PUBLISHED[part.folder.name]:
                counts[part.folder.name] = PUBLISHED[part.folder.name][split.name]
    if not counts:
        return text
    by_set = {p.folder.name: len(p.items) for p in split.parts}
    told = []
    for name, numbers in counts.items():
        here = by_set.get(name, count)
        sign = "✓" if here in numbers else "✗"
        own = f"{here} of " if name in by_set and len(by_set) > 1 else ""
        told.append(f"{sign} {name}: {own}{' or '.join(map(str, numbers))} published")
    return f"{text} ({'; '.join(told)})"


def _called(report: Report) -> list[str]:
    """Published sets that the folder is called after, RainL200 for Rain200L too."""
    folders = {_letters(p.name) for p in (report.root.resolve(), report.found.base)}
    return [name for name in PUBLISHED if _letters(name) in folders]


def _letters(name: str) -> str:
    return "".join(sorted(name.lower().replace("-", "").replace("_", "")))


def _candidates(report: Report) -> list[str]:
    """Published sets with the counts of this one."""
    counts = {s.name: len(s.looks) for s in report.splits}
    whole = counts.pop("all", None)
    fits = []
    for name, published in PUBLISHED.items():
        if whole is not None and not counts:
            good = any(whole in numbers for numbers in published.values())
        else:
            good = all(n in published.get(split, ()) for split, n in counts.items())
        if good:
            numbers = "/".join(str(n[0]) for n in published.values())
            fits.append(f"{name} ({numbers})")
    return fits


def _pairing(report: Report, split: SplitReport) -> Iterator[str]:
    rules = dict.fromkeys(p.rule for p in split.parts)
    yield f"{_NOTE}paired by: {'; '.join(rules)}"
    shared = len({look.item.clean for look in split.looks})
    if any(x.item.clean for x in split.looks) and shared < len(split.looks):
        yield f"{_NOTE}{len(split.looks)} degraded images share {shared} clean ones"
    for part in split.parts:
        if part.measured is not None:
            yield _halves(report, part, part.measured)


def _halves(report: Report, part: Part, measured: Measured) -> str:
    rainy = "left" if measured.left == "rain" else "right"
    seen = f"left − right is {measured.difference:+.2f} grey levels on average"
    own = part.folder.is_relative_to(report.root) and part.folder != report.root
    folder = part.folder.relative_to(report.root) if own else part.folder.name
    layout = report.found.layout
    text = f"{folder}: the {rainy} half is taken for the degraded one; {seen}"
    brighter = "rain" if measured.difference > 0 else "clean"
    if measured.how == "published":
        return f"{_NOTE}{text}, which decides nothing: this is the published order"
    if measured.decisive and brighter != measured.left:
        return f"{_NOTE}{text}, which says the opposite of the order given"
    if layout.left is None:
        return f"{_NOTE}{text}"
    if layout.left == measured.left:
        return f"{_NOTE}{text}, as published"
    return f"{_WARNING}{text}: the halves are swapped against the published order; read as measured"


def _orphans(split: SplitReport) -> Iterator[str]:
    degraded = [p for part in split.parts for p in part.degraded_alone]
    clean = [p for part in split.parts for p in part.clean_alone]
    for alone, what in ((degraded, "degraded without a clean image"), (clean, "clean without use")):
        if alone:
            yield f"{_FAULT}{len(alone)} {what}:{_first([str(p) for p in alone])}"
    for one, other in (two for part in split.parts for two in part.twins):
        yield f"{_FAULT}{one} and {other.name} have the same name; keep one of them"


def _pictures(report: Report, split: SplitReport) -> Iterator[str]:
    if split.sizes:
        ordered = sorted(split.sizes, key=lambda s: (s[0] * s[1], s))
        (h, w), (bh, bw) = ordered[0], ordered[-1]
        span = f"all {w}x{h}" if len(ordered) == 1 else f"from {w}x{h} to {bw}x{bh}"
        more = f", {len(ordered)} different" if len(ordered) > 1 else ""
        yield f"{_NOTE}sizes: {span}{more}"
    if split.unreadable:
        yield f"{_FAULT}{len(split.unreadable)} unreadable:{_first(split.unreadable)}"
    uneven = report.uneven(split)
    if uneven:
        told = [
            f"{x.item.degraded} {_size(x.size)} beside {x.item.clean} {_size(x.clean_size)}"
            for x in uneven
        ]
        yield f"{_FAULT}{len(uneven)} pairs of two sizes:{_first(told)}"
    yield from _sides(report, split)
    repeats = report.repeats(split)
    if repeats:
        yield f"{_NOTE}{repeats} clean files have the pixels of another one of {split.name}"


def _sides(report: Report, split: SplitReport) -> Iterator[str]:
    mean = split.difference
    if mean is None:
        return
    text = f"degraded − clean is {mean:+.2f} grey levels on average"
    if report.swapped(split):
        yield f"{_FAULT}{text}: the sides look swapped, since rain adds light"
        return
    expected = report.found.layout.hazy or report.found.layout.enlarge
    if mean < 0 and not expected:
        yield f"{_NOTE}{text}: too little to tell whether the sides are swapped"
    else:
        measured = any(part.measured for part in split.parts)
        good = (
            "the halves are read the right way round" if measured else "the sides are not swapped"
        )
        yield f"{_GOOD}{text}: {good}" if not expected else f"{_NOTE}{text}"
    if split.darker and not expected:
        yield (
            f"{_NOTE}{len(split.darker)} degraded images are darker than their clean one, look at "
            f"them:{_first(_names(split.darker))}"
        )


def _overlap(report: Report) -> Iterator[str]:
    found = report.overlaps()
    for first, second, items in found:
        yield (
            f"{_FAULT}{len(items)} pairs of {second} have a clean image of {first} too:"
            f"{_first(_names(items))}"
        )
    scored = [s.name for s in report.splits if any(x.digest for x in s.looks)]
    if len(scored) > 1 and not found:
        yield f"{_GOOD}no clean image is in two of {', '.join(scored)} (SHA-256 of the pixels)"


def _names(items: Sequence[Item]) -> list[str]:
    return [str(item.degraded) for item in items]


def _first(names: Sequence[str]) -> str:
    """The first names, one a line where there are several, and how many more there are."""
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        shown.append(f"and {len(names) - _NAMED} more")
    return "".join(f"\n      {name}" for name in shown)


def _size(size: tuple[int, int] | None) -> str:
    return f"{size[1]}x{size[0]}" if size else "?"
