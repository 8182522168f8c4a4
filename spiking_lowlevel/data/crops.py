"""Random crops and flips, the same for both images of a pair, by albumentations."""

import os
from typing import Any

import numpy as np

from spiking_lowlevel.degradations.base import Image

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would call out at import

import albumentations
import cv2


class RandomCrop:
    """Crops all images of a pair at one random place and flips them alike.

    Every position is equally likely, the last row and column included. Images smaller than the crop
    are mirrored at their borders first.

    Args:
        side: of the square crop, in pixels.
        flips: also flip left to right, in half of the cases (rain keeps falling down).
        reach_border: False leaves out the last two offsets in each direction, as the published
            loaders do: rows from [0, H - 1 - side), columns from [0, W - 1 - side).
    """

    def __init__(self, side: int, flips: bool = True, reach_border: bool = True) -> None:
        self._side, self._reach_border = side, reach_border
        # Without a Compose around them, which costs more than they do and copies whole pictures.
        self._pad = albumentations.PadIfNeeded(side, side, border_mode=cv2.BORDER_REFLECT_101)
        self._place = albumentations.RandomCrop(side, side)
        self._flip = albumentations.HorizontalFlip(p=0.5 if flips else 0)
        for transform in (self._pad, self._place, self._flip):
            transform.add_targets({"second": "image"})

    def __call__(self, first: Image, second: Image, seed: int) -> tuple[Image, Image]:
        """Crops [side, side, 3] of two images [H, W, 3] of equal size; the seed decides where."""
        # Seeds of their own: with one for both, the place would decide whether to flip.
        place, flip = np.random.default_rng(seed).integers(2**31, size=2)
        self._place.set_random_seed(int(place))
        self._flip.set_random_seed(int(flip))
        images: dict[str, Any] = {"image": self._reached(first), "second": self._reached(second)}
        if min(images["image"].shape[:2]) < self._side:
            images = self._pad(**images)
        images = self._flip(**self._place(**images))
        # Copies: what is as large as the crop comes back itself, and pictures are kept (`cache`).
        return images["image"].copy(), images["second"].copy()

    def _reached(self, image: Image) -> Image:
        if self._reach_border:
            return image
        height, width = (max(length - 2, self._side) for length in image.shape[:2])
        return image[:height, :width]


def one_thread(worker: int) -> None:
    """Called in every loader process: OpenCV takes no cores from the training step.

    PyTorch sees to its own threads there.
    """
    cv2.setNumThreads(0)
