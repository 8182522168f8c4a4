"""Counts against numbers worked out by hand: most are of a 3x3 convolution over 5x5 pixels.

The numbers of the table are those that any counter that is exact at borders has to give: a spike in
the middle reaches 9 places of each of two channels, one in a corner 4, one at an edge 6.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.counting.sight import Inference
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, StepNeuron, Update
from spiking_lowlevel.neurons.vlif import Shuffle


def record(network: nn.Module, *images: Tensor, **options) -> Recording:
    """What is seen of a network in evaluation, call by call."""
    with OpCounter(network.eval(), **options) as counter, torch.inference_mode():
        for image in images:
            network(image)
    return counter.recording()


def only(network: nn.Module, *images: Tensor, **options) -> Layer:
    """The one layer with synapses."""
    (layer,) = record(network, *images, **options).synaptic
    return layer


def conv(channels: int = 1, out: int = 2, **options) -> nn.Conv2d:
    return nn.Conv2d(channels, out, 3, **{"padding": 1, "bias": False, **options})


def dot(y: int, x: int, value: float = 1.0, channels: int = 1, side: int = 5) -> Tensor:
    image = torch.zeros(1, channels, side, side)
    image[0, channels // 2, y, x] = value
    return image


class Function(nn.Module):
    """Any function of a tensor as a network."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


COLUMNS = torch.tensor([0, 0.25, 0.5, 0.75, 1.0]).expand(1, 1, 5, 5)
NOISE = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0))
RECTIFIED = torch.linspace(-1.2, 1.2, 25).relu().reshape(1, 1, 5, 5)
CASES = {  # image, class, AC, MAC, MAC with inputs that are not zero
    "A nothing": (dot(0, 0, 0.0), Activity.ZERO, 0, 0, 0),
    "B centre": (dot(2, 2), Activity.BINARY, 18, 0, 18),
    "C corner": (dot(0, 0), Activity.BINARY, 8, 0, 8),
    "D edge": (dot(0, 2), Activity.BINARY, 12, 0, 12),
    "E all ones": (torch.ones(1, 1, 5, 5), Activity.BINARY, 338, 0, 338),
    "F three quarters": (dot(2, 2, 0.75), Activity.MULTILEVEL, 54, 0, 18),
    "F2 columns of quarters": (COLUMNS, Activity.MULTILEVEL, 676, 0, 286),
    "G noise": (NOISE, Activity.REAL, 0, 338, 338),
    "G2 rectified": (RECTIFIED, Activity.REAL, 0, 338, 178),
    "H minus one": (dot(2, 2, -1.0), Activity.TERNARY, 18, 0, 18),
    "I2 one odd height": (dot(2, 2, 0.3), Activity.GRADED, 18, 0, 18),
}


@pytest.mark.parametrize("case", CASES)
def test_a_convolution_is_counted_by_what_goes_in(case: str):
    image, activity, accumulations, macs, macs_nonzero = CASES[case]
    layer = only(conv(), image)
    assert layer.activity == activity
    assert (layer.accumulations, layer.macs) == (accumulations, macs)
    assert layer.total.macs_nonzero == macs_nonzero
    assert (layer.total.macs, layer.total.macs_dense) == (338, 450)
    assert layer.total.scalings == (50 if activity == Activity.GRADED else 0)


@pytest.mark.parametrize("side", [3, 8, 33])
def test_all_ones_reach_what_the_formula_says(side: int):
    layer = only(conv(out=3), torch.ones(1, 1, side, side + 2))
    assert layer.accumulations == 3 * (3 * side - 2) * (3 * (side + 2) - 2)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_declared_levels_are_unrolled(k: int, dtype: torch.dtype):
    network = nn.Sequential(NILIF(1), conv()).to(dtype)
    current = torch.zeros(1, 1, 1, 5, 5, dtype=dtype)
    current[..., 2, 2] = k  # rounds to k levels of a quarter
    frames = nn.Sequential(network[0], nn.Flatten(0, 1), network[1])
    layer = only(frames, current)
    assert (layer.activity, layer.accumulations) == (Activity.MULTILEVEL, 18 * k)
    assert (layer.declared, layer.levels) == (True, 4)


def test_thirds_are_levels_though_no_computer_has_a_third():
    current = torch.tensor([0.0, 1, 2, 3, 3]).expand(1, 1, 1, 5, 5)
    layer = only(nn.Sequential(NILIF(1, levels=3), nn.Flatten(0, 1), conv()), current)
    assert (layer.activity, layer.declared) == (Activity.MULTILEVEL, True)
    # columns with k of 0 1 2 3 3, of which the outer ones have a fan-out of 2 · 13, others 3 · 13
    assert layer.accumulations == 2 * 13 * (3 * (1 + 2 + 3) + 2 * 3)


def test_levels_that_nobody_declared_are_inferred_or_refused():
    image = dot(2, 2, 0.5) + dot(1, 1)
    layer = only(conv(), image)
    assert (layer.activity, layer.declared) == (Activity.MULTILEVEL, False)
    strict = only(conv(), image, inference=Inference(strict=True))
    assert (strict.activity, strict.macs, strict.declared) == (Activity.REAL, 338, True)
    binary = only(conv(), dot(2, 2), inference=Inference(strict=True))
    assert binary.activity == Activity.BINARY


def test_a_grey_wall_is_a_guess():
    assert not only(conv(), torch.full((1, 1, 5, 5), 0.5)).declared


def test_an_eight_bit_photograph_is_real():
    pixels = torch.arange(25).reshape(1, 1, 5, 5) * 10 / 255
    assert only(conv(), pixels).activity == Activity.REAL


@pytest.mark.parametrize(
    "weights", [torch.zeros(2, 1, 3, 3), F.pad(torch.ones(2, 1, 1, 1), [1] * 4)]
)
def test_weights_are_never_taken_for_spikes(weights: Tensor):
    layer = conv()
    layer.weight = nn.Parameter(weights)
    assert only(layer, NOISE).macs == 338
    linear = nn.Linear(25, 2, bias=False)
    linear.weight = nn.Parameter(weights[:, :, 1, 1].repeat(1, 25))
    assert only(nn.Sequential(nn.Flatten(), linear), NOISE).macs == 50


def test_zero_weights_take_nothing_off():
    layer = conv()
    layer.weight = nn.Parameter(torch.cat([torch.ones(1, 1, 3, 3), torch.zeros(1, 1, 3, 3)]))
    assert only(layer, dot(2, 2)).accumulations == 18


class Mine(nn.Conv2d):
    """A subclass, which counters by exact type pass over."""


@torch.no_grad()
@pytest.mark.parametrize("gradients", [False, True])
def test_every_form_of_a_convolution_is_seen(gradients: bool):
    weight = torch.randn(2, 1, 3, 3)
    unfolded = lambda x: torch.einsum("ok,bkn->bon", weight.flatten(1), F.unfold(x, 3, padding=1))  # noqa: E731
    product = lambda x: weight.flatten(1) @ F.unfold(x, 3, padding=1)  # noqa: E731
    functional = Function(lambda x: F.conv2d(x, weight, padding=1))
    for network in (Mine(1, 2, 3, padding=1, bias=False), functional):
        assert only(network, dot(2, 2)).accumulations == 18
    for function in (unfolded, product):
        network = Function(function)
        with OpCounter(network) as counter, torch.set_grad_enabled(gradients):
            network(dot(2, 2))
        (layer,) = counter.recording().synaptic
        assert (layer.accumulations, layer.macs) == (18, 0)  # 9 taps see the spike, for 2 channels


@pytest.mark.parametrize(("at", "reached"), [((2, 2), 2), ((1, 1), 8)])
def test_strides_reach_fewer_places(at: tuple[int, int], reached: int):
    assert only(conv(stride=2), dot(*at)).accumulations == reached


def test_groups_do_not_see_each_other():
    assert only(conv(4, 4, groups=2), dot(2, 2, channels=4)).accumulations == 18


def test_transposed_convolutions():
    doubling = nn.ConvTranspose2d(1, 2, 2, stride=2, bias=False)
    assert only(doubling, dot(2, 2)).accumulations == 8
    odd = nn.ConvTranspose2d(1, 2, 3, stride=2, padding=1, output_padding=1, bias=False)
    layer = only(odd, dot(0, 0))
    assert (layer.op, layer.accumulations) == ("conv_transpose2d", 8)


def test_a_circular_border_has_no_end():
    layer = only(conv(padding_mode="circular"), dot(0, 0))
    assert layer.accumulations == 18


def test_a_convolution_over_time_alone():
    spikes = torch.zeros(1, 3, 16, 4, 4)
    spikes[0, :, 5, 1, 2] = 1
    layer = only(nn.Conv3d(3, 6, (4, 1, 1), stride=(4, 1, 1), bias=False), spikes)
    assert (layer.op, layer.accumulations) == ("conv3d", 3 * 6)


def test_linear_layers_and_their_bias():
    x = torch.tensor([[1.0, 0, 0, 1, 0, 0, 1, 0]])
    plain = only(nn.Linear(8, 4, bias=False), x)
    assert (plain.op, plain.accumulations, plain.other.bias) == ("linear", 12, 0)
    biased = only(nn.Linear(8, 4), x)
    assert (biased.accumulations, biased.other.bias) == (12, 4)


def test_four_steps_and_one_spike():
    steps = torch.cat([torch.zeros(3, 1, 5, 5), dot(2, 2)])
    assert only(conv(), steps, images=lambda _: 1).accumulations == 18


@pytest.mark.parametrize("batch", [1, 3])
def test_time_may_run_before_the_batch_after_it_or_in_a_loop(batch: int):
    layer = conv()
    spikes = (torch.rand(4, batch, 1, 5, 5) > 0.5).float()
    forms = {
        "batch": Function(lambda x: layer(x.flatten(0, 1))),
        "loop": Function(lambda x: torch.stack([layer(frame) for frame in x])),
        "after": Function(lambda x: layer(x.transpose(0, 1).flatten(0, 1))),
    }
    tallies = []
    for form in forms.values():
        with OpCounter(form, images=lambda inputs: inputs[0].shape[1]) as counter:
            form(spikes)
        recording = counter.recording()
        (row,) = recording.synaptic
        tallies.append((row.accumulations, row.frames, recording.images))
    by_hand = F.conv2d(spikes.flatten(0, 1), torch.ones(2, 1, 3, 3), padding=1).sum()
    assert tallies == [(int(by_hand), 4 * batch, batch)] * 3


@pytest.mark.parametrize(
    "context",
    [
        torch.no_grad,
        torch.inference_mode,
        torch.enable_grad,
        lambda: torch.autocast("cpu", torch.bfloat16),
    ],
)
def test_the_way_of_running_changes_no_count(context):
    torch.manual_seed(0)
    network = nn.Sequential(NILIF(1), nn.Flatten(0, 1), conv(), nn.Flatten(), nn.Linear(50, 3))
    with OpCounter(network.eval(), images=lambda x: x[0].shape[1]) as counter, context():
        network(torch.randn(2, 2, 1, 5, 5, generator=torch.Generator().manual_seed(1)))
    layers = {layer.op: layer for layer in counter.recording().layers}
    spikes = NILIF(1)(torch.randn(2, 2, 1, 5, 5, generator=torch.Generator().manual_seed(1)))
    units = 4 * F.conv2d(spikes.flatten(0, 1), torch.ones(2, 1, 3, 3), padding=1).sum()
    assert layers["conv2d"].accumulations == int(units)
    assert layers["linear"].macs == 4 * 50 * 3
    assert layers["neuron"].updates == 100


def test_batch_norm_is_free_behind_a_convolution_only():
    folded = record(nn.Sequential(conv(), nn.BatchNorm2d(2)), NOISE)
    assert not [layer for layer in folded.layers if layer.op == "norm"]
    alone = record(nn.Sequential(nn.BatchNorm2d(1), conv()), NOISE)
    (norm,) = [layer for layer in alone.layers if layer.op == "norm"]
    assert (norm.other.multiply, norm.other.add) == (25, 25)


def test_interpolation_mixes_and_nearest_does_not():
    smooth = record(nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), conv()), dot(2, 2))
    (enlarged,) = [layer for layer in smooth.layers if layer.op == "interpolate"]
    assert (enlarged.other.multiply, enlarged.other.add) == (400, 300)
    ones = record(
        nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), conv()),
        torch.ones(1, 1, 5, 5),
    )  # ones stay ones, yet nobody may rely on it
    assert [layer.activity for layer in (*smooth.synaptic, *ones.synaptic)] == [Activity.REAL] * 2
    one_by_one = nn.Conv2d(1, 2, 1, bias=False)
    layer = only(nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), one_by_one), dot(2, 2))
    assert (layer.macs, layer.total.macs_nonzero) == (200, 32)
    repeated = only(nn.Sequential(nn.Upsample(scale_factor=2), conv()), dot(2, 2))
    assert (repeated.activity, repeated.accumulations) == (Activity.BINARY, 4 * 18)


def test_two_spikes_in_a_product():
    q, k = (
        torch.tensor([[1.0, 0, 1, 0], [1, 1, 0, 0]]),
        torch.tensor([[1.0, 0, 1, 0], [0, 1, 1, 0]]),
    )
    layer = only(Function(lambda x: x[0] @ x[1].T), torch.stack([q, k]))
    assert (layer.op, layer.activity) == ("matmul", Activity.BINARY)
    # Σ k·k over features: 2·1 + 1·1 + 1·2 = 5 pairs meet; one side alone sends 4 spikes to 2 tokens
    assert (layer.total.coincidences, layer.accumulations) == (5, 8)


def test_attention_of_two_tokens():
    x = torch.tensor([[1.0, 0, 1, 0], [1, 1, 0, 0]])
    layer = only(Function(lambda x: x @ x.T), x)
    assert (layer.total.coincidences, layer.accumulations) == (6, 8)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_fused_attention_is_opened(context):
    attention = Function(lambda x: F.scaled_dot_product_attention(x, x, x))
    x = torch.randn(2, 1, 4, 8)
    with OpCounter(attention) as counter, context():
        attention(x)
    rows = counter.recording().layers
    assert sum(row.macs for row in rows) == 2 * (2 * 4 * 4 * 8)  # QKᵀ, and the weights times V
    assert not counter.recording().uncounted


def test_the_fast_path_of_pytorchs_own_attention_is_opened():
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    network = Function(lambda x: attention(x, x, x, need_weights=False)[0])
    network.attention = attention
    before = torch.backends.mha.get_fastpath_enabled()
    recording = record(network, torch.randn(1, 4, 8))
    assert torch.backends.mha.get_fastpath_enabled() == before
    # four projections 8 to 8 of four tokens, and two products of tokens
    assert sum(layer.macs for layer in recording.synaptic) == 4 * 4 * 64 + 2 * (4 * 4 * 8)
    assert recording.coverage == 1


def test_what_is_compiled_is_counted_as_it_was_written():
    network = nn.Sequential(conv())
    network[0].compile(backend="eager")
    network.compile(backend="eager")
    assert only(network, dot(2, 2)).accumulations == 18


def test_a_declaration_is_held_against_the_values():
    class Boasting(StepNeuron):
        update = Update()

        def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            return 0.3 * (x >= 1).to(x), state

    current = torch.zeros(1, 1, 1, 5, 5)
    current[..., 2, 2] = 1
    layer = only(nn.Sequential(Boasting(), nn.Flatten(0, 1), conv()), current)
    assert (layer.activity, layer.declared) == (Activity.GRADED, False)


def test_a_layer_that_saw_real_values_once_is_real():
    layer = only(conv(), NOISE, dot(0, 0, 0.0), dot(2, 2))
    assert (layer.activity, layer.macs, layer.accumulations) == (Activity.REAL, 3 * 338, 0)
    assert {a.name: t.calls for a, t in layer.inputs.items()} == {"ZERO": 1, "BINARY": 1, "REAL": 1}


def test_a_neuron_costs_what_its_equation_says():
    current = torch.zeros(4, 1, 2, 5, 5)
    current[1, 0, 0, 2, 2] = 1.0
    (neuron,) = record(LIF(2), current, images=lambda _: 1).layers
    assert (neuron.other.multiply, neuron.other.compare, neuron.other.add) == (200, 200, 201)
    assert (neuron.spikes, neuron.updates, neuron.state) == (1, 200, 50)
    assert neuron.steps == ((0, 50), (1, 50), (0, 50), (0, 50))


def test_a_visual_neuron_updates_as_often_and_remembers_a_quarter():
    current = torch.zeros(4, 1, 2, 4, 4)
    visual = VLIF(2, inner=LIF, restore=Shuffle)
    (neuron,) = record(visual, current, images=lambda _: 1).neurons
    assert (neuron.name, neuron.updates, neuron.state) == ("inner", 4 * 32, 32 // 4)
    assert len(neuron.steps) == 16


def test_snntorch_is_not_counted_as_it_simulates():
    import snntorch

    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.leaky = snntorch.Leaky(beta=0.5)
            self.linear = nn.Linear(50, 2, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            membrane = self.leaky.reset_mem()
            out = x.new_zeros(len(x), 2)
            for _ in range(4):
                spikes, membrane = self.leaky(x, membrane)
                out = out + self.linear(spikes)
            return out

    x = torch.zeros(1, 50)
    x[0, 3] = 1.5  # fires at once: 1.5 > 1
    recording = record(Steps(), x)
    (neuron,) = recording.neurons
    assert (neuron.other.multiply, neuron.other.compare) == (200, 200)
    assert (recording.time_steps, len(neuron.steps)) == (4, 4)
    linear = recording.synaptic[0]
    assert (linear.activity, linear.declared) == (Activity.BINARY, True)
    assert linear.accumulations == 2 * neuron.spikes > 0


class Enhanced(nn.Module):
    """h·s + l·(x − s) + x·s before a convolution, as the published SDEM has it."""

    def __init__(self):
        super().__init__()
        self.neuron, self.conv = LIF(1, threshold=1.0), conv()
        self.high, self.low = (nn.Parameter(torch.ones(1)) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        s = self.neuron(x[None])[0]
        return self.conv(self.high * s + self.low * (x - s) + x * s)


def test_enhanced_spikes_are_real_again():
    recording = record(Enhanced(), dot(2, 2, 2.0) + NOISE.clamp(-1, 0.5))
    assert [layer.activity for layer in recording.synaptic] == [Activity.REAL]
    assert recording.spike_driven_fraction == 0
    (arithmetic,) = [layer for layer in recording.layers if layer.op == "elementwise"]
    # h·s and x·s select at the one spike; l·(…) multiplies; x − s and the two sums add
    assert (arithmetic.other.select, arithmetic.other.multiply) == (2, 25)
    assert arithmetic.other.add == 1 + 25 + 25


def test_a_known_sum_of_spikes_has_more_levels():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.neuron, self.conv = LIF(1), conv()

        def forward(self, x: Tensor) -> Tensor:
            s = self.neuron(x[None])[0]
            return self.conv(s + s)

    recording = record(Twice(), dot(2, 2))
    (layer,) = recording.synaptic
    assert (layer.activity, layer.accumulations) == (Activity.MULTILEVEL, 36)
    assert (layer.levels, layer.declared) == (2, True)
    undeclared = record(nn.Sequential(Function(lambda x: x + x), conv()), dot(2, 2))
    assert undeclared.synaptic[0].accumulations == 36
    assert sum(layer.other.add for layer in undeclared.layers) == 25


def test_an_error_leaves_nothing_behind():
    def fail(x: Tensor) -> Tensor:
        raise ValueError("on purpose")

    network = nn.Sequential(conv(), Function(fail))
    with OpCounter(network) as counter:
        with pytest.raises(ValueError, match="on purpose"):
            network(dot(2, 2))
        conv()(dot(2, 2))  # not of the network
        network[0](dot(2, 2))  # of the network, but not in a pass of it
    seen = counter.recording(complete=False)
    assert [layer.accumulations for layer in seen.synaptic] == [18]
    assert torch._C._len_torch_dispatch_stack() == 0
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_nothing_is_counted_when_nobody_watches():
    network = nn.Sequential(conv())
    with OpCounter(network) as counter:
        network(dot(2, 2))
    network(dot(2, 2))
    assert counter.recording().images == 1


@torch.library.custom_op("slv_tests::blur", mutates_args=())
def blur(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=1)


class Custom(nn.Module):
    """An operation that no rule is known for, with or without a parameter of the network."""

    def __init__(self, learnt: bool):
        super().__init__()
        self.conv = conv(2)
        weight = torch.ones(2, 1, 3, 3)
        self.weight = nn.Parameter(weight) if learnt else weight

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(torch.ops.slv_tests.blur(x, self.weight))


def test_an_unknown_operation_is_reported():
    recording = record(Custom(learnt=False), NOISE)
    (missed,) = recording.uncounted
    assert (missed.op, missed.calls, missed.elements) == ("slv_tests::blur", 1, 50)
    assert recording.coverage == 0.5


def test_a_parameter_that_was_never_counted_is_an_error():
    with pytest.raises(UserError, match=r"1 parameters .* \(weight\).* slv_tests::blur"):
        record(Custom(learnt=True), NOISE)
    rules = {"slv_tests::blur": lambda call: call.add(add=7)}
    recording = record(Custom(learnt=True), NOISE, rules=rules)
    assert (recording.coverage, sum(x.other.add for x in recording.layers)) == (1, 7)


def test_a_parameter_that_takes_no_part_is_an_error():
    network = nn.Sequential(conv())
    network.unused = nn.Linear(3, 3)
    network.forward = lambda x: network[0](x)
    with pytest.raises(UserError, match=r"unused.weight, unused.bias.*take them out"):
        record(network, NOISE)


def test_what_weights_alone_make_is_free():
    class Standardised(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            weight = (self.weight - self.weight.mean()) / self.weight.std()
            return F.conv2d(x, weight, padding=1)

    recording = record(Standardised(1, 2, 3, bias=False), dot(2, 2))
    assert [layer.op for layer in recording.layers] == ["conv2d"]


def test_equal_frames_are_found_out():
    frames = dot(2, 2).repeat(4, 1, 1, 1)
    assert only(conv(), frames, images=lambda _: 1).copies == 4
    frames[3, 0, 4, 4] = 1
    assert only(conv(), frames, images=lambda _: 1).copies == 1


def test_a_neuron_without_a_closed_form_is_counted_as_it_computes():
    class Odd(StepNeuron):
        def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            h = 0.5 * state + x
            s = (h >= 1).to(x)
            return s, h - s

    current = torch.zeros(2, 1, 2, 5, 5)
    (neuron,) = record(Odd(), current, images=lambda _: 1).layers
    assert (neuron.other.multiply, neuron.other.compare, neuron.other.add) == (100, 100, 200)
    assert not neuron.declared
    layer = only(nn.Sequential(Odd(), nn.Flatten(0, 1), conv(2)), current + 1)
    assert (layer.activity, layer.declared) == (Activity.BINARY, True)


def test_spikes_keep_their_levels_on_the_way():
    """Through views, copies, borders, pooling and joints: declared, not inferred."""

    class Way(nn.Module):
        def __init__(self):
            super().__init__()
            self.neuron, self.conv = NILIF(2), conv(4)

        def forward(self, x: Tensor) -> Tensor:
            s = self.neuron(x).flatten(0, 1)
            s = torch.cat([s, s.flip(3)], dim=1).contiguous(memory_format=torch.channels_last)
            s = F.max_pool2d(F.pad(s, (1, 1, 1, 1)), 2).relu()
            return self.conv(F.pad(s, (1, 1, 1, 1), mode="circular"))

    current = torch.zeros(2, 1, 2, 8, 8)
    current[:, :, :, 3, 3] = 2.0  # half of four levels
    for context in (torch.no_grad, torch.inference_mode):
        with OpCounter(Way()) as counter, context():
            counter.network(current)
        (layer,) = counter.recording().synaptic
        assert (layer.activity, layer.declared, layer.levels) == (Activity.MULTILEVEL, True, 4)
        assert layer.total.units == 2 * layer.total.nonzero > 0
