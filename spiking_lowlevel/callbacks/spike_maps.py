"""Where on a photograph each neuron layer spikes, however the photograph is cut into tiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from spiking_lowlevel.callbacks.strips import grid, heat
from spiking_lowlevel.data.images import to_image
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.watch import spiking_neurons, watch
from spiking_lowlevel.restore import Strategy


@dataclass(frozen=True)
class SpikeMaps:
    """A restored image, and where each neuron layer of the network spiked on the way to it.

    Args:
        restored: the image [3, H, W] in [0, 1].
        rates: firing rate [H, W] of every layer by its name, the mean over steps and channels.
        sides: side of a pixel of every layer, in pixels of the image.
    """

    restored: Tensor
    rates: dict[str, Tensor]
    sides: dict[str, int]

    @property
    def mean(self) -> Tensor:
        """Firing rate [H, W], the mean over layers; zero for a network without spikes."""
        none = torch.zeros_like(self.restored[:1])
        return torch.stack([*self.rates.values()] or [*none]).mean(0)

    def levels(self) -> dict[int, Tensor]:
        """Mean firing rate [H, W] over the layers of each level of resolution, the finest first."""
        return {
            side: torch.stack([m for k, m in self.rates.items() if self.sides[k] == side]).mean(0)
            for side in sorted(set(self.sides.values()))
        }

    def only(self, patterns: Sequence[str]) -> "SpikeMaps":
        """The layers whose names match any of the patterns, such as `encoder1.*`.

        Raises:
            UserError: a pattern matches no layer.
        """
        for pattern in patterns:
            if not any(fnmatch(name, pattern) for name in self.rates):
                raise UserError(
                    f"spike_maps: no neuron layer is called {pattern!r}; there are "
                    f"{', '.join(self.rates)}"
                )
        rates = {k: m for k, m in self.rates.items() if any(fnmatch(k, p) for p in patterns)}
        return SpikeMaps(self.restored, rates, {k: self.sides[k] for k in rates})


def map_spikes(network: Network, inference: Strategy, degraded: Tensor) -> SpikeMaps:
    """Restore an image [3, H, W] and see where the network spikes; the result is the same."""
    mapped = _Mapped(network)
    # A strategy cuts and merges channels alike, so that the maps travel as further channels.
    room = degraded.new_zeros(len(mapped.names), *degraded.shape[1:])
    with torch.no_grad():
        out = inference(mapped, torch.cat([degraded, room])[None])[0]
    rates = dict(zip(mapped.names, out[3:], strict=True))
    ran = {k: m for k, m in rates.items() if k in mapped.sides}
    return SpikeMaps(out[:3], ran, mapped.sides)


class _Mapped(Network):
    """Runs a network, and lays the firing rate of each of its neuron layers beside the image."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network, self.names = network, list(spiking_neurons(network))
        self.sides: dict[str, int] = {}
        vars(self)["multiple"] = network.multiple  # a strategy may choose its tiles by it

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored image and the maps [B, 3 + layers, H, W] for an image and room for maps."""
        if degraded.shape[1] == 3:  # a strategy that measures the network
            return self.network(degraded)
        H, W = degraded.shape[-2:]
        m = self.network.multiple
        size = (H + -H % m, W + -W % m)  # the network pads
        seen: dict[str, list[Tensor]] = {name: [] for name in self.names}

        def look(name: str, neuron: Neuron, spikes: Tensor) -> None:
            rate = (spikes != 0).float().mean((0, 2))[:, None]
            self.sides[name] = round(size[0] / rate.shape[-2])
            seen[name].append(F.interpolate(rate, size, mode="nearest")[..., :H, :W])

        with watch(self.network, look):
            restored = self.network.padded(degraded[:, :3])
        none = degraded[:, :1] * 0
        maps = [torch.stack(some).mean(0) if some else none for some in seen.values()]
        return torch.cat([restored, *maps], 1)


def overlay(photograph: Tensor, rate: Tensor, top: float) -> Image:
    """Firing rates [H, W] from 0 to `top` in colour over the photograph [3, H, W] in grey."""
    grey = to_image(photograph.mean(0, keepdim=True).expand(3, -1, -1)).astype(float)
    share = (rate / top if top else rate).clamp(0, 1).cpu().numpy()[..., None]
    colours = heat(torch.from_numpy(0.35 + 0.65 * share[..., 0]), 1.0)
    opacity = 0.85 * np.sqrt(share)
    return (0.75 * grey * (1 - opacity) + colours * opacity).round().astype(np.uint8)


def sheet(photograph: Tensor, maps: SpikeMaps, columns: int = 5) -> Image:
    """The photograph [3, H, W], its levels of resolution and its neuron layers, map beside map.

    Every map has a scale of its own, since layers differ by orders of magnitude; titles tell it.
    """
    cells: list[tuple[str, Image]] = [("photograph", to_image(photograph))]
    levels = {_level(side): rate for side, rate in maps.levels().items()}
    for name, rate in {**levels, **maps.rates}.items():
        top = float(rate.max())
        scale = f"mean {float(rate.mean()):.2%}, brightest {top:.1%}" if top else "silent"
        cells.append((f"{name}\n{scale}", overlay(photograph, rate, top)))
    first = 1 + len(levels)
    return grid(
        [cells[:first], *(cells[i : i + columns] for i in range(first, len(cells), columns))]
    )


def _level(side: int) -> str:
    return "all layers at full resolution" if side == 1 else f"all layers at 1/{side} resolution"
