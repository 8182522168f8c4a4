"""`slv restore`: what is found, where it goes, what is refused, and the exit code."""

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from restoring.photographs import BYTES, exif, pixels, restore

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring import command, options

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with sub-folders, two pictures of one name, a hidden one and a text."""
    for i, name in enumerate(("a.png", "sub/a.png", "sub/deep/b.jpg", ".hidden.png", "sub/c.BMP")):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(BYTES[i:, :, :3]).save(path)
    (tmp_path / "in/notes.txt").write_text("rain")
    return tmp_path / "in"


def written(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_folder_keeps_names_and_sub_folders(tree: Path, monkeypatch: pytest.MonkeyPatch):
    out = tree.parent / "out"
    assert restore(monkeypatch, tree, "-o", out) == 0
    assert written(out) == ["a.png", "sub/a.png", "sub/c.BMP", "sub/deep/b.jpg"]
    np.testing.assert_array_equal(pixels(out / "sub/a.png"), pixels(tree / "sub/a.png"))


def test_an_output_inside_the_input_is_not_read_again(tree: Path, monkeypatch: pytest.MonkeyPatch):
    assert restore(monkeypatch, tree, "-o", tree / "out") == 0
    assert restore(monkeypatch, tree, "-o", tree / "out", "--force") == 0
    assert written(tree / "out") == ["a.png", "sub/a.png", "sub/c.BMP", "sub/deep/b.jpg"]


def test_links_that_go_round_do_not_hang(tree: Path, monkeypatch: pytest.MonkeyPatch):
    (tree / "sub/loop").symlink_to(tree)
    (tree / "zzz.png").symlink_to(tree / "lost.png")
    assert restore(monkeypatch, tree, "-o", tree.parent / "out") == 1  # of the broken link
    assert len(written(tree.parent / "out")) == 4


def test_quoted_patterns(tree: Path, monkeypatch: pytest.MonkeyPatch):
    out = tree.parent / "out"
    assert restore(monkeypatch, tree / "**/*.png", tree / "s*/deep/?.jpg", "-o", out) == 0
    assert written(out) == ["a.png", "sub/a.png", "sub/deep/b.jpg"]
    (tree / "[x].png").write_bytes((tree / "a.png").read_bytes())
    assert restore(monkeypatch, tree / "[x].png", "-o", out) == 0
    assert (out / "[x].png").exists()


def test_two_inputs_for_one_output_are_refused(tree: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UserError, match="both be written to"):
        restore(monkeypatch, tree / "a.png", tree / "sub/a.png", "-o", tree.parent / "out")
    (tree / "a-compare.png").write_bytes((tree / "a.png").read_bytes())
    with pytest.raises(UserError, match="both be written to"):
        restore(monkeypatch, tree, "-o", tree.parent / "out", "--compare")
    assert not (tree.parent / "out").exists()


def test_one_file_named_twice_is_restored_once(tree: Path, monkeypatch: pytest.MonkeyPatch):
    assert restore(monkeypatch, tree / "a.png", tree / "a.png", "-o", tree.parent / "b.png") == 0


def test_nothing_is_overwritten_without_force(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    out = tree.parent / "out"
    out.mkdir()
    (out / "a.png").write_text("mine")
    assert restore(monkeypatch, tree, "-o", out) == 1
    assert (out / "a.png").read_text() == "mine"
    assert len(written(out)) == 4
    assert "--force" in capsys.readouterr().err
    assert restore(monkeypatch, tree / "a.png", "-o", tree / "a.png") == 1
    assert "is the input itself" in capsys.readouterr().err
    assert restore(monkeypatch, tree, "-o", out, "--force") == 0
    assert pixels(out / "a.png").shape == (41, 57, 3)


def test_what_is_there_is_known_before_a_network_is_loaded(
    tree: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "load", lambda *_: pytest.fail("loaded"))
    with pytest.raises(SystemExit) as leave:
        command.run(options.parse([str(tree / "a.png"), "-o", str(tree)]), lambda words: words)
    assert leave.value.code == 1


def test_a_wrong_suffix_is_read_by_content(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    (tree / "a.png").rename(tree / "a.jpg")
    assert restore(monkeypatch, tree / "a.jpg", "-o", tree.parent / "out") == 0
    assert "is PNG by its content" in capsys.readouterr().out
    np.testing.assert_array_equal(pixels(tree.parent / "out/a.jpg"), BYTES[..., :3])


def test_a_place_that_cannot_be_written_to_is_a_line(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    (tree.parent / "file").write_text("")
    assert restore(monkeypatch, tree / "a.png", "-o", tree.parent / "file/out") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(UserError, match="is a file"):
        restore(monkeypatch, tree, "-o", tree.parent / "file")


def test_a_full_disk_leaves_no_half_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("spiking_lowlevel.restoring.writing.write", full)
    out = tree.parent / "out"
    assert restore(monkeypatch, tree, "-o", out) == 1
    assert "No space left" in capsys.readouterr().out
    assert written(out) == []


class _Stream:
    def __init__(self, data: bytes = b"") -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "webp"])
def test_a_pipe(suffix: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture):
    file, out = io.BytesIO(), _Stream()
    Image.fromarray(BYTES[..., :3]).save(file, {"tif": "tiff"}.get(suffix, suffix), lossless=True)
    with monkeypatch.context() as pipes:
        pipes.setattr(sys, "stdin", _Stream(file.getvalue()))
        pipes.setattr(sys, "stdout", out)
        assert restore(monkeypatch, "-", "-o", "-") == 0
    assert "57x41" in capsys.readouterr().err
    out.buffer.seek(0)
    np.testing.assert_array_equal(pixels(out.buffer), BYTES[..., :3])


def test_a_pipe_into_a_file_and_out_of_one(tree: Path, monkeypatch: pytest.MonkeyPatch):
    data, out = (tree / "a.png").read_bytes(), _Stream()
    monkeypatch.setattr(sys, "stdin", _Stream(data))
    assert restore(monkeypatch, "-", "-o", tree / "new.png") == 0
    np.testing.assert_array_equal(pixels(tree / "new.png"), BYTES[..., :3])
    assert restore(monkeypatch, "-", "-o", tree / "new.png") == 1
    monkeypatch.setattr(sys, "stdout", out)
    assert restore(monkeypatch, tree / "a.png", "-o", "-") == 0
    out.buffer.seek(0)
    np.testing.assert_array_equal(pixels(out.buffer), BYTES[..., :3])


def test_pictures_beside_it_lie_upright(tree: Path, monkeypatch: pytest.MonkeyPatch):
    Image.fromarray(BYTES[..., :3]).save(tree / "r.jpg", exif=exif(6))
    words = (tree / "r.jpg", "-o", tree.parent / "out", "--compare", "--save-spikes")
    assert restore(monkeypatch, *words) == 0
    assert written(tree.parent / "out") == ["r-compare.png", "r-spikes.png", "r.jpg"]
    assert pixels(tree.parent / "out/r-spikes.png").shape == (57, 41, 3)
    assert pixels(tree.parent / "out/r-compare.png").shape[1] == 2 * 41 + 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["in/b.png", "-o", "x"], "Did you mean: a.png"),
        (["in/*.gif", "-o", "x"], "no photograph matches"),
        (["empty", "-o", "x"], "no photograph lies"),
        (["in/a.png"], "required: -o"),
        (["in/a.png", "-o", "x", "--tile", "big"], "auto or at least 8"),
        (["in/a.png", "-o", "x", "--ensemble", "x4"], "x8"),
        (["in/a.png", "-o", "x", "--quality", "0"], "from 1 to 100"),
        (["in/a.png", "-o", "x", "--format", "gif"], "one of png"),
        (["in/a.png", "-o", "x", "--nonsense"], "unrecognized"),
        (["-", "in/a.png", "-o", "-"], "nothing beside it"),
        (["-", "-o", "folder"], "name a file"),
        (["in", "-o", "-"], "one photograph"),
        (["in/a.png", "-o", "-", "--compare"], "need a file"),
    ],
)
def test_mistakes_of_the_command_line(
    words: list[str], told: str, tree: Path, monkeypatch: pytest.MonkeyPatch
):
    (tree.parent / "empty").mkdir()
    monkeypatch.chdir(tree.parent)
    with pytest.raises(UserError, match=told):
        restore(monkeypatch, *words)
    assert not (tree.parent / "x").exists()


def test_a_stop_prints_what_is_done(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture):
    done = command._restore

    def stopping(plan: options.RestorePlan, photograph: command.Photograph, *rest: object):
        if photograph.source.name == "b.jpg":
            raise KeyboardInterrupt
        return done(plan, photograph, *rest)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(command, "_restore", stopping)
    assert restore(monkeypatch, tree, "-o", tree.parent / "out") == 130
    assert "a.png" in capsys.readouterr().out


def test_a_pattern_matches_below_links_once_and_never_above_its_start(
    tree: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("one", "two", "sub/three", "sub/deep/four"):
        (tree / name).symlink_to(tree)
    out = tree.parent / "out"
    assert restore(monkeypatch, tree / "**/*.jpg", "-o", out) == 0
    assert len(written(out)) == 1
    with pytest.raises(UserError, match=r"without \.\."):
        restore(monkeypatch, tree / "*/../../in/a.png", "-o", out)


def test_a_pipe_that_is_no_file_is_not_waited_for(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    os.mkfifo(tree / "pipe.png")
    assert restore(monkeypatch, tree, "-o", tree.parent / "out") == 1
    assert "pipe.png: is a pipe" in capsys.readouterr().err


def test_a_name_that_gets_too_long_is_told_before_a_network_is_loaded(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    long = tree.parent / ("x" * 250 + ".png")
    (tree / "a.png").rename(long)
    assert restore(monkeypatch, long, "-o", tree.parent / "out") == 0
    monkeypatch.setattr(command, "load", lambda *_: pytest.fail("loaded"))
    words = [str(long), "-o", str(tree.parent / "other"), "--compare"]
    with pytest.raises(SystemExit):
        command.run(options.parse(words), lambda words: words)
    assert "is too long; it ends at 255 bytes" in capsys.readouterr().err


def test_a_link_to_itself_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture):
    (tree.parent / "loop").symlink_to("loop")
    assert restore(monkeypatch, tree / "a.png", "-o", tree.parent / "loop") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert restore(monkeypatch, tree.parent / "loop", "-o", tree.parent / "out") == 1
    assert "symbolic links" in capsys.readouterr().err


def test_odd_names_are_told_in_one_line(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    (tree / "a.png").rename(tree / "a\n\udcff.png")
    (tree / "b\x1b.png").write_text("no picture")
    assert restore(monkeypatch, tree, "-o", tree.parent / "out") == 1
    said = capsys.readouterr()
    assert r"a\n\udcff.png" in said.out
    assert said.err == f"slv: {tree}/b\\x1b.png: is no PNG, JPEG, TIFF, WebP or BMP\n"
