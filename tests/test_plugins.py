"""Plugins: found in every place, loaded under an importable name, harmless when broken."""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from spiking_lowlevel import plugins, registry
from spiking_lowlevel.degradations import Degradation
from spiking_lowlevel.errors import UserError

NEGATIVE = '''
from dataclasses import dataclass

from spiking_lowlevel import register
from spiking_lowlevel.degradations import Degradation


@register
@dataclass(frozen=True)
class Negative(Degradation):
    """Turns light into dark."""

    offset: int = 0

    def __call__(self, clean, rng):
        return 255 - self.offset - clean
'''
PREFIX = "spiking_lowlevel.plugins."
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty working directory; what a test loads is forgotten at its end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_broken", {})
    monkeypatch.setattr(plugins, "__path__", [])
    entries = dict(registry._entries)
    yield
    registry._entries.clear()
    registry._entries.update(entries)
    files = {name: getattr(m, "__file__", None) for name, m in list(sys.modules.items())}
    for name in (name for name, file in files.items() if Path(file or "").is_relative_to(tmp_path)):
        del sys.modules[name]
        vars(plugins).pop(name.removeprefix(PREFIX), None)
    gc.collect()  # the parser looks through all subclasses that there are


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a plugin file whose class is called otherwise than all others."""

    def write(path: str, name: str | None = None, source: str = NEGATIVE, more: str = "") -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source.replace("Negative", name or f"Of{file.stem.title()}") + more)
        return file

    return write


@pytest.fixture
def install(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a distribution with a plugin importable, as its installation would."""

    def install(module: str, source: str = NEGATIVE) -> Path:
        site = tmp_path / "site"
        info = site / f"{module.partition('.')[0]}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[spiking_lowlevel.plugins]\nit = {module}\n")
        monkeypatch.syspath_prepend(site)
        return write(f"site/{module.replace('.', '/')}.py", "Installed", source)

    return install


def names() -> set[str]:
    return {e.name for e in registry.entries()}


def reasons() -> dict[str, str]:
    return {b.origin: b.reason for b in plugins.broken()}


def test_files_come_from_the_folder_the_environment_and_the_command_line(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
):
    for path in ("plugins/b.py", "plugins/a.py", "more/d.py", "more/c.py", "one.py", "extra/x.py"):
        write(path)
    for path in ("plugins/_part.py", "more/notes.txt", "plugins/deep/e.py", "elsewhere/y.py"):
        write(path)
    monkeypatch.setenv("SLV_PLUGINS", os.pathsep.join(["more", str(tmp_path / "one.py"), ""]))
    found = plugins.files([Path("extra/x.py"), Path("plugins")])
    expected = ["plugins/a.py", "plugins/b.py", "more/c.py", "more/d.py", "one.py", "extra/x.py"]
    assert found == [tmp_path / path for path in expected]


def test_nothing_is_found_where_nothing_is():
    assert plugins.files() == []


@pytest.mark.parametrize("where", ["environment", "command line"])
def test_a_missing_file_is_named(where: str, monkeypatch: pytest.MonkeyPatch):
    named = "nowhere/plugin.py"
    if where == "environment":
        monkeypatch.setenv("SLV_PLUGINS", named)
    with pytest.raises(UserError, match=rf"{named} does not exist \(from --plugins or SLV_PLUGINS"):
        plugins.files([Path(named)] if where == "command line" else None)


@pytest.mark.parametrize("name", ["my-plugin.py", "2nd.py", "notes.txt", "two words.py"])
def test_a_name_that_cannot_be_imported_is_refused(write: Write, name: str):
    with pytest.raises(UserError, match=f"the plugin {name} needs a name like my_neuron.py"):
        plugins.files([write(name)])


def test_a_loaded_class_is_public_and_says_where_it_stands(write: Write):
    plugins.load([write("plugins/shade.py")])
    entry = registry.find("OfShade")
    assert entry.cls.__module__ == f"{PREFIX}shade"
    assert entry.origin == str(Path("plugins", "shade.py"))
    assert entry.kind == "degradation"
    assert plugins.broken() == []


def test_loading_again_is_no_duplicate(write: Write):
    path = write("shade.py")
    plugins.load([path])
    cls = registry.find("OfShade").cls
    plugins.load([path])
    assert registry.find("OfShade").cls is cls
    assert plugins.broken() == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import nothing_like_this", "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("def (:", "SyntaxError: invalid syntax"),
        ("from spiking_lowlevel.neurons import LIFF", "ImportError: cannot import name 'LIFF'"),
        (
            NEGATIVE.replace("def __call__", "def call"),
            "TypeError: @register OfBad: it is abstract",
        ),
    ],
    ids=["error", "module", "syntax", "name", "register"],
)
def test_a_broken_plugin_is_remembered_and_the_others_load(write: Write, source: str, reason: str):
    paths = [write("first.py"), write("bad.py", source=source), write("last.py")]
    plugins.load(paths)
    assert {"OfFirst", "OfLast"} <= names()
    [failed] = plugins.broken()
    assert failed.origin == "bad.py"
    assert failed.reason.startswith(reason)
    assert str(failed).startswith(f"bad.py: {reason}")
    assert f"{PREFIX}bad" not in sys.modules


def test_nothing_of_a_broken_plugin_is_left(write: Write):
    plugins.load([write("half.py", more="\nraise RuntimeError('half way')\n")])
    assert reasons() == {"half.py": "RuntimeError: half way"}
    assert "OfHalf" not in names()


def test_a_plugin_that_exits_is_broken_like_any_other(write: Write):
    plugins.load([write("leaves.py", source="import sys\nsys.exit(3)\n"), write("stays.py")])
    assert reasons().keys() == {"leaves.py"}
    assert "OfStays" in names()


def test_two_files_of_one_name_are_told_apart(write: Write):
    plugins.load([write("a/shade.py", "First"), write("b/shade.py", "Second")])
    assert "First" in names()
    assert "Second" not in names()
    [(origin, reason)] = reasons().items()
    assert origin == str(Path("b", "shade.py"))
    assert reason.endswith(f"is loaded from {Path('a', 'shade.py')}")


def test_a_class_name_that_is_taken_breaks_the_plugin_and_names_both_files(write: Write):
    plugins.load([write("a.py", "Shade"), write("b.py", "Shade"), write("c.py", "Rain")])
    assert registry.find("Shade").origin == "a.py"
    assert registry.find("Rain").origin == "built-in"
    assert reasons().keys() == {"b.py", "c.py"}
    assert "in a.py and in b.py; rename one" in reasons()["b.py"]
    assert "rain.py and in c.py; rename one" in reasons()["c.py"]


def test_a_file_that_nobody_named_is_not_run(write: Write):
    write("a/shade.py", "Unasked")
    plugins.load([write("a/other.py"), write("b/shade.py", "Asked")])
    assert "Unasked" not in names()
    assert "Asked" in names()


def test_the_files_go_into_the_environment_as_absolute_paths(write: Write):
    paths = [write("a.py"), write("b/c.py")]
    plugins.load(plugins.files([Path("a.py"), Path("b")]))
    assert os.environ["SLV_PLUGINS"] == os.pathsep.join(map(str, paths))
    assert plugins.files() == paths


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_fresh_process_finds_a_pickled_class(
    tmp_path: Path, write: Write, folder: bool, monkeypatch: pytest.MonkeyPatch
):
    path = write("plugs/shade.py")
    plugins.load([path])
    made = registry.find("OfShade").cls(offset=3)
    assert pickle.loads(pickle.dumps(made)) == made
    (tmp_path / "made").write_bytes(pickle.dumps(made))
    if folder:
        monkeypatch.setenv("SLV_PLUGINS", str(path.parent))
    command = f"import pickle; print(pickle.load(open({str(tmp_path / 'made')!r}, 'rb')))"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.stdout == "OfShade(offset=3)\n", done.stderr


def test_a_loaded_class_works_as_a_builtin_does(write: Write):
    plugins.load([write("shade.py")])
    cls = registry.find("OfShade").cls
    assert issubclass(cls, Degradation)
    image = np.zeros((2, 2, 3), np.uint8)
    assert (cls(offset=5)(image, np.random.default_rng(0)) == 250).all()


def test_configs_name_plugins(tmp_path: Path):
    for name in "abcd":
        (tmp_path / f"{name}.yaml").write_text(f"model: 3\nplugins: [{name}.py, more/{name}.py]\n")
    (tmp_path / "none.yaml").write_text("model: 3\n")
    (tmp_path / "empty.yaml").write_text("plugins:\n")
    (tmp_path / "list.yaml").write_text("- plugins\n")
    words = ["fit", "--config", "a.yaml", "--config=b.yaml", "-c", "c.yaml", "--other", "d.yaml"]
    for name in ("none", "empty", "list", "missing"):
        words += ["--config", f"{name}.yaml"]
    found = {str(path) for path in plugins.in_configs(words)}
    assert found == {str(Path(*p, f"{n}.py")) for n in "abc" for p in ((), ("more",))}
    assert plugins.in_configs(["fit"]) == []


@pytest.mark.parametrize("text", ["model: [1, 2\n", "model: {}}\n", "\t- x"])
def test_a_config_that_is_no_yaml_is_named(tmp_path: Path, text: str):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(UserError, match=r"the configuration bad\.yaml is no valid YAML"):
        plugins.in_configs(["fit", "--config", "bad.yaml"])


def test_a_config_that_is_no_text_is_named(tmp_path: Path):
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"the configuration bad\.yaml is no valid YAML"):
        plugins.in_configs(["fit", "--config=bad.yaml"])


def test_the_plugins_that_a_config_uses_are_told(write: Write):
    plugins.load([write("plugins/shade.py"), write("plugins/sha.py"), write("light.py")])
    config = f"a: {PREFIX}shade.OfShade\nb: {PREFIX}light.OfLight\nc: plif.OfSha\n"
    assert plugins.used_by(config) == ["light.py", str(Path("plugins", "shade.py"))]
    assert plugins.used_by("a: spiking_lowlevel.neurons.LIF") == []


def test_an_installed_plugin_is_loaded(install: Callable[..., Path]):
    path = install("stranger_neurons")
    assert plugins.installed_files() == [path]
    assert "stranger_neurons" not in sys.modules  # found without running it
    plugins.load([])
    entry = registry.find("Installed")
    assert entry.origin == "stranger_neurons"
    assert entry.file == path
    assert plugins.broken() == []


def test_an_installed_plugin_may_be_part_of_a_package(install: Callable[..., Path], write: Write):
    write("site/stranger/__init__.py", source="")
    path = install("stranger.neurons")
    assert plugins.installed_files() == [path]
    plugins.load([])
    assert registry.find("Installed").origin == "stranger.neurons"


def test_an_installed_plugin_can_be_left_for_later(install: Callable[..., Path]):
    path, asked = install("stranger_neurons"), []
    plugins.load([], installed=lambda file: bool(asked.append(file)))
    assert asked == [path]
    assert "Installed" not in names()
    assert "stranger_neurons" not in sys.modules


def test_a_broken_installed_plugin_is_remembered(install: Callable[..., Path], write: Write):
    install("stranger_neurons", "1 / 0")
    plugins.load([write("shade.py")])
    assert reasons() == {"stranger_neurons": "ZeroDivisionError: division by zero"}
    assert "OfShade" in names()


def test_an_installed_plugin_whose_module_is_gone_is_remembered(install: Callable[..., Path]):
    install("stranger_neurons").unlink()
    assert plugins.installed_files() == []
    plugins.load([])
    assert reasons() == {
        "stranger_neurons": "ModuleNotFoundError: No module named 'stranger_neurons'"
    }


def test_an_installed_package_that_fails_is_remembered(install: Callable[..., Path], write: Write):
    write("site/stranger/__init__.py", source="1 / 0")
    install("stranger.neurons")
    plugins.load([])
    assert reasons() == {"stranger.neurons": "ZeroDivisionError: division by zero"}
