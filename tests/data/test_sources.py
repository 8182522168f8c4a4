"""A source is a file or one half of it."""

from pathlib import Path

import numpy as np
import pytest
from data.trees import clean, save

from spiking_lowlevel.data.file_pairs import names, read_pair
from spiking_lowlevel.data.sources import Source
from spiking_lowlevel.errors import UserError


def test_halves_are_the_columns_left_and_right(tmp_path: Path):
    whole = clean(1)
    path = tmp_path / "a.png"
    save(path, whole)
    left, right = Source(path, "left"), Source(path, "right")
    assert np.array_equal(Source(path).read(), whole)
    assert np.array_equal(left.read(), whole[:, :5])
    assert np.array_equal(right.read(), whole[:, 5:])
    assert [s.size() for s in (Source(path), left, right)] == [(8, 10), (8, 5), (8, 5)]
    assert str(left) == f"{path} (left half)"


def test_an_odd_width_has_no_halves(tmp_path: Path):
    save(tmp_path / "a.png", clean(1)[:, :9])
    source = Source(tmp_path / "a.png", "left")
    for ask in (source.read, source.size):
        with pytest.raises(UserError, match=r"a\.png is 9 pixels wide, so it has no two equal"):
            ask()


def test_a_small_image_is_enlarged_on_demand_only(tmp_path: Path):
    small, large = Source(tmp_path / "1x2.png"), Source(tmp_path / "1.png")
    save(small.path, np.full((4, 5, 3), 70, np.uint8))
    save(large.path, np.full((8, 10, 3), 90, np.uint8))
    assert [p.mean() for p in read_pair(small, large, enlarge=True) if p is not None] == [70, 90]
    with pytest.raises(UserError, match=r"1x2\.png is 5x4 pixels, but its partner .* is 10x8"):
        read_pair(small, large)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ("a/1.png a/2.png", "1 2"),
        ("t/Heavy/x/1.png t/Light/x/1.png t/Light/x/2.png", "Heavy-1 Light-1 Light-2"),
        ("t/1.png t/b/1.png", "1 b-1"),
        ("a/b/1.png a/c/d/1.png", "b-1 c-d-1"),
    ],
)
def test_no_two_pictures_have_one_name(paths: str, expected: str):
    assert names([Source(Path(p)) for p in paths.split()]) == expected.split()
