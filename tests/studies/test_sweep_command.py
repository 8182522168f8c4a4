"""A sweep from the command line to its files: what is trained, when, and what is told of it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, TINY

from spiking_lowlevel.cli import main
from spiking_lowlevel.energy import HorowitzFP32, HorowitzINT8, SimpleMemory
from spiking_lowlevel.energy.baselines import total
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.networks import VLIFNet
from spiking_lowlevel.studies import pictures, sweep_training
from spiking_lowlevel.studies.recording import record
from spiking_lowlevel.studies.sweep_building import built
from spiking_lowlevel.studies.sweep_measuring import load
from spiking_lowlevel.studies.sweep_neurons import twin_words

BREAKS = "LIF-T2"
SMALL = """
model:
  class_path: Deraining
  init_args:
    network:
      class_path: ESDNet
      init_args: {encoder_depth: [1, 1, 1], decoder_depth: [1, 1, 1]}
data: {class_path: PairedFolders}
"""
Rows = list[dict[str, str]]


@dataclass
class Bench:
    """A sweep in a folder; trains in this process, where imports are paid once."""

    words: list[str]
    out: Path
    breaks: str = ""
    trained: list[str] = field(default_factory=list)

    def launch(self, words: list[str]) -> None:
        if words[0] == "fit":
            name = words[-1].rpartition("=")[2]
            self.trained.append(name)
            if name == self.breaks:
                raise MemoryError("of a machine too small")
        main(words)

    def run(self, *more: str) -> int:
        self.trained.clear()
        try:
            main(["sweep", *self.words, *more])
        except SystemExit as leave:
            return int(leave.code or 0)
        return 0

    def rows(self) -> Rows:
        with (self.out / "sweep.csv").open() as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "small.yaml").write_text(SMALL)
    words = ["--config", str(folder / "small.yaml"), f"--data.root={pairs}", *TINY]
    words += ["--trainer.num_sanity_val_steps=0", "--steps=2", "--neurons=LIF"]
    words += ["--size=16", "--pictures=1", "--rounds=1", "-o", str(folder / "out")]
    made = Bench(words, folder / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep_training, "launch", made.launch)
        yield made


@pytest.fixture(scope="module")
def rows(sweep: Bench) -> Rows:
    """Of a sweep whose first point failed at first, and that was asked for again."""
    sweep.breaks = BREAKS
    assert sweep.run() == 1
    assert sweep.trained == [BREAKS, "ANN-twin-T1"]
    assert [row["label"] for row in sweep.rows()] == ["ANN twin, T = 1"]
    sweep.breaks = ""
    assert sweep.run() == 0
    assert sweep.trained == [BREAKS]
    return sweep.rows()


@pytest.fixture(scope="module")
def recordings(rows: Rows) -> list[Recording]:
    """What the networks in the run folders do, by the rows."""
    subjects = [load(Path(row["run"])) for row in rows]
    return [record(s.task.network, pictures.of_data(s.data, 1, (16, 16))) for s in subjects]


def test_a_failing_point_stops_no_other_and_alone_is_trained_again(sweep: Bench, rows: Rows):
    assert [row["label"] for row in rows] == ["LIF, T = 2", "ANN twin, T = 1"]
    assert [Path(row["run"]).parent.name for row in rows] == ["LIF-T2", "ANN-twin-T1"]
    assert (sweep.out / "sweep.png").stat().st_size > 10_000


def test_rows_tell_what_stands_in_the_run_folders(rows: Rows):
    for row in rows:
        run = Path(row["run"])
        config = yaml.safe_load((run / "config.yaml").read_text())
        network = config["model"]["init_args"]["network"]["init_args"]
        assert network["time_steps"] == int(row["time_steps"])
        assert (network["width"], config["trainer"]["max_steps"]) == (8, 2)
        with (run / "test" / "per_image.csv").open() as file:
            scores = [r for r in csv.DictReader(file) if r["protocol"] == "Luma"]
        assert row["protocol"] == "Luma"
        for column, source in (("psnr", "psnr_restored"), ("psnr_degraded", "psnr_rainy")):
            mean = sum(float(r[source]) for r in scores) / len(scores)
            assert float(row[column]) == pytest.approx(mean)
        assert float(row["train_seconds"]) > float(row["restore_seconds"]) > 0


def test_energy_is_that_of_the_network_at_its_own_steps(rows: Rows, recordings: list[Recording]):
    for row, seen in zip(rows, recordings, strict=True):
        assert seen.time_steps == int(row["time_steps"])
        for model in (HorowitzFP32(), HorowitzINT8(), SimpleMemory()):
            told = float(row[f"{type(model).__name__} mJ"])
            assert told == pytest.approx(total(seen, model) / 1e9)
        assert float(row["mean_rate"]) == seen.mean_rate
        assert float(row["spike_driven_fraction"]) == seen.spike_driven_fraction


def test_the_twin_has_no_spikes(rows: Rows, recordings: list[Recording]):
    spiking, twin = recordings
    assert spiking.neurons
    assert not twin.neurons
    # Not quite 0: a gate whose rectifiers are all shut sees nothing, which takes no multiplication.
    assert twin.spike_driven_fraction < 0.01 < spiking.spike_driven_fraction
    assert twin.parameters == int(rows[1]["parameters"])
    assert [row["twin"] for row in rows] == ["0", "1"]


def test_the_twin_of_vlifnet_is_that_of_the_overlay():
    words = ["--config", str(ROOT / "configs" / "derain" / "demo.yaml")]
    given = {"visual_neuron": {"class_path": "spiking_lowlevel.neurons.VLIF"}}
    twin = twin_words(VLIFNet, given)
    overlay = ["--config", str(ROOT / "configs" / "overlays" / "ann_twin.yaml")]
    assert built([*words, *twin]).config == built([*words, *overlay]).config


def test_other_options_are_other_runs(sweep: Bench, rows: Rows, capsys: pytest.CaptureFixture[str]):
    assert sweep.run("--dry-run", "--trainer.max_steps=3", "--twin=none") == 0
    told = capsys.readouterr().out
    assert "1 point:" in told
    assert f"to train in {sweep.out / 'runs' / 'LIF-T2'}" in told
    assert sweep.trained == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--neurons=LIFF"], "no neuron 'LIFF'. Did you mean: LIF"),
        (["--models=HorowitzFP23"], "Did you mean: HorowitzFP32"),
        (["--twin=missing.yaml"], "missing.yaml: no such file"),
        (["--device=cda"], "--device cda is not to be had here"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(
    sweep: Bench, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert sweep.run(*words) == 2
    assert message in capsys.readouterr().err
    assert sweep.trained == []
