from dataclasses import replace

import numpy as np
import pytest

from spiking_lowlevel.degradations.drops import Drops, draw_distances, draw_drops, touching
from spiking_lowlevel.degradations.rain import PRESETS
from spiking_lowlevel.degradations.streaks import lay_samples, splat


def one_drop(soft=0.0, bead=0.0, **values):
    drop = {"x": 32.0, "y": 32.0, "angle": 0.0, "length": 20.6, "width": 4.7, "peak": 0.3}
    drop |= {"bead_phase": 0.4, "bead_frequency": 2.0} | values
    drops = Drops(**{name: np.array([value]) for name, value in drop.items()})
    return splat(lay_samples(drops, soft, bead), 64, 64).astype(float)


@pytest.mark.parametrize("angle", [0.0, 0.3, -1.2])
@pytest.mark.parametrize("x", [32.0, 32.25, 31.5])
def test_a_hard_bar_keeps_its_brightness_wherever_it_lies(angle, x):
    layer = one_drop(x=x, y=x + 0.1, angle=angle)
    assert layer.sum() == pytest.approx(0.3 * 20.6 * 4.7, rel=1e-5)  # peak x length x width
    assert layer[31:34, 31:34].mean() == pytest.approx(0.3, rel=0.05)
    rows, columns = np.indices(layer.shape)
    assert (layer * columns).sum() / layer.sum() == pytest.approx(x, abs=1e-3)
    assert (layer * rows).sum() / layer.sum() == pytest.approx(x + 0.1, abs=1e-3)
    dy, dx = rows - x - 0.1, columns - x
    tilt = np.arctan2(2 * (layer * dx * dy).sum(), (layer * (dy**2 - dx**2)).sum()) / 2
    assert tilt == pytest.approx(angle, abs=0.02)


def test_a_spindle_has_the_brightness_of_its_profile():
    # The means of cos(pi t) and of cos(pi s)^2 over [-1/2, 1/2] are 2 / pi and 1 / 2.
    assert one_drop(soft=1.0).sum() == pytest.approx(0.3 * 20.6 * 4.7 / np.pi, rel=0.01)


def test_beads_move_the_light_along_the_streak():
    plain, beaded = one_drop(), one_drop(bead=0.5)
    assert beaded.sum() == pytest.approx(plain.sum(), rel=0.02)  # two whole waves
    assert (beaded / plain.max()).max() == pytest.approx(1.5, rel=0.05)
    assert (beaded.sum(1) - plain.sum(1))[22:43].min() == pytest.approx(-0.5 * 0.3 * 4.7, rel=0.1)


def test_a_drop_beside_the_picture_leaves_nothing_in_it():
    for x, y in [(-9.0, 32.0), (73.0, 32.0), (32.0, -17.0), (32.0, 81.0)]:
        assert one_drop(x=x, y=y).sum() == 0


def test_drops_out_of_sight_are_left_out_and_no_others():
    rain = PRESETS["rain200l"]
    for seed in range(50):
        drops = draw_drops(48, 32, rain, np.random.default_rng(seed), 1.0)
        seen = touching(drops, 48, 32)
        assert len(seen.x) < len(drops.x)
        everything, layer = (splat(lay_samples(d, rain.soft, 0), 48, 32) for d in (drops, seen))
        assert (everything == layer).all()


def test_streaks_thinner_than_a_pixel_get_dimmer():
    # Peaks so low that they do not saturate.
    fine = replace(PRESETS["rain12"], width=0.4, peak=1e-4)
    finer = replace(fine, width=0.2)
    a, b = (draw_drops(64, 64, rain, np.random.default_rng(0), 1.0) for rain in (fine, finer))
    assert set(a.width) | set(b.width) == {1.2}
    assert a.peak == pytest.approx(2 * b.peak)


def test_distances_are_uniform_in_a_frustum():
    z = draw_distances(200_000, 1.8, np.random.default_rng(0))
    assert np.median(z) == pytest.approx(1, rel=0.01)
    assert z.max() / z.min() == pytest.approx(1.8, rel=0.01)
    assert ((z / z.min()) ** 3).mean() == pytest.approx((1 + 1.8**3) / 2, rel=0.01)


def test_winds_and_drops_have_the_angles_of_the_preset():
    rain = PRESETS["rain200l"]
    angles = [
        np.rad2deg(draw_drops(99, 99, rain, np.random.default_rng(seed), 1.0).angle)
        for seed in range(200)
    ]
    assert np.std([a.mean() for a in angles]) == pytest.approx(rain.angle_sd, rel=0.15)
    assert np.mean([a.std() for a in angles]) == pytest.approx(rain.jitter, rel=0.1)


def test_scale_enlarges_the_rain():
    small = draw_drops(64, 96, PRESETS["rain200l"], np.random.default_rng(0), 1.0)
    large = draw_drops(128, 192, PRESETS["rain200l"], np.random.default_rng(0), 2.0)
    for name in ("x", "y", "length"):
        assert getattr(large, name) == pytest.approx(2 * getattr(small, name))
    assert large.angle == pytest.approx(small.angle)
