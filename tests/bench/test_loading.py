"""Waiting for a batch is told apart from the step."""

from bench.subjects import FakeClock, GreyData, Small, subject

from spiking_lowlevel.bench.loading import loading


def test_waits_and_steps():
    clock = FakeClock()
    data = GreyData(on_read=lambda: clock.wait(0.25))  # two crops a batch
    each = subject(Small(on_forward=lambda: clock.wait(10)), data=data)
    found = loading(each, rounds=12, warmup=1, clock=clock)
    assert found["batches"] == 12
    assert found["skipped"] == 1
    assert found["wait"]["rounds"] == [0.5] * 12
    assert found["step"]["median"] == 10
    assert found["share"]["max"] == 0.05
    assert found["overall_share"] == 0.05
