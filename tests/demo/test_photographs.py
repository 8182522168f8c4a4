"""Uploaded files are read the right way up, or refused in words that do not name our folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from spiking_lowlevel.demo.photographs import read_photograph, write_examples
from spiking_lowlevel.errors import UserError

PIXELS = np.random.default_rng(0).integers(256, size=(6, 9, 3), dtype=np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_stands_as_pillow_would_turn_it(orientation: int, tmp_path: Path):
    file = tmp_path / "a.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PIXELS).save(file, exif=exif)
    with Image.open(file) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read_photograph(file), expected)


def test_what_is_no_photograph_is_refused_without_naming_a_folder(tmp_path: Path):
    (tmp_path / "letter.jpg").write_text("Dear Sir")
    with pytest.raises(UserError, match=r"^letter.jpg is not an image") as told:
        read_photograph(tmp_path / "letter.jpg")
    assert str(tmp_path) not in str(told.value)
    with pytest.raises(UserError, match="no photograph yet"):
        read_photograph(None)


def test_a_photograph_cut_short_is_refused(tmp_path: Path):
    Image.fromarray(np.repeat(PIXELS, 40, 0)).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"cannot read a.png"):
        read_photograph(tmp_path / "a.png")


def test_a_photograph_too_large_is_refused_before_it_is_decoded(tmp_path: Path):
    Image.new("1", (6000, 4001)).save(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"24 megapixels; this page takes up to 24"):
        read_photograph(tmp_path / "a.png")


def test_examples_are_rainier_than_the_photographs_and_always_the_same(tmp_path: Path):
    (tmp_path / "b").mkdir()
    first, second = write_examples(tmp_path), write_examples(tmp_path / "b")
    assert [p.name for p in first] == [p.name for p in second]
    assert len(first) == 3
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes()
