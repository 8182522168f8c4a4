"""Neurons that go step by step: the one time loop."""

import pytest
import torch

from spiking_lowlevel.neurons import LIF, NILIF, StepNeuron


class Counter(StepNeuron):
    """Tells its step, and starts at ten times the first input."""

    def __init__(self, channels):
        super().__init__()

    def start(self, x):
        return 10 * x

    def step(self, x, state):
        return x + state, state + 1


def test_forward_starts_fresh_and_goes_through_time_in_order():
    current = torch.zeros(3, 1, 1, 2, 2)
    current[0] = 1
    out = Counter(1)(current)
    assert out[:, 0, 0, 0, 0].tolist() == [11, 11, 12]
    assert torch.equal(Counter(1)(current), out)


@pytest.mark.parametrize("make", [LIF, NILIF, Counter])
@pytest.mark.parametrize("cut", [1, 3, 5])
def test_stream_in_two_stretches_is_forward_in_one(make, cut):
    current = torch.randn(6, 2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    neuron = make(3)
    first, state = neuron.stream(current[:cut], neuron.start(current[0]))
    second, _ = neuron.stream(current[cut:], state)
    assert torch.equal(torch.cat((first, second)), neuron(current))
    assert not torch.equal(neuron(current[cut:]), second)  # the state does matter


def test_the_default_start_is_zero_and_of_the_input_s_dtype():
    x = torch.ones(2, 3, 4, 5, dtype=torch.float64)
    start = LIF(3).start(x)
    assert (start.dtype, start.shape, start.count_nonzero()) == (x.dtype, x.shape, 0)
