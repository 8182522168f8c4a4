"""What the parser says of a mistake, in one sentence: where, what was given, what is allowed."""

import inspect
import re

from lightning.pytorch import Trainer

from spiking_lowlevel import plugins, registry
from spiking_lowlevel.errors import did_you_mean

_NOISE = re.compile(
    r"Does not validate against any|Subtypes:|Errors:|Expected a <class 'NoneType'>|Given value"
    r"|Subclass types expect|^- a (class path|dict)|Expected a path but|Problem with given"
    r'|^Parser key "[^"]*":$|^a class path \(str\)|^a dict'
)
_NO_CLASS = re.compile(r"argument of type '\w+' is not iterable")
_LINES = 6


_TOP = (
    *("model", "data", "trainer", "checkpoint", "plugins", "seed_everything", "ckpt_path"),
    *("compile", "checkpointing", "precision"),
)


def explain(message: str) -> str:
    """The parser's message as one sentence, with the names that come close."""
    keys = re.findall(r'Parser key "([^"]*)"', message)
    where = ".".join(keys)
    for pattern, sentence in (
        (r"Expected a dot import path string: (\S+)", _unknown_class),
        (r"Option '([^']*)' is not accepted", _unknown_key),
        (r"does not accept option '([^']*)'", _unknown_key),
        (r"unrecognized arguments: --([^\s=]+)", _unknown_key),
        (r"Expected a typing\.Literal\[(.*)\]\. Got value: (.*)", _not_a_choice),
        (r"Expected an? (?:<class ')?([^'\n]*?)'?>?\. Got value: (.*)", _wrong_type),
        (r"expects a function or a callable class: [^\n]*Got value: ([^\n]*)", _no_part),
        (r"File does not exist: '?([^'\n]*)", _no_file),
        (r"following arguments are required: (.*)", _missing),
    ):
        found = re.search(pattern, message)
        if found:
            return " ".join(filter(None, (sentence(where, *found.groups()))))
    return _shortened(where, message)


def _unknown_class(where: str, name: str) -> tuple[str, ...]:
    names = [e.name for e in registry.entries()]
    known = did_you_mean(name.rpartition(".")[2], names)
    failed = "".join(f"\n  (not loaded: {b})" for b in plugins.broken())
    return f"{where}: there is no class {name!r}.", (known or "See: slv list") + failed


def _unknown_key(where: str, key: str) -> tuple[str, ...]:
    if where:
        return f"{where}.{key}: there is no such key.", did_you_mean(key, _arguments())
    first, _, last = key.partition(".")
    if first not in _TOP:
        hint = did_you_mean(first, _TOP) or f"Keys: {', '.join(_TOP)}"
        return f"{first}: there is no such key.", hint
    known = did_you_mean(last, [*_arguments(), *inspect.signature(Trainer.__init__).parameters])
    return f"{key}: there is no such key.", known


def _not_a_choice(where: str, choices: str, given: str) -> tuple[str, ...]:
    names = re.findall(r"'([^']*)'", choices)
    return f"{where}: {given!r} is not one of {', '.join(names)}.", did_you_mean(given, names)


def _wrong_type(where: str, wanted: str, given: str) -> tuple[str, ...]:
    return (f"{where}: expected {wanted}, given {given!r}.",)


def _no_part(where: str, given: str) -> tuple[str, ...]:
    named = re.match(r"Namespace\(class_path='([^']*)'", given)
    given = named[1] if named else given
    return (f"{where}: {given} is no class of the kind that is needed here. See: slv list",)


def _no_file(where: str, path: str) -> tuple[str, ...]:
    return (f"{where}: the file {path} does not exist.",)


def _missing(where: str, names: str) -> tuple[str, ...]:
    if where:
        return (f"{where}: its class needs {names.partition('. Got value')[0]}.",)
    return (
        f"what to do is missing: {names}. Name a configuration, for instance:\n"
        "  slv fit --config configs/derain/demo.yaml",
    )


def _arguments() -> set[str]:
    """The names of all arguments of all registered classes."""
    classes = (e.cls for e in registry.entries())
    return {name for c in classes for name in inspect.signature(c).parameters}


def _shortened(where: str, message: str) -> str:
    lines = [line.strip(" -") for line in message.splitlines()]
    kept = [line for line in lines if line and not _NOISE.search(line)][:_LINES]
    said = "\n  ".join(kept) or message
    said = _NO_CLASS.sub("expected the name of a class, or class_path and init_args", said)
    return f"{where}: {said}" if where else said
