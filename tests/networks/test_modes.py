"""Modes change how a network is run, not what it computes, what it is called, or what is seen."""

import copy
import shutil
from collections.abc import Iterator
from functools import partialmethod

import pytest
import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks import SDEM
from spiking_lowlevel.blocks.base import Block
from spiking_lowlevel.networks import ESDNet, Network, VLIFNet
from spiking_lowlevel.networks.modes import compile_parts, outermost, recompute_blocks
from spiking_lowlevel.neurons import LIF, NILIF, VLIF, Neuron
from spiking_lowlevel.neurons.watch import watch

needs_compiler = pytest.mark.skipif(not shutil.which("g++"), reason="there is no C++ compiler")


def network(width: int = 4, steps: int = 2) -> VLIFNet:
    torch.manual_seed(0)
    shallow = {"encoder_depth": (1, 0), "decoder_depth": (0, 0)}
    return VLIFNet(width=width, **shallow, time_steps=steps, threshold=6.0)


def images(side: int = 16, seed: int = 1, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 3, side, side, generator=generator).to(dtype)


def learn(net: Network) -> dict[str, Tensor]:
    """Everything that a training step leaves: loss, gradients, statistics."""
    net.train()
    dtype = next(net.parameters()).dtype
    loss = (net(images(dtype=dtype)) - images(seed=2, dtype=dtype)).square().mean()
    loss.backward()
    gradients = {f"grad {n}": p.grad for n, p in net.named_parameters() if p.grad is not None}
    assert len(gradients) == len(list(net.parameters()))
    return {"loss": loss.detach(), **gradients, **copy.deepcopy(net.state_dict())}


def kept(net: Network) -> int:
    """Bytes of all tensors that a training forward keeps for the way back, weights aside."""
    weights = {p.data_ptr() for p in net.parameters()}
    storages: dict[int, int] = {}

    def pack(t: Tensor) -> Tensor:
        if t.data_ptr() not in weights:
            storages[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        out = net.train()(images(32))
    del out
    return sum(storages.values())


@pytest.mark.parametrize("make", [network, lambda: small_esdnet()])
def test_blocks_that_run_twice_learn_the_same_to_the_last_bit(make):
    plain, recomputed = make(), make()
    recompute_blocks(recomputed)
    expected, got = learn(plain), learn(recomputed)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        assert torch.equal(value, got[name]), name
    assert all(n == 1 for k, n in got.items() if k.endswith("num_batches_tracked"))


def small_esdnet() -> ESDNet:
    torch.manual_seed(0)
    return ESDNet(width=4, encoder_depth=(1, 0, 0), decoder_depth=(0, 0, 0), time_steps=2)


def test_blocks_that_run_twice_keep_a_third_at_most():
    plain, recomputed = network(), network()
    recompute_blocks(recomputed)
    assert kept(recomputed) < 0.33 * kept(plain)


def test_in_evaluation_no_block_runs_twice():
    net = network().eval()
    recompute_blocks(net)
    calls = []
    net.encoder2.register_forward_hook(lambda *_: calls.append(1))
    net(images()).sum().backward()
    assert len(calls) == 1


def test_the_outermost_parts():
    net = VLIFNet(width=4, encoder_depth=(1, 1), decoder_depth=(1, 1))
    blocks = outermost(net, Block)
    assert not any(
        isinstance(inner, Block) and inner in blocks for b in blocks for inner in b.children()
    )
    assert sum(isinstance(b, SDEM) for b in blocks) == 4  # those inside of an SMU are not outermost
    neurons = outermost(net, Neuron)
    assert all(type(n) in (LIF, NILIF, VLIF) for n in neurons)
    assert not any(n is v.inner for n in neurons for v in neurons if isinstance(v, VLIF))
    assert set(net.parameters()) >= {p for b in blocks for p in b.parameters()}


@pytest.fixture
def traced_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compile as far as the graphs of both ways, but not into C++, which takes minutes."""
    traced = partialmethod(nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(nn.Module, "compile", traced)
    yield
    torch.compiler.reset()


@pytest.mark.usefixtures("traced_only")
@pytest.mark.filterwarnings("ignore")  # the compiler uses what PyTorch itself deprecates
@pytest.mark.parametrize("what", ["neurons", "network"])
def test_compiled_parts_answer_fire_and_learn_as_before(what):
    # In double precision: in single, rounding in another order flips a spike here and there.
    plain, compiled = network().double(), network().double()
    compile_parts(compiled, what)
    parts = outermost(compiled, Neuron if what == "neurons" else Block)
    assert all(p._compiled_call_impl is not None for p in parts)
    assert compiled.state_dict().keys() == plain.state_dict().keys()
    expected, got = learn(plain), learn(compiled)
    for name, value in expected.items():
        torch.testing.assert_close(got[name], value, rtol=1e-9, atol=1e-12, msg=name)
    rates: list[dict[str, int]] = []
    x = images(dtype=torch.float64)
    with torch.inference_mode():
        for net in (compiled.eval(), plain.eval()):
            seen: dict[str, int] = {}
            net(x)  # compiled before anyone watches
            with watch(net, lambda name, _, s, seen=seen: seen.update({name: int(s.sum())})):
                net(x)
            rates.append(seen)
        torch.testing.assert_close(compiled(x), plain(x), rtol=0, atol=1e-12)
    assert rates[0] == rates[1]
    assert len(rates[0]) > 10
    assert sum(rates[0].values()) > 0


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no C++ compiler")
@pytest.mark.filterwarnings("ignore")
def test_a_neuron_compiled_into_machine_code_fires_as_before():
    x = torch.randn(3, 2, 4, 6, 5, generator=torch.Generator().manual_seed(0))
    neuron = nn.Sequential(LIF(4))
    compile_parts(neuron, "neurons")
    with torch.inference_mode():
        assert torch.equal(neuron(x), LIF(4)(x))
    torch.compiler.reset()


def test_nothing_is_compiled_unless_asked_for():
    net = network()
    compile_parts(net, "none")
    assert all(m._compiled_call_impl is None for m in net.modules())


def test_a_network_without_blocks_is_compiled_as_a_whole():
    net = nn.Sequential(nn.Conv2d(3, 3, 1))
    compile_parts(net, "network")
    assert net._compiled_call_impl is not None


@torch.no_grad()
def test_in_bfloat16_convolutions_are_narrow_and_membranes_are_not():
    net = network(8)
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 1
    net(images(32))
    net.eval()
    convolved: set[torch.dtype] = set()
    membranes: set[torch.dtype] = set()
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            part.register_forward_hook(lambda *a: convolved.add(a[2].dtype))
    fire = LIF.fire_

    def spy(self: LIF, h: Tensor, s: Tensor) -> None:
        membranes.add(h.dtype)
        fire(self, h, s)

    with pytest.MonkeyPatch.context() as patch, torch.autocast("cpu", torch.bfloat16):
        patch.setattr(LIF, "fire_", spy)
        narrow = net(images(32))
    assert convolved == {torch.bfloat16}
    assert membranes == {torch.float32}
    change = (net(images(32)) - images(32)).square().mean().sqrt()
    error = (narrow - net(images(32))).square().mean().sqrt()
    assert 0 < error < 0.6 * change  # untrained: many potentials lie near their threshold
