"""The section on scores: every protocol, what it means, and picture by picture."""

from spiking_lowlevel import registry
from spiking_lowlevel.report_page.markup import details, lacking, note, section, table, text
from spiking_lowlevel.report_page.run_files import RunFiles, Score, inside, means

_MOST = 200  # pictures that are listed one by one


def scores_section(files: RunFiles) -> str:
    """Means under every protocol before and after, of the test and of the last validation."""
    title = "Scores by protocol"
    test = f"slv test --run {files.folder}"
    if not files.test and not files.validation:
        body = lacking(f"This run has no per_image.csv: nothing has been scored yet. Run: {test}")
        return section("scores", title, body)
    body = []
    if files.test:
        settings = files.test_settings or files.settings
        body.append(_means(f"Test, {_pictures(files.test)}{_of(settings)}", files.test))
        body.append(_each("Every test picture", files.test))
    else:
        body.append(lacking(f"This run has not been tested yet. Run: {test}"))
    if files.validation:
        told = f"Last validation, {_pictures(files.validation)}{_of(files.settings)}"
        body.append(_means(told, files.validation))
        body.append(_each("Every validation picture", files.validation))
    words = "A PSNR means little without its protocol. Means are over pictures; never over pixels "
    words += "of all of them together."
    return section("scores", title, note(words), *body)


def meaning(protocol: str) -> str:
    """One sentence on a protocol; nothing where it is not registered any more."""
    registry.load("protocol")
    name = protocol.partition("(")[0]
    return next((e.summary for e in registry.entries("protocol") if e.name == name), "")


def _means(title: str, scores: tuple[Score, ...]) -> str:
    head = ["protocol", "PSNR before", "after", "gain", "SSIM before", "after", "gain"]
    body = [
        [*_row(text(protocol), mean), f'<span class="scope">{text(meaning(protocol))}</span>']
        for protocol, (mean, _) in means(scores).items()
    ]
    return table([*head, "what it means"], body, title=title, last=True)


def _each(title: str, scores: tuple[Score, ...]) -> str:
    head = ["picture", "protocol", "PSNR before", "after", "gain", "SSIM before", "after", "gain"]
    body = [[text(s.name), *_row(text(s.protocol), s)] for s in scores[:_MOST]]
    more = len(scores) - _MOST
    rest = note(f"And {more} more rows in per_image.csv.") if more > 0 else ""
    return details(title, table(head, body, left=2) + rest)


def _row(name: str, score: Score) -> list[str]:
    (a, b), (c, d) = score.psnr, score.ssim
    return [
        name,
        f"{a:.2f}",
        f"<b>{b:.2f}</b>",
        gain(a, b, 2),
        f"{c:.4f}",
        f"<b>{d:.4f}</b>",
        gain(c, d, 4),
    ]


def gain(before: float, after: float, digits: int) -> str:
    """How much higher a score is, marked when it is lower."""
    risen = 0.0 if before == after else after - before  # inf − inf too
    kind = "worse" if risen < 0 else "better"
    return f'<span class="{kind}">{risen:+.{digits}f}</span>'


def _pictures(scores: tuple[Score, ...]) -> str:
    number = len({score.name for score in scores})
    return "1 picture" if number == 1 else f"{number} pictures"


def _of(settings: dict[str, object]) -> str:
    data = inside(settings, "data", "class_path")
    root = inside(settings, "data", "init_args", "root")
    return (f" of {str(data).rpartition('.')[2]}" if data else "") + (f", {root}" if root else "")
