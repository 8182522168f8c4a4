"""A configuration file, looked over before anything is made of it.

YAML can ask for a lot in a few bytes: aliases that double with every line, a value that holds
itself, brackets a thousand deep. Such a text is refused by its events alone, of which nothing is
built.
"""

from pathlib import Path
from stat import S_ISREG

import yaml

from spiking_lowlevel.errors import UserError

_BYTES = 2**20
_VALUES = 20_000
_DEEP = 50
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> object:
    """What a configuration file holds; no code from it is run.

    Raises:
        FileNotFoundError: there is no file.
        UserError: it is no text file of YAML of a bounded size; what is wrong with it is named.
    """
    named = f"the configuration {path}"
    text = _text(path, named)
    try:
        require_bounded(text, named)
        return yaml.safe_load(text)
    except UserError:
        raise
    except Exception as error:  # PyYAML raises whatever a wrong value makes of its constructors
        told = (
            str(error) if isinstance(error, yaml.YAMLError) else f"{type(error).__name__}: {error}"
        )
        raise UserError(f"{named} is no valid YAML: {told}") from None


def _text(path: Path, named: str) -> str:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            raise UserError(f"{named} is no file; give a YAML file such as RUN/config.yaml")
        if status.st_size > _BYTES:
            raise UserError(
                f"{named} has {status.st_size:,} bytes; a configuration has at most {_BYTES:,}"
            )
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"{named} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{named} is no valid YAML: {error}") from None
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{named} cannot be read: {error}") from None  # a zero byte in its name


def require_bounded(text: str, named: str) -> None:
    """Refuse YAML that is nested deeply, holds itself, or grows beyond measure by its aliases.

    Raises:
        UserError: it is one of these; `named` says what of.
        yaml.YAMLError: it is no YAML.
    """
    values = 0
    behind: dict[str, int] = {}  # how many values an alias stands for
    begun: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            if any(event.anchor == anchor for anchor, _ in begun):
                raise UserError(f"{named}: the alias *{event.anchor} is part of what it stands for")
            values += behind.get(event.anchor, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            begun.append((event.anchor, values))
            values += 1
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
            if event.anchor:
                behind[event.anchor] = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            if anchor:
                behind[anchor] = values - before
        if len(begun) > _DEEP:
            raise UserError(f"{named}: it is nested more than {_DEEP} deep")
        if values > _VALUES:
            raise UserError(f"{named}: it holds more than {_VALUES:,} values, aliases written out")
