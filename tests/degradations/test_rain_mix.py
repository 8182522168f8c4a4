"""RainMix: each picture gets the rain of one preset, as often as the shares say."""

import numpy as np
import pytest

from spiking_lowlevel.degradations import Rain, RainMix
from spiking_lowlevel.degradations.rain import PRESETS
from spiking_lowlevel.errors import UserError

GREY = np.full((24, 32, 3), 90, np.uint8)


def drawn(mix: RainMix, monkeypatch: pytest.MonkeyPatch, seeds: int) -> list[tuple[str, float]]:
    """The preset and scale of the rain that each of so many seeds gets."""
    found: list[tuple[str, float]] = []

    def rain(self: Rain, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        found.append((self.preset, self.scale))
        return clean

    monkeypatch.setattr(Rain, "__call__", rain)
    for seed in range(seeds):
        mix(GREY, np.random.default_rng(seed))
    return found


def test_presets_come_up_by_their_shares(monkeypatch: pytest.MonkeyPatch):
    mix = RainMix(("rain12", "rain200h"), (3, 1), scale=1.5)
    found = drawn(mix, monkeypatch, 800)
    assert set(found) == {("rain12", 1.5), ("rain200h", 1.5)}
    # 600 are meant, with a standard deviation of 12
    assert abs(found.count(("rain12", 1.5)) - 600) < 50


def test_all_presets_come_up_equally_often_by_default(monkeypatch: pytest.MonkeyPatch):
    found = [preset for preset, _ in drawn(RainMix(), monkeypatch, 900)]
    assert set(found) == set(PRESETS)
    # 300 are meant of each, with a standard deviation of 14
    assert all(abs(found.count(preset) - 300) < 60 for preset in PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_rain_is_that_of_the_preset(preset):
    rng = np.random.default_rng(5)
    rng.choice(1, p=[1.0])  # which preset: one number of the stream
    assert (RainMix((preset,))(GREY, np.random.default_rng(5)) == Rain(preset)(GREY, rng)).all()


def test_all_chance_comes_from_the_generator():
    first = [RainMix()(GREY, np.random.default_rng(seed)).tobytes() for seed in range(8)]
    np.random.seed(1)
    assert first == [RainMix()(GREY, np.random.default_rng(seed)).tobytes() for seed in range(8)]
    assert len(set(first)) == 8


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"presets": ()}, "at least one"),
        ({"presets": ("drizzle",)}, "rain12"),
        ({"shares": (1.0,)}, "3 presets"),
        ({"shares": (1.0, 0.0, 1.0)}, "above 0"),
        ({"scale": 0.0}, "scale"),
    ],
)
def test_what_cannot_be_is_refused(arguments, word):
    with pytest.raises(UserError, match=word):
        RainMix(**arguments)
