"""Checkpoint files are whole or not there, and run no code."""

import os
import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from spiking_lowlevel.checkpoints import WholeFiles, check_checkpoint
from spiking_lowlevel.errors import UserError

CONTENT = {"state_dict": {"w": torch.arange(50_000.0)}, "global_step": 7}


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow above a size in bytes: what a full disk looks like to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_nothing_that_was_there(tmp_path: Path):
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    WholeFiles().save_checkpoint(CONTENT, path)
    before = path.read_bytes()
    with room_for(30_000), pytest.raises(UserError, match=r"could not be written .*--resume"):
        WholeFiles().save_checkpoint({**CONTENT, "global_step": 8}, path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["last.ckpt"]


def test_a_checkpoint_is_renamed_into_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "last.ckpt"
    WholeFiles().save_checkpoint(CONTENT, path)

    def killed(*_: object) -> None:
        assert torch.load(path, weights_only=True)["global_step"] == 7  # the new one lies beside
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        WholeFiles().save_checkpoint({**CONTENT, "global_step": 8}, path)
    assert WholeFiles().load_checkpoint(path)["global_step"] == 7


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_truncated_one_is_refused_and_the_newest_whole_one_offered(tmp_path: Path, share: float):
    for i, name in enumerate(("old.ckpt", "best.ckpt", "last.ckpt", "broken.ckpt")):
        torch.save(CONTENT, tmp_path / name)
        os.utime(tmp_path / name, (i, i))
    (tmp_path / "broken.ckpt").write_bytes(b"PK")
    last = tmp_path / "last.ckpt"
    last.write_bytes(last.read_bytes()[: int(share * last.stat().st_size)])
    with pytest.raises(UserError, match=r"last\.ckpt is .*truncated; the newest .*best\.ckpt"):
        check_checkpoint(last)


@pytest.mark.parametrize("zipped", [True, False], ids=["PyTorch's file", "a bare pickle"])
def test_a_pickle_that_wants_to_run_code_is_refused_unrun(tmp_path: Path, zipped: bool):
    trap, path = tmp_path / "sprung", tmp_path / "last.ckpt"
    content = {**CONTENT, "callbacks": Trap(trap)}
    if zipped:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content, protocol=2))  # that of torch.load
    with pytest.raises(UserError, match=r"asks for .* to be run"):
        check_checkpoint(path)
    for read in (
        WholeFiles().load_checkpoint,
        lambda p: WholeFiles().load_checkpoint(p, "cpu", False),
    ):
        with pytest.raises(pickle.UnpicklingError):
            read(path)
    assert not trap.exists()


def test_a_whole_one_is_taken(tmp_path: Path):
    WholeFiles().save_checkpoint(CONTENT, tmp_path / "last.ckpt")
    check_checkpoint(tmp_path / "last.ckpt")
