"""The section on the training: loss and validation scores against steps."""

from spiking_lowlevel.report_page.chart import Line, Point, chart, running_mean, thinned
from spiking_lowlevel.report_page.markup import lacking, note, section
from spiking_lowlevel.report_page.run_files import Rows, RunFiles

_COLOURS = ("a", "b", "c", "d")


def learning_section(files: RunFiles) -> str:
    """Learning curves, or why there are none."""
    loss, psnr, ssim = _loss(files.metrics), _scores(files, "psnr"), _scores(files, "ssim")
    drawn = [
        chart("Training loss", "training step", "loss", loss, log=True),
        chart("Validation PSNR", "training step", "PSNR in dB", psnr),
        chart("Validation SSIM", "training step", "SSIM", ssim),
    ]
    if not any(drawn):
        why = "no metrics.csv" if not files.metrics else "no training in its metrics.csv"
        body = lacking(f"This run has {why}: the network was imported, or has not trained yet.")
        return section("learning", "Learning curves", body)
    words = "Dashed: the pictures that go in, under the same protocol."
    if not psnr:
        words = "No validation has been logged yet."
    return section(
        "learning", "Learning curves", f'<div class="charts">{"".join(drawn)}</div>', note(words)
    )


def _loss(metrics: Rows) -> list[Line]:
    points = _points(metrics, "train/loss")
    window = max(1, len(points) // 20)
    found = [Line("loss of a batch", thinned(points), "a faint" if window > 1 else "a")]
    if window > 1:
        label = f"mean of the last {window} logged"
        found.append(Line(label, thinned(running_mean(points, window)), "a"))
    return found


def _scores(files: RunFiles, kind: str) -> list[Line]:
    """One line a protocol for what comes out, and a dashed one for what goes in."""
    columns = list(files.metrics[0]) if files.metrics else []
    found = []
    protocols = [c.rpartition("/")[2] for c in columns if c.startswith(f"val/{kind}/")]
    for i, protocol in enumerate(protocols):
        look = _COLOURS[i % len(_COLOURS)]
        after = _points(files.metrics, f"val/{kind}/{protocol}")
        found.append(Line(f"restored, {protocol}", thinned(after), look))
        for column in columns:
            start, end = f"val/{kind}_", f"/{protocol}"
            if column.startswith(start) and column.endswith(end):
                name = column.removeprefix(start).removesuffix(end)
                before = _points(files.metrics, column)
                found.append(Line(f"{name}, {protocol}", thinned(before), f"{look} dashed"))
    return [line for line in found if line.points]


def _points(metrics: Rows, column: str) -> tuple[Point, ...]:
    return tuple((float(r["step"]), float(r[column])) for r in metrics if r.get(column))
