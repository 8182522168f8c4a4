"""Callbacks: they watch a run and write into its folder."""

from spiking_lowlevel.callbacks.base import Watcher as Watcher
from spiking_lowlevel.callbacks.energy_tracker import EnergyTracker as EnergyTracker
from spiking_lowlevel.callbacks.learning_curve import LearningCurve as LearningCurve
from spiking_lowlevel.callbacks.per_image import PerImage as PerImage
from spiking_lowlevel.callbacks.predictions import Predictions as Predictions
from spiking_lowlevel.callbacks.sample_images import SampleImages as SampleImages
from spiking_lowlevel.callbacks.spike_rates import SpikeRates as SpikeRates
