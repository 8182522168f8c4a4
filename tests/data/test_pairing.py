"""Names make pairs by rules; whatever the order, nothing is paired with a stranger."""

import random

import pytest

from spiking_lowlevel.data.pairing import pair_up, sides

RULES = {
    "same": ("a b", "b a", "a:a b:b"),
    "scale": ("norain-1x2 norain-10x2 norain-2x2", "norain-1 norain-2 norain-10",
              "norain-1x2:norain-1 norain-10x2:norain-10 norain-2x2:norain-2"),
    "x4": ("0001x4 0802x4", "0802 0001", "0001x4:0001 0802x4:0802"),
    "rain and norain": ("rain-1 rain-10", "norain-10 norain-1",
                        "rain-1:norain-1 rain-10:norain-10"),
    "zeros": ("rain-001 rain-010", "norain-1 norain-10", "rain-001:norain-1 rain-010:norain-10"),
    "no zeros": ("1 2", "002 001", "1:001 2:002"),
    "input and gt": ("input1 input2", "gt2 gt1", "input1:gt1 input2:gt2"),
    "gt behind": ("001 002", "002gt 001gt", "001:001gt 002:002gt"),
    "in and GT": ("001_in 002_in", "001_GT 002_GT", "001_in:001_GT 002_in:002_GT"),
    "rain and clean": ("a_rain b_rain", "b_clean a_clean", "a_rain:a_clean b_rain:b_clean"),
    "fourteen": ("901_1 901_14 902_1", "902 901", "901_1:901 901_14:901 902_1:902"),
    "beginning": ("im_0001_s80_a04 im_0001_s90_a05 im_0002_s80_a04", "im_0001 im_0002",
                  "im_0001_s80_a04:im_0001 im_0001_s90_a05:im_0001 im_0002_s80_a04:im_0002"),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_rule_pairs_in_any_order(name: str):
    degraded, clean, expected = (text.split() for text in RULES[name])
    for seed in range(3):
        random.Random(seed).shuffle(degraded)
        random.Random(seed + 9).shuffle(clean)
        found = pair_up(degraded, clean)
        assert sorted(f"{d}:{c}" for d, c in found.pairs) == sorted(expected)
        assert (found.degraded_alone, found.clean_alone) == ([], [])


def test_who_has_no_partner_stays_alone():
    found = pair_up([f"norain-{i}x2" for i in (1, 3, 10)], ["norain-1", "norain-2", "norain-10"])
    assert found.pairs == [("norain-10x2", "norain-10"), ("norain-1x2", "norain-1")]
    assert (found.degraded_alone, found.clean_alone) == (["norain-3x2"], ["norain-2"])


def test_an_orphan_is_not_a_reason_for_a_looser_rule():
    found = pair_up(["1", "2", "2_1"], ["1", "2", "3"])
    assert found.rule == "same name"
    assert found.degraded_alone == ["2_1"]


def test_two_that_could_be_meant_are_both_left_alone():
    found = pair_up(["rain-1", "rain-2"], ["norain-1", "norain-01", "norain-2"])
    assert found.pairs == [("rain-2", "norain-2")]
    assert found.clean_alone == ["norain-01", "norain-1"]
    assert pair_up(["rain-1", "rain-01"], ["norain-1"]).pairs == []


@pytest.mark.parametrize(
    ("stems", "degraded", "clean", "other"),
    [
        ("rain-1 norain-1 rainstreak-1 rainregion-1", "rain-1", "norain-1",
         "rainregion-1 rainstreak-1"),
        ("1_in 1_GT", "1_in", "1_GT", ""),
        ("1 1_gt", "1", "1_gt", ""),
        ("1 1_rain", "1_rain", "1", ""),
        ("norain-1 norain-1x2", "norain-1x2", "norain-1", ""),
        ("rain-1 rain-2", "rain-1 rain-2", "", ""),
        ("1 2", "", "", "1 2"),
    ],
)  # fmt: skip
def test_sides_of_one_folder(stems: str, degraded: str, clean: str, other: str):
    assert sides(stems.split()) == (degraded.split(), clean.split(), other.split())
