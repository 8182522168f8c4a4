"""Tiles: where they start, how they are weighed, and the published merging."""

from itertools import pairwise

import pytest
import torch
from published import assert_close, golden
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import Network
from spiking_lowlevel.restore import (
    PublishedTiles,
    Strategy,
    Tiles,
    Whole,
    WithinMemory,
    inverse_distance,
    merged,
    published_starts,
    ramps,
    spread_starts,
)

STRATEGIES = [Whole(), Tiles(), Tiles(tile=24, overlap=7), PublishedTiles(), WithinMemory()]
SIZES = [(1, 1), (3, 200), (79, 200), (80, 80), (81, 80), (97, 153)]


class Identity(Network):
    """Notes the sizes that it was given."""

    multiple = 8

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[int, int]] = []

    def forward(self, degraded: Tensor) -> Tensor:
        self.check_size(degraded)
        self.sizes.append((degraded.shape[2], degraded.shape[3]))
        return degraded


class LessTheMean(Network):
    """Twice the tile less its mean: as in the reference tensors, tiles do not agree."""

    def forward(self, degraded: Tensor) -> Tensor:
        return 2 * degraded - degraded.mean((1, 2, 3), keepdim=True)


def images(*size: int) -> Tensor:
    return torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0)).double()


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("size", SIZES)
def test_what_needs_no_restoring_comes_back(strategy: Strategy, size: tuple[int, int]):
    x = images(*size)
    torch.testing.assert_close(strategy(Identity(), x), x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_what_comes_out_is_clamped_and_has_no_graph(strategy: Strategy):
    x = images(90, 85).requires_grad_()

    class Overshoot(Identity):
        def forward(self, degraded: Tensor) -> Tensor:
            return 3 * super().forward(degraded) - 1

    out = strategy(Overshoot(), x)
    assert not out.requires_grad
    # Clamped after merging: clamping the tiles first would be the same only for equal tiles.
    torch.testing.assert_close(out, (3 * x.detach() - 1).clamp(0, 1), rtol=0, atol=1e-12)


def test_published_tiles_are_as_large_as_the_image_allows():
    for size, tile, count in (
        ((1, 1), (8, 8), 1),
        ((64, 64), (64, 64), 1),
        ((79, 200), (80, 80), 3),
        ((80, 80), (80, 80), 1),
        ((81, 225), (80, 80), 8),
    ):
        network = Identity()
        PublishedTiles()(network, images(*size))
        assert network.sizes == [tile] * count


@pytest.mark.parametrize("kind", [Tiles, PublishedTiles])
def test_a_small_image_is_restored_whole(kind):
    network = Identity()
    kind(tile=64, overlap=8)(network, images(50, 64))
    assert network.sizes == [(56, 64)]


class Widens(Identity):
    """Holds four copies of its input at once."""

    def forward(self, degraded: Tensor) -> Tensor:
        return torch.cat([super().forward(degraded)] * 3, dim=1)[:, :3]


def test_within_memory_restores_whole_what_fits_and_else_in_the_largest_tiles_that_do():
    # 3 channels three times in single precision: 36 bytes a pixel, and two images.
    gigabytes = 36 * 2 * 64 * 72 / 2**30
    for size, sizes in (
        ((64, 72), [(64, 72)]),
        ((72, 64), [(72, 64)]),
        ((64, 73), [(64, 48)] * 2),  # (73 + 8) / 2, in steps of 16
        ((200, 40), [(64, 40)] * 4),
    ):
        network, x = Widens(), images(*size).float()
        restored = WithinMemory(gigabytes, overlap=8)(network, x)
        assert network.sizes[1:] == sizes  # the first was to find out
        torch.testing.assert_close(restored, x, rtol=0, atol=1e-6)


@pytest.mark.parametrize("gigabytes", [0, -1.0])
def test_memory_that_holds_nothing_is_refused(gigabytes):
    with pytest.raises(UserError, match=r"gigabytes.*above 0"):
        WithinMemory(gigabytes)
    with pytest.raises(UserError, match="raise gigabytes"):
        WithinMemory(1e-5)(Widens(), images(64, 64))


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (80, [0]),
        (81, [0, 1]),
        (152, [0, 72]),
        (153, [0, 72, 73]),
        (225, [0, 72, 144, 145]),
    ],
)
def test_where_published_tiles_start(length, starts):
    assert published_starts(length, 80, 72) == starts


@pytest.mark.parametrize("overlap", [0, 5, 31])
def test_even_tiles_cover_the_side_with_their_overlap_and_no_tile_too_many(overlap):
    for length in range(32, 300):
        starts = spread_starts(length, 32, overlap)
        assert (starts[0], starts[-1]) == (0, length - 32)
        steps = [b - a for a, b in pairwise(starts)]
        assert all(1 <= step <= 32 - overlap for step in steps)
        assert max(steps, default=0) - min(steps, default=0) <= 1
        assert (len(steps) - 1) * (32 - overlap) < length - 32 or not steps


def test_ramps_of_two_neighbours_cross_over_linearly():
    weights = ramps(12, 3)
    assert weights.tolist() == [0.25, 0.5, 0.75, *[1] * 6, 0.75, 0.5, 0.25]
    assert (weights[-3:] + weights[:3]).tolist() == [1, 1, 1]
    assert ramps(4, 0).tolist() == [1] * 4
    assert ramps(2, 5).min() > 0


def test_published_weights_by_formula():
    weights = inverse_distance(6, 8)
    assert weights.shape == (6, 8)
    assert weights[3, 4].item() == pytest.approx(1e-3**-0.5)
    assert weights[0, 5].item() == pytest.approx((3**2 + 1**2 + 1e-3) ** -0.5, rel=1e-12)
    assert not torch.equal(weights, weights.flip(0))  # the middle is a pixel, not between pixels


def test_merging_worked_by_hand():
    x = torch.tensor([1.0, 2.0, 4.0]).expand(1, 3, 1, 3).double()
    out = merged(LessTheMean(), x, ([0], [0, 1]), torch.tensor([[1.0, 3.0]]))
    # tiles (1, 2) -> (0.5, 2.5) and (2, 4) -> (1, 5); the middle: (3·2.5 + 1·1)/4
    assert out[0, 0, 0].tolist() == [0.5, 2.125, 5]


@pytest.mark.parametrize("kind", [Tiles, PublishedTiles])
@pytest.mark.parametrize(("tile", "overlap"), [(0, 0), (16, 16), (16, -1)])
def test_tiles_that_do_not_move_on_are_refused(kind, tile, overlap):
    with pytest.raises(UserError, match=f"{kind.__name__}: tile {tile} and overlap {overlap}"):
        kind(tile, overlap)


def test_published_starts_and_weights():
    reference = golden("tiling.pt")
    for length, starts in reference["starts_1d"].items():
        assert published_starts(int(length), 80, 72) == list(starts)
    assert_close(inverse_distance(80, 80), reference["scoremap_80"])


def test_published_merging():
    compared = []
    images = {k: v for k, v in golden("tiling.pt").items() if isinstance(v, dict) and "input" in v}
    for reference in images.values():
        for suffix, dtype in (("f64", torch.float64), ("f32", torch.float32)):
            expected = reference.get(f"two_x_minus_mean_{suffix}")
            if expected is None:  # double precision is there for one image alone
                continue
            x = reference["input"].to(dtype)
            rows, columns = (published_starts(side, 80, 72) for side in x.shape[-2:])
            assert [[y, x] for y in rows for x in columns] == reference["starts_hw"].tolist()
            out = merged(LessTheMean(), x, (rows, columns), inverse_distance(80, 80))
            exact = 1e-9 if dtype == torch.float64 else 1e-6
            torch.testing.assert_close(out, expected, rtol=exact, atol=exact)
            restored = PublishedTiles()(LessTheMean(), x)
            torch.testing.assert_close(restored, expected.clamp(0, 1), rtol=exact, atol=exact)
            compared.append(suffix)
    assert compared.count("f32") == len(images) > 0
    assert "f64" in compared
