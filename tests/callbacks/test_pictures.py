"""What the callbacks draw: strips, maps and curves."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from spiking_lowlevel.callbacks.learning_curve import points
from spiking_lowlevel.callbacks.sample_images import restore_watched
from spiking_lowlevel.callbacks.strips import error_map, heat, spike_map, strip
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.tasks import Deraining


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


def test_spike_map_is_the_mean_over_layers_at_one_size():
    fine = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    coarse = torch.tensor([[0.5]])
    assert spike_map([fine, coarse], (2, 2)).tolist() == [[0.75, 0.25], [0.25, 0.25]]


def test_strip_puts_pictures_where_titles_say():
    red = np.zeros((6, 8, 3), np.uint8) + np.uint8([255, 0, 0])
    blue = torch.tensor([0.0, 0.0, 1.0])[:, None, None].expand(3, 6, 8)
    sheet = strip([[red, blue], [blue, red]], ["left", "right"])
    assert sheet[-1, 0].tolist() == [0, 0, 255]
    assert sheet[-1, -1].tolist() == [255, 0, 0]
    assert sheet.shape[1] == 8 + 4 + 8


def test_watching_does_not_change_the_restored_picture():
    torch.manual_seed(0)
    task = Deraining(VLIFNet(width=8, encoder_depth=(1, 0), decoder_depth=(0, 0))).eval()
    picture = torch.rand(3, 16, 24)
    restored, rate = restore_watched(task, picture)
    with torch.no_grad():
        assert torch.equal(restored, task(picture[None])[0])
    assert rate.shape == (16, 24)
    assert 0 < float(rate.max()) <= 1


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
