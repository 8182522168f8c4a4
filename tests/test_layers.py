"""Rules that the house stands on, read off its source."""

import ast
import statistics
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "spiking_lowlevel"
ORDER = [
    "errors",
    "failures",
    "files",
    "decoding",
    "config_file",
    "memory",
    "devices",
    "pieces",
    "registry",
    "neurons",
    "encoders",
    "blocks",
    "networks",
    "restore",
    "energy",
    "metrics",
    "losses",
    "schedules",
    "degradations",
    "data",
    "tasks",
    "callbacks",
    "data_check",
    "testing",
    "plugins",
    "catalogue",
    "listing",
    "metrics_file",
    "runs",
    "checkpoints",
    "published",
    "mistakes",
    "restoring",
    "training",
    "bench",
    "studies",
    "reproduce",
    "report_page",
    "demo",
    "cli",
]
FILES = sorted(PACKAGE.rglob("*.py"))
MAINTAINED = [
    p for d in ("spiking_lowlevel", "plugins", "examples") for p in (ROOT / d).rglob("*.py")
]


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "spiking_lowlevel":
            modules |= {f"spiking_lowlevel.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    rooms = {m.split(".")[1] for m in modules if m.startswith("spiking_lowlevel.")}
    return rooms & set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path):
    if path == PACKAGE / "__init__.py":
        return
    assert room(path) in ORDER, "a new room: give it its place in ORDER and in CONTRIBUTING.md"
    mine = ORDER.index(room(path))
    backwards = {r for r in imported_rooms(path) if ORDER.index(r) > mine}
    assert not backwards


def test_files_are_short():
    lengths = {p: len(p.read_text().splitlines()) for p in MAINTAINED}
    assert max(lengths.values()) <= 400
    assert statistics.median(lengths.values()) < 150


@pytest.mark.parametrize("path", MAINTAINED, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_are_short(path: Path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, functions)]
    long = {n.name: n.end_lineno - n.lineno + 1 for n in nodes if n.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


def test_no_room_is_called_utils():
    names = {"utils", "helpers", "common", "misc"}
    assert not [p for p in FILES if p.stem in names]


def test_nothing_names_a_plugin_of_ours():
    ours = [p.stem for p in (ROOT / "plugins").glob("*.py")]
    for path in FILES:
        words = path.read_text().replace("_", " ").split()
        assert not [name for name in ours if name in words], path
