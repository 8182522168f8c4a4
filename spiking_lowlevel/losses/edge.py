"""Edge loss: the Charbonnier loss of the Laplacians of two images.

G: blur by (0.05, 0.25, 0.4, 0.25, 0.05) along both axes, border pixels repeated outwards; D: keeps
four times the pixels of even row and even column and sets the others to zero.

    Lap(x) = x − G(D(G(x)))        loss = mean √((Lap(p) − Lap(q))² + ε²)

Burt, Adelson, "The Laplacian pyramid as a compact image code" (1983); as a loss: Jiang et al.,
"Multi-scale progressive fusion network for single image deraining" (CVPR 2020).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.losses.charbonnier import smoothed
from spiking_lowlevel.registry import register

_BLUR = (0.05, 0.25, 0.4, 0.25, 0.05)


@register
class EdgeLoss(Loss):
    """Mean of a smoothed absolute error between the edges of two images.

    Args:
        epsilon: error ε > 0, in units of the image range [0, 1], below which the loss is quadratic.
    """

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The loss of images [B, 3, H, W], a scalar of at least ε."""
        # Of the difference, for the Laplacian is linear.
        return smoothed(laplacian(restored - clean), self.epsilon)


def laplacian(x: Tensor) -> Tensor:
    """What a blur and a halving of the resolution take away from images [B, C, H, W]."""
    coarse = torch.zeros_like(x)
    coarse[..., ::2, ::2] = 4 * _blurred(x)[..., ::2, ::2]
    return x - _blurred(coarse)


def _blurred(x: Tensor) -> Tensor:
    line = torch.tensor(_BLUR, dtype=x.dtype, device=x.device)
    kernel = torch.outer(line, line).expand(x.shape[1], 1, 5, 5)
    with torch.autocast(x.device.type, enabled=False):
        return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="replicate"), kernel, groups=x.shape[1])
