"""What a neuron is: a function of its input current that keeps nothing between calls."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from spiking_lowlevel.neurons.in_place import Leaky, run
from spiking_lowlevel.neurons.update import Update

State = Any
"""The state of a neuron between two time steps: a tensor [B, C, H, W] or a tuple of tensors."""


class Neuron(nn.Module, ABC):
    """Maps an input current to spikes; time comes first and the membrane lives for one call only.

    A constructor takes `channels`, the number of channels that the neuron will see, first; every
    other argument has a default, so that `Neuron` classes serve as factories, one call a layer.
    """

    kind: ClassVar[str] = "neuron"

    levels: int | None = 1
    """What a spike can be: 1 for {0, 1}; D for {0, 1/D, ..., 1}; None for real values."""

    update: Update | None = None
    """What one update of a membrane takes; None: counted as `forward` computes it."""

    stochastic: bool = False
    """Whether it draws random numbers: then it has to answer alike under one seed only."""

    @abstractmethod
    def forward(self, current: Tensor) -> Tensor:
        """Spikes [T, B, C, H, W] in answer to a current of the same shape."""


class StepNeuron(Neuron):
    """A neuron that goes step by step: state in, state out.

    One that is also `Leaky` has its steps run in place, with the same outcome.
    """

    def start(self, x: Tensor) -> State:
        """The state before the first step, for an input x [B, C, H, W]; zeros by default."""
        return torch.zeros_like(_precise(x))

    @abstractmethod
    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One time step: current x [B, C, H, W] and state to spikes [B, C, H, W] and next state."""

    def forward(self, current: Tensor) -> Tensor:
        """Spikes [T, B, C, H, W] of a fresh neuron in answer to a current of the same shape."""
        if isinstance(self, Leaky) and not torch.compiler.is_compiling():
            return run(current, self)
        # Step by step, which a compiler fuses by itself.
        return self.stream(current, self.start(_precise(current[0])))[0]

    def stream(self, current: Tensor, state: State) -> tuple[Tensor, State]:
        """As `forward`, but going on from `state`; also returns the state after the last step.

        For video, where the caller carries the membrane from one stretch of frames to the next.
        Steps see a current in single precision at least, so that no membrane adds up in half.
        """
        spikes = []
        for x in current:
            s, state = self.step(_precise(x), state)
            spikes.append(s.to(current.dtype))
        return torch.stack(spikes), state


def _precise(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float32))
