"""What watching costs is told apart from what is watched."""

from bench.subjects import FakeClock, Small, subject

from spiking_lowlevel.bench.report import table
from spiking_lowlevel.bench.watching import watching
from spiking_lowlevel.energy.counting.rules import synapses


def test_ratios_are_those_of_forward_passes(monkeypatch):
    clock, seen = FakeClock(), []
    look = synapses.look

    def slow(*given):
        seen.append(1)
        clock.wait(1.0)  # the counter looks at one convolution a pass
        return look(*given)

    monkeypatch.setattr(synapses, "look", slow)
    each = subject(Small(on_forward=lambda: clock.wait(2.0)))
    found = watching(each, rounds=3, warmup=1, clock=clock)
    assert found["not watched"]["seconds"]["rounds"] == [2.0] * 3
    assert found["SpikeRates"]["over_plain"]["median"] == 1.0
    assert found["EnergyTracker"]["over_plain"]["rounds"] == [1.5] * 3
    assert len(seen) == 4
    assert not any(m._forward_hooks for m in each.restorer.modules())


def test_it_is_told():
    found = {"A": watching(subject(Small()), rounds=1, warmup=0)}
    told = {
        "machine": {"cpu": "x", "cores": 1, "threads": 1, "torch": "2", "load_average": None},
        "settings": {"rounds": 1, "warmup": 0},
        "sides": {},
        "results": {"watching": found},
    }
    lines = [line.split() for line in table(told)]
    ways = [words[1] for words in lines if words[:1] == ["A"]]
    assert ways == ["not", "SpikeRates", "EnergyTracker"]
