"""What a tensor is made of: nothing, spikes of some kind, or real values."""

from enum import IntEnum


class Activity(IntEnum):
    """Classes of activations, from the most special to the most general.

    With a unit u and levels D: ZERO is all 0; BINARY {0, 1}; TERNARY {-1, 0, 1}; MULTILEVEL u·k for
    k in 0, ..., D; GRADED {0, a} for any one height a; REAL everything else.
    """

    ZERO = 0
    BINARY = 1
    TERNARY = 2
    MULTILEVEL = 3
    GRADED = 4
    REAL = 5


SPIKES = (Activity.ZERO, Activity.BINARY, Activity.TERNARY, Activity.MULTILEVEL)
"""Classes that a layer can answer by additions alone."""
