"""Blocks: [T, B, C, H, W] to [T, B, C', H', W']."""

from spiking_lowlevel.blocks.arfe import ARFE as ARFE
from spiking_lowlevel.blocks.attention import (
    MultiDimensionalAttention as MultiDimensionalAttention,
)
from spiking_lowlevel.blocks.attention import TimeAttention as TimeAttention
from spiking_lowlevel.blocks.base import Block as Block
from spiking_lowlevel.blocks.dsrb import DSRB as DSRB
from spiking_lowlevel.blocks.frb import FRB as FRB
from spiking_lowlevel.blocks.mdsa import MDSA as MDSA
from spiking_lowlevel.blocks.norm import ConvNorm as ConvNorm
from spiking_lowlevel.blocks.norm import ThresholdBatchNorm as ThresholdBatchNorm
from spiking_lowlevel.blocks.readout import TimeFusion as TimeFusion
from spiking_lowlevel.blocks.readout import TimeMean as TimeMean
from spiking_lowlevel.blocks.sampling import Downsampling as Downsampling
from spiking_lowlevel.blocks.sampling import SkipFusion as SkipFusion
from spiking_lowlevel.blocks.sampling import Upsampling as Upsampling
from spiking_lowlevel.blocks.sdem import SDEM as SDEM
from spiking_lowlevel.blocks.smu import SMU as SMU
from spiking_lowlevel.blocks.srb import SRB as SRB
