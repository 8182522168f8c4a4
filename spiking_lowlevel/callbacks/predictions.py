"""Restored pictures as files."""

from pathlib import Path

import lightning.pytorch as pl
from torch import Tensor

from spiking_lowlevel.callbacks.base import Watcher, folder
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.data.images import to_image, write_png
from spiking_lowlevel.registry import register


@register
class Predictions(Watcher):
    """Writes what `slv predict` restores, as 8-bit PNG under the name of the input."""

    def on_predict_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Tensor,
        batch: Pair,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write the restored pictures [B, 3, H, W] of a batch into `images/`."""
        for name, restored in zip(batch.name, outputs, strict=True):
            write_png(folder(trainer) / "images" / Path(f"{name}.png").name, to_image(restored))
