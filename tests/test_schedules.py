"""The learning-rate schedules, against formulas and against PyTorch's cosine."""

import math
import warnings

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.schedules import TimedCosine, WarmupCosine


def optimizer(rate: float = 1e-3) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def rates(schedule: torch.optim.lr_scheduler.LRScheduler, epochs: int) -> list[float]:
    found = []
    for _ in range(epochs):
        found.append(schedule.optimizer.param_groups[0]["lr"])
        schedule.optimizer.step()
        schedule.step()
    return found


def test_the_published_warm_up_learns_nothing_in_the_first_epoch():
    found = rates(WarmupCosine(optimizer(), warmup=3, epochs=1000, from_zero=True), 1000)
    assert found[:4] == pytest.approx([0, 1e-3 / 3, 2e-3 / 3, 1e-3], rel=1e-12)
    middle = 1e-7 + (1e-3 - 1e-7) * (1 + math.cos(math.pi * 497 / 997)) / 2
    assert found[500] == pytest.approx(middle, rel=1e-12)
    assert found[999] == pytest.approx(1e-7, rel=0.1)
    assert found[3:] == sorted(found[3:], reverse=True)


def test_the_mended_warm_up_starts_above_zero():
    found = rates(WarmupCosine(optimizer(), warmup=3, epochs=10), 5)
    assert found[:4] == pytest.approx([0.25e-3, 0.5e-3, 0.75e-3, 1e-3], rel=1e-12)


def test_without_warm_up_it_is_the_cosine_of_pytorch():
    ours = rates(WarmupCosine(optimizer(), warmup=0, epochs=20, final_rate=1e-5), 20)
    theirs = rates(CosineAnnealingLR(optimizer(), T_max=20, eta_min=1e-5), 20)
    assert ours == pytest.approx(theirs, rel=1e-9)


def test_it_stays_at_the_final_rate_and_resumes_where_it_was():
    schedule = WarmupCosine(optimizer(), warmup=1, epochs=4)
    rates(schedule, 6)
    assert schedule.get_last_lr() == pytest.approx([1e-7])
    first, second = (WarmupCosine(optimizer(), warmup=2, epochs=8) for _ in range(2))
    rates(first, 3)
    second.load_state_dict(first.state_dict())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the second optimiser has not stepped
        second.step()
    first.step()
    assert second.get_last_lr() == pytest.approx(first.get_last_lr(), rel=1e-12)


@pytest.mark.parametrize(("warmup", "epochs"), [(3, 3), (-1, 5), (0, 0)])
def test_a_warm_up_that_never_ends_is_refused(warmup, epochs):
    with pytest.raises(UserError, match=f"warmup {warmup} of {epochs} epochs"):
        WarmupCosine(optimizer(), warmup, epochs)


class Clock:
    """Stands in for the clock of the process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: float = 1e6) -> None:
        self.now = start
        monkeypatch.setattr("spiking_lowlevel.schedules.time.monotonic", lambda: self.now)

    def after(self, schedule: TimedCosine, seconds: float) -> float:
        """The rate of the step that ends so many seconds from now."""
        self.now += seconds
        schedule.optimizer.step()
        schedule.step()
        return schedule.optimizer.param_groups[0]["lr"]


def test_timed_rates_follow_the_clock_and_not_the_steps(monkeypatch: pytest.MonkeyPatch):
    clock = Clock(monkeypatch)
    schedule = TimedCosine(optimizer(), hours=1, warmup=0.1, final_rate=1e-6)
    assert schedule.optimizer.param_groups[0]["lr"] == pytest.approx(1e-3 / 101, rel=1e-9)
    assert clock.after(schedule, 180) == pytest.approx(1e-3 * 51 / 101, rel=1e-9)
    assert clock.after(schedule, 180) == pytest.approx(1e-3, rel=1e-9)
    many = [clock.after(schedule, 16.2) for _ in range(100)]  # to the middle of the cosine
    assert many[-1] == pytest.approx((1e-3 + 1e-6) / 2, rel=1e-6)
    assert many == sorted(many, reverse=True)
    assert clock.after(schedule, 1620) == pytest.approx(1e-6, rel=1e-6)
    assert clock.after(schedule, 9999) == pytest.approx(1e-6, rel=1e-6)


def test_a_break_is_no_time_spent(monkeypatch: pytest.MonkeyPatch):
    clock = Clock(monkeypatch)
    first = TimedCosine(optimizer(), hours=1, warmup=0.1)
    clock.after(first, 1980)
    state = first.state_dict()
    clock.now = 7.0  # another day, another machine
    second = TimedCosine(optimizer(), hours=1, warmup=0.1)
    second.load_state_dict(state)
    assert clock.after(second, 0) == pytest.approx((1e-3 + 1e-6) / 2, rel=1e-6)
    clock.after(second, 5)
    assert second.spent == pytest.approx(1985)


@pytest.mark.parametrize(("hours", "warmup"), [(0, 0.1), (-1, 0.1), (1, 0), (1, 1)])
def test_timed_rates_need_time(hours, warmup):
    with pytest.raises(UserError, match="hours"):
        TimedCosine(optimizer(), hours=hours, warmup=warmup)
