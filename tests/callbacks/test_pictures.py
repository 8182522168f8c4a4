"""What the callbacks draw: strips, maps and curves."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from spiking_lowlevel.callbacks.learning_curve import points
from spiking_lowlevel.callbacks.strips import error_map, grid, heat, strip


def test_heat_is_dark_at_zero_and_bright_at_the_top():
    colours = heat(torch.tensor([[0.0, 0.5, 1.0, 9.0]]), top=1.0).astype(int).sum(-1)[0]
    assert colours[0] < colours[1] < colours[2] == colours[3]
    assert heat(torch.zeros(1, 1), top=0.0).shape == (1, 1, 3)


def test_error_map_shows_where_pictures_differ():
    clean = torch.zeros(3, 2, 2)
    restored = clean.clone()
    restored[:, 0, 1] = 0.2
    brightness = error_map(restored, clean).astype(int).sum(-1)
    assert brightness[0, 1] == heat(torch.tensor([[1.0]]), 1.0).astype(int).sum()
    assert (brightness[0, 0], brightness[1, 0]) == (brightness[1, 1], brightness[1, 1])


def test_strip_puts_pictures_where_titles_say():
    red = np.zeros((6, 8, 3), np.uint8) + np.uint8([255, 0, 0])
    blue = torch.tensor([0.0, 0.0, 1.0])[:, None, None].expand(3, 6, 8)
    sheet = strip([[red, blue], [blue, red]], ["left", "right"])
    assert sheet[-1, 0].tolist() == [0, 0, 255]
    assert sheet[-1, -1].tolist() == [255, 0, 0]
    assert sheet.shape[1] == 8 + 4 + 8


def test_a_grid_enlarges_small_pictures_and_gives_each_its_title():
    red, blue = (np.zeros((2, 4, 3), np.uint8) + np.uint8(c) for c in ([255, 0, 0], [0, 0, 255]))
    sheet = grid([[("first\nsecond line", red), ("a title" * 20, blue)], [("", blue)]], width=10)
    assert sheet.shape == (2 * (44 + 6), 12 + 4 + 12, 3)
    assert (sheet[44:50, :12] == [255, 0, 0]).all()
    assert (sheet[44:50, 16:] == [0, 0, 255]).all()
    assert (sheet[94:, :12] == [0, 0, 255]).all()
    assert (sheet[50:, 12:] == 255).all()
    assert (sheet[:44, 12:16] == 255).all()  # a long title stays over its own picture


def test_points_skip_rows_without_a_value(tmp_path: Path):
    metrics = tmp_path / "metrics.csv"
    with metrics.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["step", "train/loss", "val/psnr/RGB"])
        writer.writeheader()
        writer.writerow({"step": 0, "train/loss": 0.5})
        writer.writerow({"step": 3, "val/psnr/RGB": 21.5})
    assert points(metrics, "val/psnr/RGB") == ([3], [21.5])
    assert points(metrics, "no such column") == ([], [])


def test_a_run_draws_its_samples_and_curve(run: Path):
    strips = sorted((run / "samples").iterdir())
    assert [p.name for p in strips] == ["epoch_000.png", "epoch_001.png"]
    with Image.open(strips[0]) as sheet:
        assert sheet.width == 5 * 48 + 4 * 4  # five columns of the 48 pixel wide pictures
        assert np.asarray(sheet).std() > 10
    with Image.open(run / "learning_curve.png") as curve:
        assert curve.width > 400


@pytest.mark.parametrize("name", ["spikes.png", "learning_curve.png"])
def test_plots_are_not_blank(run: Path, name: str):
    with Image.open(run / name) as plot:
        assert np.asarray(plot.convert("L")).std() > 5
