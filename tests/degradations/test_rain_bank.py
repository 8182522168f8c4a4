"""RainBank: the rain of Rain in distribution, from layers that are made once."""

import numpy as np
import pytest

from spiking_lowlevel.degradations import Rain, RainBank, rain_bank
from spiking_lowlevel.degradations.rain import PRESETS
from spiking_lowlevel.errors import UserError

SIDE = 64
GREY = np.full((SIDE, SIDE, 3), 90, np.uint8)


@pytest.fixture(autouse=True)
def empty():
    """No layers are left over from another test."""
    rain_bank._made.cache_clear()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes of the layers that are made from now on."""
    sizes, plain = [], Rain.streaks

    def streaks(self: Rain, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
        sizes.append((height, width))
        return plain(self, height, width, rng)

    monkeypatch.setattr(Rain, "streaks", streaks)
    return sizes


def rainy(rain: Rain | RainBank, seed: int, clean: np.ndarray = GREY) -> np.ndarray:
    return rain(clean, np.random.default_rng(seed))


def statistics(rain: Rain | RainBank, seeds: int) -> np.ndarray:
    """PSNR, share of the crop that is covered, and slant of the streaks: [seeds, 3]."""
    found = []
    for seed in range(seeds):
        added = rainy(rain, seed)[..., 0] - 90.0
        psnr = 10 * np.log10(255**2 / (np.mean(added**2) + 1))
        down, across = (np.abs(np.diff(added, axis=axis)).mean() + 0.1 for axis in (0, 1))
        found.append((psnr, (added > 3).mean(), np.log(down / across)))
    return np.array(found)


@pytest.mark.parametrize("preset", PRESETS)
def test_crops_are_distributed_as_those_of_rain(preset):
    layers, seeds = 150, 400
    bank, plain = (
        statistics(rain, seeds) for rain in (RainBank(preset, layers, side=96), Rain(preset))
    )
    # Crops of one layer resemble each other: the layers count, not the crops.
    error = np.sqrt(bank.var(0) / layers + plain.var(0) / seeds)
    assert (abs(bank.mean(0) - plain.mean(0)) < 3 * error).all()
    assert bank.std(0) == pytest.approx(plain.std(0), rel=0.25)  # from crop to crop


@pytest.mark.parametrize("preset", PRESETS)
def test_one_grey_layer_is_added_and_clipped(preset):
    clean = np.random.default_rng(0).integers(256, size=(32, 48, 3), dtype=np.uint8)
    wettest = 0
    for seed in range(20):
        black = rainy(RainBank(preset), seed, np.zeros_like(clean))
        assert (black == black[..., :1]).all()
        assert (
            rainy(RainBank(preset), seed, clean) == np.minimum(clean + black.astype(int), 255)
        ).all()
        wettest = max(wettest, black.max())
    assert wettest > 30


def test_streaks_beyond_white_stay_white(monkeypatch: pytest.MonkeyPatch):
    # 8 bits hold a layer only because it is clipped first: 300 would become 44.
    bright = np.full((SIDE, SIDE), 300, np.uint16)
    monkeypatch.setattr(Rain, "streaks", lambda *_: bright)
    assert (rainy(RainBank(side=SIDE), 0) == 255).all()


def test_all_chance_comes_from_the_generator_and_the_seed_of_the_bank():
    first = [rainy(RainBank(), seed).tobytes() for seed in range(12)]
    np.random.seed(1)
    rain_bank._made.cache_clear()
    # In another order, as another process would draw them.
    again = [rainy(RainBank(), seed).tobytes() for seed in reversed(range(12))]
    assert again[::-1] == first
    assert len(set(first)) == 12
    assert not set(first) & {rainy(RainBank(seed=1), seed).tobytes() for seed in range(12)}


def test_a_layer_is_cut_everywhere_and_mirrored_in_half_of_the_cases():
    bank = RainBank("rain200h", layers=1, side=SIDE + 2, scale=1.3, seed=4)
    whole = Rain("rain200h", 1.3).streaks(bank.side, bank.side, np.random.default_rng((4, 0)))
    pieces = {}
    for top in range(3):
        for left in range(3):
            piece = np.minimum(whole[top : top + SIDE, left : left + SIDE] + 90, 255)
            pieces[piece.tobytes()] = pieces[piece[:, ::-1].tobytes()] = 0
    for seed in range(720):
        pieces[rainy(bank, seed)[..., 0].astype(np.uint16).tobytes()] += 1
    # 720 draws over 18 pieces: 40 each, with a standard deviation of 6
    assert len(pieces) == 18
    assert min(pieces.values()) > 15
    assert max(pieces.values()) < 70


def test_equal_banks_share_layers_that_are_made_when_they_are_drawn(made):
    banks = [RainBank(layers=5, side=SIDE) for _ in range(3)]
    rainy(banks[0], 0)
    assert made == [(SIDE, SIDE)]
    for seed in range(60):
        rainy(banks[seed % 3], seed)
    assert made == [(SIDE, SIDE)] * 5
    rainy(RainBank(layers=5, side=SIDE, scale=2), 0)
    assert len(made) == 6


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("shape", [(97, 20, 3), (20, 97, 3), (130, 150, 3)])
def test_a_picture_that_does_not_fit_gets_the_rain_of_rain(preset, shape):
    clean = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    bank = RainBank(preset, side=96, scale=1.3)
    assert (rainy(bank, 5, clean) == rainy(Rain(preset, 1.3), 5, clean)).all()


def test_a_picture_as_large_as_a_layer_fits(made):
    for seed in range(8):
        rainy(RainBank(layers=2, side=SIDE), seed)
    assert len(made) == 2


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 90, 3), (90, 3, 3)])
def test_pictures_of_any_shape(shape):
    got = rainy(RainBank(), 0, np.full(shape, 9, np.uint8))
    assert (got.shape, got.dtype) == (shape, np.uint8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "drizzle"}, "'drizzle'; choose one of rain200l"),
        ({"scale": 0}, "scale is 0"),
        ({"layers": 0}, "layers is 0; it is at least 1"),
        ({"side": 0}, "side is 0; it is at least 1"),
        ({"seed": -1}, "seed is -1; it is at least 0"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(UserError, match=message):
        RainBank(**options)
