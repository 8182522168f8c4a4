"""Data: batches of (degraded, clean), both [B, 3, H, W] in [0, 1]."""

from spiking_lowlevel.data.base import Pair as Pair
from spiking_lowlevel.data.base import Pairs as Pairs
from spiking_lowlevel.data.base import RestorationData as RestorationData
from spiking_lowlevel.data.paired import PairedFolders as PairedFolders
from spiking_lowlevel.data.photographs import Photographs as Photographs
