"""Every public layout is recognised, split as published, and paired by name."""

import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from data.trees import BOOKS, RAIN, clean, in_one_file, joined, page, pair, rain1400, save, several

from spiking_lowlevel.data.layouts import LAYOUTS, LayoutName, recognise
from spiking_lowlevel.data.layouts.table import PUBLISHED
from spiking_lowlevel.errors import UserError


@pytest.mark.parametrize("name", BOOKS)
def test_a_layout_is_recognised_and_its_pairs_belong_together(tmp_path: Path, name: str):
    grow, below, layout, counts = BOOKS[name]
    grow(tmp_path)
    found = recognise(tmp_path / below)
    assert found.layout.name == layout
    assert {k: len(v) for k, v in found.splits().items()} == counts
    assert not [p for part in found.parts for p in (*part.degraded_alone, *part.clean_alone)]
    for split, items in found.splits().items():
        assert len({i.degraded for i in items}) == len(items)
        for degraded, target in items:
            rainy, still = degraded.read().astype(int), target.read().astype(int)
            assert abs(rainy - still - RAIN).max() <= 6  # JPEG
            assert (still[0, 0, 0] >= 90) == (split == "test") or counts.keys() != {"train", "test"}


def test_the_names_are_those_that_the_command_line_knows():
    assert set(get_args(LayoutName)) == {"auto", *LAYOUTS}
    assert all(name in PUBLISHED for layout in LAYOUTS.values() for name in layout.sets)


@pytest.mark.parametrize("name", ["rain200 project page", "rain1400 in two", "spa test, wrapped"])
def test_a_layout_can_be_named(tmp_path: Path, name: str):
    grow, below, layout, counts = BOOKS[name]
    grow(tmp_path)
    found = recognise(tmp_path / below, layout)  # pyright: ignore[reportArgumentType]
    assert {k: len(v) for k, v in found.splits().items()} == counts
    with pytest.raises(UserError, match=r"is not laid out as rain1200 .*found in it: .*images\)"):
        recognise(tmp_path / below, "rain1200")


def test_orphans_are_named_and_the_others_keep_their_partners(tmp_path: Path):
    page(tmp_path)
    folder = tmp_path / "Rain200L" / "rain_data_train_Light"
    (folder / "norain" / "norain-2.png").unlink()
    (folder / "rain" / "norain-1x2.png").unlink()
    part = recognise(tmp_path).parts[0]
    assert [p.name for p in part.degraded_alone] == ["norain-2x2.png"]
    assert [p.name for p in part.clean_alone] == ["norain-1.png"]
    assert [(a.path.name, b.path.name) for a, b in part.items] == [
        (f"norain-{i}x2.png", f"norain-{i}.png")
        for i in sorted(range(3, 13), key=lambda i: f"{i}x")
    ]


def test_a_list_says_which_of_its_images_are_missing(tmp_path: Path):
    BOOKS["spa lists"][0](tmp_path)
    (tmp_path / "SPA" / "real_world_gt" / "000" / "000-f_2.png").unlink()
    (tmp_path / "SPA" / "real_test" / "rain" / "001.png").unlink()
    train, test = sorted(recognise(tmp_path).parts, key=lambda p: p.split != "train")
    assert [p.name for p in train.degraded_alone] == ["000-f_2_7.png"]
    assert [p.name for p in test.clean_alone] == ["001gt.png"]
    assert (len(train.items), len(test.items)) == (2, 1)


def test_several_sets_in_one_folder_are_not_mixed(tmp_path: Path):
    page(tmp_path)
    rain1400(tmp_path)
    with pytest.raises(UserError, match=r"several data sets:\n  rain200l: .*\n  rain1400: ") as e:
        recognise(tmp_path)
    assert "layout: NAME" in str(e.value)
    assert recognise(tmp_path, "rain1400").layout.name == "rain1400"


def test_two_repacked_sets_are_not_mixed(tmp_path: Path):
    for name in ("Rain200L", "Rain200H"):
        several(tmp_path / name / "train", "input/{}.png", "target/{}.png", 2)
    with pytest.raises(UserError, match="several data sets"):
        recognise(tmp_path)


@pytest.mark.parametrize("name", ["RW_Data", "some"])
def test_images_without_clean_ones(tmp_path: Path, name: str):
    for i in range(3):
        save(tmp_path / name / f"rain-{i:03}.png", clean(i))
    found = recognise(tmp_path / name)
    assert found.layout.name == "real"
    assert [i.clean for i in found.splits()["test"]] == [None] * 3


def test_an_unknown_tree_is_described(tmp_path: Path):
    save(tmp_path / "first" / "a.png", clean(1))
    save(tmp_path / "second" / "b.png", clean(2))
    with pytest.raises(UserError, match=r"none of the known layouts; found in it: first/ \(1") as e:
        recognise(tmp_path)
    assert "rain1200" in str(e.value)
    assert "data.input" in str(e.value)


@pytest.mark.parametrize("left", ["rain", "clean"])
def test_the_user_may_say_what_is_on_the_left(tmp_path: Path, left: str):
    in_one_file(tmp_path)
    found = recognise(tmp_path, left=left)  # pyright: ignore[reportArgumentType]
    degraded, target = found.parts[0].items[0]
    assert degraded.half == ("left" if left == "rain" else "right")
    assert target.half != degraded.half
    measured = found.parts[0].measured
    assert measured is not None
    assert (measured.how, round(measured.difference)) == ("given", -RAIN)


def undecided(folder: Path) -> None:
    for i in range(4):  # as often brighter on the left as on the right
        joined(folder / f"{i}.png", i, "rain" if i % 2 else "clean")


def test_the_published_order_is_taken_where_the_pictures_do_not_tell(tmp_path: Path):
    undecided(tmp_path / "DID-MDN-test")
    part = recognise(tmp_path).parts[0]
    assert part.measured is not None
    assert (part.measured.how, part.items[0].degraded.half) == ("published", "left")


def test_the_user_is_asked_where_nothing_tells(tmp_path: Path):
    undecided(tmp_path / "Rain800" / "train")
    with pytest.raises(UserError, match=r"does not tell .*left: rain or left: clean"):
        recognise(tmp_path)


def test_a_split_folder_with_capitals_counts(tmp_path: Path):
    several(tmp_path / "Train", "Input/{}.png", "Target/{}.png", 2)
    several(tmp_path / "Test", "Input/{}.png", "Target/{}.png", 1)
    assert {k: len(v) for k, v in recognise(tmp_path).splits().items()} == {"train": 2, "test": 1}


def test_a_twin_is_not_paired_silently(tmp_path: Path):
    several(tmp_path / "test" / "small", "rain/norain-{}.png", "norain/norain-{}.png", 2)
    pair(tmp_path / "x.png", tmp_path / "test" / "small" / "rain" / "norain-1.jpg", 3)
    (tmp_path / "x.png").unlink()
    twins = recognise(tmp_path).parts[0].twins
    assert [(a.name, b.name) for a, b in twins] == [("norain-1.jpg", "norain-1.png")]


@pytest.mark.parametrize("kind", ["landscape", "slope", "plain"])
def test_a_single_picture_is_not_taken_for_two(tmp_path: Path, kind: str):
    y, x = np.mgrid[:40, :60]
    for i in range(3):
        noise = np.random.default_rng(i).normal(0, 12, (40, 60))
        image = {"landscape": 200 - 3 * y + noise, "slope": 40 + 3 * x, "plain": 90 + 0 * x}[kind]
        save(tmp_path / f"{i}.png", np.stack([image.clip(0, 255)] * 3, -1).astype(np.uint8))
    assert recognise(tmp_path).layout.name == "real"


@pytest.mark.parametrize("kind", ["noisy", "slope", "plain"])
def test_two_pictures_in_one_file_are_seen(tmp_path: Path, kind: str):
    _, x = np.mgrid[:40, :60]
    for i in range(3):
        rng = np.random.default_rng(i)
        image = {"noisy": rng.integers(40, 150, (40, 60)), "slope": 40 + 2 * x, "plain": 60 + 0 * x}
        rain = rng.integers(0, 90, (40, 60)) if kind == "noisy" else 30
        both = np.concatenate([image[kind], image[kind] + rain], axis=1)
        save(tmp_path / f"{i}.png", np.stack([both] * 3, -1).astype(np.uint8))
    found = recognise(tmp_path)
    assert found.layout.name == "side-by-side"
    assert {i.degraded.half for i in found.splits()["all"]} == {"right"}


def test_the_old_set_split_in_its_own_folder(tmp_path: Path):
    for split, count in (("train", 4), ("test", 2)):
        several(tmp_path / "Rain100L" / split, "rain/norain-{}.png", "norain/norain-{}.png", count)
    found = recognise(tmp_path)
    assert {k: len(v) for k, v in found.splits().items()} == {"train": 4, "test": 2}


def test_one_part_tells_the_set_and_the_other_is_not_lost(tmp_path: Path):
    several(tmp_path / "train", "rain/norain-{}.png", "norain/norain-{}.png", 4)
    several(tmp_path / "test", "rain/X2/norain-{}x2.png", "norain/norain-{}.png", 2)
    found = recognise(tmp_path)
    assert found.layout.name == "rain200"
    assert {k: len(v) for k, v in found.splits().items()} == {"train": 4, "test": 2}


def test_training_and_test_folders_may_lie_apart(tmp_path: Path):
    several(tmp_path / "train" / "RainTrainL", "rain-{}.png", "norain-{}.png", 4)
    several(tmp_path / "test" / "Rain100L", "rainy/rain-{:03}.png", "norain-{:03}.png", 2)
    several(tmp_path / "test" / "Rain12", "rainy/{}.png", "groundtruth/{}.png", 2)
    found = recognise(tmp_path, "rain100l")
    assert {k: len(v) for k, v in found.splits().items()} == {"train": 4, "test": 2}
    with pytest.raises(UserError, match="several data sets"):
        recognise(tmp_path)


def test_links_that_go_round_and_pipes_end_the_search(tmp_path: Path):
    # Each of thirty links to the root would be gone through thirty times on each of five levels.
    for kind in ("input", "target"):
        save(tmp_path / "test" / kind / "1.png", clean(1))
    for i in range(30):
        (tmp_path / f"again{i}").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "list.txt")
    found = recognise(tmp_path)
    assert sum(len(items) for items in found.splits().values()) == 1
