"""What is drawn and written of rows that are known."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies.sweep_curves import Dot, curves
from spiking_lowlevel.studies.sweep_measuring import Row, Spending
from spiking_lowlevel.studies.sweep_plot import draw
from spiking_lowlevel.studies.sweep_points import TWIN, Point
from spiking_lowlevel.studies.sweep_quality import Quality
from spiking_lowlevel.studies.sweep_table import table, write_csv

UNITS = {"HorowitzFP32": "pJ", "BitOperations": "bit operations"}


def row(neuron: str, steps: int, psnr: float, millijoules: float, seed: int | None = None) -> Row:
    return Row(
        point=Point(neuron, steps, seed, (), {}, 1234),
        run=Path("out", "runs", "0"),
        quality=Quality("Luma", psnr, 18.0, None),
        spending=Spending(
            {"HorowitzFP32": 1e9 * millijoules, "BitOperations": 5.0}, 0.25, 0.125, 0.1, 3
        ),
        train_seconds=60.0,
        restore_seconds=0.1 * steps,
    )


ROWS = [
    row("NILIF", 4, 25.0, 8.0),
    row("LIF", 2, 22.0, 2.0, seed=0),
    row("LIF", 2, 24.0, 4.0, seed=1),
    row("LIF", 1, 20.0, 1.5),
    row(TWIN, 1, 26.0, 6.0),
]


def test_curves_rise_with_steps_and_mean_over_seeds():
    nilif, lif, twin = curves(ROWS, "HorowitzFP32", "pJ")
    assert [c.neuron for c in (nilif, lif, twin)] == ["NILIF", "LIF", TWIN]
    assert [c.twin for c in (nilif, lif, twin)] == [False, False, True]
    assert [dot.steps for dot in lif.dots] == [1, 2]
    assert lif.dots[1] == Dot(
        2, psnr=23.0, worst=22.0, best=24.0, energy=3.0, seconds=0.2, silent=0.125
    )
    assert curves(ROWS, "BitOperations", "bit operations")[0].dots[0].energy == 5.0


def test_the_picture_is_drawn_of_one_point_and_of_many(tmp_path: Path):
    for name, rows in (("one", ROWS[-1:]), ("many", ROWS)):
        draw(rows, "HorowitzFP32", "pJ", tmp_path / f"{name}.png", "VLIFNet")
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_what_costs_nothing_has_no_place_on_a_logarithmic_axis(tmp_path: Path):
    free = replace(ROWS[0], spending=replace(ROWS[0].spending, energy={"HorowitzFP32": 0.0}))
    with pytest.raises(UserError, match="asks nothing"):
        draw([free], "HorowitzFP32", "pJ", tmp_path / "free.png", "VLIFNet")


def test_the_file_has_a_row_a_point_with_energies_in_millijoules(tmp_path: Path):
    write_csv(ROWS, UNITS, tmp_path / "sweep.csv")
    with (tmp_path / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [r["label"] for r in rows][:2] == ["NILIF, T = 4", "LIF, T = 2, seed 0"]
    assert [float(r["HorowitzFP32 mJ"]) for r in rows] == [8.0, 2.0, 4.0, 1.5, 6.0]
    assert [float(r["BitOperations bit operations"]) for r in rows] == [5.0] * 5
    assert [r["twin"] for r in rows] == ["0", "0", "0", "0", "1"]
    assert rows[0]["ssim"] == ""
    assert (rows[0]["spike_driven_fraction"], rows[0]["silent_fraction"]) == ("0.25", "0.125")


def test_a_twin_that_spikes_is_told():
    told = "\n".join(table(ROWS, UNITS))
    assert "ANN twin, T = 1: 3 layers of it still spike" in told
    silent = replace(ROWS[-1], spending=replace(ROWS[-1].spending, spiking_layers=0))
    assert "still spike" not in "\n".join(table([*ROWS[:-1], silent], UNITS))
