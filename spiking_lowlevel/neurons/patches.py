"""Between neighbouring pixels and time steps: r x r patches unrolled over time, and back.

Pixel (r·y + i, r·x + j) of frame t has the patch position p = r·i + j and becomes step r²·t + p.
"""

from torch import Tensor

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
    patches = x.reshape(T, B, C, H // r, r, W // r, r).permute(0, 4, 6, 1, 2, 3, 5)
    return patches.reshape(T * r * r, B, C, H // r, W // r)


def time_to_space(z: Tensor, r: int) -> Tensor:
    """The inverse of `space_to_time`: [r²·T, B, C, h, w] to [T, B, C, r·h, r·w]."""
    steps, B, C, h, w = z.shape
    patches = z.reshape(steps // (r * r), r, r, B, C, h, w).permute(0, 3, 4, 5, 1, 6, 2)
    return patches.reshape(steps // (r * r), B, C, h * r, w * r)


def time_to_channels(z: Tensor, r: int) -> Tensor:
    """Lay the r² steps of a frame side by side as channels: to [T, B, r²·C, h, w].

    u[t, b, r²·c + p, y, x] = z[r²·t + p, b, c, y, x]
    """
    steps, B, C, h, w = z.shape
    frames = z.reshape(steps // (r * r), r * r, B, C, h, w).permute(0, 2, 3, 1, 4, 5)
    return frames.reshape(steps // (r * r), B, C * r * r, h, w)
