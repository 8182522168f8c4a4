"""LIF by hand, against snnTorch's Leaky, and against the published node."""

from typing import Any

import pytest
import torch
from published import assert_close, assert_in_spread, golden

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF
from spiking_lowlevel.neurons.reset import NoReset, Subtract, ToZero
from spiking_lowlevel.neurons.surrogate import ATan, Sigmoid


def through_time(values: list[float], dtype=torch.float64) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype).reshape(-1, 1, 1, 1, 1)


# All numbers are sums of powers of two, so that ties are exact; the threshold is 1.
@pytest.mark.parametrize(
    ("options", "current", "spikes", "last"),
    [
        # h: 0.5, 1 (tie), 0.25, 1.125, -1, 0.25;   v after: 0.5, 0, 0.25, 0, -1, 0.25
        ({}, [0.5, 0.75, 0.25, 1.0, -1.0, 0.75], [0, 1, 0, 1, 0, 0], 0.25),
        # tau 4 keeps three quarters. h: 0.5, 0.875, 1.15625;   v: 0.5, 0.875, 0
        ({"tau": 4.0}, [0.5, 0.5, 0.5], [0, 0, 1], 0),
        # tau 1 keeps nothing, an infinite one everything
        ({"tau": 1.0}, [0.75, 0.75, 1.0], [0, 0, 1], 0),
        ({"tau": float("inf")}, [0.25, 0.5, 0.25, 0.5], [0, 0, 1, 0], 0.5),
        # h: 1.5, 1 (tie), 0.5, 2.75, 1.375;   v: 0.5, 0, 0.5, 1.75, 0.375
        ({"reset": Subtract()}, [1.5, 0.75, 0.5, 2.5, 0.5], [1, 1, 0, 1, 1], 0.375),
        # h and v: 1, 1, 0.5, 2, 1
        ({"reset": NoReset()}, [1.0, 0.5, 0.0, 1.75, 0.0], [1, 1, 0, 1, 1], 1),
        # h: 1, 0.75, 1 (tie), -0.25;   v: -0.5, 0.75, -0.5, -0.25
        ({"reset": ToZero(-0.5)}, [1.0, 1.0, 0.625, 0.0], [1, 0, 1, 0], -0.25),
    ],
)
def test_sequences_worked_by_hand(options: dict[str, Any], current, spikes, last):
    neuron = LIF(1, threshold=1.0, **options)
    x = through_time(current)
    out, v = neuron.stream(x, neuron.start(x[0]))
    assert out.flatten().tolist() == spikes
    assert v.item() == last


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_tie_fires_and_the_next_smaller_number_does_not(dtype):
    tie = torch.full((1, 1, 1, 1, 1), 0.15, dtype=dtype)
    assert LIF(1)(tie).item() == 1
    assert LIF(1)(torch.nextafter(tie, torch.zeros_like(tie))).item() == 0


def test_the_defaults_are_those_of_the_published_code():
    neuron = LIF(1)
    assert (neuron.keep, neuron.threshold, neuron.levels) == (0.5, 0.15, 1)
    assert (neuron.reset, neuron.surrogate) == (ToZero(0.0), Sigmoid(4.0))
    assert not neuron.detach_reset
    assert list(neuron.state_dict()) == []


@pytest.mark.parametrize("tau", [0.5, 0.0, -2.0])
def test_a_tau_below_one_is_refused(tau):
    with pytest.raises(UserError, match=f"tau is {tau}.*at least 1"):
        LIF(1, tau=tau)


@pytest.mark.parametrize("threshold", [0.15, 1.0])
def test_leaky_of_snntorch_gives_the_same_spikes_and_membrane(threshold):
    import snntorch

    theirs: Any = snntorch.Leaky(
        beta=0.75, threshold=threshold, reset_mechanism="zero", reset_delay=False
    )
    ours = LIF(3, tau=4.0, threshold=threshold)
    current = torch.randn(8, 2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    v, membrane = ours.start(current[0]), torch.zeros_like(current[0])
    fired = 0
    for x in current:
        spikes, v = ours.step(x, v)
        expected, membrane = theirs(x, membrane)
        assert torch.equal(spikes, expected)
        torch.testing.assert_close(v, membrane, rtol=0, atol=1e-6)
        fired += spikes.count_nonzero()
    assert 0.05 < fired / current.numel() < 0.6


# The threshold is 0.25, and the first potential is the input x0, which fires or does not. v0: what
# the first step leaves; kept and through: dv0/dx0 = kept + through · ds0/dx0.
@pytest.mark.parametrize(
    ("reset", "x0", "v0", "kept", "through"),
    [
        (ToZero(), 0.5, 0, 0, -0.5),
        (ToZero(), 0.125, 0.125, 1, -0.125),
        (ToZero(-0.5), 0.5, -0.5, 0, -1.0),
        (ToZero(-0.5), 0.125, 0.125, 1, -0.625),
        (Subtract(), 0.5, 0.25, 1, -0.25),
        (Subtract(), 0.125, 0.125, 1, -0.25),
        (NoReset(), 0.5, 0.5, 1, 0),
    ],
)
@pytest.mark.parametrize("detach", [False, True])
@pytest.mark.parametrize("surrogate", [Sigmoid(4.0), ATan(2.0)], ids=str)
def test_gradients_of_two_steps_worked_by_hand(reset, x0, v0, kept, through, detach, surrogate):
    a, b, x1 = 2.0, -3.0, 0.375  # the loss is a s0 + b s1
    potentials = torch.tensor([x0, 0.75 * v0 + x1], dtype=torch.float64)
    slope0, slope1 = surrogate.derivative(potentials - 0.25).tolist()
    dv0 = kept + (0 if detach else through * slope0)

    x = through_time([x0, x1]).requires_grad_()
    neuron = LIF(1, 4.0, 0.25, reset, surrogate, detach_reset=detach)
    (neuron(x) * through_time([a, b])).sum().backward()
    assert x.grad is not None
    expected = [a * slope0 + b * slope1 * 0.75 * dv0, b * slope1]
    assert x.grad.flatten().tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize(("dtype", "suffix"), [(torch.float64, "f64"), (torch.float32, "f32")])
def test_published_node(mode, dtype, suffix):
    reference = golden("lif_node.pt")
    expected = reference[f"{mode}_{suffix}"]
    neuron = LIF(8).train(mode == "train")
    x = reference["input"].to(dtype).requires_grad_()
    out, v = neuron.stream(x, neuron.start(x[0]))
    assert torch.equal(out, expected["output"])
    assert torch.equal(v, expected["v_final"])
    assert torch.equal(neuron(x), out)
    again, _ = neuron.stream(x, v)
    assert torch.equal(again, expected["output_second_call_no_reset"])
    assert not torch.equal(again, out)
    if mode == "train":
        (out * reference["loss_weight"].to(dtype)).sum().backward()
        assert x.grad is not None
        if dtype == torch.float64:
            assert_close(x.grad, expected["grad_input"])
        else:
            double = reference["train_f64"]["grad_input"]
            assert_in_spread(x.grad, expected["grad_input"], double)
