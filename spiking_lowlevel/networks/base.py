"""What a network is: a degraded image in, the restored one out."""

import copy
from abc import ABC, abstractmethod
from typing import ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.blocks.norm import ConvNorm
from spiking_lowlevel.errors import UserError


class Network(nn.Module, ABC):
    """Maps degraded to restored images, both [B, 3, H, W] RGB in [0, 1]; keeps nothing.

    What comes out of `forward` is not clamped, so that a loss sees by how much it misses the range.
    """

    kind: ClassVar[str] = "network"

    multiple: ClassVar[int] = 1
    """H and W have to be multiples of this; `restore` pads and crops."""

    @abstractmethod
    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images, of the shape of `degraded` [B, 3, H, W]."""

    def padded(self, degraded: Tensor) -> Tensor:
        """What `forward` makes of images [B, 3, H, W] of any size, not clamped.

        Repeats the last row and column up to the next multiple, and crops back.
        """
        H, W = degraded.shape[-2:]
        right, below = -W % self.multiple, -H % self.multiple
        return self(F.pad(degraded, (0, right, 0, below), mode="replicate"))[..., :H, :W]

    @torch.no_grad()
    def restore(self, degraded: Tensor) -> Tensor:
        """Restored images in [0, 1] for degraded ones [B, 3, H, W] of any size, each as a whole."""
        return self.padded(degraded).clamp(0, 1)

    def fuse(self) -> Self:
        """A copy for inference alone, with every norm taken into the convolution before it.

        In evaluation mode; this network stays as it is.
        """
        fused = copy.deepcopy(self).eval()
        for layer in list(fused.modules()):
            if isinstance(layer, ConvNorm):
                layer.fold()
        return fused

    def check_size(self, degraded: Tensor) -> None:
        """Refuse images that the network cannot take.

        Raises:
            UserError: not [B, 3, H, W], or H or W is not a multiple of `multiple`.
        """
        if degraded.dim() != 4 or degraded.shape[1] != 3:
            raise UserError(
                f"{type(self).__name__} takes images [B, 3, H, W]; given {list(degraded.shape)}"
            )
        H, W = degraded.shape[-2:]
        if H % self.multiple or W % self.multiple:
            fitting = H - H % self.multiple, W - W % self.multiple
            crop = f", or crop to {fitting[0]}x{fitting[1]}" if all(fitting) else ""
            raise UserError(
                f"{type(self).__name__} takes heights and widths divisible by {self.multiple}; "
                f"given {H}x{W}. Use restore(), which pads and crops{crop}"
            )
