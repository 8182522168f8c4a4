"""How data sets lie on disc: the named layouts, and which of them a folder has."""

from spiking_lowlevel.data.layouts.base import Found as Found
from spiking_lowlevel.data.layouts.base import Item as Item
from spiking_lowlevel.data.layouts.base import Layout as Layout
from spiking_lowlevel.data.layouts.base import LayoutName as LayoutName
from spiking_lowlevel.data.layouts.base import Left as Left
from spiking_lowlevel.data.layouts.base import Part as Part
from spiking_lowlevel.data.layouts.recognise import recognise as recognise
from spiking_lowlevel.data.layouts.table import LAYOUTS as LAYOUTS
