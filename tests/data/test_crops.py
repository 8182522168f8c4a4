"""Crops come from everywhere in a picture, alike for both images, and from the seed alone."""

import pickle
import random
from collections import Counter

import albumentations
import cv2
import numpy as np
import pytest
import torch

from spiking_lowlevel.data.crops import RandomCrop

H, W, SIDE = 7, 9, 4
ROW, COLUMN = np.mgrid[:H, :W].astype(np.uint8)
MAP = np.stack([ROW, COLUMN, ROW * W + COLUMN], axis=-1)
"""Every pixel says where it is."""


def place(crop: np.ndarray) -> tuple[int, int, bool]:
    """Upper row and left column of a crop of MAP, and whether it is flipped."""
    flipped = bool(crop[0, 0, 1] > crop[0, -1, 1])
    return int(crop[0, 0, 0]), int(crop[0, :, 1].min()), flipped


def taken(count: int, flips: bool = True) -> list[np.ndarray]:
    crop = RandomCrop(SIDE, flips)
    return [crop(MAP, MAP, seed)[0] for seed in range(count)]


def test_every_position_is_equally_likely():
    counts = Counter(place(c)[:2] for c in taken(2400))
    everywhere = {(y, x) for y in range(H - SIDE + 1) for x in range(W - SIDE + 1)}
    assert counts.keys() == everywhere
    # 2400 draws over 24 places: 100 each, with a standard deviation of 10
    assert min(counts.values()) > 55
    assert max(counts.values()) < 145


def test_a_crop_is_a_piece_of_the_picture_flipped_or_not():
    for crop in taken(50):
        y, x, flipped = place(crop)
        piece = MAP[y : y + SIDE, x : x + SIDE]
        assert np.array_equal(crop[:, ::-1] if flipped else crop, piece)


def test_half_are_flipped_and_none_is_upside_down():
    crops = taken(1000)
    assert 420 < sum(place(c)[2] for c in crops) < 580
    assert all((c[0, :, 0] < c[-1, :, 0]).all() for c in crops)


def test_flips_can_be_left_out():
    assert not any(place(c)[2] for c in taken(50, flips=False))


def test_a_flip_does_not_depend_on_the_place():
    flips = {spot: set() for spot in ((0, 0), (H - SIDE, W - SIDE))}
    for y, x, flipped in map(place, taken(400)):
        flips.get((y, x), set()).add(flipped)
    assert all(seen == {False, True} for seen in flips.values())


def test_both_images_are_cut_and_flipped_alike():
    crop = RandomCrop(SIDE)
    for seed in range(100):
        first, second = crop(MAP, 255 - MAP, seed)
        assert np.array_equal(first, 255 - second)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (3, 3), (2, 30), (16, 15)])
def test_an_image_smaller_than_the_crop_is_mirrored(height: int, width: int):
    small = np.random.default_rng(0).integers(256, size=(height, width, 3), dtype=np.uint8)
    for seed in range(10):
        first, second = RandomCrop(16)(small, 255 - small, seed)
        assert first.shape == (16, 16, 3)
        assert np.array_equal(first, 255 - second)
        colours = {tuple(c) for c in small.reshape(-1, 3)}
        assert {tuple(c) for c in first.reshape(-1, 3)} <= colours


def test_an_image_of_the_size_of_the_crop_is_taken_whole():
    square = MAP[:SIDE, :SIDE]
    first, _ = RandomCrop(SIDE, flips=False)(square, square, 0)
    assert np.array_equal(first, square)


def test_the_seed_alone_decides():
    crop, image = RandomCrop(SIDE), np.tile(MAP, (9, 9, 1))
    results = []
    for seed in (1, 2, 1):
        for world in (10, 11):
            random.seed(world)
            np.random.seed(world)
            torch.manual_seed(world)
            again = RandomCrop(SIDE) if world == 11 else crop
            results.append(again(image, image, seed)[0].tobytes())
    assert len({results[0], results[1], results[4], results[5]}) == 1
    assert results[2] == results[3] != results[0]


def test_the_pictures_are_left_as_they_were():
    first, second = MAP.copy(), MAP.copy()
    RandomCrop(SIDE)(first, second, 0)[0][:] = 0
    assert np.array_equal(first, MAP)
    assert np.array_equal(second, MAP)


def test_the_border_can_be_left_out_as_published():
    crop = RandomCrop(SIDE, flips=False, reach_border=False)
    places = {place(crop(MAP, MAP, seed)[0])[:2] for seed in range(400)}
    # rows from [0, 7 - 1 - 4), columns from [0, 9 - 1 - 4), upper ends exclusive
    assert places == {(y, x) for y in range(2) for x in range(4)}


@pytest.mark.parametrize("height", [3, 4, 5, 6])
def test_without_the_border_small_pictures_give_their_first_rows(height: int):
    crop = RandomCrop(SIDE, flips=False, reach_border=False)
    first, second = crop(MAP[:height], 255 - MAP[:height], 3)
    assert first.shape == (SIDE, SIDE, 3)
    assert np.array_equal(first, 255 - second)
    if height >= SIDE:
        assert first[0, 0, 0] == 0


@pytest.mark.parametrize("shape", [(40, 60), (16, 16), (16, 40), (9, 40), (40, 9), (5, 5)])
def test_a_seed_keeps_its_crop(shape: tuple[int, int]):
    # Published runs are repeated with these very crops: those that two Composes of the steps take.
    steps = [
        [
            albumentations.PadIfNeeded(16, 16, border_mode=cv2.BORDER_REFLECT_101),
            albumentations.RandomCrop(16, 16),
        ],
        [albumentations.HorizontalFlip(p=0.5)],
    ]
    image = np.random.default_rng(0).integers(256, size=(*shape, 3), dtype=np.uint8)
    for seed in range(40):
        out = {"image": image}
        for step, own in zip(
            steps, np.random.default_rng(seed).integers(2**31, size=2), strict=True
        ):
            compose = albumentations.Compose(step)
            compose.set_random_seed(int(own))
            out = compose(**out)
        assert np.array_equal(RandomCrop(16)(image, image, seed)[0], out["image"])


def test_crops_are_copies_of_their_own():
    # Pictures are kept for later draws, and one as large as the crop would be handed out itself.
    square = MAP[:SIDE, :SIDE].copy()
    before = square.copy()
    for crop in RandomCrop(SIDE, flips=False)(square, square, 0):
        crop[:] = 0
    assert np.array_equal(square, before)


def test_a_spawned_process_takes_the_same_crops():
    crop = RandomCrop(SIDE)
    there = pickle.loads(pickle.dumps(crop))
    assert all(np.array_equal(there(MAP, MAP, s)[0], crop(MAP, MAP, s)[0]) for s in range(20))
