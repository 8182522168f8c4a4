"""`slv data check` says what a data set is, and finds every fault that was put in."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from data import trees
from PIL import Image

from spiking_lowlevel import data_check
from spiking_lowlevel.cli import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(root: Path, **options: object) -> tuple[str, int]:
    report = data_check.examine(root, **options)  # pyright: ignore[reportArgumentType]
    lines, faults = data_check.lines(report)
    return "\n".join(lines), faults


def light(root: Path) -> Path:
    trees.page(root)
    return root / "Rain200L"


def test_a_sound_set(tmp_path: Path):
    text, faults = told(light(tmp_path))
    assert faults == 0
    for words in (
        "layout rain200l: Rain200L of the project page",
        "train: 12 pairs (✗ Rain200L: 1800 published)",
        "test: 3 pairs (✗ Rain200L: 200 published)",
        "paired by: same name but for x2, x3, x4",
        "sizes: all 10x8",
        "✓ degraded − clean is +50.00 grey levels on average: the sides are not swapped",
        "✓ no clean image is in two of train, test",
        "no faults",
    ):
        assert words in text


def test_published_counts_are_recognised(tmp_path: Path):
    trees.several(tmp_path / "Rain12", "rainy/{}.png", "groundtruth/{}.png", 12)
    assert "test: 12 pairs (✓ Rain12: 12 published)" in told(tmp_path / "Rain12")[0]
    trees.several(tmp_path / "mine", "input/{}.png", "target/{}.png", 12)
    assert "published with as many pairs: Rain12 (12)" in told(tmp_path / "mine")[0]


def test_a_repacked_set_is_told_by_the_name_of_its_folder(tmp_path: Path):
    trees.repacked(tmp_path)
    assert "train: 4 pairs (✗ Rain200L: 1800 published)" in told(tmp_path / "RainL200")[0]


def test_orphans_are_named_and_many_are_counted(tmp_path: Path):
    root = light(tmp_path)
    (root / "rain_data_test_Light/norain/norain-2.png").unlink()
    for i in range(1, 13):
        (root / f"rain_data_train_Light/rain/norain-{i}x2.png").unlink()
    trees.several(
        root / "rain_data_train_Light", "rain/norain-{}x2.png", "norain/norain-{}.png", 1, 0, 99
    )
    text, faults = told(root)
    assert faults == 2
    assert "✗ 1 degraded without a clean image:\n" in text
    assert f"{root}/rain_data_test_Light/rain/X2/norain-2x2.png" in text
    assert "✗ 12 clean without use:\n" in text
    assert "norain/norain-10.png" in text
    assert "and 2 more" in text


def test_swapped_folders_are_found(tmp_path: Path):
    trees.repacked(tmp_path)
    test = tmp_path / "RainL200" / "test"
    (test / "input").rename(test / "x")
    (test / "target").rename(test / "input")
    (test / "x").rename(test / "target")
    text, faults = told(tmp_path / "RainL200")
    assert faults == 1
    assert text.count("✗ degraded − clean is -50.00 grey levels on average: the sides look") == 1


@pytest.mark.parametrize(
    ("left", "order"), [("rain", "as published"), ("clean", "swapped against the published order")]
)
def test_halves_are_measured_and_compared_with_the_published_order(
    tmp_path: Path, left: str, order: str
):
    trees.did(tmp_path, left)
    text, faults = told(tmp_path)
    half = "left" if left == "rain" else "right"
    assert f"Rain_Heavy/train2018new: the {half} half is taken for the degraded one" in text
    assert text.count(order) == 4
    assert faults == 0
    wrong = "clean" if left == "rain" else "rain"
    text, faults = told(tmp_path, left=wrong)
    assert faults == 2
    assert "the sides look swapped" in text
    assert "says the opposite of the order given" in text


def test_training_pictures_among_the_test_pictures_are_found(tmp_path: Path):
    root = light(tmp_path)
    again = root / "rain_data_train_Light/norain/norain-7.png"
    # Other bytes, equal pixels.
    Image.open(again).save(root / "rain_data_test_Light/norain/norain-3.png", compress_level=0)
    text, faults = told(root)
    assert faults == 1
    assert "✗ 1 pairs of test have a clean image of train too:\n" in text
    assert "rain/X2/norain-3x2.png" in text.partition("too:")[2]


def test_repeats_within_a_split_are_no_fault_and_one_clean_image_may_have_many(tmp_path: Path):
    root = light(tmp_path)
    clean = root / "rain_data_train_Light" / "norain"
    shutil.copy(clean / "norain-1.png", clean / "norain-2.png")
    text, faults = told(root)
    assert faults == 0
    assert "1 clean files have the pixels of another one of train" in text
    trees.rain1400(tmp_path / "ddn")
    text, faults = told(tmp_path / "ddn")
    assert faults == 0
    assert "4 degraded images share 2 clean ones" in text
    assert "have the pixels" not in text


def test_pictures_of_two_sizes_and_unreadable_ones_are_named(tmp_path: Path):
    root = light(tmp_path) / "rain_data_test_Light"
    trees.save(root / "norain/norain-1.png", np.zeros((8, 12, 3), np.uint8))
    (root / "rain/X2/norain-2x2.png").write_text("no image")
    text, faults = told(root.parent)
    assert faults == 2
    assert "norain-1x2.png 10x8 beside" in text
    assert "norain-1.png 12x8" in text
    assert "✗ 1 unreadable:\n" in text
    assert "norain-2x2.png is not an image that can be read" in text


def test_images_without_clean_ones_are_counted(tmp_path: Path):
    trees.save(tmp_path / "RW_Data" / "rain-001.png", trees.clean(1))
    text, faults = told(tmp_path / "RW_Data")
    assert faults == 0
    assert "test: 1 images without clean ones (✗ RW_Data: 147 published)" in text


def test_small_images_of_a_scaled_set_are_no_fault(tmp_path: Path):
    trees.save(tmp_path / "DIV2K_train_HR/0001.png", trees.clean(1))
    small = tmp_path / "DIV2K_train_LR_bicubic" / "X2" / "0001x2.png"
    trees.save(small, trees.clean(1)[::2, ::2])
    text, faults = told(tmp_path)
    assert faults == 0
    assert "layout div2k" in text


def test_the_sheet_shows_the_pairs_side_by_side(tmp_path: Path):
    trees.did(tmp_path, "clean")
    sheet = data_check.contact_sheet(data_check.examine(tmp_path))
    assert sheet is not None
    rows = [y for y in range(sheet.shape[0]) if (sheet[y, 400:480].std() > 20)]
    assert len(rows) > 5 * 100  # three pairs of train, two of test
    y = rows[len(rows) // 2]
    degraded, clean, difference = (sheet[y, x : x + 200].astype(int) for x in (8, 254, 500))
    assert abs(degraded - clean - trees.RAIN).max() <= 6
    assert (difference >= 250).all()


def test_the_command_prints_writes_the_sheet_and_tells_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = light(tmp_path)
    main(["data", "check", str(root)])
    out, err = capsys.readouterr()
    assert out.endswith("no faults\ncontact sheet: Rain200L-contact.png\n")
    assert err == ""
    with Image.open("Rain200L-contact.png") as sheet:
        assert sheet.width > 700
    (root / "rain_data_test_Light/norain/norain-2.png").unlink()
    with pytest.raises(SystemExit) as leave:
        main(["data", "check", str(root), "--layout", "rain200l", "-o", "new/sheet.png"])
    assert leave.value.code == 1
    assert "1 fault\ncontact sheet: new/sheet.png\n" in capsys.readouterr().out
    assert Path("new/sheet.png").is_file()


MISTAKES = {
    "data": "slv data takes the word check",
    "data chek x": "slv data chek: there is no such word",
    "data check": "required: ROOT",
    "data check nowhere": "the folder nowhere does not exist",
    "data check . --layout rain20": "there is no layout 'rain20'. Did you mean: rain200",
    "data check . --left middle": "invalid choice: 'middle'",
    "data check . --bogus": "unrecognized arguments: --bogus",
    "data check .": "none of the known layouts; found in it: nothing",
}


@pytest.mark.parametrize("words", MISTAKES)
def test_mistakes_end_in_a_message(words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    with pytest.raises(SystemExit) as leave:
        main(words.split())
    assert leave.value.code == 2
    assert MISTAKES[words] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
