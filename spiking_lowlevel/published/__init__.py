"""The published systems: how their checkpoints name things, and how to read them."""

from spiking_lowlevel.published.esdnet import ESDNET as ESDNET
from spiking_lowlevel.published.spikerain import SPIKERAIN as SPIKERAIN
from spiking_lowlevel.published.system import System as System
from spiking_lowlevel.published.vlif import VLIF as VLIF

SYSTEMS = {system.name: system for system in (VLIF, ESDNET, SPIKERAIN)}
