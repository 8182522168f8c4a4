"""The training verbs as a user meets them: runs, run folders, overrides, mistakes."""

import csv
import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
import yaml
from conftest import ROOT, TINY
from lightning.fabric.utilities.distributed import DistributedSamplerWrapper
from lightning.pytorch import LightningModule, Trainer
from torch.utils.data import DataLoader

from spiking_lowlevel.cli import main
from spiking_lowlevel.data import Pair, PairedFolders
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.metrics import Luma
from spiking_lowlevel.networks import VLIFNet

PAIRED = str(ROOT / "configs" / "derain" / "paired.yaml")
STILL = "--trainer.enable_progress_bar=false"

THIRD_PARTY = '''
"""A neuron that a stranger might write."""
from torch import Tensor
from spiking_lowlevel import register
from spiking_lowlevel.neurons import StepNeuron
from spiking_lowlevel.neurons.surrogate import ATan, Surrogate


@register
class Stranger(StepNeuron):
    """Integrate-and-fire without a leak."""

    def __init__(self, channels: int, threshold: float = 0.3, surrogate: Surrogate = ATan()):
        super().__init__()
        self.threshold, self.surrogate = threshold, surrogate

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        v = state + x
        s = self.surrogate(v - self.threshold)
        return s, v - s * self.threshold
'''


def metrics(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_run_folder_is_complete(run: Path):
    assert {p.name for p in run.iterdir()} == {
        "checkpoints",
        "config.yaml",
        "learning_curve.png",
        "metrics.csv",
        "per_image.csv",
        "run.json",
        "samples",
        "spike_steps.csv",
        "spike_steps.png",
        "spikes.csv",
        "spikes.png",
        "versions.json",
    }
    versions = json.loads((run / "versions.json").read_text())
    assert versions["torch"] == torch.__version__
    config = yaml.safe_load((run / "config.yaml").read_text())
    network = config["model"]["init_args"]["network"]
    assert network["class_path"] == "spiking_lowlevel.networks.VLIFNet"
    assert network["init_args"]["neuron"]["init_args"]["surrogate"]["init_args"] == {"alpha": 4.0}
    assert "Unable to serialize" not in (run / "config.yaml").read_text()
    assert not list(run.rglob("*.part"))


def test_evaluation_reproduces_what_training_logged(run: Path, capsys: pytest.CaptureFixture[str]):
    logged = max(float(row["val/psnr"]) for row in metrics(run) if row["val/psnr"])
    checkpoint = str(run / "checkpoints" / "best.ckpt")
    main(["validate", "--config", str(run / "config.yaml"), "--ckpt_path", checkpoint, STILL])
    again = metrics(run / "validate")
    assert float(again[-1]["val/psnr"]) == pytest.approx(logged, abs=1e-4)
    printed = capsys.readouterr().out
    assert f"{logged:.2f}" in printed
    assert str(run / "validate") in printed


def test_scores_are_means_over_images_under_the_named_protocol(run: Path, pairs: Path):
    main(["test", "--run", str(run.parent), STILL])
    with (run / "test" / "per_image.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["protocol"] == "Luma"]
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["model"]["init_args"]["network"]["init_args"]["width"] == 8
    network = VLIFNet(width=8, encoder_depth=(1, 1), decoder_depth=(1, 1))
    weights = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)["state_dict"]
    own = {k.removeprefix("network."): v for k, v in weights.items() if k.startswith("network.")}
    network.load_state_dict(own)
    network.eval()
    data = PairedFolders(pairs).pairs("test")
    values = []
    for row, i in zip(rows, range(len(data)), strict=True):
        pair = data[Draw(i, 0)]
        restored = network.restore(pair.degraded[None])
        score = Luma()(restored, pair.clean[None])["psnr"].item()
        assert row["name"] == pair.name
        assert float(row["psnr_restored"]) == pytest.approx(score, abs=1e-3)
        values.append(score)
    mean = float(metrics(run / "test")[-1]["test/psnr/Luma"])
    assert mean == pytest.approx(sum(values) / len(values), abs=1e-3)


def test_prediction_writes_the_restored_pictures(run: Path, pairs: Path):
    main(["predict", "--run", str(run), STILL])
    written = {p.stem for p in (run / "predict" / "images").iterdir()}
    data = PairedFolders(pairs).pairs("test")
    assert written == {data[Draw(i, 0)].name for i in range(len(data))}


def test_the_command_line_wins_over_configs_and_later_configs_over_earlier(
    tmp_path: Path, pairs: Path, capsys: pytest.CaptureFixture[str]
):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        "trainer: {max_steps: 7}\nmodel: {init_args: {network: {init_args: {width: 12}}}}"
    )
    words = ["fit", "--config", PAIRED, "--config", str(overlay), f"--data.root={pairs}"]
    with pytest.raises(SystemExit) as leave:
        main([*words, "--model.network.neuron.tau=3", "--trainer.max_steps=9", "--print_config"])
    assert leave.value.code == 0
    config = yaml.safe_load(capsys.readouterr().out)
    network = config["model"]["init_args"]["network"]["init_args"]
    assert network["width"] == 12
    assert network["encoder_depth"] == [1, 1]
    assert network["neuron"]["init_args"]["tau"] == 3
    assert config["trainer"]["max_steps"] == 9
    assert config["data"]["init_args"]["root"] == str(pairs)


def test_a_checkpoint_does_not_override_the_command_line(
    run: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as leave:
        main(["test", "--run", str(run), "--model.network.width=12", STILL])
    assert leave.value.code == 2
    message = capsys.readouterr().err
    assert "another network" in message
    assert "best.ckpt" in message


def test_runs_are_numbered_and_never_overwritten(tmp_path: Path, pairs: Path):
    words = ["fit", "--config", PAIRED, f"--data.root={pairs}", *TINY]
    words += [f"--trainer.logger.root={tmp_path}"]
    main(words)
    first = (tmp_path / "derain-paired" / "0" / "metrics.csv").read_bytes()
    main(words)
    assert sorted(p.name for p in (tmp_path / "derain-paired").iterdir()) == ["0", "1"]
    assert (tmp_path / "derain-paired" / "0" / "metrics.csv").read_bytes() == first


def test_the_same_seed_trains_the_same_weights_however_many_load(tmp_path: Path):
    words = ["fit", "--config", str(ROOT / "configs/derain/demo.yaml"), *TINY, "--data.variants=1"]
    words += [f"--trainer.logger.root={tmp_path}", "--trainer.limit_val_batches=0"]
    for seed, workers in ((3, 0), (3, 2), (4, 0)):
        main([*words, f"--seed_everything={seed}", f"--data.workers={workers}"])
    first, again, other = (
        torch.load(tmp_path / "derain-demo" / n / "checkpoints" / "last.ckpt", weights_only=True)
        for n in "012"
    )
    states = [s["state_dict"] for s in (first, again, other)]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])
    assert not torch.equal(*(s["network.output.weight"] for s in (states[0], states[2])))


def test_a_plugin_by_file_survives_a_saved_config(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
):
    plugin = tmp_path / "stranger.py"
    plugin.write_text(THIRD_PARTY)
    monkeypatch.chdir(tmp_path)
    words = ["--plugins", str(plugin), "--model.network.neuron=Stranger"]
    main(["fit", "--config", PAIRED, f"--data.root={pairs}", *TINY, *words])
    run = tmp_path / "runs" / "derain-paired" / "0"
    saved = yaml.safe_load((run / "config.yaml").read_text())
    assert saved["plugins"] == ["stranger.py"]
    # another process, which knows of the plugin only by the saved config
    command = [sys.executable, "-m", "spiking_lowlevel.cli", "test", "--run", str(run), STILL]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Luma" in done.stdout


@pytest.mark.parametrize("wrapped", [False, True], ids=["one process", "wrapped for several"])
def test_crops_differ_between_epochs_as_the_trainer_counts_them(pairs: Path, wrapped: bool):
    data = PairedFolders(pairs, batch_size=2, crop=16, draws=4)
    seen: list[torch.Tensor] = []

    class Recorder(LightningModule):
        def training_step(self, batch: Pair, batch_idx: int):
            seen.append(batch.clean)

        def configure_optimizers(self):
            return None

        def train_dataloader(self):
            loader = data.train_dataloader()
            if wrapped:  # as Lightning does under DDP, here as the only one of one process
                sampler = DistributedSamplerWrapper(loader.sampler, num_replicas=1, rank=0)
                return DataLoader(loader.dataset, batch_size=2, sampler=sampler)
            return loader

    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = Trainer(max_epochs=2, accelerator="cpu", enable_checkpointing=False, **quiet)
    data.trainer = trainer
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*(configure_optimizers|returned `None`).*")
        trainer.fit(Recorder())
    assert len(seen) == 4
    assert not torch.equal(torch.cat(seen[:2]), torch.cat(seen[2:]))


def test_the_shipped_neuron_plugin_learns_its_time_constant(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)  # where ./plugins is
    # At the published scale of the norms so narrow a network is silent, and learns nothing.
    words = ["--model.network.neuron=PLIF", "--model.network.threshold=3"]
    words.append(f"--trainer.logger.root={tmp_path}")
    main(["fit", "--config", PAIRED, f"--data.root={pairs}", *TINY, *words])
    last = tmp_path / "derain-paired" / "0" / "checkpoints" / "last.ckpt"
    weights = torch.load(last, weights_only=True)["state_dict"]
    learnt = [v for k, v in weights.items() if k.endswith("neuron.w")]
    assert learnt
    assert any(v != 0 for v in learnt)


def test_the_modes_train_and_are_told_in_the_saved_configuration(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
):
    compiled: list[str] = []
    monkeypatch.setattr(
        "spiking_lowlevel.training.command_line.compile_parts",
        lambda _, what: compiled.append(what),
    )
    words = ["fit", "--config", PAIRED, f"--data.root={pairs}", *TINY]
    modes = ["--compile", "neurons", "--checkpointing=true", "--precision", "bf16"]
    main([*words, f"--trainer.logger.root={tmp_path}", *modes])
    run = tmp_path / "derain-paired" / "0"
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert (config["compile"], config["checkpointing"]) == ("neurons", True)
    assert (config["trainer"]["precision"], config["precision"]) == ("bf16-mixed", "trainer")
    assert compiled == ["neurons"]
    assert all(float(r["train/loss"]) > 0 for r in metrics(run) if r["train/loss"])


def test_blocks_run_twice_where_asked_for(tmp_path: Path, pairs: Path):
    losses = []
    words = ["fit", "--config", PAIRED, f"--data.root={pairs}", *TINY]
    for i, modes in enumerate(([], ["--checkpointing=true"])):
        main([*words, f"--trainer.logger.root={tmp_path}", *modes])
        rows = metrics(tmp_path / "derain-paired" / str(i))
        losses.append([r["train/loss"] for r in rows if r["train/loss"]])
    assert losses[0] == losses[1]
    assert len(losses[0]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--compile", "everything"], "'everything' is not one of none, neurons, network"),
        (["--precision", "fp4"], "'fp4' is not one of trainer, 32-true, bf16-mixed, bf16"),
        (["--compil", "neurons"], "Did you mean: compile"),
    ],
)
def test_a_mode_that_does_not_exist_is_refused(words, says, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as leave:
        main(["fit", "--config", PAIRED, *words])
    assert leave.value.code == 2
    assert says in capsys.readouterr().err
