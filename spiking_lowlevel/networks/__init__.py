"""Networks: degraded [B, 3, H, W] to restored [B, 3, H, W], in [0, 1]."""

from spiking_lowlevel.networks.base import Network as Network
from spiking_lowlevel.networks.esdnet import ESDNet as ESDNet
from spiking_lowlevel.networks.spikerain import SpikeRain as SpikeRain
from spiking_lowlevel.networks.vlifnet import VLIFNet as VLIFNet
