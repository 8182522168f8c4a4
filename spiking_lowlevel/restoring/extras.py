"""Pictures beside a restored one: before and after side by side, and where the network spiked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.watch import spiking_neurons, watch
from spiking_lowlevel.restoring.rows import Rows

LARGEST = 4_000_000
"""Pixels of a picture beside another, above which it is reduced by a whole factor."""
_TURNED = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT, 3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM, 5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270, 7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}  # fmt: skip


@dataclass(frozen=True)
class Spiking:
    """Restores tiles and lays the mean firing rate of all neuron layers beside them.

    Args:
        network: whose neurons are watched.
        tiles: runs it, [B, 3, h, w] to [B, 3, h, w].
    """

    network: Network
    tiles: Callable[[Tensor], Tensor]

    def __call__(self, batch: Tensor) -> Tensor:
        """Restored tiles and the rate of spikes per neuron and step [B, 4, h, w]."""
        H, W = batch.shape[-2:]
        m = self.network.multiple
        size = (H + -H % m, W + -W % m)  # the network pads
        total, layers = torch.zeros(len(batch), 1, *size), len(spiking_neurons(self.network))

        def look(name: str, neuron: Neuron, spikes: Tensor) -> None:
            rate = (spikes != 0).float().mean((0, 2))[:, None].cpu()
            total.add_(F.interpolate(rate, size, mode="nearest"), alpha=1 / layers)

        with watch(self.network, look):
            restored = self.tiles(batch)
        return torch.cat([restored, total[..., :H, :W]], 1)


def side_by_side(before: Rows, after: Rows, orientation: int) -> tuple[np.ndarray, int]:
    """Before and after, upright and with titles [h, w, 3], and by what factor they are reduced."""
    from spiking_lowlevel.callbacks.strips import strip

    factor = reduction(before)
    pictures = [upright(_colours(reduced(rows, factor)), orientation) for rows in (before, after)]
    return strip([pictures], ("before", "after")), factor


def spikes_over(before: Rows, rates: Rows, orientation: int) -> tuple[np.ndarray, int]:
    """Firing rates in colour over the grey photograph [h, w, 3], and the factor of reduction."""
    from spiking_lowlevel.callbacks.spike_maps import overlay
    from spiking_lowlevel.data.images import to_tensor

    factor = reduction(before)
    rate = torch.from_numpy(reduced(rates, factor)[..., 0])
    photograph = to_tensor(_colours(reduced(before, factor)))
    # One bright pixel would darken all the others.
    top = float(np.quantile(rate.numpy(), 0.999))
    return upright(overlay(photograph, rate, top), orientation), factor


def reduction(rows: Rows) -> int:
    """The smallest whole factor by which a picture is small enough to be laid beside another."""
    height, width, _ = rows.shape
    factor = 1
    while -(-height // factor) * -(-width // factor) > LARGEST:
        factor += 1
    return factor


def reduced(rows: Rows, factor: int) -> np.ndarray:
    """The mean of every factor x factor pixels, as float32 [h, w, C] of the same range."""
    width = rows.shape[1]
    across = np.arange(0, width, factor)
    parts = []
    for first, last in rows.bands(factor):
        part = rows.read(first, last).astype(np.float32)
        down = np.arange(0, last - first, factor)
        sums = np.add.reduceat(np.add.reduceat(part, down, 0), across, 1)
        high = np.diff(np.append(down, last - first)).astype(np.float32)
        wide = np.diff(np.append(across, width)).astype(np.float32)
        parts.append(sums / (high[:, None, None] * wide[:, None]))
    scale = 1 if rows.dtype.kind == "f" else np.iinfo(rows.dtype).max
    return np.concatenate(parts) / np.float32(scale)


def upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """A picture [h, w, 3] as its EXIF orientation says that it is to be looked at."""
    way = _TURNED.get(orientation)
    return image if way is None else np.asarray(Pillow.fromarray(image).transpose(way))


def _colours(pixels: np.ndarray) -> np.ndarray:
    """Pixels [h, w, 1 to 4] in [0, 1] as 8-bit RGB, with what is transparent over white."""
    channels = pixels.shape[-1]
    colours = np.repeat(pixels[..., :1], 3, -1) if channels < 3 else pixels[..., :3]
    if channels in (2, 4):
        alpha = pixels[..., -1:]
        colours = colours * alpha + 1 - alpha
    return (colours.clip(0, 1) * 255).round().astype(np.uint8)
