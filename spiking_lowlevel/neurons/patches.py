"""Between neighbouring pixels and time steps: r x r patches unrolled over time, and back.

Pixel (r·y + i, r·x + j) of frame t has the patch position p = r·i + j and becomes step r²·t + p.
Whatever is moved is moved once, and lies channels-last afterwards: the channels of a pixel side by
side, which is what convolutions run fastest on.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.errors import UserError


def space_to_time(x: Tensor, r: int) -> Tensor:
    """Unroll r x r patches over time: [T, B, C, H, W] to [r²·T, B, C, H/r, W/r].

    z[r²·t + r·i + j, b, c, y, x] = x[t, b, c, r·y + i, r·x + j]

    Raises:
        UserError: H or W is not a multiple of r.
    """
    T, B, C, H, W = x.shape
    if H % r or W % r:
        raise UserError(
            f"{r}x{r} patches do not tile an image of {H}x{W}; pad it to multiples of {r}"
        )
    patches = x.movedim(2, 4).reshape(T, B, H // r, r, W // r, r, C).permute(0, 3, 5, 1, 2, 4, 6)
    return patches.reshape(T * r * r, B, H // r, W // r, C).movedim(4, 2)


def time_to_space(z: Tensor, r: int) -> Tensor:
    """The inverse of `space_to_time`: [r²·T, B, C, h, w] to [T, B, C, r·h, r·w]."""
    steps, B, C, h, w = z.shape
    patches = z.movedim(2, 4).reshape(steps // (r * r), r, r, B, h, w, C)
    return patches.permute(0, 3, 4, 1, 5, 2, 6).reshape(-1, B, h * r, w * r, C).movedim(4, 2)


class PatchMix(nn.Conv2d):
    """A 1x1 convolution over the r² steps of every frame, laid side by side as channels.

    y[t, b, k] = Σ_c Σ_p weight[k, r²·c + p] · z[r²·t + p, b, c];   no bias.

    Args:
        channels: channels C of the steps [r²·T, B, C, h, w].
        out_channels: channels K of the frames [T, B, K, h, w].
        factor: patch side r.
    """

    def __init__(self, channels: int, out_channels: int, factor: int) -> None:
        super().__init__(channels * factor**2, out_channels, 1, bias=False)
        self.steps = factor**2

    def forward(self, input: Tensor) -> Tensor:
        """Frames [T, B, K, h, w] mixed from steps [r²·T, B, C, h, w]."""
        _, B, C, h, w = input.shape
        # Step by step, each with all its channels: no channel has to move to another place.
        side_by_side = input.movedim(2, 4).unflatten(0, (-1, self.steps)).movedim(1, 4)
        x = side_by_side.reshape(-1, h, w, self.steps * C).movedim(3, 1)
        weight = self.weight.unflatten(1, (C, self.steps)).transpose(1, 2).flatten(1, 2)
        return F.conv2d(x, weight.contiguous(memory_format=torch.channels_last)).unflatten(
            0, (-1, B)
        )
