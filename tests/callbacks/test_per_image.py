"""Scores picture by picture: what is written, and what is printed."""

import csv
import math
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from conftest import ROOT

from spiking_lowlevel.callbacks.per_image import Row, gathered, pictures, rows, table
from spiking_lowlevel.cli import main
from spiking_lowlevel.tasks import Evaluation

STILL = "--trainer.enable_progress_bar=false"
SEVEN = ROOT / "configs" / "overlays" / "protocols.yaml"


def evaluation(names: list[str], **scores: tuple[list[float], list[float]]) -> Evaluation:
    found = {
        tuple(key.split("__")): (torch.tensor(before), torch.tensor(after))
        for key, (before, after) in scores.items()
    }
    return {"names": names, "restored": torch.empty(0), "scores": found}  # pyright: ignore


TWO = evaluation(
    ["a", "b"],
    RGB__psnr=([20.0, 30.0], [25.0, 31.0]),
    RGB__ssim=([0.5, 0.7], [0.6, 0.9]),
    Luma__psnr=([21.0, 31.0], [26.0, 32.0]),
    Luma__ssim=([0.4, 0.6], [0.5, 0.8]),
    Luma__mse=([4.0, 2.0], [3.0, 1.0]),
)


def test_a_row_is_an_image_under_a_protocol_in_the_order_asked_for():
    found = rows(TWO, "rainy")
    assert found[0] == {
        "name": "a",
        "protocol": "RGB",
        "psnr_rainy": 20.0,
        "psnr_restored": 25.0,
        "ssim_rainy": pytest.approx(0.5),
        "ssim_restored": pytest.approx(0.6),
    }
    keys = [(row["name"], row["protocol"]) for row in found]
    assert keys == [("a", "RGB"), ("a", "Luma"), ("b", "RGB"), ("b", "Luma")]
    assert [(r["name"], r["protocol"]) for r in gathered([*found[2:], *found])] == keys


def test_means_and_gains_of_protocols_with_different_metrics():
    lines = [line.split() for line in table(rows(TWO, "rainy")).splitlines()]
    assert lines == [
        ["protocol", "metric", "before", "restored", "gain"],
        ["RGB", "psnr", "25.00", "28.00", "+3.00"],
        ["RGB", "ssim", "0.6000", "0.7500", "+0.1500"],
        ["Luma", "psnr", "26.00", "29.00", "+3.00"],
        ["Luma", "ssim", "0.5000", "0.6500", "+0.1500"],
        ["Luma", "mse", "3.0000", "2.0000", "-1.0000"],
    ]


def test_infinite_values_stay_infinite():
    inf = math.inf
    once = evaluation(["a", "b"], RGB__psnr=([20.0, 30.0], [inf, 31.0]), RGB__ssim=([1, 1], [1, 1]))
    found = rows(once, "rainy")
    assert found[0]["psnr_restored"] == inf
    assert table(found).splitlines()[1].split() == ["RGB", "psnr", "25.00", "inf", "+inf"]
    assert pictures(found).splitlines()[1].split() == ["a", "inf/1.0000"]
    both = evaluation(["a"], RGB__psnr=([inf], [inf]), RGB__ssim=([1], [1]))
    line = table(rows(both, "rainy")).splitlines()[1]
    assert line.split() == ["RGB", "psnr", "inf", "inf", "+0.00"]


def test_protocols_stand_side_by_side_whatever_the_length_of_their_names():
    found = rows(TWO, "rainy")
    for row in found:
        if row["protocol"] == "Luma":
            row["protocol"] = "Luma(eight_bit=False, crop=12)"
        row["name"] = f"a long name of picture {row['name']}"
    head, first, second = pictures(found).splitlines()
    assert head.split(maxsplit=2) == ["psnr/ssim", "RGB", "Luma(eight_bit=False, crop=12)"]
    assert first.split()[-2:] == ["25.00/0.6000", "26.00/0.5000"]
    assert second.split()[-2:] == ["31.00/0.9000", "32.00/0.8000"]
    assert first.startswith("a long name of picture a ")
    assert len(head) == len(first) == len(second)
    assert head.index("RGB") + 3 == first.index("25.00/0.6000") + 12  # right-aligned columns
    head, *lines = table(found).splitlines()
    assert len({len(line) for line in (head, *lines)}) == 1


def test_a_metric_that_a_protocol_lacks_is_a_dash():
    odd: list[Row] = [{"name": "a", "protocol": "P", "psnr_x": 1.0, "psnr_restored": 2.0}]
    assert pictures(odd).splitlines()[1].split() == ["a", "2.00/-"]


@pytest.mark.parametrize(("count", "says"), [(20, None), (23, "and 3 more in per_image.csv")])
def test_at_most_twenty_pictures_are_printed(count, says):
    names = [f"{i:03}" for i in range(count)]
    ones = [1.0] * count
    lines = pictures(rows(evaluation(names, RGB__psnr=(ones, ones)), "rainy")).splitlines()[1:]
    assert [line.split()[0] for line in lines[:20]] == names[:20]
    assert lines[20:] == ([says] if says else [])


def copied(run: Path, place: Path) -> Path:
    return Path(shutil.copytree(run, place / "0"))


def scores(run: Path) -> list[dict[str, str]]:
    with (run / "test" / "per_image.csv").open() as file:
        return list(csv.DictReader(file))


def test_all_seven_are_laid_over_a_run(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    mine = copied(run, tmp_path)
    main(["test", "--run", str(mine), "--config", str(SEVEN), STILL])
    printed = capsys.readouterr().out
    listed = yaml.safe_load(SEVEN.read_text())["model"]["init_args"]["protocols"]
    names = [item["class_path"] for item in listed]
    assert len(names) == len(set(names)) == 7
    assert next(x for x in printed.splitlines() if x.startswith("psnr/ssim")).split()[1:] == names
    found = scores(mine)
    assert [row["protocol"] for row in found] == names * (len(found) // 7)
    for row in found:
        assert f"{float(row['psnr_restored']):.2f}/{float(row['ssim_restored']):.4f}" in printed
    assert len({row["psnr_restored"] for row in found}) > 5


def test_two_protocols_of_one_class_are_told_apart(run: Path, tmp_path: Path):
    mine, overlay = copied(run, tmp_path), tmp_path / "two.yaml"
    two = [{"class_path": "Luma", "init_args": {"crop": 2}}, {"class_path": "Luma"}]
    overlay.write_text(yaml.safe_dump({"model": {"init_args": {"protocols": two}}}))
    main(["test", "--run", str(mine), "--config", str(overlay), STILL])
    found = {row["protocol"]: row["psnr_restored"] for row in scores(mine)}
    assert found.keys() == {"Luma(crop=2)", "Luma"}
    assert found["Luma(crop=2)"] != found["Luma"]
    with (mine / "test" / "metrics.csv").open() as file:
        logged = list(csv.DictReader(file))[-1]
    assert logged["test/psnr"] == logged["test/psnr/Luma(crop=2)"] != logged["test/psnr/Luma"]
