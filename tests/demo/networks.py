"""A network small enough to restore while one waits."""

import torch

from spiking_lowlevel.networks.vlifnet import VLIFNet
from spiking_lowlevel.restore import Tiles
from spiking_lowlevel.restoring.restorer import Restorer


def tiny() -> Restorer:
    torch.manual_seed(0)
    network = VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1), time_steps=2)
    return Restorer("tiny", network.eval().fuse(), Tiles(48, 8))
