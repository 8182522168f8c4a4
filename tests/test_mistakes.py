"""What a user does wrong ends in one sentence and exit code 2, before anything is written."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, MakePairs
from PIL import Image

from spiking_lowlevel import plugins, registry
from spiking_lowlevel.cli import main

DEMO = yaml.safe_load((ROOT / "configs" / "derain" / "demo.yaml").read_text())
NETWORK = "model.init_args.network"
NEURON = f"{NETWORK}.init_args.neuron"
DEGRADATION = "data.init_args.degradation"
KEYS = "model, data, trainer, checkpoint, plugins, seed_everything, ckpt_path"
PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
PRESETS = "rain200l, rain200h, rain12"
MISSING = "Name a configuration, for instance:\n  slv fit --config configs/derain/demo.yaml"
Refuse = Callable[..., str]
DIVIDING = '''
from spiking_lowlevel import register
from spiking_lowlevel.neurons import Neuron

@register
class Dividing(Neuron):
    """Divides by zero."""

    def __init__(self, channels: int):
        super().__init__()

    def forward(self, current):
        return current * (1 / 0)
'''


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    registry.load()  # before entries are copied: a module registers its classes only once
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    monkeypatch.setattr(plugins, "_broken", {})
    monkeypatch.setattr(plugins, "__path__", [])


def write_config(changes: dict[str, Any]) -> None:
    """The demonstration, much smaller, with changes at dotted places, as config.yaml."""
    config = copy.deepcopy(DEMO)
    small = {
        f"{NETWORK}.init_args.width": 4,
        "data.init_args.crop": 16,
        "trainer.max_steps": 1,
        "trainer.log_every_n_steps": 1,
        "trainer.limit_val_batches": 0,
    }
    for place, value in (small | changes).items():
        *path, last = place.split(".")
        part = config
        for key in path:
            part = part.setdefault(key, {})
        part[last] = value
    Path("config.yaml").write_text(yaml.safe_dump(config))


@pytest.fixture
def refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """The message of a command line that ends with exit code 2 and leaves nothing behind."""

    def refuse(*words: str) -> str:
        before = set(tmp_path.rglob("*"))
        with pytest.raises(SystemExit) as leave:
            main(list(words))
        assert leave.value.code == 2
        assert set(tmp_path.rglob("*")) == before
        out, err = capsys.readouterr()
        assert out == ""
        assert "Traceback" not in err
        assert err.startswith("slv: ")
        assert err.endswith("\n")
        return err[len("slv: ") : -1]

    return refuse


IN_A_CONFIG = {
    "network class": (
        {f"{NETWORK}.class_path": "VLIFNett"},
        "model.network: there is no class 'VLIFNett'. Did you mean: VLIFNet",
    ),
    "neuron class": (
        {NEURON: {"class_path": "NILIFF"}},
        "model.network.neuron: there is no class 'NILIFF'. Did you mean: NILIF",
    ),
    "neuron class, in short": (
        {NEURON: "Rectifer"},
        "model.network.neuron: there is no class 'Rectifer'. Did you mean: Rectifier",
    ),
    "callback class": (
        {"trainer.callbacks": [{"class_path": "SpikeRate"}]},
        "trainer.callbacks: there is no class 'SpikeRate'. Did you mean: SpikeRates",
    ),
    "task class": (
        {"model.class_path": "Derainig"},
        "model: there is no class 'Derainig'. Did you mean: Deraining",
    ),
    "data class": (
        {"data.class_path": "Photograps"},
        "data: there is no class 'Photograps'. Did you mean: Photographs?",
    ),
    "degradation class": (
        {f"{DEGRADATION}.class_path": "Rainn"},
        "data.degradation: there is no class 'Rainn'. Did you mean: Rain",
    ),
    "a class like no other": (
        {NEURON: "Zebra"},
        "model.network.neuron: there is no class 'Zebra'. See: slv list",
    ),
    "top key": ({"modell.x": 3}, "modell: there is no such key. Did you mean: model?"),
    "top key like no other": ({"zebra": 3}, f"zebra: there is no such key. Keys: {KEYS}"),
    "trainer key": (
        {"trainer.max_step": 3},
        "trainer.max_step: there is no such key. Did you mean: max_steps",
    ),
    "task key": (
        {"model.init_args.optimiser": 3},
        "model.optimiser: there is no such key. Did you mean: optimizer",
    ),
    "network key": (
        {f"{NETWORK}.init_args.widht": 3},
        "model.network.widht: there is no such key. Did you mean: width",
    ),
    "neuron key": (
        {NEURON: {"class_path": "LIF", "init_args": {"thresold": 3}}},
        "model.network.neuron.thresold: there is no such key. Did you mean: threshold?",
    ),
    "data key": (
        {"data.init_args.batchsize": 3},
        "data.batchsize: there is no such key. Did you mean: batch_size?",
    ),
    "network type": (
        {f"{NETWORK}.init_args.width": "wide"},
        "model.network.width: expected int, given 'wide'.",
    ),
    "trainer type": (
        {"trainer.max_steps": "many"},
        "trainer.max_steps: expected int, given 'many'.",
    ),
    "data type": (
        {"data.init_args.flips": "maybe"},
        "data.flips: expected bool, given 'maybe'.",
    ),
    "choice": (
        {f"{DEGRADATION}.init_args.preset": "rain200"},
        f"data.degradation.preset: 'rain200' is not one of {PRESETS}. Did you mean: rain200l",
    ),
    "choice like no other": (
        {f"{DEGRADATION}.init_args.preset": "drizzle"},
        f"data.degradation.preset: 'drizzle' is not one of {PRESETS}.",
    ),
    "value": (
        {NEURON: {"class_path": "LIF", "init_args": {"tau": 0}}},
        "LIF: tau is 0.0; a membrane time constant is at least 1 time step",
    ),
    "a batch of nothing": (
        {"data.init_args.batch_size": 0},
        "data.batch_size: 0 is not between 1 and 4,096",
    ),
    "crops without end": (
        {"data.init_args.draws": 10**12},
        "data.draws: 1000000000000 is not between 0 and 10,000,000",
    ),
    "processes below none": (
        {"data.init_args.workers": -1},
        "data.workers: -1 is not between 0 and 256",
    ),
    "crops larger than pictures": (
        {"data.init_args.crop": 10**6},
        "data.crop: 1000000 is not between 1 and 4,096",
    ),
    "a batch larger than memory": (
        {"data.init_args.crop": 4096, "data.init_args.batch_size": 64},
        "data: 64 crops of 4096x4096 are more than 67,108,864 pixels a batch",
    ),
    "crops that do not fit the network": (
        {"data.init_args.crop": 12},
        "VLIFNet takes heights and widths divisible by 8; given 12x12",
    ),
    "pictures in no variant": (
        {"data.init_args.variants": 0},
        "data.variants: 0 is not between 1 and 1,000",
    ),
    "a width beyond measure": (
        {f"{NETWORK}.init_args.width": 10**9},
        "VLIFNet: width 1000000000 is over 2048 channels",
    ),
    "a depth beyond measure": (
        {f"{NETWORK}.init_args.encoder_depth": [10**9, 1]},
        "VLIFNet: encoder_depth 1000000000 is over 100 blocks a level",
    ),
    "time beyond measure": (
        {f"{NETWORK}.init_args.time_steps": 10**9},
        "VLIFNet: time_steps 1000000000 is over 1000",
    ),
    "a learning rate below 0": (
        {"model.init_args.optimizer.init_args.lr": -1},
        "model.optimizer or model.scheduler: ValueError: Invalid learning rate: -1",
    ),
    "a schedule of no steps": (
        {"model.init_args.scheduler.init_args.total_steps": 0},
        "model.optimizer or model.scheduler: ValueError: Expected positive integer total_steps",
    ),
    "a schedule by a metric": (
        {"model.init_args.scheduler": {"class_path": PLATEAU}},
        "model.scheduler: ReduceLROnPlateau follows a metric",
    ),
    "a seed below 0": (
        {"seed_everything": -1},
        "seed_everything: -1 is not between 0 and 4,294,967,295",
    ),
    "processes beyond processors": (
        {"trainer.devices": 10**6},
        "trainer.devices: 1000000 are more than this machine has; at most ",
    ),
    "machines that nobody told of": (
        {"trainer.num_nodes": 2},
        "trainer.num_nodes: 2 machines have to find each other; set MASTER_ADDR",
    ),
    "no group of batches": (
        {"trainer.accumulate_grad_batches": 0},
        "trainer.accumulate_grad_batches: 0 is not at least 1",
    ),
    "clipping to no number": (
        {"trainer.gradient_clip_val": float("nan")},
        "trainer.gradient_clip_val: nan is no finite number of at least 0",
    ),
    "an experiment somewhere else": (
        {"trainer.logger.init_args.experiment": "../up"},
        "trainer.logger.experiment: '../up' is no name of a folder in runs",
    ),
    "an argument list": (
        {"trainer": [1]},
        "trainer: expected keys such as trainer.max_steps, given [1]",
    ),
    "plugins that are no list": ({"plugins": 3}, "plugins: expected a list of files such as"),
    "a class of another kind": (
        {"model.init_args.loss": "torch.nn.Linear"},
        "model.loss: torch.nn.Linear is no class of the kind that is needed here. See: slv list",
    ),
}


@pytest.mark.parametrize("what", IN_A_CONFIG)
def test_a_mistake_in_a_config(refuse: Refuse, what: str):
    changes, message = IN_A_CONFIG[what]
    write_config(changes)
    said = refuse("fit", "--config", "config.yaml")
    assert said.startswith(message)
    assert "\n" not in said


ON_THE_COMMAND_LINE = {
    "--model.network=VLIFNett": "model.network: there is no class 'VLIFNett'. Did you mean: VLIF",
    "--model.network.neuron=LIFF": "model.network.neuron: there is no class 'LIFF'. Did you mean:",
    "--model=Derainig": "model: there is no class 'Derainig'. Did you mean: Deraining",
    "--trainr.max_steps=3": "trainr: there is no such key. Did you mean: trainer?",
    "--trainer.max_step=3": "trainer.max_step: there is no such key. Did you mean: max_steps",
    "--model.network.widht=3": "model.network.widht: there is no such key. Did you mean: width",
    "--model.network.neuron.thresold=3": "model.network.neuron.thresold: there is no such key. Did",
    "--model.network.width=wide": "model.network.width: expected int, given 'wide'.",
    "--data.degradation.preset=rain12h": "data.degradation.preset: 'rain12h' is not one of rain",
    "--seed=3": f"seed: there is no such key. Keys: {KEYS}",
}


@pytest.mark.parametrize("word", ON_THE_COMMAND_LINE)
def test_a_mistake_on_the_command_line(refuse: Refuse, word: str):
    write_config({})
    said = refuse("fit", "--config", "config.yaml", word)
    assert said.startswith(ON_THE_COMMAND_LINE[word])
    assert "\n" not in said


@pytest.mark.parametrize("words", [["--config", "nope.yaml"], ["--config=nope.yaml"]], ids=str)
def test_a_config_that_is_not_there(refuse: Refuse, tmp_path: Path, words: list[str]):
    said = refuse("fit", *words)
    assert said == f"config: the file {tmp_path / 'nope.yaml'} does not exist."


def test_a_config_that_is_no_yaml(refuse: Refuse):
    Path("config.yaml").write_text("model:\n  class_path: Deraining\n bad: 3\n")
    said = refuse("fit", "--config", "config.yaml")
    assert said.startswith("the configuration config.yaml is no valid YAML: ")
    assert "line 3" in said


def test_no_config(refuse: Refuse):
    assert refuse("fit") == f"what to do is missing: fit.data, fit.model. {MISSING}"


@pytest.mark.parametrize("verb", ["fit", "test", "validate", "predict"])
def test_every_training_verb_refuses_alike(refuse: Refuse, verb: str):
    write_config({f"{NETWORK}.init_args.widht": 3})
    said = refuse(verb, "--config", "config.yaml")
    assert said.startswith("model.network.widht: there is no such key. Did you mean: width")


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        ("fitt", "Did you mean: fit?"),
        ("chek", "Did you mean: check?"),
        ("zebra", "See: slv --help"),
    ],
)
def test_a_misspelt_verb(refuse: Refuse, verb: str, hint: str):
    assert refuse(verb) == f"there is no verb '{verb}'. {hint}"


def test_a_plugin_that_fails_when_it_was_asked_for(refuse: Refuse):
    write_config({})
    Path("bad.py").write_text("1 / 0\n")
    why = "the plugin bad.py: ZeroDivisionError: division by zero\n  It was asked for by name; mend"
    assert refuse("fit", "--config", "config.yaml", "--plugins", "bad.py").startswith(why)
    assert refuse("fit", "--config", "config.yaml", "--plugins=bad.py").startswith(why)
    write_config({"plugins": ["bad.py"]})
    assert refuse("fit", "--config", "config.yaml").startswith(why)


def test_a_plugin_that_is_not_there(refuse: Refuse):
    write_config({})
    said = refuse("fit", "--config", "config.yaml", "--plugins", "bad.py")
    assert said.startswith("the plugin bad.py does not exist")


def test_a_broken_plugin_that_nobody_asked_for_is_told_where_a_name_is_missing(refuse: Refuse):
    Path("plugins").mkdir()
    Path("plugins", "adaptive.py").write_text("import nothing_like_this\n")
    write_config({NEURON: "Adaptive"})
    said = refuse("fit", "--config", "config.yaml")
    place = Path("plugins", "adaptive.py")
    assert said.startswith("model.network.neuron: there is no class 'Adaptive'.")
    assert said.endswith(
        f"\n  (not loaded: {place}: ModuleNotFoundError: No module named 'nothing_like_this')"
    )


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_that_turns_out_truncated(
    capsys: pytest.CaptureFixture[str], make_pairs: MakePairs, workers: int
):
    make_pairs(Path("pairs"), 3)
    for path in Path("pairs", "target").iterdir():
        Image.effect_noise((48, 40), 50).convert("RGB").save(path)
        path.write_bytes(path.read_bytes()[:1500])
    data = {"root": "pairs", "batch_size": 1, "crop": 16, "workers": workers}
    write_config({"data": {"class_path": "PairedFolders", "init_args": data}})
    with pytest.raises(SystemExit) as leave:
        main(["fit", "--config", "config.yaml"])
    assert leave.value.code == 2
    *before, said = capsys.readouterr().err.splitlines()
    assert said.startswith(f"slv: cannot read {Path('pairs', 'target')}")
    assert said.endswith("; replace or remove the file")
    assert "Traceback" not in "".join(before)


def test_a_plugin_that_fails_at_work_is_named_by_line(capsys: pytest.CaptureFixture[str]):
    Path("dividing.py").write_text(DIVIDING)
    write_config({NEURON: "Dividing"})
    with pytest.raises(SystemExit) as leave:
        main(["fit", "--config", "config.yaml", "--plugins", "dividing.py"])
    assert leave.value.code == 2
    line = DIVIDING.splitlines().index("        return current * (1 / 0)") + 1
    message = f"dividing.py:{line}, in forward: ZeroDivisionError: division by zero"
    said = capsys.readouterr().err
    assert said.endswith(f"slv: {message}\n  The plugin raised this; mend it.\n")
    assert "Traceback" not in said


def test_the_traceback_is_there_for_who_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SLV_DEBUG", "1")
    with pytest.raises(SystemExit) as error:
        main(["zebra"])
    assert error.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("slv: there is no verb 'zebra'. See: slv --help\n")


def test_an_error_of_ours_is_told_as_ours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def fail(*words: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(plugins, "files", fail)
    with pytest.raises(SystemExit) as leave:
        main(["list"])
    assert leave.value.code == 70
    err = capsys.readouterr().err
    assert err.startswith("slv: a fault of slv itself")
    assert "RuntimeError: ours\n  (test_mistakes.py:" in err
    assert "Traceback" not in err
