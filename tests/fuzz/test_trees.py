"""Odd names, links that go round, pipes, locks and outputs that are none: a line each, no more."""

import os
import socket
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from fuzz.trees import as_anyone, everything, new, run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from restoring.photographs import SAME

from spiking_lowlevel.data.images import image_size, list_images, read_image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring import command

EXAMPLES = 8 if settings.get_current_profile_name() == "short" else 150
PIECES = (
    *("a", " ", "  ", "\n", "\t", "\r", "\x1b[31m", "\x7f", "\\", "'", '"', "$(x)", "`", ";", "&"),
    *("-", "--help", "-o", "*", "?", "[a]", "[!", "{", "~", "%s", "%", "#", ":", "|", "<", ","),
    *("é", "e\u0301", "ß", "日本", "שלום", "\u202e", "\u200d", "👩\u200d👩", "\ufeff", "\u2028"),
    *("\udcff", "\udc80\udcfe", "."),
)
CONTACT = {"in-contact.png"}


@pytest.fixture(autouse=True)
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is there at once; folders of pictures go through a real one."""
    monkeypatch.setattr(command, "load", lambda *_: SAME)


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(256, size=(11, 17, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, format="PNG")
    return path


def names() -> st.SearchStrategy[str]:
    """Names of pictures: up to 250 characters or 255 bytes, and not hidden."""
    stems = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
    stems = st.one_of(stems, stems.flatmap(lambda s: st.just((s * 250)[:250])))
    shortened = stems.map(lambda s: os.fsdecode(os.fsencode(s)[:251]))
    return shortened.filter(lambda s: s[0] != ".").map(lambda s: f"{s}.png")


@settings(max_examples=EXAMPLES)
@given(st.lists(names(), min_size=1, max_size=5, unique=True))
@example(["x" * 251 + ".png", "[a].png", "\udcff.png", "a\nb.png", "-o.png"])
def test_names_of_any_kind_are_kept(tmp_path_factory: pytest.TempPathFactory, called: list[str]):
    here = tmp_path_factory.mktemp("names")
    for i, name in enumerate(called):
        picture(here / "in" / name, i)
    before = everything(here)
    ended = run(["restore", "in", "-o", "out"], here)
    assert ended.code == 0, ended.err
    assert new(before, everything(here)) == {"out", *(f"out/{name}" for name in called)}
    one_line_each(ended.out, len(called) + 1 + (len(called) > 1))
    each = [f"in/{name}" for name in called]  # by their own names, which may look like patterns
    ended = run(["restore", *each, "-o", "each/"], here)
    assert ended.code == 0, ended.err
    assert set(os.listdir(here / "each")) == set(called)


@settings(max_examples=EXAMPLES)
@given(st.lists(names(), min_size=1, max_size=5, unique=True))
@example(["\udcff.png", "a\nb.png", "\x1b[31m.png"])
def test_a_data_set_with_names_of_any_kind(
    tmp_path_factory: pytest.TempPathFactory, called: list[str]
):
    here = tmp_path_factory.mktemp("set")
    for i, name in enumerate(called):
        picture(here / "set/input" / name, i)
        picture(here / "set/target" / name, i + 10)
    (here / "set/input" / called[0]).write_bytes(b"no picture")
    before = everything(here)
    ended = run(["data", "check", "set"], here)
    assert ended.code in (1, 2)
    assert new(before, everything(here)) <= {"set-contact.png"}
    assert all(character.isprintable() for character in ended.out.replace("\n", ""))


def one_line_each(text: str, count: int) -> None:
    assert len(text.splitlines()) == count
    odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cs")}
    assert odd <= {"\n"}


def test_names_that_get_too_long_are_told_before_anything_is_restored(tmp_path: Path):
    picture(tmp_path / "in" / ("x" * 251 + ".png"))
    picture(tmp_path / "in" / "a.png")
    words = ["restore", "in", "-o", "out"]
    ended = run([*words, "--compare"], tmp_path)
    assert ended.code == 1
    assert "is too long" in ended.err
    assert sorted(os.listdir(tmp_path / "out")) == ["a-compare.png", "a.png"]
    ended = run(["restore", "in/a.png", "-o", "y" * 300 + "/b.png"], tmp_path)
    assert ended.code == 1
    ended = run(["restore", "z" * 300, "-o", "out"], tmp_path)
    assert ended.code == 2


def test_links_that_go_round(tmp_path: Path):
    picture(tmp_path / "in/deep/a.png")
    for name in ("one", "two", "deep/three", "deep/four"):  # as many ways as steps, to the power
        (tmp_path / "in" / name).symlink_to(tmp_path / "in")
    (tmp_path / "in/self.png").symlink_to("self.png")
    (tmp_path / "in/lost.png").symlink_to("nowhere.png")
    (tmp_path / "loop").symlink_to("loop")
    before = everything(tmp_path)
    for source in ("in", "in/**/*.png", "i*/**/**/*.png"):
        out = f"out-{len(source)}"
        ended = run(["restore", source, "-o", out], tmp_path)
        assert ended.code == 1
        assert len(ended.err.splitlines()) == 2
        made = new(before, everything(tmp_path))
        assert sum(path.endswith(".png") for path in made if path.startswith(out)) == 1
    for words in (["restore", "loop", "-o", "x"], ["restore", "in/deep/a.png", "-o", "loop"],
                  ["data", "check", "in"], ["data", "check", "loop"]):  # fmt: skip
        assert run(words, tmp_path).code in (1, 2)
    assert all(path.startswith("out-") for path in new(before, everything(tmp_path)) - CONTACT)


def test_a_pattern_does_not_lead_out_of_the_output(tmp_path: Path):
    picture(tmp_path / "a/b/c.png")
    picture(tmp_path / "a/d.png")
    before = everything(tmp_path)
    for pattern in ("a/*/../../a/d.png", "*/../a/d.png", "a/**/../d.png"):
        ended = run(["restore", pattern, "-o", "out/put"], tmp_path)
        assert ended.code == 2
        assert "without .." in ended.err
    assert not new(before, everything(tmp_path))


def special(folder: Path) -> list[Path]:
    """A pipe, a socket, a device and a folder called as pictures."""
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as unix:
        here = os.getcwd()
        os.chdir(folder)  # names of sockets are short
        unix.bind("socket.png")
        os.chdir(here)
    (folder / "device.png").symlink_to("/dev/zero")
    (folder / "folder.png").mkdir()
    return [folder / f"{name}.png" for name in ("pipe", "socket", "device", "folder")]


def test_what_is_no_file_is_refused_at_once(tmp_path: Path):
    paths = special(tmp_path / "set/input")
    special(tmp_path / "set/target")
    assert list_images(tmp_path / "set/input") == sorted(paths)
    for path in paths:
        for read in (read_image, image_size):
            with pytest.raises(UserError, match=path.name):
                read(path)
        ended = run(["restore", path, "-o", tmp_path / "out"], tmp_path)
        assert ended.code in (1, 2)
        assert path.name in ended.err
    picture(tmp_path / "set/input/a.png")
    picture(tmp_path / "set/target/a.png")
    ended = run(["restore", "set", "-o", "out"], tmp_path)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 6
    ended = run(["data", "check", "set"], tmp_path)
    assert ended.code == 1
    assert "3 unreadable" in ended.out
    assert not list(tmp_path.glob("out/*/*.part"))


def test_a_file_larger_than_any_picture_is_not_read(tmp_path: Path):
    sparse = tmp_path / "large.webp"
    sparse.write_bytes(b"RIFF\xff\xff\xff\x7fWEBPVP8 ")
    os.truncate(sparse, 2**40)
    ended = run(["restore", sparse, "-o", "out"], tmp_path)
    assert ended.code == 1
    assert "is a file of 1099.5 GB" in ended.err
    with pytest.raises(UserError, match=r"1099\.5 GB"):
        read_image(sparse)


def test_what_is_locked_is_told(tmp_path: Path):
    picture(tmp_path / "in/a.png")
    picture(tmp_path / "in/locked.png").chmod(0)
    picture(tmp_path / "in/folder/b.png")
    (tmp_path / "read only").mkdir()
    for folder, mode in (("in/folder", 0), ("read only", 0o555)):
        (tmp_path / folder).chmod(mode)
    try:
        with as_anyone():
            ended = run(["restore", "in", "-o", "out"], tmp_path)
            assert ended.code == 1
            assert ended.err.count("Permission denied") == 2
            assert os.listdir(tmp_path / "out") == ["a.png"]
            for given, out in (
                ("in/folder", "x"), ("in/folder/b.png", "x"), ("in/folder/*.png", "x"),
                ("in/a.png", "read only"), ("in/a.png", "read only/deep/b.png"),
                ("in/a.png", "in/folder/b.png"), ("in/a.png", "in/folder"),
            ):  # fmt: skip
                ended = run(["restore", given, "-o", out], tmp_path)
                assert ended.code in (1, 2)
                assert len(ended.err.splitlines()) == 1
            with pytest.raises(UserError, match="Permission denied"):
                read_image(tmp_path / "in/locked.png")
            with pytest.raises(UserError, match="Permission denied"):
                list_images(tmp_path / "in/folder")
    finally:
        (tmp_path / "in/folder").chmod(0o755)
    assert not (tmp_path / "x").exists()
    assert not os.listdir(tmp_path / "read only")


def test_a_locked_data_set_is_told(tmp_path: Path):
    for side in ("input", "target"):
        for name in "abcd":
            picture(tmp_path / "set" / side / f"{name}.png")
    (tmp_path / "set/input/a.png").chmod(0)
    (tmp_path / "work").mkdir(mode=0o555)
    with as_anyone():
        ended = run(["data", "check", "../set", "-o", "../sheet.png"], tmp_path / "work")
        assert ended.code == 1
        assert "Permission denied" in ended.out
        ended = run(["data", "check", "../set"], tmp_path / "work")
        assert ended.code == 2
        assert "cannot write set-contact.png: Permission denied" in ended.err
    assert (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("force", [False, True])
def test_outputs_that_are_none(tmp_path: Path, force: bool):
    picture(tmp_path / "in/a.png")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("file")
    words = ["--force"] * force
    before = everything(tmp_path)
    for out in ("/dev/full", "/dev/null", "file", "file/below", "file/below/c.png", "in",
                "in/a.png", "link.png", "in/a.png/b.png"):  # fmt: skip
        if force and out in ("in", "in/a.png", "link.png"):  # what --force is for
            continue
        ended = run(["restore", "in/a.png", "-o", out, *words], tmp_path)
        assert ended.code in (1, 2), out
        assert len(ended.err.splitlines()) == 1
        assert everything(tmp_path) == before
    for out in ("folder.png", "in/../out", ""):
        assert run(["restore", "in/a.png", "-o", out, *words], tmp_path).code == 0
    if force:  # the link is replaced, and what it led to is not written to
        assert run(["restore", "in/a.png", "-o", "link.png", *words], tmp_path).code == 0
    made = {"folder.png/a.png", "out", "out/a.png", "a.png", *(["link.png"] * force)}
    assert new(before, everything(tmp_path)) == made
