"""What the README says can be done."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT

from spiking_lowlevel.cli import main
from spiking_lowlevel.testing.neurons import NEURON

README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"^    ((?:slv|make) .*?)(?:\s+#.*)?$", README, re.MULTILINE)))
PARSED = [c for c in COMMANDS if re.match(r"slv (fit|test|predict) (?!--run).*--config", c)]


def test_the_two_commands_stand_there_word_for_word():
    assert {"make demo", "make test"} <= set(COMMANDS)
    makefile = (ROOT / "Makefile").read_text()
    for command in COMMANDS:
        if command.startswith("make "):
            assert f"\n{command.split()[1]}:" in makefile


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's neuron as a plugin file."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (neuron,) = (block for block in blocks if "class AdaptiveLIF" in block)
    path = tmp_path_factory.mktemp("plugins") / "adaptive_lif.py"
    path.write_text(neuron)
    return path


@pytest.mark.parametrize("command", PARSED)
def test_commands_with_a_configuration_are_accepted(
    command: str, plugin: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(ROOT)
    words = shlex.split(command)[1:]
    if "AdaptiveLIF" in words:
        words += ["--plugins", str(plugin)]
    with pytest.raises(SystemExit) as leave:
        main([*words, "--print_config"])
    assert leave.value.code == 0
    assert "class_path" in capsys.readouterr().out


def test_the_neuron_of_the_readme_keeps_the_contract(
    plugin: Path, capsys: pytest.CaptureFixture[str]
):
    main(["check", "AdaptiveLIF", "--plugins", str(plugin)])
    printed = capsys.readouterr().out
    assert "✗" not in printed
    assert printed.count("✓") == len(NEURON)


def test_the_map_names_folders_and_files_that_exist():
    block = README[README.index("## A map of the house") :]
    names = re.findall(r"[\w/]+\.py|\b\w+/", block[: block.index("Read in this order")])
    for name in set(names) - {"spiking_lowlevel/", "base.py"}:
        assert (ROOT / name).exists() or (ROOT / "spiking_lowlevel" / name).exists(), name
