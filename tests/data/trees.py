"""Tiny trees of every public layout. A rainy picture is brighter than its clean one by RAIN."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

RAIN = 50
H, W = 8, 10
Grow = Callable[[Path], None]
BOOKS: dict[str, tuple[Grow, str, str, dict[str, int]]] = {}
"""By name: what grows the tree, the root in it, the layout, and the pairs of every split."""


def clean(value: int) -> np.ndarray:
    """A picture that is told by its value: the first pixel."""
    image = np.random.default_rng(value).integers(40, 160, (H, W, 3)).astype(np.uint8)
    image[0, 0] = value
    return image


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, quality=100, subsampling=0)


def pair(degraded: Path, target: Path, value: int) -> None:
    save(degraded, clean(value) + np.uint8(RAIN))
    save(target, clean(value))


def joined(path: Path, value: int, left: str) -> None:
    halves = [clean(value) + np.uint8(RAIN), clean(value)]
    save(path, np.concatenate(halves if left == "rain" else halves[::-1], axis=1))


def several(
    root: Path, degraded: str, target: str, count: int, first: int = 0, start: int = 1
) -> None:
    """Pairs with {} for their number, values from `first`."""
    for i in range(count):
        pair(root / degraded.format(start + i), root / target.format(start + i), first + i)


def book(name: str, layout: str, root: str = "", **counts: int) -> Callable[[Grow], Grow]:
    def keep(grow: Grow) -> Grow:
        BOOKS[name] = (grow, root, layout, counts)
        return grow

    return keep


@book("rain200 project page", "rain200l", train=12, test=3)
@book("rain200 in its wrapper", "rain200l", "Rain200L", train=12, test=3)
@book("rain200, one split", "rain200l", "Rain200L/rain_data_train_Light", train=12)
@book("rain200, test split", "rain200l", "Rain200L/rain_data_test_Light", test=3)
def page(root: Path) -> None:
    root /= "Rain200L"
    several(root / "rain_data_train_Light", "rain/norain-{}x2.png", "norain/norain-{}.png", 12)
    several(
        root / "rain_data_test_Light", "rain/X2/norain-{}x2.png", "norain/norain-{}.png", 3, 100
    )
    (root / "README.txt").write_text("Rain.")
    save(root / "rain_data_train_Light" / "rain" / ".hidden.png", clean(1))


@book("rain200h with X2", "rain200h", train=4, test=3)
def heavy(root: Path) -> None:
    for split, first in (("train", 0), ("test", 100)):
        folder = root / f"rain_data_{split}_Heavy"
        several(folder, "rain/X2/norain-{}x2.PNG", "norain/norain-{}.png", 3 + (not first), first)


@book("rain200 by split", "rain200", "RainL200", train=11, test=3)
def by_split(root: Path) -> None:
    for split, count, first in (("train", 11, 0), ("test", 3, 100)):
        folder = root / "RainL200" / split
        several(folder, "rain/X2/norain-{}x2.png", "norain/norain-{}.png", count, first)


@book("rain200 repacked", "plain", "RainL200", train=4, test=2)
@book("rain200 repacked, wrapped", "plain", "", train=4, test=2)
@book("rain200 repacked, test split", "plain", "RainL200/test", test=2)
def repacked(root: Path) -> None:
    for split, count, first in (("train", 4, 0), ("test", 2, 100)):
        several(root / "RainL200" / split, "input/{}.png", "target/{}.png", count, first)


@book("rain200 train_c", "rain200c", "Rain200H", train=3, test=2)
@book("rain200 train_c, wrapped", "rain200c", "", train=3, test=2)
@book("rain200 train_c alone", "rain200c", "Rain200H/train_c", train=3)
def in_one_file(root: Path) -> None:
    for i in range(3):
        joined(root / "Rain200H" / "train_c" / f"norain-{i + 1}.png", i, "clean")
    for i in range(2):
        joined(root / "Rain200H" / "test_c" / f"norain-{i + 1}.png", 100 + i, "clean")


@book("rain100l", "rain100l", train=4, test=3)
@book("rain100l, training folder", "rain100l", "RainTrainL", train=4)
@book("rain100l, test folder", "rain100l", "Rain100L", test=3)
def old_light(root: Path) -> None:
    several(root / "RainTrainL", "rain-{}.png", "norain-{}.png", 4)
    for i in range(4):
        save(root / "RainTrainL" / f"rainstreak-{i + 1}.png", clean(200))
        save(root / "RainTrainL" / f"rainregion-{i + 1}.png", clean(200))
    several(root / "Rain100L", "rainy/rain-{:03}.png", "norain-{:03}.png", 3, 100)


for beside in ("norain/norain-{:03}.png", "gt/norain-{:03}.png", "rainy/norain-{:03}.png"):

    @book(f"rain100h {beside}", "rain100h", "", train=3, test=2)
    def old_heavy(root: Path, beside: str = beside) -> None:
        several(root / "RainTrainH", "rain-{}.png", "norain-{}.png", 3)
        several(root / "Rain100H", "rainy/rain-{:03}.png", beside, 2, 100)

    @book(f"rain100 renamed {beside}", "rain100", "other", test=2)
    def renamed(root: Path, beside: str = beside) -> None:
        several(root / "other", "rainy/rain-{:03}.png", beside, 2, 100)


@book("small", "small", "RainH", train=3, test=2)
@book("small, wrapped", "small", "", train=3, test=2)
@book("small, test split", "small", "RainH/test", test=2)
def small(root: Path) -> None:
    for split, count, first in (("train", 3, 0), ("test", 2, 100)):
        folder = root / "RainH" / split / "small"
        several(folder, "rain/norain-{}.png", "norain/norain-{}.png", count, first)


@book("rain13k", "rain13k", "", train=4, test=6)
@book("rain13k, tests", "rain13k", "test", test=6)
@book("rain13k, one test", "rain13k", "test/Test100", test=3)
def rain13k(root: Path) -> None:
    several(root / "train" / "Rain13K", "input/{}.jpg", "target/{}.jpg", 4)
    several(root / "test" / "Rain100L", "input/{}.png", "target/{}.png", 3, 100)
    several(root / "test" / "Test100", "input/{}.png", "target/{}.png", 3, 110)


@book("rain12", "rain12", "Rain12", test=3)
@book("rain12, wrapped", "rain12", "", test=3)
def rain12(root: Path) -> None:
    several(root / "Rain12", "rainy/{}.png", "groundtruth/{}.png", 3)


@book("rain12, in and GT", "rain12", "any", test=3)
def rain12_in(root: Path) -> None:
    several(root / "any", "{:03}_in.png", "{:03}_GT.png", 3)


@book("rain12 side by side", "rain12", "Rain12", test=3)
def rain12_joined(root: Path) -> None:
    for i in range(3):
        joined(root / "Rain12" / f"{i + 1}.png", i, "rain")


@book("rain800 beside", "rain800", "Rain800", train=3, test=2)
def rain800(root: Path) -> None:
    several(root / "Rain800" / "train", "rain-{:03}.jpg", "norain-{:03}.jpg", 3)
    several(root / "Rain800" / "test", "rain-{:03}.jpg", "norain-{:03}.jpg", 2, 100)


for left in ("rain", "clean"):

    @book(f"rain800 side by side, {left} left", "rain800", "Rain800", train=3, test=2)
    def rain800_joined(root: Path, left: str = left) -> None:
        for i in range(3):
            joined(root / "Rain800" / "training" / f"{i}.png", i, left)
        for i in range(2):
            joined(root / "Rain800" / "test_syn" / f"{i}.png", 100 + i, left)

    @book(f"one-folder pack, {left} left", "side-by-side", "pack", all=3)
    def pack(root: Path, left: str = left) -> None:
        for i in range(3):
            joined(root / "pack" / f"norain-{i}.png", i, left)

    @book(f"rain1200, {left} left", "rain1200", "", train=6, test=2)
    @book(f"rain1200, training, {left} left", "rain1200", "DID-MDN-training", train=6)
    @book(f"rain1200, one weight, {left}", "rain1200", "DID-MDN-training/Rain_Medium", train=2)
    @book(f"rain1200, test, {left} left", "rain1200", "DID-MDN-test", test=2)
    def did(root: Path, left: str = left) -> None:
        for i in range(6):
            weight = ("Heavy", "Medium", "Light")[i // 2]
            folder = root / "DID-MDN-training" / f"Rain_{weight}" / "train2018new"
            joined(folder / f"{i % 2 + 1}.jpg", i, left)
        for i in range(2):
            joined(root / "DID-MDN-test" / f"{i}.jpg", 100 + i, left)


@book("rain1400 in two", "rain1400", "", train=4, test=2)
@book("rain1400, train alone", "rain1400", "Rain12600", train=4)
@book("rain1400, test alone", "rain1400", "Rain1400", test=2)
def rain1400(root: Path) -> None:
    for folder, scenes in (("Rain12600", (1, 900)), ("Rain1400", (901,))):
        _scenes(root / folder, scenes)


@book("rain1400 in one", "rain1400", "DDN", train=4, test=4)
@book("rain1400 in one, called Rain1400", "rain1400", "Rain1400", train=4, test=4)
def rain1400_in_one(root: Path) -> None:
    for name in ("DDN", "Rain1400"):
        _scenes(root / name, (1, 900, 901, 1000))


def _scenes(folder: Path, scenes: tuple[int, ...]) -> None:
    for scene in scenes:
        for k in (1, 14):
            truth = folder / "ground_truth" / f"{scene}.jpg"
            value = scene - 800 if scene > 900 else scene % 50
            pair(folder / "rainy_image" / f"{scene}_{k}.jpg", truth, value)


@book("spa lists", "spa", "", train=3, test=2)
@book("spa list file", "spa", "SPA/real_world.txt", train=3)
def spa(root: Path) -> None:
    root /= "SPA"
    several(root, "real_world/000/000-f/000-f_{}_7.png", "real_world_gt/000/000-f_{}.png", 3)
    several(root, "real_test/rain/{:03}.png", "real_test/gt/{:03}gt.png", 2, 100)
    lines = [
        f"/real_world/000/000-f/000-f_{i}_7.png /real_world_gt/000/000-f_{i}.png" for i in (1, 2, 3)
    ]
    (root / "real_world.txt").write_text("\n".join(lines) + "\n")
    lines = [f"./real_test/rain/{i:03}.png ./real_test/gt/{i:03}gt.png" for i in (1, 2)]
    (root / "real_test_1000.txt").write_text("\n".join(lines))


@book("spa test", "spa", "real_test_1000", test=3)
@book("spa test, wrapped", "spa", "", test=3)
def spa_test(root: Path) -> None:
    several(root / "real_test_1000", "rain/{:03}.png", "gt/{:03}gt.png", 3)


@book("outdoor rain", "outdoor-rain", "train", train=6)
def outdoor(root: Path) -> None:
    for i in (1, 2):
        for j in (80, 90, 100):
            rainy = root / "train" / "in" / f"im_{i:04}_s{j}_a04.png"
            pair(rainy, root / "train" / "gt" / f"im_{i:04}.png", i)


@book("div2k", "div2k", "", train=3, validate=2)
def div2k(root: Path) -> None:
    for split, first, count in (("train", 1, 3), ("valid", 801, 2)):
        low, high = f"DIV2K_{split}_LR_bicubic/X4/{{:04}}x4.png", f"DIV2K_{split}_HR/{{:04}}.png"
        several(root, low, high, count, first % 200, first)


@book("rainy and gt", "pairs", "mine", all=3)
def usual_names(root: Path) -> None:
    several(root / "mine", "Rainy/{}.JPG", "GT/{:04}.png", 3)


@book("one folder", "one-folder", "mine", all=3)
def one_folder(root: Path) -> None:
    several(root / "mine", "{}_rain.png", "{}_clean.png", 3)
