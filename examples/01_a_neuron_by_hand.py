"""Feed a constant current to three neurons and print when they spike."""

import torch

from spiking_lowlevel.neurons import LIF, NILIF, VLIF
from spiking_lowlevel.neurons.vlif import Shuffle

current = torch.full((8, 1, 1, 2, 2), 0.6)  # [T, B, C, H, W]
lif = LIF(1, threshold=1.0)

for neuron in (lif, NILIF(1, levels=4), VLIF(1, inner=lambda c: lif, restore=Shuffle)):
    spikes = neuron(current)
    print(f"{type(neuron).__name__:6} mean over pixels: {spikes.mean((1, 2, 3, 4)).tolist()}")

print("the same again, one step at a time, the membrane potential carried by hand:")
v = lif.start(current[0])
for t, x in enumerate(current):
    s, v = lif.step(x, v)
    print(f"t={t}  spike={int(s[0, 0, 0, 0])}  v={float(v[0, 0, 0, 0]):.4f}")
