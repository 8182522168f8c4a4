"""Encoders: image [B, 3, H, W] to current [T, B, 3, H, W]."""

from spiking_lowlevel.encoders.base import Encoder as Encoder
from spiking_lowlevel.encoders.direct import Direct as Direct
