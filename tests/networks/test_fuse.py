"""Norms taken into convolutions: the same numbers, and a network that stays as it was."""

import copy

import pytest
import torch
from torch import nn

from spiking_lowlevel.blocks import ConvNorm
from spiking_lowlevel.networks import ESDNet, Network, SpikeRain, VLIFNet
from spiking_lowlevel.neurons.watch import watch

NETWORKS = [
    lambda: VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1), threshold=6.0),
    lambda: ESDNet(width=8, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1), threshold=6.0),
    lambda: SpikeRain(width=8, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1), growth=4),
]


def settled(make) -> Network:
    """A network in double precision with the statistics of an image, at which neurons fire."""
    torch.manual_seed(0)
    network = make().double()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 1
            nn.init.uniform_(norm.bias, -0.5, 0.5)
    with torch.no_grad():
        network(torch.rand(2, 3, 32, 32, dtype=torch.float64))
    return network


def norms(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]


@pytest.mark.parametrize("make", NETWORKS)
@torch.no_grad()
def test_the_fused_network_restores_the_same(make):
    network = settled(make)
    fused, x = network.fuse(), torch.rand(1, 3, 32, 40, dtype=torch.float64)
    spikes: dict[str, list[torch.Tensor]] = {}
    for form in (network.eval(), fused):
        with watch(form, lambda name, _, s: spikes.setdefault(name, []).append(s)):
            torch.testing.assert_close(form(x), network(x), rtol=0, atol=1e-12)
    watched = [s for s in spikes.values() if s[0].any()]
    assert len(watched) > 0.8 * len(spikes)
    assert all(torch.equal(s[0], s[-1]) for s in watched)
    assert norms(network)
    assert not norms(fused)
    for dtype, most in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
        given = x.to(dtype)
        twin = copy.deepcopy(network).to(dtype)
        error = (twin.fuse()(given) - twin(given)).abs().mean()
        assert error < most


def test_the_network_stays_as_it_was():
    network = settled(NETWORKS[0])
    before = copy.deepcopy(network.state_dict())
    fused = network.fuse()
    assert network.training
    assert not fused.training
    with torch.no_grad():
        for p in fused.parameters():
            p.zero_()
    after = network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert {type(m.norm) for m in network.modules() if isinstance(m, ConvNorm)} != {nn.Identity}


@torch.no_grad()
def test_fusing_twice_changes_nothing():
    fused = settled(NETWORKS[0]).fuse()
    x = torch.rand(1, 3, 16, 16, dtype=torch.float64)
    assert torch.equal(fused.fuse()(x), fused(x))
