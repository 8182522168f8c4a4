"""Spiking neural networks for low-level vision, on PyTorch Lightning."""

from typing import TYPE_CHECKING, Any

from spiking_lowlevel.registry import register as register

if TYPE_CHECKING:
    from spiking_lowlevel.restoring.zoo import load as load

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """`load`, imported when it is asked for: the command line must not pay for PyTorch."""
    if name == "load":
        from spiking_lowlevel.restoring.zoo import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
