"""What a configuration file may not be, whatever it would stand for."""

import os
from pathlib import Path

import pytest

from spiking_lowlevel import config_file
from spiking_lowlevel.errors import UserError

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGED = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    "aliases that double": (LAUGHS, "it holds more than 20,000 values, aliases written out"),
    "keys merged over and over": (MERGED, "it holds more than 20,000 values"),
    "a list in itself": ("model: &a [*a]", "the alias *a is part of what it stands for"),
    "deeper in itself": ("&a {model: {x: *a}}", "the alias *a is part of what it stands for"),
    "open brackets": ("[" * 10_000, "it is nested more than 50 deep"),
    "maps in maps": ("{a: " * 60 + "1" + "}" * 60, "it is nested more than 50 deep"),
    "a day that is none": ("day: 2020-99-99", "no valid YAML: ValueError: month must be in 1..12"),
    "no number": ("!!int x", "no valid YAML: ValueError: invalid literal for int()"),
    "a tag of Python": ("!!python/object/apply:os.abort []", "no valid YAML: could not determine"),
    "two documents": ("a: 1\n---\nb: 2", "no valid YAML: expected a single document"),
    "large": ("# \n" * 400_000, "has 1,200,000 bytes; a configuration has at most 1,048,576"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(tmp_path: Path, what: str):
    text, message = REFUSED[what]
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as refused:
        config_file.read(path)
    assert message in str(refused.value)
    assert str(path) in str(refused.value)


def test_bytes_that_are_no_text(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"model: \xff")
    with pytest.raises(UserError, match="no valid YAML: 'utf-8' codec can't decode byte 0xff"):
        config_file.read(path)


def test_what_is_no_file_is_not_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(UserError, match="is no file; give a YAML file"):
            config_file.read(path)
    for name in ("a\0b", "a" * 1000):
        with pytest.raises((UserError, FileNotFoundError)):
            config_file.read(tmp_path / name)


def test_aliases_that_are_of_use_are_kept(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text("\ufeffa: &a {width: 4}\nb: *a\nc: {<<: *a, depth: 1}\n", encoding="utf-8")
    width = {"width": 4}
    assert config_file.read(path) == {"a": width, "b": width, "c": {"width": 4, "depth": 1}}
