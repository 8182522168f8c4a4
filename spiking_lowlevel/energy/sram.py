"""What one access to an on-chip memory costs, by the size of the memory: three readings.

All go back to three numbers of Horowitz (ISSCC 2014, 45 nm): 64 bits out of 8 KiB, 32 KiB and 1 MiB
take 10, 20 and 100 pJ. At 80 KiB they differ little (20, 24 and 5 pJ a word); for memories of a few
words a hundredfold.
"""

from itertools import pairwise
from typing import Literal

from spiking_lowlevel.energy.base import Constant

Sram = Literal["regression", "piecewise", "bus64"]
"""
regression: 13.2 pJ + 1.09e-5 pJ/bit · size in bits, a line through the three numbers.
piecewise: (0, 0), (8 KiB, 10 pJ), (32 KiB, 20 pJ), (1 MiB, 100 pJ) joined by lines, then constant.
bus64: blocks of 8 KiB behind a bus of 64 bits, 10 pJ a transfer, so 5 pJ a word at any size.
"""

WORD_BITS = 32
"""Width of everything that is stored."""

_KIB = 8 * 1024  # bits
_AUTHORS = "Lemaire et al., arXiv 2210.13107, in their code: qualia-plugin-snn 2.6.0"
_READING = "Horowitz, ISSCC 2014, read as SpikingJelly 2.0.0 does, op_counter (pJ a 4-byte word)"


def _points() -> dict[int, Constant]:
    energies = {8: 10.0, 32: 20.0, 1024: 100.0}
    return {
        kib * _KIB: Constant(energy, "pJ/access", "", f"{_READING}, {kib} KiB", "second-hand")
        for kib, energy in energies.items()
    }


OFFSET = Constant(13.2, "pJ/access", "", _AUTHORS, "author-code")
SLOPE = Constant(1.09e-5, "pJ/access/bit", "", _AUTHORS, "author-code")
POINTS = _points()
BUS = Constant(10.0, "pJ/64 bit", "", f"{_AUTHORS}, option for blocks of 8 KB", "author-code")


def access_energy(sram: Sram, words: int) -> float:
    """Energy in pJ of one read or write of a 32-bit word in a memory of so many words."""
    bits = words * WORD_BITS
    if sram == "regression":
        return OFFSET.value + SLOPE.value * bits
    if sram == "bus64":
        return BUS.value * WORD_BITS / 64
    corners = [(0, 0.0), *((size, constant.value) for size, constant in POINTS.items())]
    for (left, low), (right, high) in pairwise(corners):
        if bits <= right:
            return low + (high - low) * (bits - left) / (right - left)
    return corners[-1][1]


def constants(sram: Sram) -> dict[str, Constant]:
    """What a reading stands on, by name."""
    if sram == "regression":
        return {"sram_offset": OFFSET, "sram_slope": SLOPE}
    if sram == "bus64":
        return {"sram_bus": BUS}
    return {f"sram_{size // _KIB}_kib": constant for size, constant in POINTS.items()}
