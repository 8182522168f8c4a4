"""Corners in which counters go wrong without a word."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.energy.baselines import ann_twin
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.merging import merged
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Neuron


class Net(nn.Module):
    """Any function of a module and a tensor, with parts."""

    def __init__(self, function, **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def record(network: nn.Module, *images: Tensor, **options) -> Recording:
    with OpCounter(network.eval(), **options) as counter, torch.no_grad():
        for image in images:
            network(image)
    return counter.recording()


def weight(out: int = 2, channels: int = 1) -> nn.Parameter:
    return nn.Parameter(torch.randn(out, channels, 3, 3))


NOISE = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0)) + 1


def test_two_weights_of_one_module_are_two_layers():
    def forward(self: Net, x: Tensor) -> Tensor:
        spikes = self.neuron(F.conv2d(x, self.first, padding=1)[None])[0]
        return F.conv2d(spikes, self.second, padding=1)

    net = Net(forward, neuron=LIF(2, threshold=1.0), first=weight(), second=weight(3, 2))
    first, second = record(net, NOISE, NOISE).synaptic
    assert [(x.op, x.activity, x.calls) for x in (first, second)] == [
        ("conv2d", Activity.REAL, 2),
        ("conv2d 2", Activity.BINARY, 2),
    ]
    assert (first.macs, first.geometry.weights, second.geometry.weights) == (2 * 338, 18, 54)


def test_two_products_of_one_module_are_two_layers():
    def forward(self: Net, x: Tensor) -> Tensor:
        s = self.neuron(x[None])[0]
        return (s @ s.transpose(-1, -2)).softmax(-1) @ x

    net = Net(forward, neuron=LIF(1, threshold=1.0))
    activities = [x.activity for x in record(net, torch.rand(1, 1, 4, 6) * 2).synaptic]
    assert activities == [Activity.BINARY, Activity.REAL]


@pytest.mark.parametrize("tokens", [15, 16])
def test_tokens_are_not_time_steps(tokens: int):
    def forward(self: Net, x: Tensor) -> Tensor:
        return self.last(self.neuron(x[None].repeat(4, 1, 1, 1)).mean(0))

    net = Net(forward, neuron=LIF(1), last=nn.Linear(4, 3, bias=False))
    twin = ann_twin(record(net, torch.rand(1, tokens, 4)))
    assert twin.synaptic[0].macs == tokens * 4 * 3


def test_linear_layers_over_time_run_once_in_the_twin():
    def forward(self: Net, x: Tensor) -> Tensor:
        return self.last(self.neuron(x[None].repeat(4, 1, 1, 1))).mean(0)

    net = Net(forward, neuron=LIF(1), last=nn.Linear(4, 3, bias=False))
    twin = ann_twin(record(net, torch.rand(1, 5, 4)))
    assert twin.synaptic[0].macs == 5 * 4 * 3


def test_steps_through_patches_are_no_time_steps():
    net = Net(lambda self, x: self.neuron(x[None].repeat(4, 1, 1, 1, 1)).mean(0), neuron=VLIF(2))
    assert record(net, torch.rand(1, 2, 4, 4)).time_steps == 4


def test_a_process_without_pictures_changes_nothing():
    net = Net(lambda self, x: self.neuron(x[None].repeat(4, 1, 1, 1, 1)).mean(0), neuron=LIF(1))
    full = record(net, NOISE)
    empty = OpCounter(net).recording(complete=False)
    assert merged([empty, full]).time_steps == merged([full, empty]).time_steps == 4


def test_two_counters_see_the_network_and_not_each_other():
    net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Linear(5, 2))
    alone = record(net, NOISE)
    with OpCounter(net) as outer, OpCounter(net) as inner, torch.no_grad():
        net(NOISE)
    assert outer.recording() == inner.recording() == alone


def test_a_counter_is_entered_once_at_a_time():
    counter = OpCounter(nn.Conv2d(1, 2, 3))
    with counter, pytest.raises(UserError, match="already"), counter:
        pass
    assert torch._C._len_torch_dispatch_stack() == 0


def test_named_inputs_are_images_too():
    net = Net(lambda self, x: self.conv(x), conv=nn.Conv2d(1, 2, 3))
    with OpCounter(net) as counter:
        net(x=torch.randn(4, 1, 5, 5))
    assert (counter.recording().images, counter.recording().pixels) == (4, 100)


@pytest.mark.parametrize("zeros", [torch.zeros, torch.empty])
def test_a_state_is_no_weight(zeros):
    def forward(self: Net, x: Tensor) -> Tensor:
        h = zeros(1, 4)
        for _ in range(3):
            h = self.loop(h) + x
        return h

    net = Net(forward, loop=nn.Linear(4, 4, bias=False))
    (layer,) = record(net, torch.randn(1, 4)).synaptic
    assert layer.total.macs_dense == 3 * 16


def test_a_buffer_may_carry_data():
    class Carrying(nn.Module):
        def __init__(self):
            super().__init__()
            self.loop = nn.Linear(4, 4, bias=False)
            self.register_buffer("h", torch.ones(1, 4))

        def forward(self, x: Tensor) -> Tensor:
            self.h = self.loop(self.h) + x
            return self.h

    net = Carrying()
    with OpCounter(net) as counter, torch.no_grad():
        for _ in range(3):
            net(torch.randn(1, 4))
    (layer,) = counter.recording(complete=False).synaptic
    assert layer.calls == 2  # the first is the same for all images


@pytest.mark.parametrize("levels", [1, 3, 7, 14, 16])
def test_levels_outlast_half_precision(levels: int):
    current = torch.arange(25.0).remainder(levels + 1).reshape(1, 1, 1, 5, 5)
    net = nn.Sequential(NILIF(1, levels=levels), nn.Flatten(0, 1), nn.Conv2d(1, 2, 3, bias=False))
    exact = record(net, current).synaptic[0]
    half = record(copy.deepcopy(net).bfloat16(), current.bfloat16()).synaptic[0]
    assert half.activity == exact.activity != Activity.REAL
    assert half.accumulations == exact.accumulations
    assert half.declared


def test_a_neuron_that_lies_is_not_believed_anywhere():
    class Liar(Neuron):
        def forward(self, current: Tensor) -> Tensor:
            return current

    net = Net(lambda self, x: (self.neuron(x[None])[0] * x).relu(), neuron=Liar())
    recording = record(net, NOISE)
    work = [layer.other for layer in recording.layers if layer.op == "elementwise"]
    assert [(x.multiply, x.compare, x.select) for x in work] == [(25, 25, 0)]
    assert not recording.neurons[0].declared


def test_adaptive_pools_look_at_overlapping_windows():
    average = record(nn.AdaptiveAvgPool2d((3, 3)), NOISE).layers[0]
    assert (average.other.add, average.other.multiply) == (7 * 7 - 9, 9)  # windows of 2, 3, 2
    largest = record(nn.AdaptiveMaxPool2d(1), NOISE).layers[0]
    assert largest.other.compare == 24


def test_a_norm_needs_a_weight_to_be_folded_into():
    def linear(self: Net, x: Tensor) -> Tensor:
        return self.norm(self.linear(x).transpose(1, 2))

    parts = {"norm": nn.BatchNorm1d(3), "linear": nn.Linear(4, 3, bias=False)}
    assert not [
        x for x in record(Net(linear, **parts), torch.randn(2, 8, 4)).layers if x.op == "norm"
    ]
    product = Net(lambda self, x: self.norm(x @ x.transpose(1, 2)), norm=nn.BatchNorm1d(8))
    assert [x for x in record(product, torch.randn(2, 8, 4)).layers if x.op == "norm"]


def test_a_mixture_stays_one_until_a_threshold():
    enlarge = nn.Upsample(scale_factor=2, mode="bilinear")
    conv = nn.Conv2d(1, 2, 3, bias=False)
    net = nn.Sequential(enlarge, nn.ReLU(), conv)
    assert record(net, torch.ones(1, 1, 5, 5)).synaptic[0].activity == Activity.REAL
    sharp = Net(lambda self, x: self.conv((self.up(x) >= 0.5).float()), up=enlarge, conv=conv)
    assert record(sharp, torch.ones(1, 1, 5, 5)).synaptic[0].activity == Activity.BINARY


def test_an_operation_without_a_rule_has_a_row():
    recording = record(nn.Sequential(Net(lambda self, x: torch.fft.fft2(x).real)), NOISE)
    assert [(x.name, x.op) for x in recording.layers] == [("0", "uncounted")]
    assert recording.coverage < 1


def test_casts_from_before_are_weights_still():
    net = nn.Sequential(nn.Conv2d(1, 2, 3))
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        net(NOISE)
        with OpCounter(net) as counter:
            net(NOISE)
    assert counter.recording().missed_parameters == ()


def test_weights_may_be_views_of_one_tensor():
    flat = torch.randn(18)
    net = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, padding=1, bias=False))
    for i, layer in enumerate(net):
        layer.weight = nn.Parameter(flat[9 * i : 9 * i + 9].view(1, 1, 3, 3))
    assert record(net, NOISE).missed_parameters == ()


def test_a_network_that_does_not_know_its_shapes_is_refused():
    with pytest.raises(UserError, match="run it once"), OpCounter(nn.LazyConv2d(2, 3)):
        pass
