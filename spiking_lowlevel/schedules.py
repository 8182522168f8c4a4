"""Learning-rate schedules, by epoch and by time."""

import math
import time
from typing import Any

import torch
from torch import Tensor, distributed
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


class TimedCosine(LRScheduler):
    """A linear warm-up, then half a cosine, by the time spent: for training that ends at an hour.

    s = time spent / hours
    s < w:  rate = base · (s + 0.01 w)/(1.01 w)
    s ≥ w:  rate = final + (base − final)·(1 + cos(π (s − w)/(1 − w)))/2

    However many steps a busy machine gets done by then, the last ones have the final rate. Two runs
    are not alike to the last bit. Resumed, it goes on where it was; a break is no time spent. Goes
    with `trainer.max_time`, and steps with every training step.

    Args:
        optimizer: whose rates are the base.
        hours: of training, all in all; validation is part of them.
        warmup: share w of the warm-up.
        final_rate: learning rate at the end.
    """

    def __init__(
        self, optimizer: Optimizer, hours: float, warmup: float = 0.05, final_rate: float = 1e-6
    ) -> None:
        if not hours > 0 or not 0 < warmup < 1:
            raise UserError(
                f"TimedCosine: hours {hours} and warmup {warmup}; hours are above 0, and warmup is "
                "a share of them, above 0 and below 1"
            )
        self.hours, self.warmup, self.final_rate = hours, warmup, final_rate
        self.spent, self._seen = 0.0, time.monotonic()  # seconds
        super().__init__(optimizer)

    def get_lr(self) -> list[float | Tensor]:
        """The learning rates of this moment, one a parameter group."""
        now = time.monotonic()
        self.spent, self._seen = self.spent + now - self._seen, now
        return [self._rate(float(base), self._share()) for base in self.base_lrs]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint; the clock of this process runs on from now."""
        super().load_state_dict(state_dict)
        self._seen = time.monotonic()

    def _share(self) -> float:
        share = min(1.0, self.spent / 3600 / self.hours)
        if distributed.is_available() and distributed.is_initialized():
            # Processes with clocks of their own would step at rates of their own, and drift apart.
            device = self.optimizer.param_groups[0]["params"][0].device
            common = torch.tensor(share, device=device)
            distributed.broadcast(common, 0)
            share = float(common)
        return share

    def _rate(self, base: float, share: float) -> float:
        w = self.warmup
        if share < w:
            return base * (share + 0.01 * w) / (1.01 * w)
        progress = (share - w) / (1 - w)
        return self.final_rate + (base - self.final_rate) * (1 + math.cos(math.pi * progress)) / 2
