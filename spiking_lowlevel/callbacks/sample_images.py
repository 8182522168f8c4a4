"""Strips of sample pictures: degraded, restored, clean, error and spikes."""

import lightning.pytorch as pl
from torch import Tensor

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.callbacks.spike_maps import map_spikes, sheet
from spiking_lowlevel.callbacks.strips import error_map, heat, strip
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.data.images import write_png
from spiking_lowlevel.registry import register
from spiking_lowlevel.tasks.base import RestorationTask


@register
class SampleImages(Watcher):
    """Writes a strip of the same few crops after every validation, and one after a test.

    `samples/epoch_<n>.png` or `samples/test.png`, one row a picture: degraded, restored, clean, the
    absolute error, and where the network spikes (rate over steps, channels and neuron layers).

    Args:
        pictures: how many pictures, the first ones of the split.
        crop: side of the crop from the middle of each, in pixels.
        every: epochs from one strip to the next.
        spike_maps: also lay the spikes of single neuron layers over the first picture, in
            `samples/spikes_<...>.png`: true for all layers, or patterns of names: `[encoder1.*]`.
    """

    def __init__(
        self,
        pictures: int = 3,
        crop: int = 256,
        every: int = 1,
        spike_maps: bool | list[str] = False,
    ) -> None:
        self.pictures, self.crop, self.every = pictures, crop, every
        all_or_none = ["*"] if spike_maps else []
        self.patterns = all_or_none if isinstance(spike_maps, bool) else spike_maps
        self._samples: list[tuple[Tensor, Tensor]] = []

    def _start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._samples = []

    on_validation_start = on_test_start = _start

    def _collect(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: object,
        batch: Pair,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        for degraded, clean in zip(batch.degraded, batch.clean, strict=True):
            if len(self._samples) < self.pictures:
                self._samples.append((self._middle(degraded), self._middle(clean)))

    on_validation_batch_end = on_test_batch_end = _collect

    def _middle(self, image: Tensor) -> Tensor:
        H, W = image.shape[-2:]
        top, left = max(0, (H - self.crop) // 2), max(0, (W - self.crop) // 2)
        return image[:, top : top + self.crop, left : left + self.crop]

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the strip of this epoch."""
        if not trainer.sanity_checking and trainer.current_epoch % self.every == 0:
            self._write(trainer, pl_module, f"epoch_{trainer.current_epoch:03d}")

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the strip of the test."""
        self._write(trainer, pl_module, "test")

    def _write(self, trainer: pl.Trainer, pl_module: pl.LightningModule, name: str) -> None:
        samples = folder(trainer) / "samples"
        if not self._samples or not trainer.is_global_zero:
            return
        assert isinstance(pl_module, RestorationTask)
        rows, rates = [], []
        for degraded, clean in self._samples:
            maps = map_spikes(pl_module.network, pl_module.inference, degraded)
            if self.patterns and not rows:
                chosen = maps.only(self.patterns)
                write_png(samples / f"spikes_{name}.png", sheet(degraded, chosen))
            rows.append([degraded, maps.restored, clean, error_map(maps.restored, clean)])
            rates.append(maps.mean)
        top = max(float(r.max()) for r in rates)
        for row, rate in zip(rows, rates, strict=True):
            row.append(heat(rate, top))
        before, spikes = pl_module.degraded_name, f"spike rate (white: {top:.2f})"
        titles = [before, "restored", "clean", "error (white: 0.2)", spikes]
        write_png(samples / f"{name}.png", strip(rows, titles))
