"""Rain on a bundled photograph, and off again: rainy, restored, clean, and where it spiked.

Writes restored.jpg, or the file that is named: python examples/06_restore_a_photograph.py OUT.jpg
"""

import sys

import numpy as np
from PIL import Image

from spiking_lowlevel import load
from spiking_lowlevel.callbacks.spike_maps import map_spikes, overlay
from spiking_lowlevel.callbacks.strips import grid
from spiking_lowlevel.data.images import read_image, to_tensor
from spiking_lowlevel.data.photographs import BUNDLED
from spiking_lowlevel.degradations import Rain
from spiking_lowlevel.metrics import Luma

photograph = read_image(BUNDLED / "validate" / "china.jpg")  # not among those it was trained on
rainy = Rain("rain200l")(photograph, np.random.default_rng(1))

net = load("derain-small")
restored = net.restore(rainy)

seen = map_spikes(net.network, net.inference, to_tensor(rainy))
spikes = overlay(to_tensor(rainy), seen.mean, float(seen.mean.max()))

clean = to_tensor(photograph)[None]
before, after = (Luma().score(to_tensor(x)[None], clean)["psnr"].item() for x in (rainy, restored))
print(f"PSNR of luma: {before:.2f} dB rainy, {after:.2f} dB restored")
pictures = [
    [(f"rainy, {before:.1f} dB", rainy), (f"derain-small, {after:.1f} dB", restored)],
    [("clean", photograph), ("where it spiked", spikes)],
]
out = sys.argv[1] if len(sys.argv) > 1 else "restored.jpg"
Image.fromarray(grid(pictures)).save(out, quality=90)
print(f"written to {out}")
