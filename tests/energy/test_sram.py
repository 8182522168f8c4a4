"""Energies of an access by the size of the memory."""

import pytest

from spiking_lowlevel.energy.sram import Sram, access_energy


@pytest.mark.parametrize(
    ("sram", "words", "energy"),
    [
        ("regression", 0, 13.2),
        ("regression", 4, 13.2 + 1.09e-5 * 128),
        ("regression", 20_480, 20.343),  # 80 KiB
        ("piecewise", 0, 0),
        ("piecewise", 1024, 5),  # 4 KiB
        ("piecewise", 2048, 10),  # 8 KiB
        ("piecewise", 5120, 15),  # 20 KiB
        ("piecewise", 8192, 20),  # 32 KiB
        ("piecewise", 20_480, 20 + 80 * 48 / 992),  # 80 KiB
        ("piecewise", 262_144, 100),  # 1 MiB
        ("piecewise", 10**9, 100),
        ("bus64", 4, 5),
        ("bus64", 10**6, 5),
    ],
)
def test_an_access(sram: Sram, words: int, energy: float):
    assert access_energy(sram, words) == pytest.approx(energy, rel=1e-4)
