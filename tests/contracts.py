"""The contract checks as a table, for the tests that plant faults."""

from collections.abc import Callable

from spiking_lowlevel import testing


def faults(kind: str, factory: Callable[..., object]) -> dict[str, str]:
    """The points that are broken, by the first word of their titles, and how."""
    return {t.partition(":")[0]: fault for t, fault in testing.check(kind, factory) if fault}
