"""Errors that nobody's code is wrong for, and how any message is made fit to be read."""

import re

_MEMORY = re.compile(
    r"can't allocate memory|out of memory|bad_alloc|Insufficient memory|Cannot allocate memory"
    r"|Unable to allocate|storage size|Storage size|array is too big|Maximum allowed size"
)
_TRIED = re.compile(r"(?:allocate|allocate memory: you tried to allocate) ([\d.]+ ?\w+)")
_WORD = 200
_LENGTH, _END = 1800, 200
_CONTROL = {i: f"\\x{i:02x}" for i in (*range(9), *range(11, 32), *range(127, 160))}


def of_the_machine(error: Exception) -> str | None:
    """A sentence on memory that ran out, or on a file that the system refuses; None for others."""
    text = str(error)
    if isinstance(error, MemoryError) or _MEMORY.search(text):
        tried = _TRIED.search(text)
        return (
            f"memory ran out{f' (asked for {tried[1]})' if tried else ''}: lower data.batch_size, "
            "data.crop, or width, depth and time_steps of the network; "
            "--checkpointing true trains in less"
        )
    if isinstance(error, RecursionError):
        return "something that was given is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror}"
    return None


def readable(message: str) -> str:
    """A message of at most 2,000 characters without control characters; long words are cut."""
    shown = re.sub(rf"\S{{{_WORD},}}", _cut, message).translate(_CONTROL)
    if len(shown) > _LENGTH + _END:
        shown = f"{shown[: _LENGTH - 10]} [...] {shown[-_END:].lstrip()}"
    return shown


def _cut(word: re.Match[str]) -> str:
    whole = word[0]
    return f"{whole[: _WORD // 2]}[... {len(whole):,} characters]{whole[-20:]}"
