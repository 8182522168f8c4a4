"""Where a picture makes neurons spike, tile by tile or at once."""

from pathlib import Path

import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

from spiking_lowlevel.callbacks.sample_images import SampleImages
from spiking_lowlevel.callbacks.spike_maps import SpikeMaps, map_spikes, overlay, sheet
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons import LIF
from spiking_lowlevel.restore import Strategy, Tiles, Whole, WithinMemory
from spiking_lowlevel.runs import RunFolder
from spiking_lowlevel.tasks import Deraining


class Bright(Network):
    """Fires where the image is bright, once at full and once at half resolution."""

    multiple = 4

    def __init__(self):
        super().__init__()
        self.fine, self.coarse = LIF(3, threshold=0.5), LIF(3, threshold=0.5)
        self.unused = LIF(3)

    def forward(self, degraded: Tensor) -> Tensor:
        self.coarse(F.avg_pool2d(degraded, 2)[None])
        return degraded * (1 - self.fine(degraded[None])[0])


def picture(height: int = 20, width: int = 32) -> Tensor:
    """Dark, with one bright square whose corners lie on even pixels."""
    image = torch.zeros(3, height, width)
    image[:, 6:10, 14:22] = 1.0
    return image


@pytest.mark.parametrize("inference", [Whole(), Tiles(8, 2), Tiles(13, 5)])
def test_spikes_are_where_the_picture_makes_them_in_tiles_or_not(inference: Strategy):
    maps = map_spikes(Bright(), inference, picture())
    assert torch.equal(maps.rates["fine"], picture()[0])
    assert list(maps.rates) == ["fine", "coarse"]  # not the layer that never ran
    assert maps.sides == {"fine": 1, "coarse": 2}
    if isinstance(inference, Whole) or inference.tile == 8:  # tiles on even pixels
        assert torch.equal(maps.rates["coarse"], picture()[0])
        assert torch.equal(maps.mean, picture()[0])
        assert list(maps.levels()) == [1, 2]


def test_levels_are_means_over_their_layers():
    rates = {"a": torch.full((2, 2), 0.5), "b": torch.zeros(2, 2), "c": torch.ones(2, 2)}
    maps = SpikeMaps(torch.zeros(3, 2, 2), rates, {"a": 1, "b": 1, "c": 4})
    assert {side: float(m.max()) for side, m in maps.levels().items()} == {1: 0.25, 4: 1.0}
    assert maps.mean.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert list(maps.only(["[bc]"]).rates) == ["b", "c"]
    with pytest.raises(UserError, match="no neuron layer is called 'd'; there are a, b, c"):
        maps.only(["a", "d"])


@pytest.mark.parametrize("inference", [Whole(), Tiles(16, 4), WithinMemory(0.0008, 8)])
def test_the_restored_picture_is_the_same(inference: Strategy):
    torch.manual_seed(0)
    network = VLIFNet(width=8, encoder_depth=(1, 0), decoder_depth=(0, 0), threshold=3)
    task = Deraining(network, inference=inference).eval()
    degraded = torch.rand(3, 28, 33)
    maps = map_spikes(task.network, task.inference, degraded)
    with torch.no_grad():
        assert torch.equal(maps.restored, task(degraded[None])[0])
    assert not any(m._forward_hooks for m in network.modules())
    assert maps.mean.shape == (28, 33)
    assert 0 < float(maps.mean.max()) <= 1


def test_a_network_without_spikes_has_an_empty_map():
    class Same(Network):
        def forward(self, degraded: Tensor) -> Tensor:
            return degraded

    maps = map_spikes(Same(), Whole(), picture())
    assert torch.equal(maps.mean, torch.zeros(20, 32))
    assert torch.equal(maps.restored, picture())


def test_an_overlay_is_grey_where_nothing_spikes_and_coloured_where_something_does():
    photograph, rate = torch.full((3, 1, 3), 0.8), torch.tensor([[0.0, 0.05, 0.1]])
    photograph[0] = 0.2  # a colour, which has to go
    silent, some, most = overlay(photograph, rate, top=0.1)[0].astype(int)
    assert silent.tolist() == [round(0.75 * round(0.6 * 255))] * 3
    assert np.ptp(silent) < np.ptp(some)
    assert most[0] > some[0] > silent[0]


def test_the_sheet_has_the_photograph_then_the_levels_then_the_layers():
    maps = map_spikes(Bright(), Whole(), picture(240, 240))
    pixels = sheet(picture(240, 240), maps, columns=2)
    assert pixels.shape == (2 * (44 + 240), 3 * 240 + 2 * 4, 3)
    bright, dark = (slice(50, 54), slice(14, 22)), (slice(60, 70), slice(100, 120))
    for x in (1, 2):
        cell = pixels[:, x * 244 : x * 244 + 240]
        assert np.ptp(cell[bright].astype(int), axis=-1).min() > 50
        assert np.ptp(cell[dark].astype(int), axis=-1).max() == 0


@pytest.mark.parametrize("asked", [False, True, ["fine"]])
def test_maps_are_written_on_request(tmp_path: Path, asked: bool | list[str]):
    data = DataLoader([Pair(picture(), picture(), "square")])
    trainer = Trainer(
        accelerator="cpu",
        logger=RunFolder("maps", tmp_path),
        callbacks=[SampleImages(spike_maps=asked)],
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.validate(Deraining(Bright()), data, verbose=False)
    samples = tmp_path / "maps" / "0" / "samples"
    written = {p.name for p in samples.iterdir()}
    assert written == {"epoch_000.png"} | ({"spikes_epoch_000.png"} if asked else set())
    if asked:
        with Image.open(samples / "spikes_epoch_000.png") as image:
            rows, columns = (2, 3) if asked is True else (2, 2)
            assert image.size == (columns * 256 + (columns - 1) * 4, rows * (44 + 8 * 20))
