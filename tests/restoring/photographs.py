"""Picture files of many kinds, and networks to restore them with."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from torch import Tensor

from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.restore import Tiles
from spiking_lowlevel.restoring import command, options
from spiking_lowlevel.restoring.restorer import Restorer

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RNG = np.random.default_rng(0)
BYTES = RNG.integers(256, size=(41, 57, 4), dtype=np.uint8)
WORDS = RNG.integers(65536, size=(41, 57, 4), dtype=np.uint16)


class Unchanged(Network):
    """With it everything that a format can hold has to come back bit for bit."""

    multiple = 4

    def forward(self, degraded: Tensor) -> Tensor:
        return degraded


SAME = Restorer("same", Unchanged(), Tiles(16, 4))


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112], data[0x010F] = orientation, "Maker"
    data.get_ifd(34665)[0x829A] = 0.5
    return data.tobytes()


def restore(monkeypatch: pytest.MonkeyPatch, *words: object, network: Restorer = SAME) -> int:
    """The exit code of `slv restore WORDS` with that network."""
    monkeypatch.setattr(command, "load", lambda *_: network)
    try:
        command.run(options.parse([str(word) for word in words]), lambda rest: rest)
    except SystemExit as leave:
        return int(leave.code or 0)
    return 0


def pixels(path: Path | io.BytesIO) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)
