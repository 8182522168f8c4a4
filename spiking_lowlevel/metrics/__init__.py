"""Metrics: (restored, clean) to one value an image, under a named protocol."""

from spiking_lowlevel.metrics.luma import Luma as Luma
from spiking_lowlevel.metrics.luma import LumaCropped as LumaCropped
from spiking_lowlevel.metrics.luma import LumaFull as LumaFull
from spiking_lowlevel.metrics.luma import LumaRounded as LumaRounded
from spiking_lowlevel.metrics.protocols import Protocol as Protocol
from spiking_lowlevel.metrics.resized import Resized as Resized
from spiking_lowlevel.metrics.rgb import RGB as RGB
from spiking_lowlevel.metrics.rgb import RGB8 as RGB8
