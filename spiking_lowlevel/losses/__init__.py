"""Losses: (restored, clean), both [B, 3, H, W], to a scalar."""

from spiking_lowlevel.losses.base import Loss as Loss
from spiking_lowlevel.losses.charbonnier import Charbonnier as Charbonnier
from spiking_lowlevel.losses.edge import EdgeLoss as EdgeLoss
from spiking_lowlevel.losses.fourier import FourierLoss as FourierLoss
from spiking_lowlevel.losses.psnr import PSNRLoss as PSNRLoss
from spiking_lowlevel.losses.ssim import SSIMLoss as SSIMLoss
from spiking_lowlevel.losses.weighted_sum import WeightedSum as WeightedSum
