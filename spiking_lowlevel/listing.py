"""What `slv list`, `slv show` and `slv check` print."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from spiking_lowlevel import catalogue, plugins, registry
from spiking_lowlevel.catalogue import Listed
from spiking_lowlevel.errors import UserError, did_you_mean
from spiking_lowlevel.registry import KINDS, Entry


def listed(paths: list[Path]) -> tuple[list[Listed], list[plugins.Broken]]:
    """Everything that can be named, and the plugins that cannot be loaded; Lightning stays out."""
    heavy = [p for p in paths if catalogue.needs_lightning(p)]
    plugins.load([p for p in paths if p not in heavy], installed=_light)
    found = catalogue.builtins()
    names = {entry.name for entry in found}
    found += [
        Listed(e.name, e.kind, e.origin, e.summary)
        for e in registry.entries()
        if e.name not in names
    ]
    failed = plugins.broken()
    for path in (*heavy, *(p for p in plugins.installed_files() if not _light(p))):
        result = catalogue.read(path)
        if isinstance(result, plugins.Broken):
            failed.append(result)
        else:
            found += result
    return found, failed


def _light(path: Path) -> bool:
    return not catalogue.needs_lightning(path)


def kind_of(word: str) -> str:
    """The kind that a word means: its name, its plural, or the name of its folder.

    Raises:
        UserError: there is no such kind.
    """
    words = {w: kind for kind, folder in KINDS.items() for w in (kind, f"{kind}s", folder)}
    if word not in words:
        hint = did_you_mean(word, words) or f"Kinds: {', '.join(KINDS.values())}"
        raise UserError(f"there is no kind {word!r}. {hint}")
    return words[word]


def table(kind: str | None, paths: list[Path]) -> Iterator[str]:
    """The lines of `slv list`: name, origin and summary, one block a kind; broken plugins last."""
    found, failed = listed(paths)
    wide = max(len(e.name) for e in found) + 2
    far = max(len(e.origin) for e in found) + 2
    for each in KINDS:
        rows = sorted(
            (e for e in found if e.kind == each), key=lambda e: (e.origin != "built-in", e.name)
        )
        if rows and kind in (None, each):
            yield from ([] if kind else ["", f"{KINDS[each]}:"])
            yield from (f"{e.name:<{wide}}{e.origin:<{far}}{e.summary}".rstrip() for e in rows)
    yield from (f"{'broken':<{wide}}{b}" for b in failed)


def entry(name: str, paths: list[Path]) -> Entry:
    """The registered class of this name, imported with as little else as possible.

    Raises:
        UserError: there is none; close names and broken plugins are given.
    """
    plugins.load(paths)
    kinds = [e.kind for e in catalogue.builtins() if e.name == name]
    registry.load(*kinds) if kinds else None
    known = {e.name for e in (*catalogue.builtins(), *registry.entries())}
    if name not in known:
        failed = "".join(f"\n  (not loaded: {b})" for b in plugins.broken())
        hint = did_you_mean(name, known) or "See: slv list"
        raise UserError(f"nothing is registered as {name!r}. {hint}{failed}")
    return registry.find(name)


def page(found: Entry) -> Iterator[str]:
    """The lines of `slv show`: where it stands, what it is, its arguments, and YAML to paste."""
    line = inspect.getsourcelines(found.cls)[1]
    yield f"{found.name} ({found.kind}, {found.origin})"
    yield f"{registry.shown(found.file)}:{line}"
    yield ""
    yield inspect.getdoc(found.cls) or "(no docstring)"
    source = inspect.getdoc(inspect.getmodule(found.cls))
    if source:
        yield from ("", "From the module:", "", source)
    parameters = list(inspect.signature(found.cls).parameters.values())
    if parameters:
        yield from ("", "Arguments:")
        yield from (f"  {p}" for p in parameters)
    yield from ("", "In a config:", f"  class_path: {found.name}")
    # Factories are called with the first argument of these: it is not for a config to give.
    free = parameters[1:] if found.kind in ("neuron", "encoder") else parameters
    lines = [line for p in free if (line := _yaml(p))]
    yield from ["  init_args:", *lines] if lines else []


def _yaml(parameter: inspect.Parameter) -> str | None:
    """A line of YAML for an argument that is needed or has a plain default."""
    name, default = parameter.name, parameter.default
    if default is inspect.Parameter.empty:
        wanted = str(parameter).partition(": ")[2] or "anything"
        return f"    {name}: ...  # needed: {wanted}"
    if isinstance(default, bool):
        return f"    {name}: {str(default).lower()}"
    return f"    {name}: {default}" if isinstance(default, int | float | str) else None
