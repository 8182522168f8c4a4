"""Count a 3x3 convolution from one channel to two, over 5x5 pixels, by what goes in.

A spike in the middle reaches 9 places of 2 channels, one in a corner 4; real values are multiplied.
"""

import torch
from torch import Tensor, nn

from spiking_lowlevel.energy import OpCounter


def spike(y: int, x: int, value: float = 1.0) -> Tensor:
    """A picture [1, 1, 5, 5] of nothing but one spike."""
    image = torch.zeros(1, 1, 5, 5)
    image[..., y, x] = value
    return image


CASES = {
    "nothing": spike(0, 0, 0.0),
    "a spike in the middle": spike(2, 2),
    "in a corner": spike(0, 0),
    "everywhere": torch.ones(1, 1, 5, 5),
    "of three quarters": spike(2, 2, 0.75),
    "of minus one": spike(2, 2, -1.0),
    "of an odd height": spike(2, 2, 0.3),
    "a picture": torch.rand(1, 1, 5, 5),
    "a picture, rectified": torch.randn(1, 1, 5, 5).relu(),
}
conv = nn.Conv2d(1, 2, 3, padding=1, bias=False)
print(f"{'input':24}{'class':12}{'AC':>5}{'MAC':>5}{'not zero':>10}{'dense':>7}")
for name, image in CASES.items():
    with OpCounter(conv) as counter, torch.inference_mode():
        conv(image)
    (layer,) = counter.recording().synaptic
    seen, ac, mac = layer.total, layer.accumulations, layer.macs
    print(
        f"{name:24}{layer.activity.name:12}{ac:5}{mac:5}{seen.macs_nonzero:10}{seen.macs_dense:7}"
    )
