"""How large the tiles are that a network goes over a photograph in: by its strategy, by memory."""

import os
from dataclasses import replace
from pathlib import Path

import torch

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.footprint import bytes_per_pixel
from spiking_lowlevel.restore import Tiles, Tiling, WithinMemory
from spiking_lowlevel.restoring.restorer import Restorer

_SHARE = 0.5  # of the free memory: the operations inside need room that is not counted
_SMALLEST = 32


def tiling_for(restorer: Restorer, tile: int | None, overlap: int | None) -> Tiling:
    """The tiles that are asked for, or those of the strategy of a network, as memory allows.

    A network that restores whole pictures gets tiles as large as memory allows.

    Args:
        restorer: the network.
        tile: side in pixels; None for that of its strategy.
        overlap: in pixels; None for that of its strategy.

    Raises:
        UserError: the overlap is not smaller than the tile.
    """
    strategy = restorer.inference
    if isinstance(strategy, Tiling):
        base = strategy
    else:
        wide = strategy.overlap if isinstance(strategy, WithinMemory) else 32
        base = Tiles(1 << 15, wide)
    if overlap is not None:
        base = replace(base, overlap=overlap, tile=max(tile or base.tile, overlap + 1))
    if tile is not None:
        if tile <= base.overlap and overlap is None:  # of its strategy: nobody asked for it
            base = replace(base, overlap=tile // 8, tile=tile)
        if tile <= base.overlap:
            raise UserError(f"--overlap {base.overlap} has to be smaller than --tile {tile}")
        return replace(base, tile=tile)
    bound = _largest(restorer)
    if isinstance(strategy, WithinMemory):
        each = max(1.0, bytes_per_pixel(restorer.network))
        bound = min(bound, int((strategy.gigabytes * 2**30 / each) ** 0.5))
    return smaller(base, min(base.tile, bound), restorer.network.multiple)


def smaller(tiling: Tiling, side: int, multiple: int = 1) -> Tiling:
    """The same with tiles of about that side, not below a few overlaps; itself if it is smaller."""
    least = max(_SMALLEST, 2 * tiling.overlap)
    side = max(least, side // multiple * multiple)
    return tiling if side >= tiling.tile else replace(tiling, tile=side)


def halved(tiling: Tiling, longest: int) -> Tiling | None:
    """Tiles of half the side, after memory ran out; None where they would be too small.

    Args:
        tiling: what there was no memory for.
        longest: side of the picture; a tile is not larger than that.
    """
    half = smaller(tiling, min(tiling.tile, longest) // 2)
    return half if half.tile < min(tiling.tile, longest) else None


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on the processor or another device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    told = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in told or "can't allocate memory" in told or "not enough memory" in told
    )


def _largest(restorer: Restorer) -> int:
    """Side of the largest tile that there is memory for, in pixels."""
    free = _free(restorer.device)
    each = max(1.0, bytes_per_pixel(restorer.network))
    return int((_SHARE * free / each) ** 0.5)


def _free(device: torch.device) -> float:
    """Bytes of memory that are free on a device; of the processor's, also as a container has it."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    known = [2.0**32]  # where nothing is told
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines)
        known = [float(told["MemAvailable"].split()[0]) * 1024]
    except (OSError, KeyError, ValueError):
        if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
            known = [0.5 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    try:
        group = Path("/sys/fs/cgroup")
        most, now = (float((group / f"memory.{n}").read_text()) for n in ("max", "current"))
        known.append(max(0.0, most - now))
    except (OSError, ValueError):  # no such group, or no bound: "max"
        pass
    return min(known)
