"""The one training step and the one evaluation step."""

import lightning.pytorch as pl
import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR

from spiking_lowlevel.data import Pair
from spiking_lowlevel.losses import Charbonnier
from spiking_lowlevel.metrics import RGB, Luma
from spiking_lowlevel.networks import Network, VLIFNet
from spiking_lowlevel.tasks import Deraining, RestorationTask


class Dimmer(Network):
    """A network with one weight, so that steps can be worked by hand."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, degraded):
        return self.weight * degraded


def batch() -> Pair:
    degraded = torch.stack([torch.full((3, 8, 8), 0.8), torch.full((3, 8, 8), 0.4)])
    return Pair(degraded, torch.full_like(degraded, 0.5), ["a", "b"])  # type: ignore[arg-type]


def quiet(task: RestorationTask) -> dict[str, float]:
    logged: dict[str, float] = {}

    def log(name: str, value: torch.Tensor, **_: object):
        logged[name] = float(value.detach())

    task.log = log  # type: ignore[method-assign]
    task.trainer = pl.Trainer(logger=False, enable_checkpointing=False, accelerator="cpu")
    return logged


def test_training_step_is_the_loss_of_the_unclamped_output():
    task = Deraining(Dimmer(), loss=Charbonnier)
    logged = quiet(task)
    loss = task.training_step(batch(), 0)
    expected = sum(((0.5 * d - 0.5) ** 2 + 1e-6) ** 0.5 for d in (0.8, 0.4)) / 2
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)
    assert logged == {"train/loss": pytest.approx(expected, rel=1e-5)}


def test_evaluation_scores_every_image_and_averages_them():
    task = Deraining(Dimmer(), protocols=[RGB(), Luma()])
    logged = quiet(task)
    scores = task.validation_step(batch(), 0)["scores"]
    by_hand = [-20 * torch.tensor(abs(0.5 * d - 0.5)).log10().item() for d in (0.8, 0.4)]
    assert scores["RGB", "psnr"][1].tolist() == pytest.approx(by_hand, rel=1e-5)
    # the mean of PSNRs: pooling the errors first would give another number
    assert logged["val/psnr/RGB"] == pytest.approx(sum(by_hand) / 2, rel=1e-5)
    assert logged["val/psnr"] == logged["val/psnr/RGB"]
    before = [-20 * torch.tensor(abs(d - 0.5)).log10().item() for d in (0.8, 0.4)]
    assert logged["val/psnr_rainy/RGB"] == pytest.approx(sum(before) / 2, rel=1e-5)
    assert {"val/ssim/Luma", "val/ssim_rainy/Luma"} <= logged.keys()


def test_output_is_clamped_for_scoring():
    task = Deraining(Dimmer())
    task.network.get_parameter("weight").data.fill_(9.0)
    assert float(task(batch().degraded).max()) == 1.0


def test_optimizer_and_schedule_come_from_factories():
    task = Deraining(
        Dimmer(),
        optimizer=lambda p: SGD(p, lr=0.25),
        scheduler=lambda o: StepLR(o, step_size=1, gamma=0.5),
    )
    configured = task.configure_optimizers()
    assert isinstance(configured, dict)
    assert configured["optimizer"].param_groups[0]["lr"] == 0.25
    assert configured["lr_scheduler"]["interval"] == "step"
    assert isinstance(Deraining(Dimmer()).configure_optimizers(), torch.optim.AdamW)


def test_a_few_steps_learn():
    torch.manual_seed(0)
    network = VLIFNet(width=4, encoder_depth=(0, 0), decoder_depth=(0, 0))
    task = Deraining(network, loss=Charbonnier)
    quiet(task)
    optimizer = torch.optim.AdamW(task.parameters(), lr=1e-2)
    clean = torch.rand(2, 3, 16, 16) * 0.5
    pair = Pair(clean + 0.3, clean, ["a", "b"])  # type: ignore[arg-type]
    losses = []
    for _ in range(25):
        loss = task.training_step(pair, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
