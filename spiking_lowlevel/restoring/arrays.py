"""Images of Pillow, numpy and PyTorch as batches [B, 3, H, W] in [0, 1], and back as they came."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from spiking_lowlevel.errors import UserError

Back = Callable[[Tensor], Any]
"""Makes of a restored batch what was given: its library, shape and depth."""
_TAKEN = (
    "images of Pillow, arrays [H, W], [H, W, 3] or [H, W, 4] of numpy, and tensors [3, H, W] or "
    "[B, 3, H, W], all in uint8, uint16 or float in [0, 1]"
)


def batch_of(image: object) -> tuple[Tensor, Back]:
    """An image as a batch in [0, 1], and how to get back to what it was.

    Raises:
        UserError: it is no image.
    """
    if isinstance(image, Pillow.Image):
        return _of_pillow(image)
    if isinstance(image, np.ndarray):
        return _of_array(image)
    if isinstance(image, Tensor):
        return _of_tensor(image)
    raise UserError(f"restore takes {_TAKEN}; given a {type(image).__name__}")


def _of_pillow(image: Pillow.Image) -> tuple[Tensor, Back]:
    known = {"L", "RGB", "RGBA", "LA", "I;16"}
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode not in known:
        image = image.convert("L" if image.mode == "1" else "RGB")
    info = dict(image.info)
    batch, array_back = _of_array(np.asarray(image))

    def back(restored: Tensor) -> Pillow.Image:
        out = Pillow.fromarray(array_back(restored))
        out.info.update(info)
        return out

    return batch, back


def _of_array(array: np.ndarray) -> tuple[Tensor, Back]:
    shape = array.shape
    channels = 1 if array.ndim == 2 else shape[-1]
    if array.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or 0 in shape:
        raise UserError(f"restore takes {_TAKEN}; given an array of shape {list(shape)}")
    planes = array[..., None] if array.ndim == 2 else array
    alpha = planes[..., -1:] if channels in (2, 4) else None
    colours = planes if alpha is None else planes[..., :-1]
    grey = colours.shape[-1] == 1
    tensor = torch.from_numpy(colours.transpose(2, 0, 1).copy())
    batch, tensor_back = _of_tensor(tensor.expand(3, -1, -1) if grey else tensor)

    def back(restored: Tensor) -> np.ndarray:
        one = restored.mean(1, keepdim=True).expand(-1, 3, -1, -1) if grey else restored
        out = tensor_back(one).numpy().transpose(1, 2, 0)[..., : colours.shape[-1]]
        return np.concatenate([out, *([] if alpha is None else [alpha])], -1).reshape(shape)

    return batch, back


def _of_tensor(tensor: Tensor) -> tuple[Tensor, Back]:
    levels = {torch.uint8: 255, torch.uint16: 65535}.get(tensor.dtype)
    if not (levels or tensor.dtype.is_floating_point):
        raise UserError(f"restore takes {_TAKEN}; given {str(tensor.dtype).removeprefix('torch.')}")
    if tensor.ndim not in (3, 4) or tensor.shape[-3] != 3 or 0 in tensor.shape:
        raise UserError(f"restore takes {_TAKEN}; given a tensor {list(tensor.shape)}")
    batch = tensor.reshape(-1, *tensor.shape[-3:]).to("cpu", torch.float32)

    def back(restored: Tensor) -> Tensor:
        scaled = (restored * levels).round() if levels else restored
        return scaled.reshape(tensor.shape).to(tensor.device, tensor.dtype)

    return (batch / levels if levels else batch), back
