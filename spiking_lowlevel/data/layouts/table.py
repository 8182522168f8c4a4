"""The public layouts, and how many pictures the published sets have.

The order is that of recognition: a layout with names of its own comes before a general one.
"""

from itertools import product

from spiking_lowlevel.data.base import Split
from spiking_lowlevel.data.layouts.base import Layout, LayoutName, Place

_DEGRADED = ("input", "in", "rain", "rainy", "rainy_image", "data", "degraded", "lq", "hazy")
_CLEAN = ("target", "gt", "groundtruth", "ground_truth", "norain", "clean", "clear", "hq")
_SIDES = tuple(f"{degraded}:{clean}" for degraded, clean in product(_DEGRADED, _CLEAN))
_BESIDE = ("rain:norain", "rainy:norain", "rainy:gt", "rain:gt")
_AROUND = ("rainy:norain", "rainy:gt", "rainy:.", "rainy:rainy")
_TESTS = ("Rain100L", "Rain100H", "Test100", "Test1200", "Test2800")
_DID = "Rain_[HML]*"


def _by_split(*ways: str, stems: str | None = None) -> tuple[Place, ...]:
    return (
        Place("train", "train|training", ways, stems),
        Place("validate", "validate|val|valid|validation|val_syn", ways, stems),
        Place("test", "test|testing|test_syn", ways, stems),
        Place(None, "*", ways, stems),
    )


def _project_page(weight: str) -> tuple[Place, ...]:
    ways = ("rain/X2:norain", "rain:norain")
    return (
        Place("train", f"rain_data_train_{weight}", ways),
        Place("test", f"rain_data_test_{weight}", ways),
    )


def _old(letter: str) -> tuple[Place, ...]:
    ways = (*_AROUND, "rain:norain", "rain:gt", ".:.")
    return (
        Place("train", f"Rain100{letter}/train|RainTrain{letter}", ways),
        Place("test", f"Rain100{letter}/test|Rain100{letter}|RainTest100{letter}", ways),
    )


def _rain800(split: Split | None, *folders: str) -> Place:
    wholes = ("Rain800*", "rain-800*", "ID*CGAN*", "Rain800*/rain", "ID*CGAN*/rain")
    patterns = [f"{whole}/{folder}" for whole in wholes for folder in folders]
    return Place(split, "|".join(patterns), (*_BESIDE, ".:.", "+"))


def _div2k(split: Split, word: str) -> Place:
    small = [
        f"DIV2K_{word}_LR_{how}"
        for scale in (4, 3, 2, 8)
        for how in (f"bicubic/X{scale}", f"bicubic_X{scale}/X{scale}", f"x{scale}")
    ]
    return Place(split, "*", tuple(f"{folder}:DIV2K_{word}_HR" for folder in small))


_LAYOUTS = (
    Layout(
        "rain13k",
        "the pack of MSPFN, MPRNet and Restormer: train/Rain13K/ and five test sets, each with "
        "input/ and target/",
        (
            Place("train", "train/Rain13K|Rain13K", ("input:target",)),
            Place("test", "|".join(f"test/{t}" for t in _TESTS), ("input:target",)),
            Place("test", "|".join(_TESTS), ("input:target",)),
        ),
        sets=("Rain13K",),
    ),
    Layout(
        "rain200l",
        "Rain200L of the project page: rain_data_{train,test}_Light/{norain,rain[/X2]}",
        _project_page("Light"),
        sets=("Rain200L",),
    ),
    Layout(
        "rain200h",
        "Rain200H of the project page: rain_data_{train,test}_Heavy/{norain,rain[/X2]}",
        _project_page("Heavy"),
        sets=("Rain200H",),
    ),
    Layout(
        "rain200",
        "Rain200L or H of the project page: {train,test}/{norain,rain[/X2]}, norain-1x2 beside "
        "norain-1",
        _by_split("rain/X2:norain", "rain:norain", stems=r"[xX]2$"),
        sets=("Rain200L", "Rain200H"),
    ),
    Layout(
        "rain200c",
        "Rain200L or H in one file a pair: train_c/ and test_c/, clean left, rain right",
        (Place("train", "train_c", ("+",)), Place("test", "test_c", ("+",))),
        sets=("Rain200L", "Rain200H"),
        left="clean",
    ),
    Layout(
        "rain100l",
        "the old Rain100L: RainTrainL/ to train, Rain100L/ to test, rain-1 beside norain-1",
        _old("L"),
        sets=("Rain100L",),
    ),
    Layout(
        "rain100h",
        "the old Rain100H: RainTrainH/ to train, Rain100H/ to test, rain-1 beside norain-1",
        _old("H"),
        sets=("Rain100H",),
    ),
    Layout(
        "rain12",
        "Rain12, a test set: rainy/ and groundtruth/, or 001_in beside 001_GT, or side by side",
        (
            Place("test", "Rain12", ("rainy:groundtruth", *_BESIDE, ".:.", "+")),
            Place("test", "*", ("rainy:groundtruth",)),
            Place("test", "*", (".:.",), r"^\d+_in$"),
        ),
        sets=("Rain12",),
        left="rain",
    ),
    Layout(
        "rain800",
        "Rain800 (ID-CGAN): rain-1 beside norain-1, or side by side in either order",
        (
            _rain800("train", "train", "training"),
            _rain800("test", "test", "test_syn", "testing"),
            _rain800(None, ""),
        ),
        sets=("Rain800",),
    ),
    Layout(
        "rain1200",
        "Rain1200 (DID-MDN): DID-MDN-training/Rain_{Heavy,Medium,Light}/train2018new/ and "
        "DID-MDN-test/, side by side",
        (
            Place("train", f"*train*/{_DID}/train*|*train*/{_DID}", ("+",)),
            Place("train", f"{_DID}/train*|{_DID}", ("+",)),
            Place("test", "DID*test*|*Rain1200*/test*|*DID*/test*", ("+",)),
            Place("train", "*Rain1200*/train*|*DID*/train*", ("+",)),
        ),
        sets=("Rain1200",),
        left="rain",
    ),
    Layout(
        "rain1400",
        "Rain1400 (DDN): rainy_image/901_1 .. 901_14 to ground_truth/901; scenes up to 900 to "
        "train, the others to test",
        (
            Place("train", "Rain12600|train|training", ("rainy_image:ground_truth",)),
            Place("test", "Rain1400|test|testing", ("rainy_image:ground_truth",)),
            Place(None, "*", ("rainy_image:ground_truth",)),
        ),
        sets=("Rain1400",),
    ),
    Layout(
        "spa",
        "SPA-Data: lists of pairs, real_world.txt and real_test_1000.txt, or "
        "real_test_1000/{rain,gt} with 001 beside 001gt",
        (Place("test", "real_test_1000|real_test*", ("rain:gt",)),),
        sets=("SPA-Data",),
    ),
    Layout(
        "div2k",
        "DIV2K: DIV2K_train_HR/ and DIV2K_train_LR_bicubic/X4/, 0001x4 beside 0001; small images "
        "are enlarged bicubically",
        (_div2k("train", "train"), _div2k("validate", "valid"), _div2k("test", "test")),
        sets=("DIV2K",),
        enlarge=True,
    ),
    Layout(
        "outdoor-rain",
        "Outdoor-Rain: 15 rainy and hazy images im_0001_s80_a04 to one im_0001",
        _by_split(*_SIDES, ".:.", stems=r"_s\d+_a\d+$"),
        sets=("Outdoor-Rain",),
        hazy=True,
    ),
    Layout(
        "plain",
        "input/ and target/, or {train,validate,test}/{input,target}/",
        _by_split("input:target"),
    ),
    Layout(
        "small",
        "{train,test}/small/{rain,norain}/ with equal names, as RCDNet and JORDER-E have it",
        (
            Place("train", "train/small|train_small", _BESIDE),
            Place("test", "test/small|test_small", _BESIDE),
            Place(None, "small", _BESIDE),
        ),
    ),
    Layout(
        "rain100",
        "the test set of Rain100L or H under another name: rainy/rain-001, norain-001 beside it, "
        "in norain/ or in gt/",
        (Place("test", "*", _AROUND, r"^rain-\d+$"),),
        sets=("Rain100L", "Rain100H"),
    ),
    Layout(
        "pairs",
        "two folders with usual names of the sides (rain/ and norain/, rainy/ and gt/, ...), whole "
        "or in {train,validate,test}/",
        _by_split(*_SIDES),
        generic=True,
    ),
    Layout(
        "one-folder",
        "both sides in one folder: rain-1 beside norain-1, 1_in beside 1_GT, 1 beside 1_clean",
        _by_split(".:."),
        generic=True,
    ),
    Layout(
        "side-by-side",
        "one file a pair, the same scene in its left and right half",
        _by_split("+"),
        generic=True,
    ),
    Layout(
        "real",
        "degraded images without clean ones, to predict on: RW_Data, Real_Internet",
        (
            Place("test", "RW*|RW*/rain*|Real_Internet*|real_input*", ("-",)),
            Place("test", "", ("-",)),
        ),
        sets=("RW_Data",),
        generic=True,
    ),
)

LAYOUTS: dict[LayoutName, Layout] = {layout.name: layout for layout in _LAYOUTS}

PUBLISHED: dict[str, dict[str, tuple[int, ...]]] = {
    "Rain200L": {"train": (1800,), "test": (200,)},
    "Rain200H": {"train": (1800,), "test": (200,)},
    "Rain100L": {"train": (200,), "test": (100,)},
    "Rain100H": {"train": (1800, 1254), "test": (100,)},
    "Rain12": {"test": (12,)},
    "Rain800": {"train": (700,), "test": (100, 98)},
    "Rain1200": {"train": (12000,), "test": (1200,)},
    "Rain1400": {"train": (12600,), "test": (1400,)},
    "Rain13K": {"train": (13712,)},
    "Test100": {"test": (100, 98)},
    "Test1200": {"test": (1200,)},
    "Test2800": {"test": (2800,)},
    "SPA-Data": {"train": (638492, 638464), "test": (1000,)},
    "RW_Data": {"test": (147,)},
    "Outdoor-Rain": {"train": (9000,)},
    "DIV2K": {"train": (800,), "validate": (100,)},
}
"""Pairs of the published sets; where packs of one set differ, what each of them has."""
