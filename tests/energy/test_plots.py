from dataclasses import replace
from itertools import combinations

import pytest
from energy.reports import RECORDING, Bits, Simple, many, report

from spiking_lowlevel.energy import HorowitzFP32
from spiking_lowlevel.energy.report.plots.labels import put_labels
from spiking_lowlevel.energy.report.plots.models import Pair, draw_models, pairs
from spiking_lowlevel.energy.report.plots.pareto import Point, draw_pareto, front
from spiking_lowlevel.energy.report.plots.rates import Line, draw_rates, edges, rates
from spiking_lowlevel.energy.report.plots.stack import Bar, bars, draw_stack
from spiking_lowlevel.errors import UserError

PNG = b"\x89PNG\r\n\x1a\n"


def test_bars_hold_the_parts_of_each_layer():
    found = {bar.name: bar for bar in bars(report(Simple(0.5)), "Simple")}
    assert found["stem.conv"] == Bar("stem.conv", spikes=0, real=1690, other=50, memory=100)
    assert found["body.conv"] == Bar("body.conv", spikes=360, real=0, other=0, memory=25)
    assert found["body.graded"] == Bar("body.graded", spikes=50, real=0, other=160, memory=20)
    assert found["stem.neuron"] == Bar("stem.neuron", spikes=0, real=0, other=220, memory=100)


def test_bars_hold_all_that_there_is():
    for model in (Simple(0.5), HorowitzFP32()):
        found = report(model)
        total = sum(bar.total for bar in bars(found, found.bills[0].model))
        assert total == pytest.approx(found.bills[0].total)


def test_cheap_layers_are_one_bar():
    found = bars(report(Simple()), "Simple")  # of 2845 pJ, 0.2 % are 5.7: norm 5, two that ask none
    assert found[-1] == Bar("3 others", 0, 0, 5, 0)
    assert "body" in [bar.name for bar in found]


def test_bars_of_large_networks_are_stages():
    found = bars(report(recording=many(stages=3, layers=20)), "Simple")
    assert [bar.name for bar in found] == ["stage0", "stage1", "stage2"]
    assert found[0].real == sum(100 + i for i in range(20)) * 5 / 2


def test_rates_are_told_step_by_step():
    first, second = rates(report())
    assert first == Line("stem.neuron", (0.0, 0.1, 0.1, 0.2), 0.1)
    assert second == Line("body.neuron", (0.0,), 0.0)


def test_neurons_that_were_not_seen_step_by_step_have_no_row():
    layers = tuple(replace(layer, steps=()) for layer in RECORDING.layers)
    unseen = report(recording=replace(RECORDING, layers=layers))
    assert rates(unseen) == []
    with pytest.raises(UserError, match="no neuron"):
        draw_rates(unseen, RECORDING.network)  # pyright: ignore


def test_rows_of_any_length_fill_the_same_width():
    for steps in (1, 3, 4, 16):
        assert (edges(steps, 4)[0], edges(steps, 4)[-1]) == (0.5, 4.5)
    assert edges(16, 4)[4] == edges(4, 4)[1] == 1.5


def test_models_stand_beside_their_ann_the_cheapest_first():
    found = report(HorowitzFP32(), Simple(), Bits())
    first, second = pairs(found)
    assert (first.model, first.network) == ("Simple", 2845)
    assert second.model == "HorowitzFP32"
    assert first.ann == next(b.total for b in found.bill("Simple").baselines if b.name == "ANN")
    with pytest.raises(UserError, match="pJ"):
        pairs(report(Bits()))


def test_models_without_an_ann_are_drawn_alone(tmp_path):
    found = report(Simple())
    alone = replace(found, bills=(replace(found.bills[0], baselines=()),))
    assert pairs(alone) == [Pair("Simple", 2845, None)]
    draw_models(alone, tmp_path / "a.png")


def test_the_front_is_what_no_run_beats():
    points = [
        Point("dear and bad", 27, 20),
        Point("best", 30, 30),
        Point("cheap", 26, 5),
        Point("as dear as good, worse", 28, 10),
        Point("good", 28.5, 10),
        Point("same as best, dearer", 30, 40),
    ]
    assert [point.label for point in front(points)] == ["cheap", "good", "best"]


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_pictures_are_what_their_ending_says(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    draw_pareto([Point("a", 30, 3, "x"), Point("b", 31, 4, "y")], path)
    start = {"png": PNG, "pdf": b"%PDF", "svg": b"<?xml"}[ending]
    assert path.read_bytes().startswith(start)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_other_endings_are_an_error(tmp_path):
    with pytest.raises(UserError, match=r"\.png, \.pdf or \.svg"):
        draw_models(report(), tmp_path / "a.jpg")


@pytest.mark.parametrize("stages", [0, 2])
def test_networks_of_all_sizes_are_drawn(tmp_path, stages):
    recording = many(stages, 20) if stages else RECORDING
    layers = tuple(replace(x, steps=((1, 4), (2, 4))) for x in recording.layers)
    found = report(recording=replace(recording, layers=layers), trained=False)
    for draw in (draw_stack_of_simple, draw_rates, draw_models):
        draw(found, tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes().startswith(PNG)
    draw_stack(found, tmp_path / "b.png", "Bits")


def draw_stack_of_simple(found, path):
    draw_stack(found, path, "Simple")


def test_a_network_that_costs_nothing_is_drawn(tmp_path):
    silent = tuple(layer for layer in RECORDING.layers if layer.name == "body.silent")
    draw_stack(report(recording=replace(RECORDING, layers=silent)), tmp_path / "a.png", "Simple")
    assert (tmp_path / "a.png").stat().st_size


def test_points_without_energy_are_an_error(tmp_path):
    with pytest.raises(UserError, match="free lunch"):
        draw_pareto([Point("free lunch", 30, 0)], tmp_path / "a.png")
    with pytest.raises(UserError, match="at least one"):
        draw_pareto([], tmp_path / "a.png")


def test_one_point_is_drawn(tmp_path):
    draw_pareto([Point("a", 30, 3)], tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size


def test_labels_do_not_cover_each_other():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    figure = Figure((6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = [(0.5 + 0.02 * i, 0.5 + 0.01 * (i % 3)) for i in range(8)] + [(0.999, 0.999)]
    put_labels(axes, [(f"run {i}", place) for i, place in enumerate(places)], [])
    boxes = [Text.get_window_extent(text) for text in axes.texts]
    assert len(boxes) == 9
    assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]
    frame = axes.get_window_extent()
    assert all(frame.contains(box.x1, box.y1) for box in boxes)
