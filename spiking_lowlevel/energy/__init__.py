"""Energy: what networks do, counted (`OpCounter`); and cost models, which price it."""

from spiking_lowlevel.energy.base import CostModel as CostModel
from spiking_lowlevel.energy.bit_operations import BitOperations as BitOperations
from spiking_lowlevel.energy.counting.counter import OpCounter as OpCounter
from spiking_lowlevel.energy.horowitz import HorowitzFP16 as HorowitzFP16
from spiking_lowlevel.energy.horowitz import HorowitzFP32 as HorowitzFP32
from spiking_lowlevel.energy.horowitz import HorowitzINT8 as HorowitzINT8
from spiking_lowlevel.energy.horowitz import HorowitzINT32 as HorowitzINT32
from spiking_lowlevel.energy.lemaire import Lemaire2022 as Lemaire2022
from spiking_lowlevel.energy.literature import LiteratureProtocol as LiteratureProtocol
from spiking_lowlevel.energy.quoted import QuotedTables as QuotedTables
from spiking_lowlevel.energy.report.report import Report as Report
from spiking_lowlevel.energy.report.report import make_report as make_report
from spiking_lowlevel.energy.report.table import table as table
from spiking_lowlevel.energy.simple_memory import SimpleMemory as SimpleMemory
from spiking_lowlevel.energy.unrolling import IntegerUnrolling as IntegerUnrolling
