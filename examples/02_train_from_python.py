"""Train a tiny derainer for a few steps without the command line, and score it."""

from lightning.pytorch import Trainer, seed_everything

from spiking_lowlevel.callbacks import PerImage, SpikeRates
from spiking_lowlevel.data import Photographs
from spiking_lowlevel.degradations import Rain
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.runs import RunFolder
from spiking_lowlevel.tasks import Deraining

seed_everything(0)
task = Deraining(VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1)))
data = Photographs(degradation=Rain("rain200h"), batch_size=2, crop=32, draws=8, variants=1)
trainer = Trainer(
    accelerator="cpu",
    max_epochs=1,
    logger=RunFolder("from-python"),
    callbacks=[PerImage(), SpikeRates()],
    limit_val_batches=1,
    limit_test_batches=1,
    enable_model_summary=False,
)
trainer.fit(task, data)
trainer.test(task, data, verbose=False)
