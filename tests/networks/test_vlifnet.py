"""VLIFNet: size, wiring, refusals, and the published network."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks import SDEM, SMU, TimeMean
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Rectifier
from spiking_lowlevel.neurons.watch import spiking_neurons, watch

LIVELY = 3.0  # for norms that start wide: graded neurons are silent up to 0.5, and shall all fire
DEPTH: dict[str, Any] = {"encoder_depth": (1, 1), "decoder_depth": (1, 1)}
SHALLOW: dict[str, Any] = {"encoder_depth": (0, 0), "decoder_depth": (0, 0), "time_steps": 1}
TWIN: dict[str, Any] = {
    "neuron": Rectifier,
    "patch_neuron": Rectifier,
    "visual_neuron": partial(VLIF, inner=Rectifier),
    "time_steps": 1,
}


def make(width: int = 8, **options: Any) -> VLIFNet:
    torch.manual_seed(0)
    return VLIFNet(width=width, **options)


def full_size(**options: Any) -> VLIFNet:
    with torch.device("meta"):  # shapes only
        return VLIFNet(**options)


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def images(height: int, width: int, batch: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(batch, 3, height, width, generator=generator)


def test_the_number_of_parameters_of_the_published_networks():
    assert parameters(full_size()) == 14_023_911
    assert parameters(full_size(refinement=4)) == 14_312_031


@pytest.mark.parametrize("width", [1, 5, 8, 12])
@pytest.mark.parametrize("steps", [1, 2])
def test_any_width(width, steps):
    x = images(16, 8)
    out = make(width, **DEPTH, time_steps=steps)(x)
    assert out.shape == x.shape
    assert out.isfinite().all()


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
@pytest.mark.parametrize("depth", [(0, 0), (1, 2)])
def test_any_number_of_time_steps_and_blocks(steps, depth):
    network = make(time_steps=steps, encoder_depth=depth, decoder_depth=depth[::-1], refinement=1)
    sdems = [len(getattr(network, n)) for n in ("encoder2", "encoder3", "decoder3", "decoder2")]
    assert sdems == [depth[0], depth[1], depth[0], depth[1]]
    x = images(8, 16)
    assert network(x).shape == x.shape
    assert network.encoder(x).shape == (steps, *x.shape)


def test_the_data_flow():
    network = make(**DEPTH, refinement=1, time_steps=2, threshold=LIVELY)
    given: dict[str, tuple[Tensor, ...]] = {}
    gave: dict[str, Tensor] = {}
    for name, part in network.named_children():

        def keep(_: nn.Module, args: tuple[Tensor, ...], out: Tensor, name: str = name) -> None:
            given[name], gave[name] = args, out

        part.register_forward_hook(keep)
    x = images(16, 8, batch=2)
    out = network(x)
    for name, sources in {
        "encoder": [x],
        "embed": [gave["encoder"][0]],  # the same at every step
        "encoder1": [gave["embed"].expand(2, *gave["embed"].shape)],
        "down1": [gave["encoder1"]],
        "encoder2": [gave["down1"]],
        "down2": [gave["encoder2"]],
        "encoder3": [gave["down2"]],
        "decoder3": [gave["encoder3"]],
        "up2": [gave["decoder3"]],
        "fuse2": [gave["up2"], gave["encoder2"]],
        "decoder2": [gave["fuse2"]],
        "up1": [gave["decoder2"]],
        "fuse1": [gave["up1"], gave["encoder1"]],
        "decoder1": [gave["fuse1"]],
        "readout": [gave["decoder1"]],
        "output": [gave["readout"][0]],
    }.items():
        assert len(given[name]) == len(sources)
        assert all(map(torch.equal, given[name], sources)), name
    assert all(part.detach().std() > 0 for part in gave.values())
    assert torch.equal(out, x + gave["output"])
    shapes = {n: list(gave[n].shape[2:]) for n in ("encoder1", "encoder2", "encoder3", "decoder1")}
    assert shapes == {
        "encoder1": [8, 16, 8],
        "encoder2": [16, 8, 4],
        "encoder3": [32, 4, 2],
        "decoder1": [8, 16, 8],
    }
    levels = (network.decoder1, network.encoder2, network.readout)
    decoder1, encoder2, readout = (list(level.children()) for level in levels)
    assert [type(m) for m in (network.encoder1, *decoder1)] == [SMU] * 3
    assert [type(m) for m in (*encoder2, *readout)] == [SDEM, SDEM, TimeMean]
    assert torch.equal(gave["readout"], readout[0](gave["decoder1"]).mean(0, keepdim=True))


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((1, 3, 60, 64), r"divisible by 8; given 60x64.*restore\(\).*56x64"),
        ((1, 4, 64, 64), r"VLIFNet takes images \[B, 3, H, W\]; given \[1, 4, 64, 64\]"),
    ],
)
def test_images_that_do_not_fit_are_refused(shape, says):
    with pytest.raises(UserError, match=says):
        make(4, **SHALLOW)(torch.zeros(shape))


@pytest.mark.parametrize("options", [{"time_steps": 0}, {"width": 0}])
def test_a_network_without_time_or_width_is_refused(options):
    with pytest.raises(UserError, match="at least 1"):
        VLIFNet(**options)


@pytest.mark.parametrize("size", [(1, 1), (7, 13), (8, 8), (81, 49)])
def test_restore_takes_any_size(size):
    network = make(4, **SHALLOW).eval()
    with torch.no_grad():
        network.output.weight.mul_(30)  # far out of the range
    x = images(*size)
    restored = network.restore(x)
    assert restored.shape == x.shape
    assert restored.min() == 0
    assert restored.max() == 1 or size == (1, 1)
    if size == (8, 8):
        assert torch.equal(restored, network(x).clamp(0, 1))


def test_the_threshold_scales_every_norm():
    def scales(threshold: float) -> Tensor:
        named = make(4, **SHALLOW, threshold=threshold).named_parameters()
        return torch.cat([p.detach() for n, p in named if n.endswith("norm.norm.weight")])

    torch.testing.assert_close(scales(0.6), 4 * scales(0.15))


def test_the_plain_baseline_has_no_visual_neuron():
    network = make(**DEPTH, visual_neuron=LIF, time_steps=2)
    assert not any(isinstance(m, VLIF) for m in network.modules())
    assert {type(n) for n in spiking_neurons(network).values()} == {LIF, NILIF}
    x = images(16, 16)
    assert network(x).shape == x.shape


def test_the_ann_twin_has_the_same_convolutions_and_no_spikes():
    def convolutions(network: VLIFNet) -> list[tuple[str, torch.Size]]:
        layers = ((n, m) for n, m in network.named_modules() if isinstance(m, nn.Conv2d))
        return [(n, m.weight.shape) for n, m in layers]

    twin, network = make(**TWIN, **DEPTH), make(**DEPTH)
    assert convolutions(twin) == convolutions(network)
    assert spiking_neurons(twin) == {}
    assert len(spiking_neurons(network)) == 3 * 5 + 4 * 2 + 6  # SMU, SDEM, sampling and fusion
    x = images(16, 16)
    assert twin(x).shape == x.shape


def test_the_gradient_reaches_every_parameter():
    network = make(16, **DEPTH, refinement=1, threshold=LIVELY)
    x = images(16, 16, batch=2)
    (network(x) - x.flip(3)).square().mean().backward()
    for name, p in network.named_parameters():
        assert p.grad is not None, name
        assert p.grad.isfinite().all(), name
    # A gate's hidden unit may be off; its two layers then learn nothing from this batch.
    dead = {n for n, p in network.named_parameters() if p.grad is not None and not p.grad.any()}
    assert not {n for n in dead if not n.endswith(("squeeze.weight", "expand.weight"))}


def test_a_forward_keeps_nothing_and_images_do_not_see_each_other():
    network = make(**DEPTH, time_steps=2, threshold=LIVELY).double()
    x = images(16, 16, batch=2).double()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 1  # statistics of this batch, with which neurons fire
    network(x)
    fired: dict[str, bool] = {}
    with watch(network.eval(), lambda name, _, spikes: fired.update({name: bool(spikes.any())})):
        first = network(x)
    assert sum(fired.values()) > 0.8 * len(fired)
    network(images(24, 8).double())
    assert torch.equal(network(x), first)
    torch.testing.assert_close(network(x[:1]), first[:1], rtol=0, atol=1e-12)


@pytest.fixture
def double_by_default() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.usefixtures("double_by_default")
def test_the_dtype_is_that_of_weights_and_images_whatever_the_default():
    network = make(4, **{**SHALLOW, "time_steps": 2})
    assert {p.dtype for p in network.parameters()} == {torch.float64}
    assert network(images(8, 8)).dtype == torch.float64
    assert network.float()(images(8, 8).float()).dtype == torch.float32
