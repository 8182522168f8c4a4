"""Files are there whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from spiking_lowlevel.files import printable, write_text, written_whole


def names(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir()]


def test_text_is_written_into_a_new_folder(tmp_path: Path):
    path = tmp_path / "a" / "b" / "text.csv"
    write_text(path, "τ = 2\n")
    assert path.read_bytes() == "τ = 2\n".encode()
    assert names(path.parent) == ["text.csv"]


def test_text_replaces_what_was_there(tmp_path: Path):
    path = tmp_path / "text"
    write_text(path, "a long first text")
    write_text(path, "short")
    assert path.read_text() == "short"


def test_nothing_is_at_the_target_before_the_end(tmp_path: Path):
    path = tmp_path / "a.png"
    with written_whole(path) as beside:
        assert beside.parent == path.parent  # a rename within one folder cannot be half done
        beside.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, error: type[BaseException]
):
    path = tmp_path / "a.png"
    path.write_text("old")

    def fail():
        with written_whole(path) as beside:
            beside.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.png"]


def test_an_error_before_the_first_byte_is_the_error_that_is_seen(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "a"):
        raise ZeroDivisionError
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "日" * 85])
def test_a_name_may_be_as_long_as_names_are(tmp_path: Path, name: str):
    write_text(tmp_path / name, "whole")
    assert (tmp_path / name).read_text() == "whole"
    assert names(tmp_path) == [name]


def test_what_cannot_be_named_so_is_told_before_anything_is_written(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    for name, error in (("x" * 256, "too long"), ("folder", "directory")):
        with pytest.raises(OSError, match=error), written_whole(tmp_path / name):
            pytest.fail("written")
    assert names(tmp_path) == ["folder"]


def test_a_link_is_not_written_through(tmp_path: Path):
    (tmp_path / "mine").write_text("mine")
    for name in ("a", "a.part"):
        (tmp_path / name).symlink_to("mine")
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "a").read_text() == "new"


def test_odd_names_are_told_in_one_line():
    assert printable("Ré 日本 👩\u200d👩") == "Ré 日本 👩\u200d👩"
    assert printable(Path("a\nb\x1b[0m\u202ec\udcff")) == r"a\nb\x1b[0m\u202ec\udcff"


def test_a_full_disk_says_what_it_had_no_room_for(tmp_path: Path):
    place = tmp_path / "notes.txt"
    with pytest.raises(OSError, match="No space left") as told, written_whole(place):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert told.value.filename == str(place)
