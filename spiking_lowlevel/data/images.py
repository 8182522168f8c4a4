"""Image files: found, read and written, with a clear word where that cannot be done."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import UnidentifiedImageError
from torch import Tensor

from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import written_whole

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


def list_images(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name; hidden files are left out.

    Raises:
        UserError: the folder is missing, is not a folder, or holds no image.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UserError(f"the folder {folder} {what}; give the folder that holds the images")
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.name[0] != "."]
    if not found:
        known = ", ".join(sorted(SUFFIXES))
        raise UserError(f"the folder {folder} holds no image; images end in {known}")
    return sorted(found)


def read_image(path: Path) -> Image:
    """The pixels of an image file as 8-bit RGB [H, W, 3].

    Raises:
        UserError: the file is missing, truncated or no image.
    """
    try:
        with Pillow.open(path) as image:
            if image.mode.startswith("I"):  # 16-bit grey; convert() would cut it off at 255
                grey = (np.asarray(image).astype(np.float64) / 257).round().clip(0, 255)
                return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
            return np.asarray(image.convert("RGB"))
    except UnidentifiedImageError:
        raise UserError(f"{path} is not an image that can be read; replace or remove it") from None
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"cannot read {path}: {reason}; replace or remove the file") from None


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of an image file, read from its header alone.

    Raises:
        UserError: the file is missing or no image.
    """
    try:
        with Pillow.open(path) as image:
            return image.height, image.width
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):
        raise UserError(f"{path} is not an image that can be read; replace or remove it") from None


def to_tensor(image: Image) -> Tensor:
    """An 8-bit image [H, W, 3] as a float tensor [3, H, W] in [0, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255


def to_image(tensor: Tensor) -> Image:
    """A float tensor [3, H, W] in [0, 1] as an 8-bit image [H, W, 3], rounded half to even."""
    scaled = (tensor.detach().clamp(0, 1).float() * 255).round().to(torch.uint8)
    return scaled.permute(1, 2, 0).cpu().numpy()


def write_png(path: Path, image: Image) -> None:
    """Write an 8-bit image [H, W, 3] as PNG, whole or not at all."""
    with written_whole(path) as beside:
        Pillow.fromarray(image).save(beside, format="PNG")
