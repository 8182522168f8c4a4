"""Peak signal-to-noise ratio, image by image, and the luma that deraining tables are made on."""

import torch
from torch import Tensor


def psnr(restored: Tensor, clean: Tensor) -> Tensor:
    """PSNR [B] in dB of images [B, C, H, W] in [0, 1]: −10 log10(mean squared error); inf if equal.

    One value an image: the mean of these is the convention of restoration, and is not the PSNR of
    the pooled error.

    >>> psnr(torch.full((1, 3, 2, 2), 0.1), torch.zeros(1, 3, 2, 2)).item()
    20.0
    """
    return -10 * (restored - clean).square().mean((1, 2, 3)).log10()


def luma(rgb: Tensor) -> Tensor:
    """BT.601 limited-range luma [B, 1, H, W] of RGB [B, 3, H, W], both as shares of 255.

    Y = (16 + 65.481 R + 128.553 G + 24.966 B) / 255, MATLAB's `rgb2ycbcr` without rounding.
    """
    weights = torch.tensor([65.481, 128.553, 24.966], dtype=rgb.dtype, device=rgb.device)
    return (16 + (rgb * weights[:, None, None]).sum(1, keepdim=True)) / 255
