"""Convolutions are seen however they are called, and their cost is what a hand counts."""

from collections.abc import Callable

import pytest
import torch
from bench.subjects import Small, subject
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from spiking_lowlevel.bench import steps
from spiking_lowlevel.bench.convolutions import record
from spiking_lowlevel.bench.floor import replay, told
from spiking_lowlevel.bench.timing import Laps

CPU = torch.device("cpu")


def macs(step: Callable[[], object]) -> list[int]:
    return [c.macs for c in record(step).convolutions]


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Conv2d(3, 5, 3, padding=1), (2, 3, 8, 6), 2 * 5 * 8 * 6 * 3 * 9),
        (nn.Conv2d(3, 5, 3, stride=2, padding=1), (2, 3, 8, 6), 2 * 5 * 4 * 3 * 3 * 9),
        (nn.Conv2d(4, 6, (1, 3), groups=2), (1, 4, 5, 7), 6 * 5 * 5 * 2 * 3),
        (nn.Conv2d(4, 4, 3, dilation=2), (1, 4, 9, 9), 4 * 5 * 5 * 4 * 9),
        (nn.ConvTranspose2d(4, 6, 2, stride=2), (1, 4, 5, 7), 4 * 5 * 7 * 6 * 4),
        (nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2), (1, 4, 5, 7), 4 * 5 * 7 * 3 * 4),
        (nn.Conv3d(2, 3, (4, 1, 1), stride=(4, 1, 1)), (1, 2, 8, 5, 5), 3 * 2 * 5 * 5 * 2 * 4),
        (nn.Conv1d(2, 3, 3), (1, 2, 10), 3 * 8 * 2 * 3),
    ],
    ids=["3x3", "strided", "grouped", "dilated", "transposed", "transposed grouped", "3d", "1d"],
)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_macs_are_those_of_a_hand(
    layer: nn.Module, shape: tuple[int, ...], expected: int, mode: Callable[[], torch.no_grad]
):
    with mode():
        assert macs(lambda: layer(torch.rand(shape))) == [expected]


def test_functional_calls_are_seen():
    x, weight = torch.rand(1, 3, 4, 4), torch.rand(2, 3, 1, 1)
    assert macs(lambda: F.conv2d(x, weight)) == [2 * 16 * 3]


def test_the_way_back_counts_the_gradients_that_are_wanted():
    first, second = nn.Conv2d(3, 2, 1), nn.Conv2d(2, 5, 1, bias=False)
    x = torch.rand(1, 3, 4, 4)
    calls = record(lambda: second(first(x)).sum().backward()).convolutions
    assert [c.gradients for c in calls] == [None, None, (True, True, False), (False, True, True)]
    assert [c.macs for c in calls] == [96, 160, 2 * 160, 96]  # images need no gradient


def test_all_macs_are_those_that_pytorch_counts():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1),  # for the weights of groups PyTorch counts too many
        nn.ConvTranspose2d(4, 3, 2, stride=2),
        nn.Flatten(),
        nn.Linear(3 * 64, 5),
    )
    x = torch.rand(2, 3, 8, 8, requires_grad=True)

    def step() -> None:
        out = network(x)
        torch.bmm(out[None], out.T[None]).sum().backward()

    counter = FlopCounterMode(display=False)
    with counter:
        step()
    seen = record(step)
    total = sum(c.macs for c in seen.convolutions) + seen.product_macs
    assert seen.product_macs > 0
    assert 2 * total == counter.get_total_flops()


class Layouts(TorchDispatchMode):
    """The layouts of whatever convolutions are given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bool] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if "convolution" in str(func):
            images = [x for x in args if isinstance(x, Tensor) and x.dim() == 4]
            self.seen += [x.is_contiguous(memory_format=torch.channels_last) for x in images]
        return func(*args, **(kwargs or {}))


def test_the_floor_calls_the_same_convolutions_in_order_and_channels_last():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False),
        nn.ConvTranspose2d(4, 6, 2, stride=2),
        nn.Conv2d(6, 6, 3, groups=3, dilation=2),
    ).bfloat16()
    x = torch.rand(2, 3, 8, 8, dtype=torch.bfloat16)
    recorded = record(lambda: network(x).sum().backward()).convolutions
    assert len(recorded) == 6
    floor = replay(recorded, CPU)
    assert record(lambda: floor(Laps())).convolutions == recorded
    with Layouts() as layouts:
        floor(Laps())
    assert layouts.seen
    assert all(layouts.seen)


def test_the_report_tells_equal_convolutions_once():
    conv = nn.Conv2d(3, 3, 3, padding=1)
    x = torch.rand(1, 3, 4, 4)
    report = told(record(lambda: (conv(conv(x)), F.conv2d(x, x[:, :, :1, :1]))))
    assert [c["calls"] for c in report["convolutions"]] == [2, 1]
    assert report["convolution_macs"] == 2 * 3 * 16 * 27 + 16 * 3


def test_a_training_step_is_seen_with_its_way_back():
    each = subject(Small())
    step = steps.training(each, each.crops())
    first, back = record(lambda: step(Laps())).convolutions
    assert first.gradients is None
    assert back.gradients == (False, True, True)
    assert first.input == (2, 3, 8, 8)
