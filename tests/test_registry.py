"""The registry knows every public class once, by its class name, and refuses what cannot be."""

import gc
import importlib
import importlib.util
import inspect
import sys
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from torch import Tensor

from spiking_lowlevel import registry
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses import Loss
from spiking_lowlevel.neurons import Neuron
from spiking_lowlevel.registry import KINDS, Entry, register

SOURCE = '''
from spiking_lowlevel import register
from spiking_lowlevel.neurons import Neuron

@register
class Twice(Neuron):
    """Registered by every import of this file.

    More than one line.
    """
    def forward(self, current): return current
'''


@pytest.fixture(autouse=True, scope="module")
def everything() -> None:
    registry.load()


@pytest.fixture
def own_entries() -> Iterator[None]:
    """What a test registers is forgotten at its end, by the base classes too."""
    before = dict(registry._entries)
    yield
    registry._entries.clear()
    registry._entries.update(before)
    for name in {"first", "second", "same"} & sys.modules.keys():
        del sys.modules[name]
    gc.collect()  # the parser looks through all subclasses that there are


registering = pytest.mark.usefixtures("own_entries")


def imported(path: Path, source: str = SOURCE) -> ModuleType:
    """The module of a file, executed afresh."""
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where inspect looks for the file of a class
    spec.loader.exec_module(module)
    return module


def subclasses(cls: type) -> Iterator[type]:
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def bases(kind: str) -> list[type]:
    """The classes that declare a kind, of its folder."""
    folder = importlib.import_module(f"spiking_lowlevel.{KINDS[kind]}")
    return [c for c in vars(folder).values() if inspect.isclass(c) and "kind" in vars(c)]


def concrete(kind: str) -> list[type]:
    """The built-in concrete classes of a kind, whether they are registered or not."""
    found = {c for base in bases(kind) for c in subclasses(base)}
    ours = f"spiking_lowlevel.{KINDS[kind]}."
    return [c for c in found if c.__module__.startswith(ours) and not inspect.isabstract(c)]


@registering
def test_the_kind_is_that_of_the_base_and_the_name_that_of_the_class():
    class Halving(Neuron):
        """Halves.

        Not shown.
        """

        def forward(self, current: Tensor) -> Tensor:
            return current / 2

    class Nothing(Loss):
        def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
            return restored.sum() * 0

    assert register(Halving) is Halving
    register(Nothing)
    found = registry.find("Halving")
    assert found == Entry("Halving", "neuron", Halving)
    assert found.file == Path(__file__)
    assert found.summary == "Halves."
    assert found.origin == Halving.__module__  # neither built-in nor a plugin file
    assert registry.find("Nothing").kind == "loss"
    assert [e.name for e in registry.entries("neuron")].count("Halving") == 1
    assert "Halving" not in [e.name for e in registry.entries("loss")]


@registering
def test_an_abstract_class_is_refused_with_what_is_missing():
    class Unfinished(Neuron):
        @abstractmethod
        def gather(self) -> None: ...

    with pytest.raises(TypeError, match=r"Unfinished: it is abstract; .* define forward, gather"):
        register(Unfinished)
    assert "Unfinished" not in [e.name for e in registry.entries()]


@registering
@pytest.mark.parametrize("kind", [None, "neutron"])
def test_a_class_of_no_kind_is_refused_with_what_there_is(kind: str | None):
    stranger = type("Stranger", (), {"kind": kind} if kind else {})
    with pytest.raises(TypeError, match=r"Stranger: .*neuron, .*callback.* such as Neuron"):
        register(stranger)
    assert "Stranger" not in [e.name for e in registry.entries()]


@registering
def test_a_name_that_is_taken_is_refused_with_both_files(tmp_path: Path):
    first = imported(tmp_path / "first.py")
    with pytest.raises(ValueError, match="Twice is taken twice") as error:
        imported(tmp_path / "second.py")
    assert str(tmp_path / "first.py") in str(error.value)
    assert str(tmp_path / "second.py") in str(error.value)
    assert registry.find("Twice").cls is first.Twice


@registering
def test_a_name_is_taken_across_kinds():
    with pytest.raises(ValueError, match="Rain is taken twice"):
        register(type("Rain", (Loss,), {"forward": lambda self, restored, clean: restored}))


@registering
def test_a_file_may_be_imported_again(tmp_path: Path):
    first = imported(tmp_path / "same.py")
    again = imported(tmp_path / "same.py", SOURCE.replace("More", "Less"))
    assert again.Twice is not first.Twice
    assert registry.find("Twice").cls is again.Twice


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("LIFF", r"Did you mean: .*\bLIF\b"),
        ("lif", r"Did you mean: .*\bLIF\b"),
        ("vlifnet", r"Did you mean: .*\bVLIFNet\b"),
        ("zebra", "See: slv list"),
    ],
)
def test_an_unknown_name_gets_close_ones(asked: str, hint: str):
    with pytest.raises(UserError, match=f"nothing is registered as '{asked}'. {hint}"):
        registry.find(asked)


def test_entries_are_sorted_by_kind_and_name():
    found = [(list(KINDS).index(e.kind), e.name) for e in registry.entries()]
    assert found == sorted(found)
    assert {e.kind for e in registry.entries()} == set(KINDS)


def test_a_path_is_shown_as_a_person_would_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert registry.shown(tmp_path / "plugins" / "a.py") == str(Path("plugins", "a.py"))
    assert registry.shown(Path("a.py")) == "a.py"
    assert registry.shown(tmp_path.parent / "a.py") == str(tmp_path.parent / "a.py")


@pytest.mark.parametrize("kind", KINDS)
def test_every_concrete_builtin_is_registered(kind: str):
    assert len(bases(kind)) == 1
    entries = {e.cls: e for e in registry.entries(kind)}
    assert concrete(kind)
    for cls in concrete(kind):
        assert cls in entries, f"{cls.__name__} lacks @register"
        assert entries[cls].name == cls.__name__
        assert entries[cls].origin == "built-in"


@pytest.mark.parametrize("kind", KINDS)
def test_every_builtin_stands_in_the_folder_of_its_kind_and_is_exported(kind: str):
    folder = importlib.import_module(f"spiking_lowlevel.{KINDS[kind]}")
    assert folder.__file__ is not None
    for entry in registry.entries(kind):
        if entry.origin == "built-in":
            assert entry.file.parent == Path(folder.__file__).parent
            assert getattr(folder, entry.name, None) is entry.cls
            assert entry.summary
