"""Trained networks by name, by file and by run; no file chooses what code is run."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import spiking_lowlevel
from spiking_lowlevel.cli import main
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.vlifnet import VLIFNet
from spiking_lowlevel.networks.weights import save_weights
from spiking_lowlevel.restore import Tiles
from spiking_lowlevel.restoring import zoo
from spiking_lowlevel.restoring.recipe import METADATA, Recipe

ARGUMENTS = {"width": 8, "encoder_depth": [1, 1], "decoder_depth": [1, 1], "time_steps": 2}
RECIPE = Recipe(
    {"class_path": "VLIFNet", "init_args": {**ARGUMENTS, "neuron": {"class_path": "LIF"}}},
    {"class_path": "Tiles", "init_args": {"tile": 32, "overlap": 8}},
)


@pytest.fixture
def network() -> VLIFNet:
    torch.manual_seed(0)
    net, _ = RECIPE.build()
    assert isinstance(net, VLIFNet)
    return net.eval()


@pytest.fixture
def file(network: VLIFNet, tmp_path: Path) -> Path:
    save_weights(network, tmp_path / "net.safetensors", RECIPE.metadata())
    return tmp_path / "net.safetensors"


def test_a_weights_file_alone_gives_the_network_back(network: VLIFNet, file: Path):
    image = torch.rand(3, 40, 50)
    net = spiking_lowlevel.load(file)
    assert net.inference == Tiles(32, 8)
    with torch.no_grad():
        expected = Tiles(32, 8)(network, image[None])[0]
    torch.testing.assert_close(net.restore(image), expected, atol=1e-4, rtol=0)


def test_a_run_and_its_checkpoint_mean_the_same_network(run: Path):
    image = torch.rand(3, 24, 24)
    by_run = zoo.load(run).restore(image)
    torch.testing.assert_close(zoo.load(run / "checkpoints/best.ckpt").restore(image), by_run)
    torch.testing.assert_close(zoo.load(run.parent).restore(image), by_run)


def test_export_writes_what_restores_alike(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "small.safetensors"
    main(["export", str(run), "-o", str(out), "--tile", "64"])
    assert "slv restore" in capsys.readouterr().out
    net = zoo.load(out)
    assert isinstance(net.inference, Tiles)
    assert net.inference.tile == 64
    image = torch.rand(3, 24, 24)
    torch.testing.assert_close(net.restore(image), zoo.load(run).restore(image))
    for words, told in (
        ([str(run), "-o", str(out)], "--force"),
        ([str(run), "-o", str(tmp_path / "a.pt")], "safetensors"),
        ([str(run), "-o", str(tmp_path / "b.safetensors"), "--tile", "2"], "overlap"),
    ):
        with pytest.raises(SystemExit) as leave:
            main(["export", *words])
        assert leave.value.code == 2
        assert told in capsys.readouterr().err
    assert not (tmp_path / "b.safetensors").exists()


def test_a_file_names_classes_of_the_package_alone(network: VLIFNet, tmp_path: Path):
    inner = {"class_path": "VLIFNet", "init_args": {"neuron": {"class_path": "os.system"}}}
    recipe = Recipe(inner, {"class_path": "Whole"})
    save_weights(network, tmp_path / "a.safetensors", recipe.metadata())
    with pytest.raises(UserError, match=r"os\.system"):
        zoo.load(tmp_path / "a.safetensors")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"network": 3}', json.dumps("x")])
def test_other_metadata_is_refused_in_words(text: str, tmp_path: Path):
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors", {METADATA: text})
    with pytest.raises(UserError, match="does not describe a network"):
        zoo.load(tmp_path / "a.safetensors")


def test_what_cannot_be_loaded_is_told_in_words(file: Path, tmp_path: Path):
    save_file(load_file(file), tmp_path / "bare.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(file.read_bytes()[:100])
    (tmp_path / "lost.ckpt").write_bytes(b"")
    for name, told in (
        ("derain-smal", "derain-small"),
        (tmp_path / "bare.safetensors", "slv export"),
        (tmp_path / "cut.safetensors", "no whole safetensors file"),
        (tmp_path / "lost.ckpt", "lies in no run folder"),
        (tmp_path, "holds no run"),
    ):
        with pytest.raises(UserError, match=told):
            zoo.load(name)
    with pytest.raises(UserError, match="Give auto, cpu"):
        zoo.load(file, device="abacus")


def test_the_package_offers_nothing_else_by_that_name():
    with pytest.raises(AttributeError, match="nonsense"):
        spiking_lowlevel.nonsense  # noqa: B018
