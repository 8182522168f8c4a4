"""Fourier loss: mean |F(p) − F(q)| over all frequencies.

F: two-dimensional discrete Fourier transform of every channel, not normalised; |·|: modulus of a
complex number. Cho et al., "Rethinking coarse-to-fine approach in single image deblurring"
(ICCV 2021) use a loss of this kind.
"""

import torch
from torch import Tensor

from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.registry import register


@register
class FourierLoss(Loss):
    """Mean modulus of the difference between the spectra of two images.

    The transform is not normalised: of white noise, the loss grows with the root of the number of
    pixels, so a weight that suits one crop size does not suit another.
    """

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The loss of images [B, 3, H, W], a scalar of at least 0."""
        error = restored - clean  # the transform is linear
        error = error.to(torch.promote_types(error.dtype, torch.float32))  # it knows no half
        return torch.fft.fft2(error).abs().mean()
