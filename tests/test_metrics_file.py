"""metrics.csv: rows as they come, columns as they turn up, nothing twice."""

import csv
from pathlib import Path

import torch

from spiking_lowlevel.metrics_file import MetricsFile


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_new_column_leaves_old_rows_empty_there(tmp_path: Path):
    file = MetricsFile(tmp_path / "metrics.csv")
    file.log_metrics({"loss": torch.tensor(0.5), "epoch": 0}, 0)
    file.save()
    file.log_metrics({"psnr": 30.0, "epoch": 0}, 1)
    file.log_metrics({"loss": 0.25, "epoch": 1}, 2)
    file.save()
    assert rows(file.path) == [
        {"epoch": "0", "step": "0", "loss": "0.5", "psnr": ""},
        {"epoch": "0", "step": "1", "loss": "", "psnr": "30.0"},
        {"epoch": "1", "step": "2", "loss": "0.25", "psnr": ""},
    ]


def test_a_run_that_goes_on_drops_what_it_will_write_again(tmp_path: Path):
    first = MetricsFile(tmp_path / "metrics.csv")
    for step in range(4):
        first.log_metrics({"loss": step}, step)
    first.save()
    with first.path.open("a") as file:
        file.write("0,4")  # a power cut in the middle of a line
    again = MetricsFile(first.path, resumed=True)
    again.forget(2)
    again.log_metrics({"loss": 20}, 2)
    again.save()
    assert [(r["step"], r["loss"]) for r in rows(first.path)] == [
        ("0", "0"),
        ("1", "1"),
        ("2", "20"),
    ]


def test_a_run_of_its_own_begins_afresh(tmp_path: Path):
    for value in (1, 2):
        file = MetricsFile(tmp_path / "metrics.csv")
        file.log_metrics({"loss": value}, 0)
        file.save()
    assert [r["loss"] for r in rows(file.path)] == ["2"]
