"""The points of the contracts of encoders, losses, protocols, degradations and cost models."""

from collections.abc import Callable
from dataclasses import astuple
from math import isclose, isfinite

import numpy as np
import torch

from spiking_lowlevel.degradations.base import Degradation
from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.energy.base import CostModel
from spiking_lowlevel.energy.baselines import total
from spiking_lowlevel.energy.sample import SLOTS, sample
from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.metrics.protocols import Protocol
from spiking_lowlevel.testing.fault import Points, demand
from spiking_lowlevel.testing.neurons import B, H, T, W


def _encoder_shape(make: Callable[[int], Encoder]) -> None:
    out = list(make(T)(torch.rand(B, 3, H, W)).shape)
    demand(out == [T, B, 3, H, W], f"images [{B}, 3, {H}, {W}] and {T} time steps gave {out}")


def _loss_order(make: Callable[[], Loss]) -> None:
    loss, clean = make(), torch.rand(B, 3, 16, 16)
    near, far = (clean + a * torch.randn_like(clean) for a in (0.01, 0.1))
    values = [loss(x, clean) for x in (clean, near, far)]
    demand(all(v.dim() == 0 for v in values), "a loss is a scalar")
    demand(bool(values[0] < values[1] < values[2]), "a larger error did not give a larger loss")


def _loss_gradient(make: Callable[[], Loss]) -> None:
    clean = torch.rand(B, 3, 16, 16)
    for restored in (clean + 0.1, clean.clone()):
        restored.requires_grad_()
        make()(restored, clean).backward()
        grad = restored.grad
        demand(grad is not None and bool(grad.isfinite().all()), "the gradient is not finite")


def _protocol_values(make: Callable[[], Protocol]) -> None:
    clean = torch.rand(B, 3, 32, 32)
    near, far = ((clean + a * torch.randn_like(clean)).clamp(0, 1) for a in (0.01, 0.1))
    better, worse = make()(near, clean), make()(far, clean)
    demand(all(v.shape == (B,) for v in better.values()), "a protocol gives one value an image")
    demand({"psnr", "ssim"} <= better.keys(), f"psnr or ssim is missing: {', '.join(better)}")
    alone = make()(near[:1], clean[:1])
    same = all(torch.allclose(v[:1], alone[k], rtol=1e-4) for k, v in better.items())
    demand(same, "a batch mate changed the score of the first image: scores are pooled")
    demand(bool((better["psnr"] > worse["psnr"]).all()), "a larger error did not lower the PSNR")


def _degradation_bytes(make: Callable[[], Degradation]) -> None:
    clean = np.random.default_rng(0).integers(256, size=(32, 48, 3), dtype=np.uint8)
    before = clean.copy()
    first, again = (make()(clean, np.random.default_rng(1)) for _ in range(2))
    demand(
        first.dtype == np.uint8 and first.shape == clean.shape, "an 8-bit image of that size is due"
    )
    demand(np.array_equal(first, again), "the same seed gave two pictures")
    demand(np.array_equal(clean, before), "the clean picture was changed in place")


def _cost_silence(make: Callable[[], CostModel]) -> None:
    silent = sample(spikes=0)
    asked = make().price(silent.layers[-1], silent).compute
    demand(not asked, f"{asked:g} for the operations of a layer that saw no spike")


def _cost_order(make: Callable[[], CostModel]) -> None:
    asked = [total(sample(spikes), make()) for spikes in range(0, SLOTS + 1, 4)]
    demand(asked == sorted(asked), "more spikes cost less")


def _cost_images(make: Callable[[], CostModel]) -> None:
    one, three = (total(sample(SLOTS // 2, images), make()) for images in (1, 3))
    demand(isclose(3 * one, three), f"one image costs {one:g}, three such images {three:g}")


def _cost_values(make: Callable[[], CostModel]) -> None:
    seen = sample(SLOTS // 2)
    parts = [astuple(make().price(layer, seen)) for layer in seen.layers]
    fine = all(isfinite(part) and part >= 0 for price in parts for part in price)
    demand(fine, "a price is negative or not finite")
    demand(any(parts[0]), "a layer that multiplies real values is free")


def _cost_constants(make: Callable[[], CostModel]) -> None:
    constants = make().constants()
    bare = [
        name for name, c in constants.items() if not (isfinite(c.value) and c.unit and c.source)
    ]
    demand(not bare, f"no value, unit or source: {', '.join(bare)}")
    precisions = {c.precision for c in constants.values()} - {""}
    demand(len(precisions) < 2, f"precisions are mixed: {', '.join(sorted(precisions))}")
    demand(bool(constants and make().scope), "what it stands on, or its scope, is not told")


ENCODER: Points = {"shape: [B, 3, H, W] becomes [T, B, 3, H, W]": _encoder_shape}
LOSS: Points = {
    "order: a scalar that grows with the error": _loss_order,
    "gradient: finite, also for equal images": _loss_gradient,
}
PROTOCOL: Points = {"values: one an image, worse for larger errors": _protocol_values}
DEGRADATION: Points = {
    "bytes: decided by the seed, the clean picture untouched": _degradation_bytes
}
COST: Points = {
    "silence: no spikes, no synaptic operations": _cost_silence,
    "order: more spikes never cost less": _cost_order,
    "images: as many times the price as there are images": _cost_images,
    "values: finite, not negative, real values are not free": _cost_values,
    "constants: each with unit and source, all of one precision": _cost_constants,
}
