"""Tile by tile from rows to rows gives what the strategy gives on the whole picture."""

import numpy as np
import pytest
import torch
from restoring.photographs import BYTES, SAME
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.networks.vlifnet import VLIFNet
from spiking_lowlevel.restore import PublishedTiles, Tiles, Tiling, Whole, WithinMemory
from spiking_lowlevel.restoring import photograph, rows, tiling
from spiking_lowlevel.restoring.ensemble import Ensemble
from spiking_lowlevel.restoring.extras import Spiking, reduced, upright
from spiking_lowlevel.restoring.restorer import Restorer
from spiking_lowlevel.restoring.rows import Rows
from spiking_lowlevel.restoring.streaming import restore_rows


@pytest.fixture(scope="module")
def network() -> VLIFNet:
    torch.manual_seed(0)
    net = VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1), time_steps=2)
    return net.fuse()


@pytest.mark.parametrize(
    "strategy", [Tiles(16, 4), Tiles(24, 0), Tiles(64, 8), PublishedTiles(20, 6)]
)
@pytest.mark.parametrize("in_files", [False, True])
def test_streamed_is_what_the_strategy_makes(
    strategy: Tiling, in_files: bool, network: VLIFNet, monkeypatch: pytest.MonkeyPatch
):
    if in_files:
        monkeypatch.setattr(rows, "_LARGEST_IN_MEMORY", 0)
    pixels = BYTES[..., :3]
    source, out = Rows.empty(pixels.shape, np.uint8), Rows.empty(pixels.shape, np.uint8)
    source.write(0, pixels)
    told: list[tuple[int, int]] = []
    net = Restorer("tiny", network, strategy)
    restore_rows(net.tiles, source, out, strategy, progress=lambda *done: told.append(done))
    batch = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255
    expected = (strategy(network, batch)[0] * 255).permute(1, 2, 0).numpy()
    assert abs(out.read(0, 41) - expected).max() < 0.5 + 1e-3
    assert told[-1][0] == told[-1][1] == len(told)
    source.close()
    out.close()


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3), (1, 17)])
def test_any_size(size: tuple[int, int], network: VLIFNet):
    pixels = np.random.default_rng(0).integers(256, size=(*size, 3), dtype=np.uint8)
    out, rates = Rows.empty((*size, 3), np.uint8), Rows.empty((*size, 1), np.float32)
    spiking = Spiking(network, Restorer("tiny", network, Whole()).tiles)
    restore_rows(spiking, Rows.of(pixels), out, Tiles(64, 8), rates)
    batch = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255
    expected = (Tiles(64, 8)(network, batch)[0] * 255).permute(1, 2, 0).numpy()
    assert abs(out.read(0, size[0]) - expected).max() < 0.5 + 1e-3
    assert 0 < rates.read(0, size[0]).mean() < 1


def test_rates_of_spikes_are_those_of_the_callback(network: VLIFNet):
    from spiking_lowlevel.callbacks.spike_maps import map_spikes

    pixels = BYTES[..., :3]
    out, rates = Rows.empty(pixels.shape, np.uint8), Rows.empty((41, 57, 1), np.float32)
    spiking = Spiking(network, Restorer("tiny", network, Whole()).tiles)
    restore_rows(spiking, Rows.of(pixels), out, Tiles(24, 8), rates)
    image = torch.from_numpy(pixels).permute(2, 0, 1) / 255
    expected = map_spikes(network, Tiles(24, 8), image).mean.numpy()
    np.testing.assert_allclose(rates.read(0, 41)[..., 0], expected, atol=1e-5)


def test_grey_is_seen_as_three_channels_and_alpha_is_left():
    def network(batch: Tensor) -> Tensor:
        assert batch.shape[1] == 3
        return batch * torch.tensor([1.0, 0.5, 0.0])[:, None, None]

    pixels = BYTES[..., :2] // 4 * 4
    out = Rows.empty(pixels.shape, np.uint8)
    restore_rows(network, Rows.of(pixels), out, Tiles(16, 4))
    np.testing.assert_array_equal(
        out.read(0, 41), np.stack([pixels[..., 0] // 2, pixels[..., 1]], -1)
    )


def test_what_leaves_the_range_is_cut_off():
    out = Rows.empty((41, 57, 4), np.uint8)
    restore_rows(lambda batch: batch * 4 - 1, Rows.of(BYTES), out, Tiles(16, 4))
    expected = (BYTES[..., :3].astype(int) * 4 - 255).clip(0, 255)
    np.testing.assert_array_equal(out.read(0, 41)[..., :3], expected)


def test_an_ensemble_is_the_mean_of_all_eight_ways_turned_back():
    mark = torch.zeros(1, 3, 4, 6)
    mark[..., 0, 1] = 1.0
    seen: list[Tensor] = []

    def shifted(batch: Tensor) -> Tensor:
        seen.append(batch)
        return batch.roll(1, -1)

    out = Ensemble(shifted)(mark)
    assert len({(tuple(b.shape), *b.nonzero()[0].tolist()) for b in seen}) == 8
    # To the right and to the left, down and up: two of the eight ways each.
    assert out[0, 0, 0, 2] == out[0, 0, 0, 0] == out[0, 0, 1, 1] == out[0, 0, 3, 1] == 0.25
    torch.testing.assert_close(Ensemble(lambda batch: batch)(mark), mark)


def test_tiles_are_halved_until_memory_lasts():
    class Greedy(Network):
        def forward(self, degraded: Tensor) -> Tensor:
            if degraded.shape[-1] > 40:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
            return degraded

    pixels = Rows.of(np.repeat(BYTES, 4, 1))
    way = photograph.Way(Restorer("greedy", Greedy(), Tiles(128, 4)), Tiles(128, 4))
    out, _, notes = photograph._restored(pixels, way, None)
    np.testing.assert_array_equal(out.read(0, 41), pixels.read(0, 41))
    assert notes == ("memory ran out: tiles of 32",)


def test_no_memory_at_all_is_told_and_other_errors_are_not_hidden():
    class Failing(Network):
        message = "out of memory"

        def forward(self, degraded: Tensor) -> Tensor:
            raise RuntimeError(self.message)

    net = Failing()
    way = photograph.Way(Restorer("failing", net, Tiles(128, 4)), Tiles(128, 4))
    with pytest.raises(UserError, match="memory ran out"):
        photograph._restored(Rows.of(BYTES), way, None)
    net.message = "a fault of ours"
    with pytest.raises(RuntimeError, match="of ours"):
        photograph._restored(Rows.of(BYTES), way, None)


def test_tiles_follow_the_words_then_the_network_then_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tiling, "_largest", lambda _: 200)
    whole = Restorer("whole", SAME.network, Whole())
    large = Restorer("large", SAME.network, Tiles(336, 16))
    bounded = Restorer("bounded", SAME.network, WithinMemory(2.0, 24))
    assert tiling.tiling_for(SAME, None, None) == Tiles(16, 4)
    assert tiling.tiling_for(large, None, None) == Tiles(200, 16)
    assert tiling.tiling_for(large, 500, 20) == Tiles(500, 20)
    assert tiling.tiling_for(large, 12, None) == Tiles(12, 1)
    assert tiling.tiling_for(whole, None, None) == Tiles(200, 32)
    assert tiling.tiling_for(bounded, None, None) == Tiles(200, 24)
    with pytest.raises(UserError, match="smaller than --tile"):
        tiling.tiling_for(SAME, 16, 16)


def test_reduced_pictures_are_means_across_bands_and_edges(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "BAND", 1000)
    small = reduced(Rows.of(BYTES), 3)
    assert small.shape == (14, 19, 4)
    np.testing.assert_allclose(small[4, 5], BYTES[12:15, 15:18].mean((0, 1)) / 255, atol=1e-6)
    np.testing.assert_allclose(small[-1, -1], BYTES[39:, 54:].mean((0, 1)) / 255, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_is_what_pillow_makes_of_the_orientation(orientation: int):
    from PIL import Image, ImageOps

    picture = Image.fromarray(BYTES[..., :3])
    picture.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(upright(BYTES[..., :3], orientation), expected)
