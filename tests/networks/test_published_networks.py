"""The published networks: names, shapes, and what they compute, number for number."""

import copy
from typing import Any

import pytest
import torch
from published import assert_close, golden, golden_path
from torch import nn

from spiking_lowlevel.losses import SSIMLoss
from spiking_lowlevel.metrics.psnr import psnr
from spiking_lowlevel.networks import Network
from spiking_lowlevel.published import SYSTEMS, System

KEYS = [
    ("vlif", "vlif_keys.txt", {"encoder_depth": [4, 8], "decoder_depth": [2, 2], "refinement": 0}),
    ("vlif", "vlif_refine_keys.txt", {"refinement": 4}),
    ("esdnet", "esdnet_keys.txt", {"encoder_depth": [4, 4, 8], "decoder_depth": [2, 2, 2]}),
    ("spikerain", "spikerain_keys.txt", {"encoder_depth": [4, 4, 8], "growth": 24, "layers": 4}),
]

Published = tuple[System, Network, dict[str, Any]]


@pytest.mark.parametrize(("name", "file", "expected"), KEYS, ids=[k[1] for k in KEYS])
def test_the_names_and_shapes_of_the_published_networks(name, file, expected):
    state = {}
    for line in golden_path(file).read_text().splitlines():
        key, shape, dtype = line.split("\t")
        sides = [int(side) for side in shape.strip("()").split(",") if side]
        state[key] = torch.zeros(sides, dtype=getattr(torch, dtype))
    _, arguments = SYSTEMS[name].build(state)
    assert arguments.items() >= {"width": 48, "time_steps": 4, **expected}.items()


@pytest.fixture(scope="module", params=["vlif", "esdnet", "spikerain"])
def published(request: pytest.FixtureRequest) -> Published:
    file = {"vlif": "vlifnet"}.get(request.param, request.param)
    reference = golden(f"{file}_small.pt")
    system = SYSTEMS[request.param]
    return system, system.build(reference["state_dict"])[0], reference


@pytest.mark.parametrize("index", [0, 1])
@torch.no_grad()
def test_published_network_restores(published: Published, index: int):
    _, network, reference = published
    out = copy.deepcopy(network).double().eval()(reference[f"input{index}"].double())
    assert_close(out, reference[f"eval{index}_f64"])


@pytest.mark.parametrize("index", [0, 1])
@torch.no_grad()
def test_published_network_restores_in_single_precision(published: Published, index: int):
    # The mean square counts, and loosely: rounding may flip a spike on another processor, which
    # changes pixels around it. The published run is 2e-8 away from its own double precision.
    _, network, reference = published
    out = copy.deepcopy(network).eval()(reference[f"input{index}"].float())
    error = (out.double() - reference[f"eval{index}_f64"]).square().mean().sqrt()
    assert out.dtype == torch.float32
    assert error < 1e-3


def test_published_network_learns(published: Published):
    system, network, reference = published
    network = copy.deepcopy(network).double().train()
    expected = reference["train_f64"]
    out = network(reference[f"input{reference['train_input_index']}"].double())
    assert_close(out, expected["output"])

    target = reference["train_target"].double()
    loss = SSIMLoss().double()(out, target)
    assert_close(loss, expected["loss_1_minus_ssim"])
    mse = 10 ** (-psnr(out.detach(), target) / 10)
    assert_close(10 * (mse + 1e-8).log10().mean(), expected["psnr_loss"])

    loss.backward()
    gradients = {system.published_name(n): p.grad for n, p in network.named_parameters()}
    assert sorted(gradients) == sorted(reference["param_names"])
    ours = [gradients[name] for name in reference["param_names"]]
    norms = torch.stack([g.norm() for g in ours if g is not None])
    sums = torch.stack([g.sum() for g in ours if g is not None])
    # Gradients are small, down to 1e-8: each to 1e-9 of its own norm.
    torch.testing.assert_close(norms, expected["grad_norms"], rtol=1e-9, atol=0)
    assert ((sums - expected["grad_sums"]).abs() <= 1e-9 * expected["grad_norms"]).all()

    norm = {
        system.published_name(f"{name}.weight").removesuffix(".weight"): module
        for name, module in network.named_modules()
        if isinstance(module, nn.BatchNorm2d)
    }
    assert sorted(norm) == sorted(reference["bn_names"])
    for key in ("running_mean", "running_var"):
        statistics = [getattr(norm[name], key).sum() for name in reference["bn_names"]]
        assert_close(torch.stack(statistics), expected[f"{key}_sum"])
    assert all(m.num_batches_tracked == 1 for m in norm.values())
