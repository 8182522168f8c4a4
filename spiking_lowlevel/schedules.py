"""Learning-rate schedules by epoch."""

import math

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from spiking_lowlevel.errors import UserError


class WarmupCosine(LRScheduler):
    """A linear warm-up, then half a cosine: what VLIF, ESDNet and SpikeRain were trained with.

    e < w:  rate = base · (e + 1)/(w + 1), or base · e/w from zero
    e ≥ w:  rate = final + (base − final)·(1 + cos(π (e − w)/(n − w)))/2        e: epoch, from 0

    The warm-up package that they used keeps the base rate an epoch longer and is an epoch behind
    from there on, which changes no rate of theirs by more than 1.6e-6.

    Args:
        optimizer: whose rates are the base.
        warmup: epochs w of the warm-up.
        epochs: all epochs n, those of the warm-up among them.
        final_rate: learning rate at the end.
        from_zero: start at rate 0, so that nothing is learnt in the first epoch (published).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup: int,
        epochs: int,
        final_rate: float = 1e-7,
        from_zero: bool = False,
    ) -> None:
        if not 0 <= warmup < epochs:
            raise UserError(
                f"WarmupCosine: warmup {warmup} of {epochs} epochs; it is at least 0 and shorter"
            )
        self.warmup, self.epochs = warmup, epochs
        self.final_rate, self.from_zero = final_rate, from_zero
        super().__init__(optimizer)

    def get_lr(self) -> list[float | Tensor]:
        """The learning rates of this epoch, one a parameter group."""
        return [self._rate(float(base)) for base in self.base_lrs]

    def _rate(self, base: float) -> float:
        e, w = self.last_epoch, self.warmup
        if e < w:
            return base * e / w if self.from_zero else base * (e + 1) / (w + 1)
        share = min(1.0, (e - w) / (self.epochs - w))
        return self.final_rate + (base - self.final_rate) * (1 + math.cos(math.pi * share)) / 2
