"""Rules: for every operation of PyTorch that is known, what it takes."""

from spiking_lowlevel.energy.counting.call import Rule
from spiking_lowlevel.energy.counting.rules import elementwise, gathering, moving, synapses

RULES: dict[str, Rule] = {
    **moving.RULES,
    **elementwise.RULES,
    **gathering.RULES,
    **synapses.RULES,
}
"""By the full name of the operation as PyTorch writes it, without "aten::"."""
