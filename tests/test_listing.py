"""`slv list`, `slv show`, `slv check`: what they print, and how they end."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonargparse
import pytest
import yaml
from conftest import ROOT

from spiking_lowlevel import __version__, listing, plugins, registry
from spiking_lowlevel.callbacks import Watcher
from spiking_lowlevel.cli import main
from spiking_lowlevel.data import RestorationData
from spiking_lowlevel.degradations import Degradation
from spiking_lowlevel.encoders import Encoder
from spiking_lowlevel.energy import CostModel
from spiking_lowlevel.losses import Loss
from spiking_lowlevel.metrics import Protocol
from spiking_lowlevel.networks import Network
from spiking_lowlevel.neurons import LIF, Neuron
from spiking_lowlevel.tasks import RestorationTask
from spiking_lowlevel.testing.neurons import NEURON

ARGUMENT: dict[str, Any] = {  # how a config takes the kinds that can be built alone
    "neuron": Callable[[int], Neuron],
    "encoder": Callable[[int], Encoder],
    "network": Network,
    "loss": Loss,
    "protocol": Protocol,
    "degradation": Degradation,
    "cost": CostModel,
    "data": RestorationData,
    "task": RestorationTask,
    "callback": Watcher,
}
FORGETFUL = '''
from spiking_lowlevel import register
from spiking_lowlevel.neurons import LIF, Neuron

@register
class Keeper(Neuron):
    """Forgets to forget."""

    def __init__(self, channels: int):
        super().__init__()
        self.lif, self.v = LIF(channels), None

    def forward(self, current):
        v = self.lif.start(current[0])
        if self.v is not None and self.v.shape == v.shape:
            v = self.v
        spikes, self.v = self.lif.stream(current, v)
        self.v = self.v.detach()
        return spikes
'''
TASK = '''
from spiking_lowlevel import register
from spiking_lowlevel.tasks import Deraining

raise RuntimeError("this must not run")

@register
class Dehazing(Deraining):
    """Removes haze."""
'''
registry.load()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; what the plugins of a test register is forgotten at its end.

    Their modules stay, since the parser asks every subclass that there is for its module: each test
    names its plugin otherwise.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_broken", {})
    monkeypatch.setattr(plugins, "__path__", [])
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def said(*words: str) -> str:
        main(list(words))
        out, err = capsys.readouterr()
        assert not err
        return out

    return said


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The message of a command line that ends with exit code 2."""

    def refused(*words: str) -> str:
        with pytest.raises(SystemExit) as leave:
            main(list(words))
        assert leave.value.code == 2
        return capsys.readouterr().err

    return refused


def plugin(name: str, source: str) -> None:
    path = Path("plugins", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split(maxsplit=2) for line in text.splitlines() if line}


@pytest.mark.parametrize(
    ("words", "folder", "absent"),
    [
        (["list"], ROOT, ["lightning"]),
        (["list", "tasks"], ROOT, ["lightning"]),
        (["list"], Path(), ["lightning", "torch", "numpy"]),
        (["--version"], ROOT, ["lightning", "torch", "numpy"]),
        (["--help"], ROOT, ["lightning", "torch", "numpy"]),
    ],
    ids=["list with plugins", "list tasks", "list", "version", "help"],
)
def test_what_should_be_quick_imports_little(words: list[str], folder: Path, absent: list[str]):
    code = f"""import sys
from spiking_lowlevel.cli import main
main({words})
sys.exit(" ".join(m for m in {absent} if m in sys.modules))"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == "\n"
    assert done.stdout


def test_the_version_is_told(said):
    assert said("--version") == f"spiking_lowlevel {__version__}\n"


def test_everything_is_listed_by_kind(said):
    text = said("list")
    heads = [line.rstrip(":") for line in text.splitlines() if line.endswith(":")]
    assert heads == list(registry.KINDS.values())
    found = rows(text)
    for entry in registry.entries():
        if entry.origin == "built-in":
            assert found[entry.name] == [entry.name, "built-in", entry.summary]


@pytest.mark.parametrize("word", ["neuron", "neurons"])
def test_one_kind_is_listed(said, word: str):
    found = rows(said("list", word))
    assert {"LIF", "VLIF"} <= found.keys()
    assert not {"VLIFNet", "neurons:"} & found.keys()


@pytest.mark.parametrize("word", ["metrics", "protocol", "protocols"])
def test_a_kind_may_be_called_by_its_folder(said, word: str):
    luma = {"Luma", "LumaCropped", "LumaFull", "LumaRounded"}
    assert rows(said("list", word)).keys() == luma | {"RGB", "RGB8", "Resized"}


def test_plugins_are_listed_after_the_builtins_and_broken_ones_last(said):
    plugin("keeper_1.py", FORGETFUL)
    plugin("adaptive_1.py", "import nothing_like_this")
    lines = said("list", "neurons").splitlines()
    mine = next(line for line in lines if line.startswith("Keeper"))
    assert mine.split(maxsplit=2)[1:] == [str(Path("plugins", "keeper_1.py")), "Forgets to forget."]
    assert lines[-1].split(maxsplit=1) == [
        "broken",
        f"{Path('plugins', 'adaptive_1.py')}: "
        "ModuleNotFoundError: No module named 'nothing_like_this'",
    ]
    assert max(i for i, line in enumerate(lines) if "built-in" in line) < lines.index(mine)


def test_a_plugin_that_needs_lightning_is_listed_and_not_run(said):
    plugin("haze.py", TASK)
    found = rows(said("list", "tasks"))
    assert found["Dehazing"] == ["Dehazing", str(Path("plugins", "haze.py")), "Removes haze."]
    assert "broken" not in found


def test_an_installed_plugin_that_needs_lightning_is_listed_and_not_run(
    said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    info = tmp_path / "site" / "haze-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: haze\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[spiking_lowlevel.plugins]\nhaze = haze_tasks\n")
    (tmp_path / "site" / "haze_tasks.py").write_text(TASK)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert rows(said("list", "tasks"))["Dehazing"][2] == "Removes haze."
    assert "haze_tasks" not in sys.modules


def test_a_plugin_named_on_the_command_line_is_listed(said):
    Path("keeper_2.py").write_text(FORGETFUL)
    assert "Keeper" in rows(said("list", "neurons", "--plugins", "keeper_2.py"))
    assert "Keeper" in rows(said("list", "--plugins=keeper_2.py"))


@pytest.mark.parametrize(
    ("word", "hint"),
    [("neuronz", "Did you mean: neuron"), ("zebra", "Kinds: neurons, encoders")],
)
def test_an_unknown_kind(refused, word: str, hint: str):
    assert refused("list", word).startswith(f"slv: there is no kind '{word}'. {hint}")


def test_a_page_says_where_what_and_how(said):
    text = said("show", "LIF")
    head, place, *_ = text.splitlines()
    assert head == "LIF (neuron, built-in)"
    file, _, line = place.rpartition(":")
    there = Path(file).read_text().splitlines()[int(line) - 1 :]
    assert there[:2] == ["@register", "class LIF(StepNeuron, Leaky):"]
    for name, parameter in inspect.signature(LIF).parameters.items():
        assert f"  {parameter}\n" in text
        assert f"    {name}: " in text  # explained
    assert "h[t] = v[t−1] · (1 − 1/τ) + x[t]" in text


def config_of(entry: registry.Entry) -> Any:
    return yaml.safe_load("\n".join(listing.page(entry)).partition("In a config:")[2])


def needed(entry: registry.Entry) -> set[str]:
    """The arguments that a config must give: the network calls factories with the first one."""
    parameters = inspect.signature(entry.cls).parameters.values()
    own = {p.name for p in parameters if p.default is inspect.Parameter.empty}
    return own - ({"channels", "time_steps"} if entry.kind in ("neuron", "encoder") else set())


TO_BUILD = [e for e in registry.entries() if e.kind in ARGUMENT and e.origin == "built-in"]
BUILT_ALONE = [e.name for e in TO_BUILD if not needed(e)]
WITH_NEEDS = [e.name for e in TO_BUILD if needed(e)]


@pytest.mark.parametrize("name", BUILT_ALONE)
def test_the_yaml_of_a_page_builds_the_class_with_its_defaults(name: str):
    entry = registry.find(name)
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--it", type=ARGUMENT[entry.kind])
    given = config_of(entry)
    shown, plain = (
        parser.parse_object({"it": config}).it.as_dict() for config in (given, {"class_path": name})
    )
    assert shown == plain
    built = parser.instantiate(parser.parse_object({"it": given})).it
    assert isinstance(built(4) if entry.kind in ("neuron", "encoder") else built, entry.cls)


@pytest.mark.parametrize("name", WITH_NEEDS)
def test_the_yaml_of_a_page_has_what_must_be_given(name: str):
    entry = registry.find(name)
    assert needed(entry) <= config_of(entry).get("init_args", {}).keys()


def test_the_page_of_a_task_plugin(said, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    lines = said("show", "Denoising").splitlines()
    place = Path("plugins", "denoising.py")
    assert lines[0] == f"Denoising (task, {place})"
    file, _, line = lines[1].rpartition(":")
    assert file == str(place)
    assert place.read_text().splitlines()[int(line)] == "class Denoising(RestorationTask):"
    assert "  class_path: Denoising" in lines


def test_an_unknown_name_gets_close_ones_and_what_is_broken(refused):
    plugin("adaptive_3.py", "1 / 0")
    message = refused("show", "LIFF")
    assert message.startswith("slv: nothing is registered as 'LIFF'. Did you mean: ")
    assert "LIF" in message
    assert f"(not loaded: {Path('plugins', 'adaptive_3.py')}: ZeroDivisionError" in message
    assert "See: slv list" in refused("show", "zebra")


def test_the_classes_of_plugins_are_close_names_too(refused):
    plugin("keeper_4.py", FORGETFUL)
    assert "Did you mean: Keeper?" in refused("show", "Keper")


@pytest.mark.parametrize("words", [["show"], ["show", "LIF", "VLIF"], ["check"]], ids=" ".join)
def test_one_name_is_asked_for(refused, words: list[str]):
    assert (
        refused(*words) == f"slv: slv {words[0]} takes one name, for instance: slv {words[0]} LIF\n"
    )


def test_a_sound_plugin_passes_its_check(said, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    lines = said("check", "PLIF").splitlines()
    assert len(lines) == len(NEURON)
    assert all(line.startswith("✓ ") for line in lines)


def test_a_neuron_that_keeps_state_fails_its_check(capsys: pytest.CaptureFixture[str]):
    plugin("keeper_5.py", FORGETFUL)
    with pytest.raises(SystemExit) as leave:
        main(["check", "Keeper"])
    assert leave.value.code == 2
    out, err = capsys.readouterr()
    marks = {line.split()[1].rstrip(":"): line for line in out.splitlines()}
    assert marks["stateless"].startswith("✗ ")
    assert "the same current twice gave two answers" in marks["stateless"]
    assert marks["shape"].startswith("✓ ")
    failed = sum(line.startswith("✗ ") for line in marks.values())
    assert err == f"slv: Keeper breaks {failed} points of the neuron contract\n"


def test_a_kind_without_a_contract_of_its_own_is_told(refused):
    assert "kinds that do: neuron, encoder" in refused("check", "Photographs")
