from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

import spiking_lowlevel
from spiking_lowlevel.degradations.rain import PRESETS, Rain
from spiking_lowlevel.degradations.streaks import streak_layer

SEEDS = range(50)
PHOTOGRAPHS = Path(spiking_lowlevel.__file__).parent / "data" / "photographs"


@pytest.fixture(scope="module")
def photographs():
    files = sorted(PHOTOGRAPHS.glob("*/*.jpg"))
    assert files
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def layers(preset, height, width, seeds=SEEDS):
    for seed in seeds:
        yield 255 * streak_layer(height, width, PRESETS[preset], np.random.default_rng(seed))


# The rainy pictures of Rain100L, Rain100H and Rain12 have 26.9, 14.5 and 30.1 dB; fifty of them
# scatter by 0.6 dB. The bundled photographs have 27.6, 15.1 and 30.9 dB with these seeds, and 27.2,
# 14.8 and 30.5 dB with 200 seeds.
@pytest.mark.parametrize(
    ("preset", "low", "high"),
    [("rain200l", 25.5, 28.0), ("rain200h", 12.5, 15.5), ("rain12", 28.0, 31.5)],
)
def test_mean_psnr_on_luma_is_that_of_the_benchmark(photographs, preset, low, high):
    values = []
    for seed in SEEDS:
        clean = photographs[seed % len(photographs)]
        rainy = Rain(preset)(clean, np.random.default_rng(seed))
        y, x = (rgb2ycbcr(image)[..., 0] for image in (clean, rainy))
        values.append(peak_signal_noise_ratio(y, x, data_range=255))
    assert low < np.mean(values) < high
    assert 2.5 < np.std(values) < 5.5  # the benchmarks: 3.4 to 4.1 dB from picture to picture


@pytest.mark.parametrize("preset", PRESETS)
def test_rain_is_a_grey_layer_added(photographs, preset):
    whole = layers(preset, 320, 480)
    for seed, (clean, layer) in enumerate(zip(photographs[:4], whole, strict=False)):
        rainy = Rain(preset)(clean, np.random.default_rng(seed))
        exact = np.clip(clean + layer[..., None], 0, 255)
        assert abs(rainy - exact).max() < 0.501  # rounded
        added = rainy.astype(int) - clean
        assert added.min() >= 0
        unclipped = np.where(rainy < 255, added, -1)
        grey = unclipped.max(axis=2, keepdims=True)
        assert ((unclipped == -1) | (unclipped == grey)).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_all_chance_comes_from_the_generator(photographs, preset):
    clean = photographs[0][:96, :128].copy()
    before = clean.copy()
    np.random.seed(0)
    torch.manual_seed(0)
    first = Rain(preset)(clean, np.random.default_rng(7))
    np.random.seed(1)
    torch.manual_seed(1)
    assert Rain(preset)(clean, np.random.default_rng(7)).tobytes() == first.tobytes()
    assert Rain(preset)(clean, np.random.default_rng(8)).tobytes() != first.tobytes()
    assert (clean == before).all()


@pytest.mark.parametrize(
    ("preset", "mean"), [("rain200l", 1.942273), ("rain200h", 25.252676), ("rain12", 1.128392)]
)
def test_a_seed_keeps_its_layer(preset, mean):
    # Reported scores hold for these very layers: whoever changes the draws changes the test sets.
    assert next(layers(preset, 64, 64, range(3, 4))).mean() == pytest.approx(mean, rel=1e-4)


def test_light_rain_brightens_a_flat_picture_as_rain100l_does():
    clean = np.full((321, 481, 3), 60, np.uint8)
    rainy = [Rain("rain200l")(clean, np.random.default_rng(seed)) for seed in SEEDS]
    assert np.mean(rainy) - 60 == pytest.approx(5.9, abs=1)


@pytest.mark.parametrize("preset", ["rain200l", "rain12"])
def test_a_crop_gets_as_much_rain_as_a_picture(preset):
    # One seed gives one wind, number and brightness to both sizes, so that little chance is left.
    crop, picture = (
        np.mean([(layer > 3).mean() for layer in layers(preset, height, width)])
        for height, width in ((64, 64), (320, 480))
    )
    assert crop == pytest.approx(picture, rel=0.05)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 500, 3), (500, 3, 3)])
def test_pictures_of_any_shape(preset, shape):
    clean = np.full(shape, 9, np.uint8)
    rainy = [Rain(preset)(clean, np.random.default_rng(seed)) for seed in range(20)]
    assert {(r.shape, r.dtype) for r in rainy} == {(shape, clean.dtype)}
    assert max(r.max() for r in rainy) > 9


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"'drizzle'.*rain200l, rain200h, rain12"):
        Rain("drizzle")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="scale is 0"):
        Rain(scale=0)
