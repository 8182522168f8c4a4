"""The pages of `examples/` as what a reader would type, in order: files, commands, Python."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    ((?:slv|python) .*)$", re.MULTILINE)
_NAMED = re.compile(r"\A(?:#!.*\n)?# (\S+\.(?:py|yaml|sbatch))\n")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, and the file that it is, if it is one."""

    language: str
    text: str

    @property
    def file(self) -> Path | None:
        """The file that the first comment of the block names."""
        named = _NAMED.match(self.text)
        return Path(named[1]) if named else None

    @property
    def commands(self) -> list[str]:
        """The command lines of a shell block, in one line each and without comments."""
        return list(_commands(self.text))

    @property
    def sessions(self) -> list[tuple[str, str]]:
        """The commands of a `console` block, each with what it is said to print."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [(head, rest) for head, _, rest in (p.partition("\n") for p in parts)]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(*found) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def indented(page: Path) -> list[str]:
    """The command lines of a page that stand in indented blocks."""
    fenceless = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return list(_commands("\n".join(_INDENTED.findall(fenceless))))


def words(command: str) -> list[str]:
    """The words of a command line, patterns of file names expanded as a shell would."""
    out: list[str] = []
    for word in shlex.split(command):
        fits = sorted(map(str, Path().glob(word))) if re.search(r"[*?]", word) else []
        out += fits or [word]
    return out


def _commands(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        bare = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if bare:
            yield bare
