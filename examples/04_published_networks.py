"""Print the published deraining networks: parameters, neuron layers, sizes that they take."""

import torch

from spiking_lowlevel.networks import ESDNet, Network, SpikeRain, VLIFNet
from spiking_lowlevel.neurons.watch import spiking_neurons


def tell(name: str, network: Network) -> None:
    """Print one line on a network."""
    parameters = sum(p.numel() for p in network.parameters())
    neurons = len(spiking_neurons(network))
    print(f"{name:28}{parameters:>12,}{neurons:>15}{network.multiple:>14}")


print(f"{'network':28}{'parameters':>12}{'neuron layers':>15}{'sides times':>14}")
with torch.device("meta"):  # shapes only
    tell("VLIFNet", VLIFNet())
    tell("VLIFNet, refinement 4", VLIFNet(refinement=4))
    tell("ESDNet", ESDNet())
    tell("SpikeRain-S", SpikeRain(width=32, encoder_depth=(2, 2, 4), decoder_depth=(1, 1, 1)))
    tell("SpikeRain-M", SpikeRain())
    tell("SpikeRain-L", SpikeRain(width=64, encoder_depth=(6, 6, 8), decoder_depth=(4, 4, 4)))
