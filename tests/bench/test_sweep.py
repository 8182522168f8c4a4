"""Which side stands at which value."""

from spiking_lowlevel.bench.options import parse
from spiking_lowlevel.bench.sweep import _at, exponent


def test_values_go_where_they_belong():
    (side,) = parse(["--config", "a.yaml", "--train-batch", "3"]).sides
    assert _at(side, "width", 32).words == (*side.words, "--model.network.width=32")
    assert _at(side, "steps", 2).words == (*side.words, "--model.network.time_steps=2")
    area = _at(side, "area", 96)
    assert (area.size, area.crop, area.train_batch) == ((96, 96), 96, 3)
    batch = _at(side, "batch", 8)
    assert (batch.batch, batch.train_batch) == (8, 8)


def test_an_area_is_trained_on_one_crop_a_step():
    (side,) = parse(["--config", "a.yaml"]).sides
    assert _at(side, "area", 96).train_batch == 1


def test_exponents_fit_all_values():
    assert exponent([1, 2, 4], [1.0, 4.0, 16.0]) == 2
    assert exponent([1, 2, 4], [1.0, 2.0, 8.0]) == 1.5
    assert exponent([3], [1.0]) is None
