import torch
from torch import nn

from spiking_lowlevel.blocks.base import per_frame


def test_a_layer_without_time_sees_every_frame_alone():
    x = torch.randn(3, 2, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    layer = nn.Conv2d(4, 7, 3, stride=2, padding=1)
    out = per_frame(layer, x)
    assert out.shape == (3, 2, 7, 3, 3)
    for t in range(3):
        torch.testing.assert_close(out[t], layer(x[t]))
