"""What can be named in a config, read from source without running it.

`slv list` has to answer at once, and tasks, data and callbacks import Lightning, which takes
seconds. So built-ins, and plugins that need Lightning, are read as syntax trees; other plugins are
imported.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from spiking_lowlevel.plugins import Broken
from spiking_lowlevel.registry import KINDS, LIGHTNING_KINDS, PACKAGE, shown

_ROOT = Path(__file__).parent
_HEAVY = ("lightning", "pytorch_lightning", *(f"{PACKAGE}.{KINDS[k]}" for k in LIGHTNING_KINDS))


@dataclass(frozen=True)
class Listed:
    """One public class as `slv list` shows it."""

    name: str
    kind: str
    origin: str
    summary: str


def builtins() -> list[Listed]:
    """The built-in classes of all kinds; nothing is imported."""
    found = []
    for kind, folder in KINDS.items():
        for path in sorted((_ROOT / folder).glob("*.py")):
            for node in _registered(ast.parse(path.read_text(encoding="utf-8"))):
                found.append(Listed(node.name, kind, "built-in", _summary(node)))
    return found


def needs_lightning(path: Path) -> bool:
    """Whether a plugin file imports Lightning, or a part of the framework that does."""
    try:
        modules = _imports(ast.parse(path.read_text(encoding="utf-8")))
    except (SyntaxError, ValueError, OSError):
        return False  # importing it will tell what is wrong
    return any(m == heavy or m.startswith(f"{heavy}.") for m in modules for heavy in _HEAVY)


def read(path: Path) -> list[Listed] | Broken:
    """The registered classes of a plugin file, read without running it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for module in _imports(tree):
        if find_spec(module.partition(".")[0]) is None:
            reason = f"ModuleNotFoundError: No module named {module!r}"
            return Broken(shown(path), reason)
    kinds = _base_kinds()
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(b).rpartition(".")[2] for b in node.bases]
            kinds[node.name] = next((kinds[b] for b in bases if b in kinds), "")
    for node in _registered(tree):
        found.append(Listed(node.name, kinds[node.name], shown(path), _summary(node)))
    return found


def _base_kinds() -> dict[str, str]:
    """The kind of every class of the package that others may derive from."""
    kinds = {}
    for kind, folder in KINDS.items():
        for path in (_ROOT / folder).glob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            kinds |= {n.name: kind for n in tree.body if isinstance(n, ast.ClassDef)}
    return kinds


def _registered(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names = [ast.unparse(d).rpartition(".")[2] for d in node.decorator_list]
            if "register" in names:
                yield node


def _imports(tree: ast.Module) -> list[str]:
    modules: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return modules


def _summary(node: ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]
