"""Two sides get the same weights where that can be, and are told apart where they differ."""

import pytest
import torch
from bench.subjects import Small, subject
from plain.plain_vlifnet import PlainVLIFNet
from torch import nn

from spiking_lowlevel.bench.compare import outputs, settle, share_weights
from spiking_lowlevel.networks import Network, VLIFNet

SIZES = {"width": 8, "encoder_depth": (1, 1), "decoder_depth": (1, 1)}


def vlif(threshold: float = 2.0) -> VLIFNet:
    return VLIFNet(**SIZES, threshold=threshold)


def weights(network: Network) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


@pytest.mark.parametrize("plain_first", [False, True])
def test_the_plain_form_gets_the_same_weights_and_gives_the_same_outputs(plain_first: bool):
    torch.manual_seed(0)
    ours, plain = vlif(), PlainVLIFNet(**SIZES, threshold=2.0)
    networks = [plain, ours] if plain_first else [ours, plain]
    pair = [subject(n, name, size=(16, 16)) for n, name in zip(networks, "AB", strict=True)]
    assert share_weights(pair) is None
    found = outputs(*pair)
    assert found["max"] < 1e-5
    assert found["mean_residual"] > 1e-3
    assert "spikes" not in found  # the neurons of the plain form are none of ours


def test_spikes_that_differ_are_counted():
    torch.manual_seed(0)
    a, b = subject(vlif(), size=(16, 16)), subject(vlif(), "B", size=(16, 16))
    assert share_weights([a, b]) is None
    same = outputs(a, b)
    assert (same["max"], same["spikes"]["differing"]) == (0, 0)
    assert 0 < same["spikes"]["firing"] < same["spikes"]["total"]
    with torch.no_grad():
        b.network.embed.weight.mul_(1.5)
    other = outputs(a, b)
    assert other["max"] > 0
    assert 0 < other["spikes"]["differing"] < other["spikes"]["total"]


def test_weights_that_were_trained_are_the_ones_that_are_shared():
    a, b = subject(Small()), subject(Small(), "B", trained=True)
    before = weights(b.network)
    assert share_weights([a, b]) is None
    assert torch.equal(weights(a.network), before)
    assert torch.equal(weights(b.network), before)


def test_two_trained_sides_keep_their_weights():
    a, b = subject(Small(), trained=True), subject(Small(), "B", trained=True)
    before = weights(a.network), weights(b.network)
    assert share_weights([a, b]) == "both sides bring weights of their own"
    assert torch.equal(weights(a.network), before[0])
    assert torch.equal(weights(b.network), before[1])
    b.network.load_state_dict(a.network.state_dict())
    assert share_weights([a, b]) is None


def test_networks_that_have_nothing_in_common_are_not_compared():
    reason = share_weights([subject(Small()), subject(vlif(), "B")])
    assert reason == "their weights have other names or shapes"
    reason = share_weights([subject(Small()), subject(PlainVLIFNet(**SIZES), "B")])
    assert reason == "their weights have other names or shapes"


def test_random_norms_settle_on_the_statistics_of_the_crops():
    each = subject(Small())
    settle(each)
    norm, conv = each.network.norm, each.network.conv
    expected = conv(each.crops().degraded).mean((0, 2, 3))
    torch.testing.assert_close(norm.running_mean, expected)
    assert norm.momentum == nn.BatchNorm2d(3).momentum
    kept = norm.running_mean.clone()
    settle(subject(each.network, trained=True))
    assert torch.equal(norm.running_mean, kept)
