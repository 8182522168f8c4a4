"""NILIF by hand and against the published node."""

import pytest
import torch
from published import assert_close, assert_in_spread, golden

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import NILIF


def through_time(values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1, 1, 1, 1)


def test_halves_are_rounded_to_the_even_level():
    m = [-9.0, -0.5, 0.0, 0.5, 0.75, 1.0, 1.5, 2.5, 3.5, 4.0, 4.5, 9.0]
    s = [0, 0, 0, 0, 0.25, 0.25, 0.5, 0.5, 1, 1, 1, 1]
    current = torch.tensor(m).reshape(1, 1, 1, 1, -1)
    assert NILIF(1)(current).flatten().tolist() == s


def test_a_sequence_worked_by_hand():
    # m: 1.5, 0.25 (1.5 - 0.5) + 0.5 = 0.75, 0.25 (0.75 - 0.25) + 2.375 = 2.5,
    #    0.25 (2.5 - 0.5) - 1.5 = -1, 0.25 (-1 - 0) + 4.75 = 4.5, 0.25 (4.5 - 1) = 0.875
    x = through_time([1.5, 0.5, 2.375, -1.5, 4.75, 0.0])
    neuron = NILIF(1)
    out, rest = neuron.stream(x, neuron.start(x[0]))
    assert out.flatten().tolist() == [0.5, 0.25, 0.5, 0, 1, 0.25]
    assert rest.item() == 0.875 - 0.25


def test_decay_and_levels_are_used():
    # m: 1.5, 0.5 (1.5 - 1) + 0.5 = 0.75;   with two levels 1.5 is rounded to 2
    x = through_time([1.5, 0.5])
    assert NILIF(1, levels=2, decay=0.5)(x).flatten().tolist() == [1, 0.5]
    # decay 0 forgets, decay 1 keeps all: m = 1.5, 0.5 + 0.5
    assert NILIF(1, decay=0.0)(x).flatten().tolist() == [0.5, 0]
    assert NILIF(1, decay=1.0)(x).flatten().tolist() == [0.5, 0.5]


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 8])
def test_spikes_take_every_declared_level_and_no_other(levels):
    x = 3 * levels * torch.rand(3, 2, 4, 8, 8, generator=torch.Generator().manual_seed(0)) - levels
    neuron = NILIF(4, levels=levels)
    assert neuron.levels == levels
    steps = (neuron(x) * levels).unique()
    torch.testing.assert_close(steps, torch.arange(levels + 1.0))


@pytest.mark.parametrize("levels", [0, -1])
def test_no_level_above_zero_is_refused(levels):
    with pytest.raises(UserError, match=f"levels is {levels}.*at least 1"):
        NILIF(1, levels=levels)


def test_the_gradient_by_hand_ends_at_both_ends_of_the_range():
    # One pixel per column, two steps. Inside [0, 4], ends included, ds/dm = 1/4, else 0.
    first = torch.tensor([-1e-6, 0.0, 2.0, 4.0, 4.0 + 1e-6], dtype=torch.float64)
    inside = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    x = torch.stack((first, torch.full_like(first, 0.75))).reshape(2, 1, 1, 1, 5).requires_grad_()
    a, b = 2.0, -3.0
    s = NILIF(1)(x)
    (a * s[0] + b * s[1]).sum().backward()
    assert x.grad is not None
    second = torch.full_like(first, b / 4)  # its m is inside the range in every column
    torch.testing.assert_close(x.grad[1].flatten(), second, rtol=1e-12, atol=0)
    # The spike that is subtracted passes no gradient: only m[1] = decay · m[0] + ... does.
    expected = a / 4 * inside + 0.25 * second
    torch.testing.assert_close(x.grad[0].flatten(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("train", [False, True])
def test_published_node(train):
    reference = golden("ni_lif.pt")
    for dtype, suffix in ((torch.float64, "f64"), (torch.float32, "f32")):
        x = reference["input"].to(dtype).requires_grad_()
        out = NILIF(8).train(train)(x)
        (out * reference["loss_weight"].to(dtype)).sum().backward()
        expected = reference[f"any_{suffix}"]
        assert torch.equal(out, expected["output"])
        assert x.grad is not None
        if dtype == torch.float64:
            assert_close(x.grad, expected["grad_input"])
        else:
            double = reference["any_f64"]["grad_input"]
            assert_in_spread(x.grad, expected["grad_input"], double)
