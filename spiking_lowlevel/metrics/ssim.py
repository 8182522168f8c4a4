"""Structural similarity of images in [0, 1].

μ, σ², σ_ab: means, variances and covariance under a sliding window; C1 = 0.01², C2 = 0.03².

    SSIM = (2 μ_a μ_b + C1)(2 σ_ab + C2) / ((μ_a² + μ_b² + C1)(σ_a² + σ_b² + C2))

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment" (2004). Published numbers differ by the
window, by the border and by the normalisation of the variances: state all three.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

_C1, _C2 = 0.01**2, 0.03**2


def gaussian_window(side: int = 11, sigma: float = 1.5) -> Tensor:
    """A Gaussian window [side, side] in float64 that sums to 1; sigma in pixels."""
    x = torch.arange(side, dtype=torch.float64) - (side - 1) / 2
    g = torch.exp(-x.square() / (2 * sigma**2))
    return torch.outer(g, g) / g.sum().square()


def uniform_window(side: int = 7) -> Tensor:
    """A flat window [side, side] in float64 that sums to 1."""
    return torch.full((side, side), 1 / side**2, dtype=torch.float64)


def ssim_map(a: Tensor, b: Tensor, window: Tensor, padding: int = 0, unbias: float = 1) -> Tensor:
    """SSIM at every place where the window fits: [B, C, H', W'] of images [B, C, H, W] in [0, 1].

    Args:
        a: images, for instance restored ones.
        b: the images that they are compared with.
        window: weights that sum to 1: [side, side], or [side] for both axes, which is faster.
        padding: pixels of zeros around the images, so that border pixels count.
        unbias: factor on variances and covariance, n / (n − 1) for a sample of n pixels.
    """
    kernel = window.to(a)
    stacked = torch.stack((a, b, a * a, b * b, a * b)).flatten(0, 2)[:, None]
    with torch.autocast(a.device.type, enabled=False):  # E[x²] − μ² needs all the digits
        if kernel.dim() == 2:
            means = F.conv2d(stacked, kernel[None, None], padding=padding)
        else:
            columns = F.conv2d(stacked, kernel[None, None, :, None], padding=(padding, 0))
            means = F.conv2d(columns, kernel[None, None, None, :], padding=(0, padding))
    mu_a, mu_b, aa, bb, ab = means.unflatten(0, (5, *a.shape[:2])).squeeze(3)
    mu_aa, mu_bb, mu_ab = mu_a * mu_a, mu_b * mu_b, mu_a * mu_b
    var = unbias * (aa - mu_aa + bb - mu_bb)
    cov = unbias * (ab - mu_ab)
    return (2 * mu_ab + _C1) * (2 * cov + _C2) / ((mu_aa + mu_bb + _C1) * (var + _C2))


def uniform_ssim(a: Tensor, b: Tensor) -> Tensor:
    """Mean SSIM [B] of images [B, C, H, W] in [0, 1]: flat 7x7 window, unbiased, inside the image.

    The window shrinks for images under 7 pixels.
    """
    side = fitting_side(7, a)
    unbias = side**2 / max(1, side**2 - 1)
    return ssim_map(a, b, uniform_window(side).sum(0), unbias=unbias).mean((1, 2, 3))


def gaussian_ssim(a: Tensor, b: Tensor) -> Tensor:
    """Mean SSIM [B] of images [B, C, H, W] in [0, 1]: 11x11 Gaussian, σ 1.5, inside the image.

    The window shrinks for images under 11 pixels.
    """
    return ssim_map(a, b, gaussian_window(fitting_side(11, a)).sum(0)).mean((1, 2, 3))


def fitting_side(largest: int, image: Tensor) -> int:
    """The largest odd window side that fits the image [..., H, W], at most `largest`."""
    short = min(largest, *image.shape[-2:])
    return short - 1 + short % 2
