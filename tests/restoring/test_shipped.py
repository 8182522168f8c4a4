"""The networks that come with the package: small, licensed, and worth shipping."""

import numpy as np
import pytest
from conftest import ROOT

from spiking_lowlevel.data.images import read_image, to_tensor
from spiking_lowlevel.degradations import Rain
from spiking_lowlevel.metrics import Luma
from spiking_lowlevel.restoring.zoo import SHIPPED, load, names

PHOTOGRAPHS = ROOT / "spiking_lowlevel" / "data" / "photographs" / "test"


@pytest.mark.parametrize("name", names())
def test_a_shipped_network_is_small_and_tells_where_it_comes_from(name: str):
    folder = SHIPPED / name
    assert (folder / "weights.safetensors").stat().st_size <= 6e6
    assert sum(p.numel() for p in load(name).network.parameters()) <= 1.5e6
    assert "Apache License" in (folder / "LICENSE").read_text()
    card = (folder / "MODEL_CARD.md").read_text()
    for section in ("Training", "Scores", "Limits", "Every run"):
        assert f"## {section}" in card


@pytest.mark.parametrize(("preset", "least"), [("rain200l", 3.0), ("rain200h", 5.0)])
def test_derain_small_takes_rain_off_a_photograph_it_never_saw(preset, least):
    """A crop and one draw of the rain: far below its mean gain, far above an untrained network."""
    clean = read_image(PHOTOGRAPHS / "dragonfly.jpg")[60:220, 160:400]
    rainy = Rain(preset)(clean, np.random.default_rng(0))
    restored = load("derain-small").restore(rainy)
    before, after = (
        Luma().score(to_tensor(image)[None], to_tensor(clean)[None])["psnr"].item()
        for image in (rainy, restored)
    )
    assert after - before > least
