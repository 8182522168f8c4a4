import torch
from torch import Tensor, nn

from spiking_lowlevel.blocks import ConvNorm
from spiking_lowlevel.blocks.base import per_frame, side_by_side


def frames(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).double()


def test_a_layer_without_time_sees_every_frame_alone():
    x = frames(3, 2, 4, 5, 6)
    layer = nn.Conv2d(4, 7, 3, stride=2, padding=1).double()
    out = per_frame(layer, x)
    assert out.shape == (3, 2, 7, 3, 3)
    for t in range(3):
        torch.testing.assert_close(out[t], layer(x[t]))


def test_equal_frames_are_run_once_with_the_same_outcome_and_gradient():
    image = frames(2, 4, 5, 6).requires_grad_()
    layer = nn.Conv2d(4, 7, 3, padding=1).double()
    sizes: list[int] = []
    layer.register_forward_hook(lambda _, args, out: sizes.append(len(out)))
    results = []
    for x in (image.expand(3, *image.shape), image.repeat(3, 1, 1, 1, 1)):
        out = per_frame(layer, x)
        weight = frames(*out.shape)
        gradients = torch.autograd.grad((out * weight).sum(), (image, *layer.parameters()))
        results.append((out.detach(), *gradients))
    assert sizes == [2, 6]
    for once, each in zip(*results, strict=True):
        torch.testing.assert_close(once, each, rtol=0, atol=1e-12)


def test_a_norm_counts_equal_frames_as_often_as_they_come():
    image = frames(2, 4, 5, 6)
    torch.manual_seed(0)
    once, each = (ConvNorm(4, 3).double() for _ in range(2))
    each.load_state_dict(once.state_dict())
    torch.testing.assert_close(
        once(image.expand(3, *image.shape)), each(image.repeat(3, 1, 1, 1, 1)), rtol=0, atol=1e-12
    )
    for ours, theirs in zip(once.buffers(), each.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_channels_side_by_side_lie_as_their_parts_do():
    first, second = (
        frames(6, c, 5, 4).contiguous(memory_format=torch.channels_last).unflatten(0, (3, 2))
        for c in (2, 3)
    )
    joined = side_by_side(first, second)
    assert torch.equal(joined, torch.cat((first, second), dim=2))
    assert joined.flatten(0, 1).is_contiguous(memory_format=torch.channels_last)
