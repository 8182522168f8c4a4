"""What was measured, as a table to read; it needs nothing but what the JSON file holds."""

from collections.abc import Iterator
from typing import Any

from spiking_lowlevel.bench.figures import aligned, figures, ratio, seconds
from spiking_lowlevel.bench.timing import spread

_MIB = 2**20
_SMALL = 0.01
"""Share below which kinds of modules are told together."""


def table(report: dict[str, Any]) -> list[str]:
    """The lines of the whole report."""
    lines = list(_head(report))
    for name, section in _SECTIONS.items():
        if name in report["results"]:
            lines += ["", *section(report["results"][name])]
    return lines


def _head(report: dict[str, Any]) -> Iterator[str]:
    m, settings = report["machine"], report["settings"]
    load = "" if m["load_average"] is None else f", load average before {m['load_average']}"
    on = m.get("gpu", m["cpu"])
    yield f"{on}, cores: {m['cores']}, threads: {m['threads']}, torch {m['torch']}{load}"
    yield f"median [min-max] of {settings['rounds']} rounds after {settings['warmup']} to warm up"
    for name, side in report["sides"].items():
        modes = side["modes"]
        words = [modes["precision"], f"compile {modes['compile']}"]
        words += [mode for mode in ("checkpointing", "fuse") if modes[mode]]
        weights = "trained" if side["trained"] else "random weights"
        words += [f"{side['parameters']:,} parameters", weights]
        yield f"{name}: {side['network']}, {', '.join(words)}"
        yield f"   {' '.join(side['words'])}"


def _steps(title: str, result: dict[str, Any]) -> Iterator[str]:
    sides = result["sides"]
    shapes = {name: "x".join(map(str, side["images"])) for name, side in sides.items()}
    told = set(shapes.values())
    each = ", ".join(f"{shape} for {name}" for name, shape in shapes.items())
    yield f"{title}, {told.pop() if len(told) == 1 else each}"
    header = ["", "step", "pictures/s", "GMAC", "GMAC/s", "convolutions alone", "their share"]
    yield from aligned([header, *(_step(name, side) for name, side in sides.items())])
    if "ratio" in result:
        pairs = " ".join(f"{each:.2f}" for each in result["ratio"]["rounds"])
        yield f"A / B: {ratio(result['ratio'])}, pair by pair {pairs}"
    for name, side in sides.items():
        first = ", ".join(figures(each) for each in side["warmup_seconds"])
        yield f"first calls of {name}: {first} s"


def _step(name: str, side: dict[str, Any]) -> list[str]:
    return [
        name,
        seconds(side["seconds"]),
        figures(side["pictures_per_second"]["median"]),
        figures(side["convolution_macs"] / 1e9),
        figures(side["macs_per_second"]["median"] / 1e9),
        seconds(side["floor_seconds"]),
        ratio(side["floor_fraction"]),
    ]


def _inference(result: dict[str, Any]) -> Iterator[str]:
    yield from _steps("inference", result)
    if "difference" in result:
        yield from _difference(result["difference"])


def _difference(found: dict[str, Any]) -> Iterator[str]:
    if "reason" in found:
        yield f"outputs are not compared: {found['reason']}"
        return
    yield (
        f"outputs of A and B differ by {found['max']:.1e} at most, {found['mean']:.1e} on average; "
        f"the network changes its input by {found['mean_residual']:.1e} on average"
    )
    if "spikes" in found:
        s = found["spikes"]
        share = s["differing"] / max(1, s["total"])
        yield (
            f"spikes that differ: {s['differing']:,} of {s['total']:,} ({share:.1e}); "
            f"{s['firing'] / max(1, s['total']):.1%} fire"
        )


def _training(result: dict[str, Any]) -> Iterator[str]:
    yield from _steps("training", result)
    phases = next(iter(result["sides"].values()))["phases"]
    rows = [["", *phases]]
    for name, side in result["sides"].items():
        rows.append([name, *(seconds(spread) for spread in side["phases"].values())])
    yield from aligned(rows)


def _kinds(result: dict[str, Any]) -> Iterator[str]:
    for what, sides in result.items():
        ways = ("forward", "backward") if what == "training" else ("forward",)
        for name, side in sides.items():
            total = sum(_middle(row) for row in side["kinds"].values())
            yield f"kinds of modules, {what} of {name}, uncompiled: {seconds(side['seconds'])}"
            rows = [["", "calls", *ways, "share"]]
            for kind, row in _grouped(side["kinds"], total * _SMALL):
                times = [seconds(row[way]) if way in row else "-" for way in ways]
                rows.append([kind, str(row["calls"]), *times, f"{_middle(row) / total:.1%}"])
            yield from aligned(rows)


def _grouped(kinds: dict[str, Any], least: float) -> list[tuple[str, dict[str, Any]]]:
    """The kinds that take at least so many seconds, and all others as one."""
    large = [(kind, row) for kind, row in kinds.items() if _middle(row) >= least]
    small = [row for row in kinds.values() if _middle(row) < least]
    if len(small) < 2:
        return list(kinds.items())
    together: dict[str, Any] = {"calls": sum(row["calls"] for row in small)}
    for way in ("forward", "backward"):
        parts = [row[way]["rounds"] for row in small if way in row]
        if parts:
            together[way] = spread(map(sum, zip(*parts, strict=True)))
    return [*large, (f"{len(small)} other kinds", together)]


def _middle(row: dict[str, Any]) -> float:
    return sum(row[way]["median"] for way in ("forward", "backward") if way in row)


def _memory(result: dict[str, Any]) -> Iterator[str]:
    yield "peak memory of a process of its own, MiB"
    rows = [["", "what", "before", "peak above it"]]
    for name, side in result.items():
        for what, peak in side.items():
            rows.append([name, what, *(f"{peak[k] / _MIB:,.0f}" for k in ("base", "over"))])
    yield from aligned(rows)


def _loading(result: dict[str, Any]) -> Iterator[str]:
    yield "waiting for the next training batch, with the data as configured"
    rows = [["", "workers", "batches", "wait", "step", "share of a step", "of all steps"]]
    for name, r in result.items():
        spread = r["share"]
        share = f"{spread['median']:.1%} [{spread['min']:.1%}-{spread['max']:.1%}]"
        counts = [str(r["workers"]), str(r["batches"])]
        times = [seconds(r["wait"]), seconds(r["step"])]
        rows.append([name, *counts, *times, share, f"{r['overall_share']:.1%}"])
    yield from aligned(rows)


def _watching(result: dict[str, Any]) -> Iterator[str]:
    yield "one forward pass, watched or not; hooks put on before and taken off after"
    rows = [["", "watched by", "time", "/ not watched"]]
    for name, ways in result.items():
        for way, r in ways.items():
            rows.append([name, way, seconds(r["seconds"]), ratio(r["over_plain"])])
    yield from aligned(rows)


def _processes(result: dict[str, Any]) -> Iterator[str]:
    one = next(iter(result.values()))
    yield (
        f"training in {one['processes']} processes of {one['threads_each']} threads, "
        f"{one['batch_each']} crops each"
    )
    rows = [["", *one["seconds"], "/ one process", "/ not exchanging"]]
    for name, r in result.items():
        times = [seconds(spread) for spread in r["seconds"].values()]
        rows.append([name, *times, ratio(r["over_one"]), ratio(r["over_ideal"])])
    yield from aligned(rows)


def _sweeps(result: dict[str, Any]) -> Iterator[str]:
    for name, swept in result.items():
        yield f"growth with {name}"
        for side, along in swept["sides"].items():
            lists = {_head_of(kind): each for kind, each in along.items() if kind != "exponents"}
            rows = [[f"{side}: {'side' if name == 'area' else name}", *lists]]
            for i, value in enumerate(swept["values"]):
                rows.append([str(value), *(_cell(each[i]) for each in lists.values())])
            for which in ("all", "last two"):
                fits = along["exponents"][which]
                told = ["-" if fits.get(kind) is None else f"{fits[kind]:.2f}" for kind in lists]
                rows.append([f"exponent, {which}", *told])
            yield from aligned(rows)


def _head_of(kind: str) -> str:
    return f"{kind.removesuffix('_bytes')} MiB" if kind.endswith("_bytes") else kind


def _cell(value: Any) -> str:  # noqa: ANN401
    return figures(value / _MIB) if isinstance(value, int) else seconds(value)


_SECTIONS = {
    "inference": _inference,
    "training": _training,
    "kinds": _kinds,
    "loading": _loading,
    "memory": _memory,
    "watching": _watching,
    "processes": _processes,
    "sweeps": _sweeps,
}
