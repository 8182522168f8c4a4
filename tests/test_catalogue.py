"""What is read from source without running it is what the registry would hold."""

from pathlib import Path

import pytest
from conftest import ROOT

from spiking_lowlevel import catalogue, plugins, registry
from spiking_lowlevel.catalogue import Listed

TASKS = '''
"""Tasks by a stranger."""
import spiking_lowlevel
from spiking_lowlevel import register, tasks
from spiking_lowlevel.callbacks import Watcher
from spiking_lowlevel.tasks import RestorationTask

raise RuntimeError("this must not run")

class NotPublic(RestorationTask):
    """Not listed."""

@register
class Dehazing(RestorationTask):
    """Removes haze.

    Slowly.
    """

@spiking_lowlevel.register
class Deblurring(tasks.Deraining):
    pass

@register
class Grandchild(NotPublic):
    """Of a class of this file."""

@register
class Clock(Watcher):
    """Tells the time."""
'''


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(source: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(source)
        return path

    return write


def test_the_builtins_are_those_of_the_registry():
    registry.load()
    entries = [e for e in registry.entries() if e.origin == "built-in"]
    registered = [Listed(e.name, e.kind, e.origin, e.summary) for e in entries]
    assert sorted(catalogue.builtins(), key=str) == sorted(registered, key=str)
    assert len(registered) > 20


@pytest.mark.parametrize(("plugin", "heavy"), [("plif.py", False), ("denoising.py", True)])
def test_our_plugins_need_lightning_or_not(plugin: str, heavy: bool):
    assert catalogue.needs_lightning(ROOT / "plugins" / plugin) is heavy


@pytest.mark.parametrize(
    ("line", "heavy"),
    [
        ("import lightning", True),
        ("import lightning.pytorch as pl", True),
        ("from lightning.pytorch import Trainer", True),
        ("import pytorch_lightning", True),
        ("from spiking_lowlevel.tasks import Deraining", True),
        ("from spiking_lowlevel import tasks", True),
        ("import spiking_lowlevel.data.paired", True),
        ("from spiking_lowlevel.callbacks.base import Watcher", True),
        ("import torch, lightning", True),
        ("from spiking_lowlevel.neurons import LIF", False),
        ("from spiking_lowlevel.degradations import Rain", False),
        ("import lightning_like", False),
        ("'''import lightning'''", False),
        ("import torch", False),
        ("def (:", False),
        ("\0", False),
    ],
)
def test_what_needs_lightning(write, line: str, heavy: bool):
    assert catalogue.needs_lightning(write(line)) is heavy


def test_a_file_that_is_not_there_needs_nothing(tmp_path: Path):
    assert catalogue.needs_lightning(tmp_path / "missing.py") is False


def test_a_plugin_is_read_without_running_it(write):
    assert catalogue.read(write(TASKS)) == [
        Listed("Dehazing", "task", "mine.py", "Removes haze."),
        Listed("Deblurring", "task", "mine.py", ""),
        Listed("Grandchild", "task", "mine.py", "Of a class of this file."),
        Listed("Clock", "callback", "mine.py", "Tells the time."),
    ]


@pytest.mark.parametrize(
    "line", ["import nothing_like_this.part", "from nothing_like_this import x"]
)
def test_a_plugin_that_lacks_a_package_is_broken(write, line: str):
    found = catalogue.read(write(TASKS + line))
    assert isinstance(found, plugins.Broken)
    assert found.origin == "mine.py"
    assert "ModuleNotFoundError: No module named 'nothing_like_this" in found.reason


def test_a_plugin_may_import_its_neighbour(write):
    write("", "neighbour.py")
    assert catalogue.read(write("from .neighbour import x\n" + TASKS)) == catalogue.read(
        write(TASKS)
    )
