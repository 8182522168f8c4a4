"""One update of one membrane, as the arithmetic that it takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Update:
    """What a neuron has to compute in every time step, however a simulation goes about it.

    Args:
        multiply: multiplications, such as one of the membrane potential by what a leak leaves.
        add: additions, such as one of the input current.
        compare: comparisons: 1 for a threshold, ⌈log2(D + 1)⌉ to find one of D + 1 levels.
        add_per_spike: further additions where the neuron fires: the reset.
    """

    multiply: int = 1
    add: int = 1
    compare: int = 1
    add_per_spike: int = 1
