"""What ESDNet and SpikeRain make of the shared skeleton: size, wiring, refusals."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks import ARFE, DSRB, FRB, SRB, TimeFusion, TimeMean
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import ESDNet, SpikeRain
from spiking_lowlevel.networks.unet import UNet
from spiking_lowlevel.testing import check_network

SMALL: dict[str, Any] = {"width": 4, "encoder_depth": (1, 2, 1), "decoder_depth": (2, 1, 1)}
PARTS = [
    "encoder",
    "embed",
    "encoder1",
    "down1",
    "encoder2",
    "down2",
    "encoder3",
    "decoder3",
    "up2",
    "fuse2",
    "decoder2",
    "up1",
    "fuse1",
    "decoder1",
    "readout",
    "output",
]


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_the_number_of_parameters_of_the_published_networks():
    with torch.device("meta"):
        small = SpikeRain(width=32, encoder_depth=(2, 2, 4), decoder_depth=(1, 1, 1))
        large = SpikeRain(width=64, encoder_depth=(6, 6, 8), decoder_depth=(4, 4, 4))
        assert parameters(ESDNet()) == 12_811_463
        assert [parameters(n) for n in (small, SpikeRain(), large)] == [
            1_589_888,
            4_434_392,
            8_048_576,
        ]


@pytest.mark.parametrize("network", [ESDNet, SpikeRain])
def test_the_data_flow(network: type[ESDNet | SpikeRain]):
    torch.manual_seed(0)
    made = network(**SMALL, time_steps=2)
    given: dict[str, tuple[Tensor, ...]] = {}
    gave: dict[str, Tensor] = {}
    for name, part in made.named_children():

        def keep(_: nn.Module, args: tuple[Tensor, ...], out: Tensor, name: str = name) -> None:
            given[name], gave[name] = args, out

        part.register_forward_hook(keep)
    assert [name for name, _ in made.named_children()] == PARTS
    x = torch.rand(2, 3, 12, 8)
    out = made(x)
    assert torch.equal(out, x + gave["output"])
    assert torch.equal(gave["fuse1"], torch.cat((gave["up1"], gave["encoder1"]), 2))
    assert all(map(torch.equal, given["fuse2"], (gave["up2"], gave["encoder2"])))
    for name, source in (("decoder2", "fuse2"), ("decoder1", "fuse1"), ("readout", "decoder1")):
        assert torch.equal(given[name][0], gave[source])
    shapes = {n: list(gave[n].shape) for n in ("encoder1", "encoder2", "encoder3", "decoder1")}
    assert shapes == {
        "encoder1": [2, 2, 4, 12, 8],
        "encoder2": [2, 2, 8, 6, 4],
        "encoder3": [2, 2, 16, 3, 2],
        "decoder1": [2, 2, 8, 12, 8],
    }


def blocks(network: UNet) -> list[int]:
    names = ("encoder1", "encoder2", "encoder3", "decoder1", "decoder2", "decoder3")
    return [len(list(getattr(network, name).children())) for name in names]


def test_the_blocks_of_the_levels():
    esdnet, spikerain = ESDNet(**SMALL), SpikeRain(**SMALL)
    assert blocks(esdnet) == blocks(spikerain) == [1, 2, 1, 2, 1, 1]
    assert [type(m) for m in (*esdnet.encoder2.children(), *esdnet.readout.children())] == [
        SRB,
        SRB,
        TimeMean,
        FRB,
    ]
    kinds = [type(m) for m in (*spikerain.decoder1.children(), *spikerain.readout.children())]
    assert kinds == [DSRB, DSRB, TimeFusion, ARFE]


def test_norms_start_at_the_threshold_in_esdnet_and_at_one_in_spikerain():
    def scales(network: nn.Module) -> set[float]:
        norms = (m for m in network.modules() if isinstance(m, nn.BatchNorm2d))
        return {round(m.weight[0].item(), 6) for m in norms}

    assert scales(ESDNet(**SMALL)) == {0.106066, 0.021213}
    assert scales(SpikeRain(**SMALL)) == {1}


@pytest.mark.parametrize("network", [ESDNet, SpikeRain])
def test_the_contract_is_kept(network: type[ESDNet | SpikeRain]):
    check_network(lambda: network(**SMALL, time_steps=2))


@pytest.mark.parametrize("network", [ESDNet, SpikeRain])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"time_steps": 0}, "time_steps 0 is not at least 1"),
        ({"width": 0}, "width 0 is not at least 1"),
        ({"encoder_depth": (1, 1)}, r"encoder_depth is 3 numbers \(level 1, .*given \(1, 1\)"),
        ({"decoder_depth": (1, -1, 1)}, r"decoder_depth .* below 0; given \(1, -1, 1\)"),
    ],
)
def test_what_cannot_be_built_is_refused(network, options, says):
    with pytest.raises(UserError, match=f"{network.__name__}: .*{says}"):
        network(**options)


def test_spikerain_needs_layers():
    with pytest.raises(UserError, match="growth 0 and layers 4 are at least 1"):
        SpikeRain(growth=0)
