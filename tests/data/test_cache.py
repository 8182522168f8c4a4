"""PictureCache: what it reads is what the files hold, and it keeps to its bound."""

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spiking_lowlevel.data import Photographs, cache
from spiking_lowlevel.data.cache import PictureCache
from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.errors import UserError

ONE = 32 * 32 * 3 / 2**20  # megabytes of one picture


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    for i in range(4):
        noise = rng.integers(256, size=(32, 32, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
    return sorted(tmp_path.iterdir())


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file has been decoded, by its stem."""
    times: Counter[str] = Counter()

    def read(path: Path) -> np.ndarray:
        times[path.stem] += 1
        return read_image(path)

    monkeypatch.setattr(cache, "read_image", read)
    return times


@pytest.mark.parametrize("room", [0, ONE, 9])
def test_the_pixels_are_those_of_the_file_whatever_is_kept(files: list[Path], room: float):
    pictures = PictureCache(room)
    for file in files * 2 + files[::-1]:
        assert np.array_equal(pictures.read(file), read_image(file))


def test_a_picture_is_decoded_once_while_there_is_room(files: list[Path], decoded: Counter[str]):
    pictures = PictureCache(4 * ONE)
    for file in files * 3:
        pictures.read(file)
    assert decoded == dict.fromkeys("0123", 1)


def test_no_room_keeps_nothing(files: list[Path], decoded: Counter[str]):
    pictures = PictureCache(0)
    for _ in range(3):
        pictures.read(files[0])
    assert decoded == {"0": 3}


def test_what_is_kept_stays(files: list[Path], decoded: Counter[str]):
    pictures = PictureCache(2 * ONE)
    for i in (0, 1, 2, 3, 0, 1, 2, 3):  # in turn: who puts the oldest out would find nothing
        pictures.read(files[i])
    assert decoded == {"0": 1, "1": 1, "2": 2, "3": 2}


def test_a_picture_over_the_bound_is_not_kept_and_puts_nothing_out(
    files: list[Path], tmp_path: Path, decoded: Counter[str]
):
    large = tmp_path / "large.png"
    Image.new("RGB", (64, 64)).save(large)
    pictures = PictureCache(2 * ONE)
    for file in (files[0], large, large, files[0]):
        pictures.read(file)
    assert decoded == {"0": 1, "large": 2}


def test_what_is_kept_cannot_be_spoilt(files: list[Path], tmp_path: Path):
    deep = tmp_path / "deep.png"
    Image.fromarray(np.full((4, 4), 32896, np.uint16)).save(deep)
    for file in (files[0], deep):
        with pytest.raises(ValueError, match="read-only"):
            PictureCache(1).read(file)[:] = 0


def test_a_spawned_process_gets_the_bound_and_no_pixels(files: list[Path], decoded: Counter[str]):
    pictures = PictureCache(2 * ONE)
    empty = len(pickle.dumps(pictures))
    for file in files:
        pictures.read(file)
    sent = pickle.dumps(pictures)
    assert len(sent) == empty
    decoded.clear()
    there = pickle.loads(sent)
    for i in (0, 1, 0, 1, 2, 0):
        there.read(files[i])
    assert decoded == {"0": 1, "1": 1, "2": 1}


def test_an_unreadable_file_is_named_every_time(tmp_path: Path):
    path = tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(256, size=(40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    pictures = PictureCache(1)
    for _ in range(2):
        with pytest.raises(UserError, match=r"cannot read .*cut\.png: .*; replace or remove"):
            pictures.read(path)


@pytest.mark.parametrize(("workers", "kept"), [(0, True), (1, True), (2, True), (3, False)])
def test_workers_share_the_bound(tmp_path: Path, decoded: Counter[str], workers: int, kept: bool):
    path = tmp_path / "half.png"
    Image.new("RGB", (512, 341)).save(path)  # almost half a megabyte
    pictures = Photographs(cache=1, workers=workers).training_cache()
    pictures.read(path)
    pictures.read(path)
    assert decoded == {"half": 1 if kept else 2}
