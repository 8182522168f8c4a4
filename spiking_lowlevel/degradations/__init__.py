"""Degradations: a clean photograph and a random generator to a degraded photograph."""

from spiking_lowlevel.degradations.base import Degradation as Degradation
from spiking_lowlevel.degradations.rain import Rain as Rain
from spiking_lowlevel.degradations.rain_bank import RainBank as RainBank
from spiking_lowlevel.degradations.rain_mix import RainMix as RainMix
