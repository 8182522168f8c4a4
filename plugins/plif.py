"""Parametric leaky integrate-and-fire: the membrane time constant is learnt, one a layer.

    h[t] = v[t−1] · σ(w) + x[t],   fire and reset as in LIF;   w starts at 0, that is τ = 2

Fang et al., "Incorporating learnable membrane time constant to enhance learning of spiking neural
networks" (ICCV 2021), section 4, with an input that is not scaled by the time constant.
"""

import torch
from torch import Tensor, nn

from spiking_lowlevel import register
from spiking_lowlevel.neurons import StepNeuron, Update
from spiking_lowlevel.neurons.surrogate import Sigmoid, Surrogate


@register
class PLIF(StepNeuron):
    """LIF that learns how much of its membrane potential it keeps.

    Args:
        channels: channels of the input; any number.
        threshold: membrane potential at which the neuron fires.
        surrogate: stands in for the derivative of the step function.
    """

    update = Update()  # for the energy: a multiplication, an addition and a comparison a step

    def __init__(
        self, channels: int, threshold: float = 0.15, surrogate: Surrogate = Sigmoid(4.0)
    ) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(()))
        self.threshold, self.surrogate = threshold, surrogate

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step: current and membrane potential [B, C, H, W] to spikes and potential."""
        h = state * torch.sigmoid(self.w) + x
        s = self.surrogate(h - self.threshold)
        return s, h * (1 - s)
