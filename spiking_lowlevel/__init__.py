"""Spiking neural networks for low-level vision, on PyTorch Lightning."""

from spiking_lowlevel.registry import register as register

__version__ = "0.1.0"
