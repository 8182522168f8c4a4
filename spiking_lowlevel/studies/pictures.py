"""The pictures that a network is studied on: of its test split, or files."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from torch import Tensor

from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.data.images import read_image, to_tensor


def of_data(data: RestorationData, count: int, size: tuple[int, int]) -> list[Tensor]:
    """The middle of the first degraded test pictures, each [1, 3, H, W] in [0, 1].

    Args:
        data: a data set.
        count: how many pictures.
        size: height and width of what is cut out; smaller pictures stay as they are.

    Raises:
        UserError: the data set cannot be read.
    """
    batches = islice(data.predict_dataloader(), count)
    return [middle(batch.degraded, size) for batch in batches]


def of_files(paths: Sequence[Path], size: tuple[int, int]) -> list[Tensor]:
    """The middle of image files, each [1, 3, H, W] in [0, 1].

    Raises:
        UserError: a file is missing or no image.
    """
    return [middle(to_tensor(read_image(path))[None], size) for path in paths]


def middle(images: Tensor, size: tuple[int, int]) -> Tensor:
    """What lies in the middle of images [B, 3, H, W], at most of this height and width."""
    H, W = images.shape[-2:]
    height, width = min(size[0], H), min(size[1], W)
    top, left = (H - height) // 2, (W - width) // 2
    return images[..., top : top + height, left : left + width]
