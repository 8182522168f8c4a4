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
        steps: list[list[Any]] = [
            [
                albumentations.PadIfNeeded(side, side, border_mode=cv2.BORDER_REFLECT_101),
                albumentations.RandomCrop(side, side),
            ],
            [albumentations.HorizontalFlip(p=0.5 if flips else 0)],
        ]
        self._transforms = [
            albumentations.Compose(step, additional_targets={"second": "image"}) for step in steps
        ]

    def __call__(self, first: Image, second: Image, seed: int) -> tuple[Image, Image]:
        """Crops [side, side, 3] of two images [H, W, 3] of equal size; the seed decides where."""
        # One Compose gives every step the same seed: the place would decide whether to flip.
        seeds = np.random.default_rng(seed).integers(2**31, size=len(self._transforms))
        out: dict[str, Any] = {"image": self._reached(first), "second": self._reached(second)}
        for transform, own in zip(self._transforms, seeds, strict=True):
            transform.set_random_seed(int(own))
            out = transform(**out)
        return out["image"], out["second"]

    def _reached(self, image: Image) -> Image:
        if self._reach_border:
            return image
        height, width = (max(length - 2, self._side) for length in image.shape[:2])
        return image[:height, :width]
