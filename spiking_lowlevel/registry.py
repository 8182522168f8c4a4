"""The one list of everything that a config may name.

`@register` marks a class as public: its kind is that of its base class, its name is its class name.
Objects are never built through the registry: the command line's parser resolves names by itself,
and a full dotted path works where a class is not registered.
"""

import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from spiking_lowlevel.errors import UserError, did_you_mean

# kind: the package that holds its built-ins. Order: the way imports go (see CONTRIBUTING.md).
KINDS = {
    "neuron": "neurons",
    "encoder": "encoders",
    "block": "blocks",
    "network": "networks",
    "loss": "losses",
    "protocol": "metrics",
    "degradation": "degradations",
    "cost": "energy",
    "data": "data",
    "task": "tasks",
    "callback": "callbacks",
}
LIGHTNING_KINDS = frozenset({"data", "task", "callback"})  # these take seconds to import
PACKAGE = "spiking_lowlevel"

C = TypeVar("C", bound=type)


@dataclass(frozen=True)
class Entry:
    """One public class: what it is called, what it is, and where it stands."""

    name: str
    kind: str
    cls: type

    @property
    def file(self) -> Path:
        """The source file of the class."""
        return Path(inspect.getfile(self.cls))

    @property
    def origin(self) -> str:
        """`built-in`, the plugin file, or the module of an installed plugin."""
        module = self.cls.__module__
        if module.startswith(f"{PACKAGE}.plugins."):
            return shown(self.file)
        return "built-in" if module.startswith(f"{PACKAGE}.") else module

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.cls) or "").partition("\n")[0]


def shown(path: Path) -> str:
    """A path as a person would write it: relative to the working directory where it lies in it."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


_entries: dict[str, Entry] = {}


def register(cls: C) -> C:
    """Make a concrete class public under its class name; the kind is read from its base class.

    Raises:
        TypeError: the class is abstract, or inherits from no kind of the framework.
        ValueError: the name is taken; both places are named.
    """
    kind = getattr(cls, "kind", None)
    if kind not in KINDS:
        raise TypeError(
            f"@register {cls.__name__}: it inherits from none of the framework's kinds "
            f"({', '.join(KINDS)}); derive it from a base class such as Neuron, Network or Loss"
        )
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))
        raise TypeError(
            f"@register {cls.__name__}: it is abstract; it still has to define {missing}"
        )
    taken = _entries.get(cls.__name__)
    entry = Entry(cls.__name__, kind, cls)
    if taken and (taken.cls.__module__, taken.file) != (cls.__module__, entry.file):
        raise ValueError(
            f"the name {cls.__name__} is taken twice: in {shown(taken.file)} "
            f"and in {shown(entry.file)}; rename one of them"
        )
    _entries[cls.__name__] = entry
    return cls


def forget(module: str) -> None:
    """Take back what a module registered that then failed to import."""
    for name, entry in list(_entries.items()):
        if entry.cls.__module__ == module:
            del _entries[name]


def load(*kinds: str) -> None:
    """Import the built-ins of these kinds (of all kinds when none is named)."""
    for kind in kinds or KINDS:
        importlib.import_module(f"{PACKAGE}.{KINDS[kind]}")


def entries(kind: str | None = None) -> list[Entry]:
    """What is registered so far, by kind and name."""
    order = list(KINDS)
    found = [e for e in _entries.values() if kind in (None, e.kind)]
    return sorted(found, key=lambda e: (order.index(e.kind), e.name))


def find(name: str) -> Entry:
    """The entry of this name.

    Raises:
        UserError: there is none; the closest names are given.
    """
    if name in _entries:
        return _entries[name]
    hint = did_you_mean(name, _entries)
    raise UserError(f"nothing is registered as {name!r}. {hint or 'See: slv list'}".rstrip())
