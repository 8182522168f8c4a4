"""Image files: found, read and written, with a clear word where that cannot be done."""

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from spiking_lowlevel.decoding import NoPicture, open_file, opened
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import printable, written_whole

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
_BAND = 2**22  # pixels


def list_images(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by name; hidden files are left out.

    Raises:
        UserError: the folder is missing, is not a folder, cannot be read, or holds no image.
    """
    shown = printable(folder)
    if not os.path.isdir(folder):
        what = "is a file, not a folder" if os.path.exists(folder) else "does not exist"
        raise UserError(f"the folder {shown} {what}; give the folder that holds the images")
    try:
        paths = list(folder.iterdir())
    except OSError as error:
        raise UserError(f"cannot read the folder {shown}: {error.strerror}") from None
    found = [p for p in paths if p.suffix.lower() in SUFFIXES and p.name[0] != "."]
    if not found:
        known = ", ".join(sorted(SUFFIXES))
        raise UserError(f"the folder {shown} holds no image; images end in {known}")
    return sorted(found)


def read_image(path: Path) -> Image:
    """The pixels of an image file as 8-bit RGB [H, W, 3].

    Raises:
        UserError: the file is missing, truncated or no image, or has over 110 megapixels.
    """
    try:
        with open_file(path) as file, opened(file) as image:
            image.load()
            return _in_bands(image)
    except NoPicture:
        raise UserError(_no_image(path)) from None
    except (UserError, OSError) as error:
        raise UserError(_unread(path, error)) from None


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of an image file, read from its header alone.

    Raises:
        UserError: the file is missing or no image, or has over 110 megapixels.
    """
    try:
        with open_file(path) as file, opened(file) as image:
            return image.height, image.width
    except (NoPicture, OSError):
        raise UserError(_no_image(path)) from None
    except UserError as error:
        raise UserError(_unread(path, error)) from None


def _in_bands(image: Pillow.Image) -> Image:
    """The pixels in 8-bit RGB, some rows at a time, since every copy of a large image counts."""
    width, height = image.size
    rows = max(1, _BAND // width)
    if rows >= height:
        return _rgb(image)
    out = np.empty((height, width, 3), np.uint8)
    for y in range(0, height, rows):
        out[y : y + rows] = _rgb(image.crop((0, y, width, min(y + rows, height))))
    return out


def _rgb(image: Pillow.Image) -> Image:
    if image.mode.startswith("I"):  # 16-bit grey; convert() would cut it off at 255
        grey = np.asarray(image).clip(0, 65535).astype(np.uint32)
        return np.repeat(((grey + 128) // 257).astype(np.uint8)[..., None], 3, axis=2)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _no_image(path: Path) -> str:
    return f"{printable(path)} is not an image that can be read; replace or remove it"


def _unread(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return f"cannot read {printable(path)}: {reason}; replace or remove the file"


def to_tensor(image: Image) -> Tensor:
    """An 8-bit image [H, W, 3] as a float tensor [3, H, W] in [0, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255


def to_image(tensor: Tensor) -> Image:
    """A float tensor [3, H, W] in [0, 1] as an 8-bit image [H, W, 3], rounded half to even."""
    scaled = (tensor.detach().clamp(0, 1).float() * 255).round().to(torch.uint8)
    return scaled.permute(1, 2, 0).cpu().numpy()


def write_png(path: Path, image: Image) -> None:
    """Write an 8-bit image [H, W, 3] as PNG, whole or not at all.

    Raises:
        UserError: it cannot be written there.
    """
    try:
        with written_whole(path) as beside:
            Pillow.fromarray(image).save(beside, format="PNG")
    except OSError as error:
        raise UserError(
            f"cannot write {printable(path)}: {error.strerror or error}; give another place"
        ) from None
