"""A trained network, ready for photographs."""

from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.restore import Strategy
from spiking_lowlevel.restoring.arrays import batch_of
from spiking_lowlevel.restoring.options import Precision

I = TypeVar("I", bound=Any)  # noqa: E741 (an image of whatever library)

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Restorer:
    """A trained network that restores images of any size, one at a time.

    >>> from spiking_lowlevel import load
    >>> clean = load("derain-small").restore(image)  # doctest: +SKIP

    Args:
        name: of the shipped network, or where it came from.
        network: fused, in evaluation mode, on `device`.
        inference: how it goes over images that are larger than it takes at once.
        device: where it computes.
        precision: "32-true", or convolutions in bfloat16 or float16 ("bf16-mixed", "16-mixed").
    """

    name: str
    network: Network
    inference: Strategy
    device: torch.device = _CPU
    precision: Precision = "32-true"

    def tiles(self, batch: Tensor) -> Tensor:
        """Restored images [B, 3, H, W], not clamped, for degraded ones in [0, 1], as float32."""
        half = torch.float16 if self.precision.startswith("16") else torch.bfloat16
        enabled = self.precision != "32-true"
        with torch.inference_mode(), torch.autocast(self.device.type, half, enabled=enabled):
            moved = batch.to(self.device, torch.float32, memory_format=torch.channels_last)
            return self.network.padded(moved).float().cpu()

    def restore(self, image: I) -> I:
        """The restored image, of the library, shape and depth of what is given.

        Takes images of Pillow; arrays [H, W], [H, W, 3] or [H, W, 4] of numpy in uint8, uint16 or
        float in [0, 1]; tensors [3, H, W] or [B, 3, H, W] in [0, 1] or uint8. Grey stays grey,
        alpha stays as it is; a palette becomes RGB.

        Raises:
            UserError: it is no image of these.
        """
        batch, back = batch_of(image)
        return back(self.inference(_Moved(self), batch))


class _Moved(Network):
    """The network of a restorer as one on the processor in single precision, for a strategy."""

    def __init__(self, restorer: Restorer) -> None:
        super().__init__()
        self.network = restorer.network
        vars(self)["restorer"] = restorer
        vars(self)["multiple"] = restorer.network.multiple

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images [B, 3, H, W]."""
        return vars(self)["restorer"].tiles(degraded)
