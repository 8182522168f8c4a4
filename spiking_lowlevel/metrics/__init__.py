"""Metrics: (restored, clean) to one value an image, under a named protocol."""

from spiking_lowlevel.metrics.protocols import RGB as RGB
from spiking_lowlevel.metrics.protocols import Luma as Luma
from spiking_lowlevel.metrics.protocols import Protocol as Protocol
