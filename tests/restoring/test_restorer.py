"""Images of three libraries go through a network and come back as what they were."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.restore import Tiles
from spiking_lowlevel.restoring.restorer import Restorer


class Halved(Network):
    multiple = 4

    def forward(self, degraded: Tensor) -> Tensor:
        return degraded / 2


class Unchanged(Network):
    def forward(self, degraded: Tensor) -> Tensor:
        return degraded


HALF = Restorer("half", Halved(), Tiles(16, 4))
SAME = Restorer("same", Unchanged(), Tiles(16, 4))
RNG = np.random.default_rng(0)
BYTES = RNG.integers(256, size=(21, 34, 4), dtype=np.uint8)
WORDS = RNG.integers(65536, size=(21, 34, 3), dtype=np.uint16)


@pytest.mark.parametrize(
    "array",
    [BYTES[..., 0], BYTES[..., :1], BYTES[..., :2], BYTES[..., :3], BYTES, WORDS, WORDS[..., 0]],
    ids=lambda a: f"{a.dtype}{list(a.shape)}",
)
def test_an_array_comes_back_bit_for_bit_from_a_network_that_changes_nothing(array: np.ndarray):
    back = SAME.restore(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_colours_are_restored_and_alpha_is_left_alone():
    even = BYTES // 2 * 2
    back = HALF.restore(even)
    np.testing.assert_array_equal(back[..., 3], even[..., 3])
    np.testing.assert_array_equal(back[..., :3], even[..., :3] // 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_pictures_of_pillow_keep_size_and_kind(mode: str):
    picture = Image.fromarray(BYTES[..., :3]).convert(mode)
    picture.info["icc_profile"] = b"profile"
    back = SAME.restore(picture)
    assert back.size == (34, 21)
    assert back.mode == {"1": "L", "P": "RGB", "CMYK": "RGB"}.get(mode, mode)
    assert back.info["icc_profile"] == b"profile"
    expected = np.asarray(picture.convert(back.mode))
    np.testing.assert_array_equal(np.asarray(back), expected)


def test_grey_of_sixteen_bits_is_no_black_picture():
    picture = Image.fromarray(WORDS[..., 0])
    assert picture.mode == "I;16"
    np.testing.assert_array_equal(np.asarray(SAME.restore(picture)), WORDS[..., 0])


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 3, 5, 9)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.uint8])
def test_tensors_keep_shape_and_type(shape: tuple[int, ...], dtype: torch.dtype):
    levels = 255 if dtype == torch.uint8 else 1
    image = (torch.rand(shape) * levels).to(dtype)
    back = SAME.restore(image)
    assert back.dtype == dtype
    torch.testing.assert_close(back, image, atol=1e-7, rtol=0)


def test_a_picture_larger_than_a_tile_is_restored_in_tiles_of_the_strategy():
    image = torch.rand(3, 40, 50)
    torch.testing.assert_close(HALF.restore(image), image / 2)


def test_half_precision_is_asked_for_and_comes_back_as_single():
    class Multiplied(Network):
        def forward(self, degraded: Tensor) -> Tensor:
            product = torch.nn.functional.conv2d(degraded, torch.eye(3)[..., None, None] / 3)
            assert product.dtype == torch.bfloat16
            return product

    net = Restorer("half", Multiplied(), Tiles(16, 4), precision="bf16-mixed")
    assert net.tiles(torch.rand(1, 3, 8, 8)).dtype == torch.float32


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("rain.png", "given a str"),
        (np.zeros((4, 4, 5)), r"shape \[4, 4, 5\]"),
        (np.zeros((0, 4, 3)), r"shape \[0, 4, 3\]"),
        (np.zeros((4, 4), np.int64), "int64"),
        (torch.zeros(4, 4), r"tensor \[4, 4\]"),
    ],
)
def test_what_is_no_image_is_refused_in_words(wrong: object, told: str):
    with pytest.raises(UserError, match=told):
        SAME.restore(wrong)
