"""A step whose numbers are not finite ends the run or is skipped, and the fault is told by name."""

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from spiking_lowlevel.callbacks.base import Watcher
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.losses.base import Loss
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.neurons import LIF
from spiking_lowlevel.runs import LAST, RunFolder
from spiking_lowlevel.tasks.base import RestorationTask
from spiking_lowlevel.training.finite_guard import FiniteGuard
from spiking_lowlevel.training.last_checkpoint import LastCheckpoint
from spiking_lowlevel.training.seeded_steps import SeededSteps

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers.*"),
    pytest.mark.filterwarnings("ignore:.*have no `val_dataloader`.*"),
    pytest.mark.filterwarnings("ignore:.*your dataloader is not resumable.*"),
]


class Middle(nn.Module):
    """Passes on what it is given, but for the fault that it is set to."""

    fault = ""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[torch.dtype, float]] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((x.dtype, torch.rand(()).item()))
        if self.fault == "output":
            return x * math.nan
        return x + torch.sqrt(0 * x) if self.fault == "gradient" else x


class Small(Network):
    def __init__(self) -> None:
        super().__init__()
        self.head, self.norm = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.neuron, self.middle = LIF(4), Middle()
        self.tail = nn.Conv2d(4, 3, 1)

    def forward(self, degraded: Tensor) -> Tensor:
        spikes = self.neuron(self.norm(self.head(degraded)).unsqueeze(0))
        return self.tail(self.middle(spikes)[0])


class Squared(Loss):
    fault = ""

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        loss = (restored - clean).square().mean()
        return loss.log() * 0 - math.inf if self.fault == "loss" else loss


class Faults(Watcher):
    """Sets a fault at some batches; keeps what the model holds before the first and after each."""

    def __init__(self, fault: str, at: Sequence[int]) -> None:
        self.fault, self.at = fault, at
        self.kept: list[dict[str, Tensor]] = []

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, RestorationTask)
        network = pl_module.network
        assert isinstance(network, Small)
        now = self.fault if batch_idx in self.at else ""
        assert isinstance(pl_module.loss, Squared)
        network.middle.fault = pl_module.loss.fault = now
        network.neuron.keep = math.nan if now == "membrane" else 0.5
        if now == "weight":
            network.tail.weight.data[0] = math.inf
        if not self.kept:
            self._keep(pl_module)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        self._keep(pl_module)

    def _keep(self, module: nn.Module) -> None:
        self.kept.append({name: value.clone() for name, value in module.state_dict().items()})


def batches(count: int) -> list[Pair]:
    draw = torch.Generator().manual_seed(3)
    images = torch.rand(count, 2, 2, 3, 8, 8, generator=draw)
    return [Pair(d, c, [f"{i}a", f"{i}b"]) for i, (d, c) in enumerate(images)]  # pyright: ignore[reportArgumentType]


def fit(
    place: Path, data: list[Pair], faults: Faults, guard: FiniteGuard, **settings: Any
) -> pl.Trainer:
    torch.manual_seed(0)
    optimizer = partial(torch.optim.AdamW, lr=0.05, weight_decay=0.5)
    task = RestorationTask(Small(), Squared, None, optimizer, None)
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=RunFolder(folder=place / "run" / "0"),
        # The guard comes before the seeds, as on the command line.
        callbacks=[faults, LastCheckpoint(minutes=0), guard, SeededSteps()],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
        **settings,
    )
    trainer.fit(task, DataLoader(data, batch_size=None))  # pyright: ignore[reportArgumentType]
    return trainer


def failure(place: Path, fault: str, at: Sequence[int] = (2,), skip: int = 0, **more: Any) -> str:
    with pytest.raises(UserError) as told:
        fit(place, batches(5), Faults(fault, at), FiniteGuard(skip), **more)
    return str(told.value)


def alike(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[k], two[k]) for k in one)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("output", "the loss is nan; the first that is not finite is the output of network.middle"),
        ("loss", "the loss is -inf; the first that is not finite is the output of loss (Squared)"),
        ("membrane", "the first that is not finite is the membrane of network.neuron (LIF)"),
        ("weight", "the output of network.tail (Conv2d), whose weight is itself not finite"),
    ],
)
def test_the_first_layer_that_is_not_finite_is_named(fault: str, told: str, tmp_path: Path):
    message = failure(tmp_path, fault)
    assert message.startswith("step 2: ")
    assert told in message


def test_a_fault_of_the_gradient_alone_names_parameters(tmp_path: Path):
    message = failure(tmp_path, "gradient")
    assert "step 2: the gradient is not finite, though the forward pass is" in message
    assert "the first parameter concerned is network.head.weight" in message
    assert "and the last, behind which it arose, network.norm.bias" in message


def test_pictures_that_are_not_finite_are_named(tmp_path: Path):
    data = batches(3)
    data[1].clean[1, 0, 0, 0] = math.nan
    with pytest.raises(UserError, match="is the clean picture 1b"):
        fit(tmp_path, data, Faults("", ()), FiniteGuard())


def test_the_message_says_how_to_go_on_only_from_a_sound_checkpoint(tmp_path: Path):
    message = failure(tmp_path / "sound", "output")
    assert f"{LAST} is from before; go on with: slv fit --resume {tmp_path}/sound/run/0" in message
    saved = torch.load(tmp_path / "sound" / "run" / "0" / LAST, weights_only=True)
    assert saved["global_step"] == 2
    assert all(value.isfinite().all() for value in saved["state_dict"].values())
    assert "--resume" not in failure(tmp_path / "early", "output", at=[0])
    assert "--resume" not in failure(tmp_path / "weight", "weight")


@pytest.mark.parametrize("fault", ["output", "gradient", "membrane"])
@pytest.mark.parametrize("group", [1, 2])
def test_a_skipped_step_is_as_if_it_had_never_been(
    fault: str, group: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    data, faults, guard = batches(6), Faults(fault, [2]), FiniteGuard(skip=1)
    settings: dict[str, Any] = {"accumulate_grad_batches": group, "gradient_clip_val": 0.1}
    one = fit(tmp_path / "one", data, faults, guard, **settings)
    assert alike(faults.kept[2], faults.kept[2 + group])
    assert not alike(faults.kept[2 + group], faults.kept[-1])
    assert (guard.skipped, guard.in_a_row, one.global_step) == (1, 0, 6 // group)
    assert f"skipped step {2 // group}: " in capsys.readouterr().out
    rest, without = [*data[:2], *data[2 + group :]], Faults("", ())
    two = fit(tmp_path / "two", rest, without, FiniteGuard(), **settings)
    assert alike(faults.kept[-1], without.kept[-1])
    states = [t.optimizers[0].state_dict()["state"] for t in (one, two)]
    assert all(alike(states[0][k], states[1][k]) for k in states[1])


def test_more_steps_in_a_row_than_allowed_end_the_run(tmp_path: Path):
    message = failure(tmp_path, "output", at=[1, 2], skip=1)
    assert "2 steps in a row are not finite, and finite.skip allows 1; step 2: " in message
    assert "network.middle (Middle)" in message
    guard = FiniteGuard(skip=1)
    fit(tmp_path / "apart", batches(5), Faults("output", [1, 3]), guard)
    assert (guard.skipped, guard.in_a_row) == (2, 0)


def test_the_pass_is_repeated_with_the_same_draws_precision_and_buffers(tmp_path: Path):
    assert "--precision 32-true" in failure(tmp_path, "gradient", precision="bf16-mixed")
    faults, guard = Faults("gradient", [1]), FiniteGuard(skip=1)
    trainer = fit(tmp_path / "again", batches(3), faults, guard, precision="bf16-mixed")
    middle = trainer.lightning_module.get_submodule("network.middle")
    assert isinstance(middle, Middle)
    seen = middle.seen
    assert len(seen) == 4  # three steps, one of them twice
    assert seen[1] == seen[2] != seen[3]
    assert seen[1][0] == torch.bfloat16
    assert not any(m._forward_hooks for m in trainer.lightning_module.modules())
    assert faults.kept[-1]["network.norm.num_batches_tracked"] == 2


def test_every_process_skips_what_one_of_them_has_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from lightning.pytorch.strategies import SingleDeviceStrategy

    asked: list[tuple[bool, bool]] = []

    def reduce(_: object, decision: bool, all: bool = True) -> bool:
        asked.append((decision, all))
        return True

    guard = FiniteGuard(skip=1)
    faults = Faults("", ())
    with monkeypatch.context() as patch:
        patch.setattr(SingleDeviceStrategy, "reduce_boolean_decision", reduce)
        patch.setattr(LastCheckpoint, "on_train_batch_start", lambda *_: None)
        patch.setattr(LastCheckpoint, "on_train_epoch_end", lambda *_: None)
        fit(tmp_path, batches(1), faults, guard)
    assert asked[0] == (False, False)
    assert guard.skipped == 1
    assert alike(faults.kept[0], faults.kept[1])
    assert "another process" in capsys.readouterr().out


def test_large_gradients_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Squared, "forward", lambda _, r, c: (r - c).mean() * 1e30)
    fit(tmp_path, batches(2), Faults("", ()), FiniteGuard())


def test_the_count_goes_on_from_a_checkpoint(tmp_path: Path):
    guard, again = FiniteGuard(skip=2), FiniteGuard(skip=2)
    fit(tmp_path, batches(4), Faults("output", [1, 2]), guard)
    saved = torch.load(tmp_path / "run" / "0" / LAST, weights_only=True)
    again.load_state_dict(saved["callbacks"]["FiniteGuard"])
    assert (again.skipped, again.in_a_row) == (guard.skipped, guard.in_a_row) == (2, 0)
    with pytest.raises(UserError, match=r"finite\.skip is -1"):
        FiniteGuard(skip=-1)
