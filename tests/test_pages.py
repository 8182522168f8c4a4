"""The pages of `examples/`: every command, every block of Python and every message in them is true.

Each page runs in a folder of its own, in order, at a tiny size. `RULES` says what becomes of a
command; one that fits no rule fails the test, so that no page can say what nobody tries.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pages
import pytest
from conftest import ROOT, TINY, MakePairs
from PIL import Image

from spiking_lowlevel import plugins, registry
from spiking_lowlevel.cli import main

GUIDE = "energy.md"  # its commands are run in studies/test_energy_command.py
EVERY = sorted((ROOT / "examples").glob("*.md"))
LANGUAGES = {"bash", "console", "python", "yaml", "text"}
SHORT = (*TINY, "--trainer.num_sanity_val_steps=0", "--data.workers=0")
STILL = "--trainer.enable_progress_bar=false"


@dataclass(frozen=True)
class Rule:
    """What is done with the commands that a pattern fits.

    Args:
        pattern: of the whole command, from its start.
        act: takes the words behind `slv`, or all where another program is called.
        more: words that make it small.
    """

    pattern: str
    act: Callable[[list[str]], None]
    more: tuple[str, ...] = ()


def do(words: list[str]) -> None:
    """Do it, in this process."""
    main(words)


def read(words: list[str]) -> None:
    """Have the options of a training verb understood, and do no more."""
    if "--run" in words:  # what it stands for is the configuration of a run, which is not there
        at = words.index("--run")
        words = [*words[:at], "--config", "configs/derain/demo.yaml", *words[at + 2 :]]
    with pytest.raises(SystemExit) as leave:
        main([*words, "--print_config"])
    assert leave.value.code == 0, words


def behind(words: list[str]) -> None:
    """Have the command of `slv` that another program starts understood."""
    read(words[words.index("slv") + 1 :])


def understand(options: str) -> Callable[[list[str]], None]:
    """Have the options of another verb understood, and do no more."""
    return lambda words: import_module(f"spiking_lowlevel.{options}").parse(words[1:])


sweep = understand("studies.sweep_options")


def named(words: list[str]) -> None:
    """See that the files which it names are there: it cannot be tried here."""
    assert all(Path(word).is_file() for word in words[1:])


def pipe(words: list[str]) -> None:
    """Do it in a process of its own, from a file into another."""
    source, target = (Path(words[words.index(sign) + 1]) for sign in "<>")
    command = [sys.executable, "-m", "spiking_lowlevel.cli", *words[: words.index("<")]]
    with source.open("rb") as given, target.open("wb") as out:
        done = subprocess.run(
            command, stdin=given, stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    with Image.open(target) as out, Image.open(source) as given:
        assert out.size == given.size


RULES = {
    "train_on_your_pairs.md": [
        Rule("slv fit --resume", do, (*SHORT, "--trainer.max_steps=4")),
        Rule("slv fit .*(overlays|--data.crop|--data.draws|total_steps|width)", read),
        Rule("slv fit ", do, SHORT),
        Rule("slv (test|predict) ", do, (STILL,)),
        Rule("slv (data check|export) ", do),
    ],
    "restore_photos.md": [
        Rule("slv restore - .*<.*>", pipe),
        Rule("slv restore .*--device cuda", understand("restoring.options")),
        Rule("slv (restore|export) ", do),
        Rule("slv report ", do, ("--pictures=1", "--crop=16", "--no-energy")),
        Rule("slv demo", understand("demo.options")),
    ],
    "write_a_neuron.md": [
        Rule("slv (check|show) ", do),
        Rule("slv fit .*neuron StairLIF$", do, (*SHORT, "--data.variants=1")),
        Rule("slv fit ", read),
        Rule("slv sweep ", sweep),
    ],
    "write_a_task.md": [
        Rule("slv (check|show) ", do),
        Rule("slv fit --config low_light.yaml$", do, (*SHORT, "--data.variants=1")),
        Rule("slv fit ", read),
        Rule("slv test ", do, (STILL, "--trainer.limit_test_batches=1")),
    ],
    "several_gpus.md": [
        Rule("slv (fit|test) ", read),
        Rule("(torchrun|srun) ", behind),
        Rule("sbatch ", named),
    ],
    GUIDE: [
        Rule("slv fit ", read),
        Rule("slv sweep ", sweep),
        Rule("slv energy ", lambda _: None),  # studies/test_energy_command.py runs these
        Rule(r"python examples/\S+$", named),  # and test_examples.py these
    ],
}


@pytest.fixture
def workplace(
    tmp_path: Path, make_pairs: MakePairs, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder with what the pages speak of, in tiny; what its plugins register is forgotten.

    Their modules stay: the parser asks every subclass that there is for the name of its module.
    """
    for name in ("configs", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    for folder in ("plugins", "photos"):
        (tmp_path / folder).mkdir()
    make_pairs(tmp_path / "rainy-streets", 6)
    for i in (1, 2):
        rainy = Image.open(tmp_path / "rainy-streets" / "input" / f"{i}.png")
        rainy.save(tmp_path / "photos" / f"{i}.jpg")
        rainy.save(tmp_path / "in.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_broken", {})
    monkeypatch.setattr(plugins, "__path__", [])
    entries = dict(registry._entries)
    yield tmp_path
    registry._entries.clear()
    registry._entries.update(entries)


def perform(page: Path, command: str) -> None:
    """Do what a rule of the page says with a command."""
    rule = next((r for r in RULES[page.name] if re.match(r.pattern, command)), None)
    assert rule is not None, f"{page.name}: no rule for: {command}"
    words = pages.words(command)
    rule.act([*words[words[0] == "slv" :], *rule.more])


def refused(page: Path, command: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that ends in a message, of which every line of the page is a part."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as leave:
        main(pages.words(command)[1:])
    assert leave.value.code, command
    printed = " ".join("".join(capsys.readouterr()).split())
    for line in says.splitlines():
        assert " ".join(line.split()) in printed, f"{page.name}: {command} printed: {printed}"


@pytest.mark.filterwarnings("ignore:.*could not find the monitored key")  # as a run goes on
@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.stem)
def test_what_a_page_says_can_be_done(
    page: Path, workplace: Path, run: Path, capsys: pytest.CaptureFixture[str]
):
    if page.name == "restore_photos.md":  # it goes on where another page ends
        shutil.copytree(run, workplace / "runs" / "derain-paired" / "0")
    names: dict[str, object] = {}
    for command in pages.indented(page):
        perform(page, command)
    for block in pages.blocks(page):
        if block.file is not None:
            block.file.write_text(block.text, encoding="utf-8")
        elif block.language == "python" and page.name != GUIDE:
            exec(compile(block.text, page.name, "exec"), names)
        elif block.language == "console":
            for command, says in block.sessions:
                refused(page, command, says, capsys)
        if block.language == "bash":
            for command in block.commands:
                perform(page, command)


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.stem)
def test_nothing_in_a_page_is_passed_over(page: Path):
    fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(fences[::2]) <= LANGUAGES
    assert len(fences) == 2 * len(pages.blocks(page))
    assert not set(fences[1::2]) - {""}


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.stem)
def test_a_page_links_to_what_is_there(page: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert all((page.parent / link).is_file() for link in links)


def test_every_page_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in EVERY if f"(examples/{page.name})" not in readme]
    assert not missing


def test_a_command_that_no_rule_knows_is_a_fault():
    with pytest.raises(AssertionError, match="no rule for: slv frobnicate"):
        perform(EVERY[0], "slv frobnicate")
