"""The sections on how to make the run again: commands, configuration, versions."""

import shlex

from spiking_lowlevel.report_page.markup import lacking, note, section, table, text
from spiking_lowlevel.report_page.run_files import RunFiles
from spiking_lowlevel.runs import CONFIG


def settings_section(files: RunFiles) -> str:
    """The commands that make the run again, and its whole configuration."""
    run = shlex.quote(str(files.folder))
    commands = "\n".join(
        [
            f"slv fit --config {shlex.quote(str(files.folder / CONFIG))}",
            f"slv test --run {run}",
            f"slv energy --run {run}",
            f"slv report {run}",
        ]
    )
    lines = len(files.config.splitlines())
    return section(
        "config",
        "Configuration",
        note("Train it again, test it, count it, and write this page:"),
        _copied("commands", commands),
        f"<details><summary>{CONFIG}, {lines} lines</summary>{_copied('yaml', files.config)}"
        "</details>",
    )


def versions_section(files: RunFiles) -> str:
    """Versions of everything that decides numbers."""
    if not files.versions:
        return section("versions", "Versions", lacking("versions.json of this run is empty."))
    body = [[text(name), text(version)] for name, version in files.versions.items()]
    words = note("Of the software that the run was trained with.")
    return section("versions", "Versions", words, table(["package", "version"], body, left=2))


def _copied(key: str, content: str) -> str:
    """Text as it is, with a button that copies it; the button shows where there is JavaScript."""
    return (
        f'<div class="copied"><button type="button" data-copy="{key}">Copy</button>'
        f'<pre id="{key}" tabindex="0">{text(content)}</pre></div>'
    )
