"""Restore a picture and print how often every neuron layer fired on it."""

import torch
from torch import Tensor

from spiking_lowlevel.data import Photographs
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.neurons import Neuron, watch

torch.manual_seed(0)
network = VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1))
pair = Photographs().pairs("test")[Draw(0, 0)]
rainy = pair.degraded[None, :, :64, :64]


def tell(name: str, neuron: Neuron, spikes: Tensor) -> None:
    """Print the share of places [T, B, C, H, W] that are not zero."""
    print(f"{name:40} {type(neuron).__name__:6} {(spikes != 0).float().mean():.4f}")


network.train()  # norms use the picture's own statistics: a fresh network has learnt none
with watch(network, tell):
    network.restore(rainy)
