"""Folders to let `slv` loose on, what has become of them, and a user who may not do everything."""

import ctypes
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fuzz.forked import Ended, slv

from spiking_lowlevel import data_check as data_check  # what is imported is shared by forks
from spiking_lowlevel.networks.weights import save_weights
from spiking_lowlevel.restoring import command as command
from spiking_lowlevel.restoring.recipe import Recipe

RECIPE = Recipe(
    {
        "class_path": "VLIFNet",
        "init_args": {
            **{"width": 8, "encoder_depth": [1, 1], "decoder_depth": [1, 1], "time_steps": 1},
            "neuron": {"class_path": "LIF"},
        },
    },
    {"class_path": "Tiles", "init_args": {"tile": 32, "overlap": 8}},
)
_OVERRIDE = (1 << 1) | (1 << 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux


def write_network(path: Path) -> Path:
    """A network that restores a small picture in no time."""
    network, _ = RECIPE.build()
    save_weights(network, path, RECIPE.metadata())
    return path


def told(ended: Ended) -> Ended:
    """Holds a command to its promises: an exit code of its own, and words, whatever it met."""
    assert ended.code in (0, 1, 2), (ended.code, ended.err)
    assert "Traceback" not in ended.err
    assert ended.code != 2 or ended.err.startswith("slv: ")
    return ended


def run(words: list[str | Path], folder: Path) -> Ended:
    """`slv` with these words in a folder, held to its promises."""
    return told(slv([os.fspath(word) for word in words], folder))


def everything(folder: Path) -> dict[str, str]:
    """What lies below a folder, by path: of files what they hold, of others what they are."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                held = f"link to {os.readlink(path)}"
            elif stat.S_ISREG(mode):
                held = str(hash(Path(path).read_bytes()))
            else:
                held = str(stat.S_IFMT(mode))
            found[os.path.relpath(path, folder)] = held
    return found


def new(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Paths that came to be or changed; nothing may have gone."""
    assert before.keys() <= after.keys()
    return {path for path, held in after.items() if before.get(path) != held}


@contextmanager
def as_anyone() -> Iterator[None]:
    """Locked files and folders are locked inside, to the superuser too."""
    if os.geteuid() != 0:
        yield
        return
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(head, data) != 0:
        pytest.skip("the superuser cannot lay down its rights on this system")
    had = data[0]
    data[0] = had & ~_OVERRIDE
    assert libc.capset(head, data) == 0
    try:
        yield
    finally:
        data[0] = had
        assert libc.capset(head, data) == 0
