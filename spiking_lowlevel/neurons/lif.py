"""Leaky integrate-and-fire.

    h[t] = v[t−1] · (1 − 1/τ) + x[t]
    s[t] = 1 if h[t] ≥ threshold else 0
    v[t] = reset(h[t], s[t]);   v[−1] = 0

x, s: [B, C, H, W] at one time step; v, h: membrane potential before and after the input, in the
units of x. The input is not divided by τ, and a tie fires. Gerstner et al., "Neuronal dynamics"
(2014), section 1.3; conventions of SpikingJelly's LIFNode with `decay_input=False`.
"""

import torch
from torch import Tensor

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.base import StepNeuron
from spiking_lowlevel.neurons.in_place import Leaky
from spiking_lowlevel.neurons.reset import NoReset, Reset, ToZero
from spiking_lowlevel.neurons.surrogate import Sigmoid, Surrogate
from spiking_lowlevel.neurons.update import Update
from spiking_lowlevel.registry import register


@register
class LIF(StepNeuron, Leaky):
    """Leaky integrate-and-fire with hard reset.

    Args:
        channels: channels of the input; any number, since all channels share the constants.
        tau: membrane time constant τ ≥ 1, in time steps.
        threshold: membrane potential at which the neuron fires.
        reset: what a spike does to the membrane.
        surrogate: stands in for the derivative of the step function.
        detach_reset: when true, no gradient flows through the reset.
    """

    def __init__(
        self,
        channels: int,
        tau: float = 2.0,
        threshold: float = 0.15,
        reset: Reset = ToZero(),
        surrogate: Surrogate = Sigmoid(4.0),
        detach_reset: bool = False,
    ) -> None:
        super().__init__()
        if tau < 1:
            raise UserError(f"LIF: tau is {tau}; a membrane time constant is at least 1 time step")
        self.keep = 1 - 1 / tau
        self.threshold = threshold
        self.reset = reset
        self.surrogate = surrogate
        self.detach_reset = detach_reset
        self.update = Update(
            multiply=int(0 < self.keep < 1), add_per_spike=int(not isinstance(reset, NoReset))
        )

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One time step: current and membrane potential [B, C, H, W] to spikes and potential."""
        h = state * self.keep + x
        s = self.surrogate(h - self.threshold)
        return s, self.reset(h, s.detach() if self.detach_reset else s, self.threshold)

    def fire_(self, h: Tensor, s: Tensor) -> None:
        """Write the spikes of h [B, C, H, W] into s."""
        torch.ge(h, self.threshold, out=s)

    def reset_(self, h: Tensor, s: Tensor, v: Tensor) -> None:
        """Write the potential after the spikes s of h into v, all [B, C, H, W]."""
        self.reset.write(h, s, self.threshold, v)

    def slopes(self, h: Tensor) -> tuple[Tensor, Tensor | None]:
        """∂s/∂h, by the surrogate, and ∂v/∂h for h [T, B, C, H, W]; None for 1."""
        of_spikes = self.surrogate.derivative(h - self.threshold)
        through_spikes = None if self.detach_reset else of_spikes
        return of_spikes, self.reset.slope(h, self.threshold, through_spikes)

    def extra_repr(self) -> str:
        """The constants, for `print(network)`."""
        return f"keep={self.keep:g}, threshold={self.threshold:g}, {self.reset}, {self.surrogate}"
