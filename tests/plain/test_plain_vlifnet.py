"""The plain form is what was published, and the package's network is the plain form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest
import torch
from plain.plain_vlifnet import PlainLIF, PlainNILIF, PlainVLIFNet, plain_state
from published import assert_close, golden, golden_path
from torch import Tensor, nn

from spiking_lowlevel.losses import SSIMLoss
from spiking_lowlevel.networks import Network, VLIFNet
from spiking_lowlevel.neurons.watch import watch
from spiking_lowlevel.testing import check_network

Spikes = list[Tensor]
"""Of every neuron of a network, in the order in which they run."""


def images(count: int, height: int, width: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, height, width, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(
    ("file", "refinement"), [("vlif_keys.txt", 0), ("vlif_refine_keys.txt", 4)]
)
def test_the_names_shapes_and_order_are_the_published_ones(file, refinement):
    with torch.device("meta"):  # shapes only
        state = PlainVLIFNet(refinement=refinement).state_dict()
    ours = [f"{k}\t{tuple(v.shape)}\t{v.dtype}".replace("torch.", "") for k, v in state.items()]
    assert ours == golden_path(file).read_text().splitlines()


@pytest.fixture(scope="module")
def reference() -> dict:
    return golden("vlifnet_small.pt")


@pytest.fixture
def published(reference: dict) -> PlainVLIFNet:
    network = PlainVLIFNet(width=16, encoder_depth=(2, 1), decoder_depth=(1, 1))
    network.load_state_dict(reference["state_dict"])
    return network.double()


@pytest.mark.parametrize("index", [0, 1])
@torch.no_grad()
def test_the_plain_form_restores_as_published(published: PlainVLIFNet, reference: dict, index: int):
    out = published.eval()(reference[f"input{index}"].double())
    assert_close(out, reference[f"eval{index}_f64"])


def test_the_plain_form_learns_as_published(published: PlainVLIFNet, reference: dict):
    expected = reference["train_f64"]
    out = published.train()(reference[f"input{reference['train_input_index']}"].double())
    assert_close(out, expected["output"])
    loss = SSIMLoss().double()(out, reference["train_target"].double())
    assert_close(loss, expected["loss_1_minus_ssim"])

    loss.backward()
    gradients = {name: p.grad for name, p in published.named_parameters()}
    assert list(gradients) == reference["param_names"]
    norms = torch.stack([g.norm() for g in gradients.values()])
    sums = torch.stack([g.sum() for g in gradients.values()])
    torch.testing.assert_close(norms, expected["grad_norms"], rtol=1e-9, atol=0)
    assert ((sums - expected["grad_sums"]).abs() <= 1e-9 * expected["grad_norms"]).all()

    norm = {name: m for name, m in published.named_modules() if isinstance(m, nn.BatchNorm2d)}
    assert list(norm) == reference["bn_names"]
    for key in ("running_mean", "running_var"):
        statistics = torch.stack([getattr(m, key).sum() for m in norm.values()])
        assert_close(statistics, expected[f"{key}_sum"])
    assert all(m.num_batches_tracked == 1 for m in norm.values())


def settled(seed: int = 0, **options: int) -> tuple[VLIFNet, PlainVLIFNet]:
    """A random network in double precision whose norms know the statistics of a batch; its twin."""
    torch.manual_seed(seed)
    lively = 6.0  # for norms that start wide: graded neurons are silent up to 0.5, and shall fire
    arguments = {"width": 16, "encoder_depth": (1, 1), "decoder_depth": (1, 1), **options}
    network = VLIFNet(**arguments, threshold=lively).double()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 1
    with torch.no_grad():
        network(images(2, 32, 24, seed))
    twin = PlainVLIFNet(**arguments).double()
    twin.load_state_dict(plain_state(network.state_dict()))
    return network, twin


@contextmanager
def hooked(network: PlainVLIFNet, on_spikes: Callable[[Tensor], Tensor | None]) -> Iterator[None]:
    """Show the spikes of every plain neuron that runs; what is returned takes their place."""
    neurons = [m for m in network.modules() if isinstance(m, PlainLIF | PlainNILIF)]
    hooks = [n.register_forward_hook(lambda _, __, spikes: on_spikes(spikes)) for n in neurons]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def run(network: Network, x: Tensor) -> tuple[Tensor, Spikes]:
    spikes: Spikes = []
    plain = isinstance(network, PlainVLIFNet)
    with (
        hooked(network, spikes.append) if plain else watch(network, lambda *a: spikes.append(a[2]))
    ):
        return network.eval()(x), spikes


@torch.no_grad()
def run_on(network: PlainVLIFNet, x: Tensor, spikes: Spikes) -> tuple[Tensor, int]:
    """The output with these spikes in place of its own, and how many of its own would differ."""
    given, differing = iter(spikes), 0

    def replaced(own: Tensor) -> Tensor:
        nonlocal differing
        wanted = next(given).contiguous()
        differing += count_differing([own], [wanted])
        return wanted

    with hooked(network, replaced):
        return network.eval()(x), differing


def count_differing(some: Spikes, others: Spikes) -> int:
    return sum(int((a != b).sum()) for a, b in zip(some, others, strict=True))


OPTIONS = pytest.mark.parametrize("options", [{}, {"refinement": 1, "time_steps": 2}])


@OPTIONS
def test_the_package_restores_as_the_plain_form(options: dict[str, int]):
    network, plain = settled(**options)
    x = images(2, 16, 24, seed=1)
    (ours, spikes), (theirs, expected) = run(network, x), run(plain, x)
    assert count_differing(spikes, expected) == 0
    assert all(s.any() for s in expected)
    assert (theirs - x).abs().mean() > 1e-3
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@OPTIONS
def test_the_package_learns_as_the_plain_form(options: dict[str, int]):
    network, plain = settled(**options)
    x = images(2, 16, 24, seed=1)
    for each in (network, plain):
        (each.train()(x) - x.flip(3)).square().mean().backward()
    ours = plain_state({name: p.grad for name, p in network.named_parameters()})
    theirs = {name: p.grad for name, p in plain.named_parameters()}
    assert sorted(ours) == sorted(theirs)
    for name, gradient in theirs.items():
        error, norm = (ours[name] - gradient).norm(), gradient.norm()
        assert error <= 1e-9 * norm, f"{name}: {error:g} of {norm:g}"
    # A gate's hidden unit may be off; its two layers then learn nothing from this batch.
    assert all(gradient.any() for name, gradient in theirs.items() if "sharedMLP" not in name)


def test_in_single_precision_next_to_no_spike_differs():
    # Rounding turns one decision in tens of millions, and all spikes after it may follow. So each
    # neuron is asked given the same past; left to themselves, the networks agree on most images.
    network, plain = (each.float() for each in settled())
    total, own, free, errors, errors_given = 0, 0, [], [], []
    for seed in range(1, 6):
        x = images(1, 48, 48, seed).float()
        (ours, spikes), (theirs, expected) = run(network, x), run(plain, x)
        given, differing = run_on(plain, x, spikes)
        total += sum(s.numel() for s in expected)
        own += differing
        free.append(count_differing(spikes, expected))
        errors.append((ours - theirs).abs().mean().item())
        errors_given.append((ours - given).abs().mean().item())
    told = (
        f"of {total} spikes {own} differ given the same past, {free} an image when left alone; "
        f"mean absolute differences {errors_given} and {errors}"
    )
    assert own <= 1e-6 * total, told
    assert max(errors_given) < 1e-5, told
    assert median(free) <= 1e-6 * total / len(free), told
    assert median(errors) < 1e-5, told


def test_norms_start_at_the_same_scale():
    arguments = {"width": 16, "encoder_depth": (1, 0), "decoder_depth": (0, 1), "threshold": 0.6}
    expected = plain_state(VLIFNet(**arguments).state_dict())
    modules = PlainVLIFNet(**arguments).named_modules()
    norms = {name: m.weight for name, m in modules if isinstance(m, nn.BatchNorm2d)}
    assert all(torch.equal(weight, expected[f"{n}.weight"]) for n, weight in norms.items())


def test_the_plain_form_keeps_the_contract_of_a_network():
    check_network(lambda: PlainVLIFNet(16, (1, 1), (1, 1), threshold=1.0))


def test_no_gradient_passes_the_plain_neurons_of_a_network_in_evaluation():
    x = torch.rand(4, 1, 2, 4, 4, requires_grad=True)
    assert PlainLIF().train()(x).requires_grad
    assert not PlainLIF().eval()(x).requires_grad
    assert PlainNILIF().eval()(x).requires_grad


@pytest.mark.parametrize("mode", [True, False])
def test_ties_of_the_plain_neurons(mode: bool):
    def run(neuron: nn.Module, *currents: float) -> list[float]:
        return neuron.train(mode)(torch.tensor(currents)[:, None]).flatten().tolist()

    assert run(PlainLIF(), 0.15, 0.0, 0.1, 0.1) == [1, 0, 0, 1]  # reset to 0, then 0.1 and 0.15
    assert [run(PlainNILIF(), m)[0] for m in (0.5, 1.5, 2.5, 3.5, 9.0)] == [0, 0.5, 0.5, 1, 1]
    assert run(PlainNILIF(), 3.0, 1.0625) == [0.75, 0.5]  # (3 − 0.75) / 4 + 1.0625 = 1.625
