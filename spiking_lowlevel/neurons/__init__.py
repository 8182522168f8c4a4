"""Neurons: current [T, B, C, H, W] to spikes of the same shape. The contract is in `base`."""

from spiking_lowlevel.neurons.base import Neuron as Neuron
from spiking_lowlevel.neurons.base import StepNeuron as StepNeuron
from spiking_lowlevel.neurons.lif import LIF as LIF
from spiking_lowlevel.neurons.ni_lif import NILIF as NILIF
from spiking_lowlevel.neurons.rectifier import Rectifier as Rectifier
from spiking_lowlevel.neurons.snntorch import SnnTorch as SnnTorch
from spiking_lowlevel.neurons.snntorch_surrogate import SnnTorchSurrogate as SnnTorchSurrogate
from spiking_lowlevel.neurons.update import Update as Update
from spiking_lowlevel.neurons.vlif import VLIF as VLIF
from spiking_lowlevel.neurons.watch import watch as watch
