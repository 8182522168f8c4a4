"""Random crops and flips, the same for both images of a pair, by albumentations."""

import os
from typing import Any

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
    """

    def __init__(self, side: int, flips: bool = True) -> None:
        steps: list[Any] = [
            albumentations.PadIfNeeded(side, side, border_mode=cv2.BORDER_REFLECT_101),
            albumentations.RandomCrop(side, side),
        ]
        if flips:
            steps.append(albumentations.HorizontalFlip(p=0.5))
        self._transform = albumentations.Compose(steps, additional_targets={"second": "image"})

    def __call__(self, first: Image, second: Image, seed: int) -> tuple[Image, Image]:
        """Crops [side, side, 3] of two images [H, W, 3] of equal size; the seed decides where."""
        self._transform.set_random_seed(seed)
        out = self._transform(image=first, second=second)
        return out["image"], out["second"]
