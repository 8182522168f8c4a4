"""Plugins: files and installed packages that add to what a config may name.

This module is also the package that plugin files are submodules of (`spiking_lowlevel.plugins.NAME`
for `NAME.py`): its `__path__` lists their folders. So a plugin's classes have an importable name,
by which a saved config, a child process and a pickle find them again.
"""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

from spiking_lowlevel import config_file
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import forget, shown

VARIABLE = "SLV_PLUGINS"
GROUP = "spiking_lowlevel.plugins"
FOLDER = Path("plugins")


def named() -> list[Path]:
    """The plugin files and folders that the environment names, as absolute paths."""
    words = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [Path(w).absolute() for w in words if w]


__path__ = [str(p if p.is_dir() else p.parent) for p in named()]  # for processes started by others


@dataclass(frozen=True)
class Broken:
    """A plugin that could not be imported, and why."""

    origin: str
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"


_broken: dict[str, Broken] = {}


def broken() -> list[Broken]:
    """The plugins that could not be imported."""
    return list(_broken.values())


def files(extra: list[Path] | None = None) -> list[Path]:
    """Plugin files: of `./plugins`, of the environment, and `extra`; a folder stands for its files.

    Raises:
        UserError: a named file or folder does not exist, or a name is no Python identifier.
    """
    places = [FOLDER.absolute()] if FOLDER.is_dir() else []
    places += [*named(), *(p.absolute() for p in extra or [])]
    found: dict[Path, None] = {}
    for place in places:
        if not _exists(place):
            raise UserError(
                f"the plugin {shown(place)} does not exist (from --plugins or {VARIABLE})"
            )
        inside = sorted(place.glob("*.py")) if place.is_dir() else [place]
        found |= dict.fromkeys(p for p in inside if not p.name.startswith("_"))
    for path in found:
        if path.suffix != ".py" or not path.stem.isidentifier():
            raise UserError(f"the plugin {shown(path)} needs a name like my_neuron.py")
    return list(found)


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # no name that a file can have
        return False


def load(paths: list[Path], installed: Callable[[Path], bool] = lambda path: True) -> None:
    """Import plugin files and installed plugins; this runs their code.

    One that fails is remembered in `broken()` and takes nothing down with it. The files go into the
    environment, so that child processes load them too.

    Args:
        paths: the plugin files.
        installed: which files of installed plugins to import; all of them by default.
    """
    for path in paths:
        if str(path.parent) not in __path__:
            __path__.append(str(path.parent))
        _import(f"{__name__}.{path.stem}", path)
    for point in entry_points(group=GROUP):
        path = _file(point.module)
        if path is None or installed(path):
            _import(point.module, None)
    os.environ[VARIABLE] = os.pathsep.join(map(str, paths))


def installed_files() -> list[Path]:
    """The source files of installed plugins, where they can be found without importing them."""
    found = (_file(point.module) for point in entry_points(group=GROUP))
    return [path for path in found if path is not None]


def _file(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except Exception:  # a package around it fails: importing it will tell
        return None
    return Path(spec.origin) if spec and spec.origin else None


def in_configs(words: list[str]) -> list[Path]:
    """The plugin files that the configuration files on a command line name under `plugins`.

    Raises:
        UserError: a configuration is no valid YAML, or `plugins` is no list of files.
    """
    named = [b for a, b in pairwise(words) if a in ("--config", "-c")]
    named += [w.partition("=")[2] for w in words if w.startswith("--config=")]
    found: list[Path] = []
    for config in named:
        try:
            content = config_file.read(Path(config))
        except FileNotFoundError:
            continue  # the parser will say so
        wanted = content.get("plugins") if isinstance(content, dict) else None
        if not isinstance(wanted, list | None) or any(type(w) is not str for w in wanted or []):
            raise UserError(
                f"plugins: expected a list of files such as [plugins/plif.py], given {wanted!r}"
            )
        found += [Path(p) for p in wanted or []]
    return found


def _import(module: str, path: Path | None) -> None:
    origin = module if path is None else shown(path)
    if path is not None and module in sys.modules:
        loaded = Path(sys.modules[module].__file__ or "")
        if loaded.absolute() != path:
            reason = f"another plugin of that name is loaded from {shown(loaded)}"
            _broken[origin] = Broken(origin, reason)
        return
    try:
        importlib.import_module(module) if path is None else _run_file(module, path)
    except (Exception, SystemExit) as error:  # whatever a stranger's code raises
        _broken[origin] = Broken(origin, f"{type(error).__name__}: {error}")
        sys.modules.pop(module, None)
        forget(module)


def _run_file(module: str, path: Path) -> None:
    """Import exactly this file, whatever else of its name lies on `__path__`."""
    spec = spec_from_file_location(module, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = module_from_spec(spec)
    sys.modules[module] = loaded
    spec.loader.exec_module(loaded)


def used_by(config: str) -> list[str]:
    """The loaded plugin files whose classes a configuration names, as a person would write them."""
    loaded = {n: m for n, m in sys.modules.items() if n.startswith(f"{__name__}.")}
    files = {n: Path(m.__file__ or "") for n, m in loaded.items()}
    return sorted(shown(path) for name, path in files.items() if f"{name}." in config)
