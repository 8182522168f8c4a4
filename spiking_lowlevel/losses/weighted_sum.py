"""Several losses as one: Σ w_i · loss_i."""

import torch
from torch import Tensor, nn

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.registry import register


@register
class WeightedSum(Loss):
    """A weighted sum of losses.

    Args:
        losses: the losses, at least one.
        weights: one weight a loss, in the same order; all 1 when left out.

    Raises:
        UserError: as many weights as losses are needed.
    """

    def __init__(self, losses: list[Loss], weights: list[float] | None = None) -> None:
        super().__init__()
        self.weights = [1.0] * len(losses) if weights is None else weights
        if not losses:
            raise UserError("WeightedSum: losses is empty; give at least one")
        if len(losses) != len(self.weights):
            raise UserError(f"WeightedSum: {len(self.weights)} weights for {len(losses)} losses")
        self.losses = nn.ModuleList(losses)

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        """The weighted sum for images [B, 3, H, W], a scalar."""
        terms = [
            w * loss(restored, clean) for w, loss in zip(self.weights, self.losses, strict=True)
        ]
        return torch.stack(terms).sum()
