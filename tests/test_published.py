"""Reading published checkpoints: names, shapes, refusals by name, and what is written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from conftest import TINY
from published import assert_close, golden
from safetensors.torch import load_file
from torch import Tensor

from spiking_lowlevel.cli import main
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import ESDNet, Network, SpikeRain, VLIFNet
from spiking_lowlevel.networks.weights import load_weights, save_weights
from spiking_lowlevel.published import SYSTEMS
from spiking_lowlevel.published.importing import import_checkpoint, read_checkpoint

State = dict[str, Tensor]
SMALL: dict[str, dict[str, Any]] = {
    "vlif": {"encoder_depth": [1, 2], "decoder_depth": [2, 1], "refinement": 1, "time_steps": 4},
    "esdnet": {"encoder_depth": [1, 2, 1], "decoder_depth": [2, 1, 1], "time_steps": 4},
    "spikerain": {
        "encoder_depth": [1, 2, 1],
        "decoder_depth": [2, 1, 1],
        "time_steps": 3,
        "growth": 5,
        "layers": 2,
    },
}
# Written down from the published code, one of every sort, with shapes for a width of 16.
NAMES = {
    "vlif": {
        "patch_embed.proj.weight": [16, 3, 3, 3],
        "encoder_level1.initial_residual.high_freq_scale_1": [1],
        "encoder_level1.initial_residual.low_freq_scale_2": [1],
        "encoder_level1.initial_residual.lif_2.channel_adjust.weight": [16, 64, 1, 1],
        "encoder_level1.time_attention.sharedMLP.2.weight": [16, 4, 1, 1, 1],
        "encoder_level1.temporal_compress.0.weight": [16, 16, 4, 1, 1],
        "decoder_level1.bn_2.running_var": [16],
        "additional_sunet_level1.attn_1.sa.conv.weight": [1, 2, 3, 3],
        "additional_sunet_level1.final_attn.ta.sharedMLP.0.weight": [1, 4, 1, 1, 1],
        "down1_2.conv.weight": [32, 16, 3, 3],
        "encoder_level2.0.shortcut.0.weight": [32, 32, 3, 3],
        "encoder_level3.1.bn2.bias": [64],
        "decoder_level2.1.attn.ca.sharedMLP.0.weight": [2, 32, 1, 1, 1],
        "up3_2.bn.num_batches_tracked": [],
        "reduce_conv_level2.weight": [32, 64, 1, 1],
        "reduce_bn_level1.weight": [16],
        "refinement_blocks.0.conv1.weight": [16, 16, 3, 3],
        "output.0.bias": [3],
    },
    "esdnet": {
        "encoder_level1.0.residual.1.weight": [16, 16, 3, 3],
        "encoder_level2.1.residual.5.running_mean": [32],
        "decoder_level1.1.shortcut.1.weight": [32],
        "decoder_level3.0.attn.sa.conv.weight": [1, 2, 3, 3],
        "down2_3.maxpool_conv.1.weight": [64, 32, 3, 3],
        "up2_1.up.2.weight": [16],
        "reduce_chan_level2.1.weight": [32, 64, 1, 1],
        "reduce_chan_level2.2.bias": [32],
        "refinement.ca.3.weight": [32, 4, 1, 1],
        "refinement.sa.1.bias": [4],
        "output.0.weight": [3, 32, 3, 3],
    },
    "spikerain": {
        "encoder_level1.0.layers.1.1.weight": [5, 21, 3, 3],
        "encoder_level1.0.layers.1.2.bn.running_var": [5],
        "decoder_level1.1.lff.1.weight": [32, 42, 1, 1],
        "encoder_level3.0.attn.temporal_fc.1.weight": [1, 1, 1, 1, 1],
        "encoder_level3.0.attn.channel_fc.3.weight": [64, 4, 1, 1, 1],
        "encoder_level3.0.attn.spatial_conv.0.bias": [1],
        "downsample_1_to_2.maxpool_conv.1.weight": [32, 16, 3, 3],
        "upsample_3_to_2.up.2.bn.weight": [32],
        "reduce_channels_2.2.bn.num_batches_tracked": [],
        "temporal_fusion.weights": [3],
        "refinement.gate.0.weight": [32, 96, 1, 1],
        "refinement.sa.2.weight": [1, 4, 5, 5],
        "output_conv.bias": [3],
    },
}


def small(name: str) -> Network:
    torch.manual_seed(0)
    network = SYSTEMS[name].network(width=16, **SMALL[name])
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.2)
    return network.eval()


def state_of(name: str) -> State:
    """The state dict of a small network under published names, in published shapes where known."""
    found = {SYSTEMS[name].published_name(k): v for k, v in small(name).state_dict().items()}
    return {k: v.reshape(NAMES[name].get(k, v.shape)) for k, v in found.items()}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[[Any], Path]:
    def write(content: Any) -> Path:
        torch.save(content, tmp_path / "published.pth")
        return tmp_path / "published.pth"

    return write


@pytest.mark.parametrize("name", SYSTEMS)
def test_published_names_written_down_by_hand(name: str):
    state = state_of(name)
    assert NAMES[name].keys() <= state.keys()
    assert {k: list(state[k].shape) for k in NAMES[name]} == NAMES[name]
    assert len(state) == len(small(name).state_dict())


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_imported_computes_the_same_and_knows_its_shape(name: str, tmp_path, checkpoint):
    file = checkpoint(
        {"epoch": 7, "state_dict": {f"module.{k}": v for k, v in state_of(name).items()}}
    )
    told = import_checkpoint(name, file, tmp_path / "out")
    config = yaml.safe_load((tmp_path / "out" / "config.yaml").read_text())
    arguments = config["model"]["init_args"]["network"]["init_args"]
    assert arguments == {"width": 16, **SMALL[name]}
    network = SYSTEMS[name].network(**arguments).eval()
    load_weights(network, tmp_path / "out" / "weights.safetensors")
    x = torch.rand(1, 3, 16, 24)
    assert torch.equal(network(x), small(name)(x))
    assert f"{sum(p.numel() for p in network.parameters()):,} parameters" in told


def test_entries_of_a_profiler_are_dropped_and_nothing_else(checkpoint):
    state = state_of("esdnet")
    extra = {"total_ops": torch.zeros(1), "output.0.total_params": torch.zeros(1)}
    kept, dropped = read_checkpoint(checkpoint({**state, **extra}))
    assert kept.keys() == state.keys()
    assert dropped == 2
    kept, dropped = read_checkpoint(checkpoint({**state, "output.0.total_ops_too": torch.zeros(1)}))
    assert dropped == 0
    with pytest.raises(UserError, match=r"left over: output\.0\.total_ops_too"):
        SYSTEMS["esdnet"].build(kept)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_renamed_entry_of_any_sort_is_refused_by_both_names(name: str):
    state = state_of(name)
    for key in NAMES[name]:
        broken = {(f"{k}_old" if k == key else k): v for k, v in state.items()}
        with pytest.raises(UserError) as raised:
            SYSTEMS[name].build(broken)
        assert key in str(raised.value), key
        assert f"{key}_old" in str(raised.value), key


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_block_too_few_and_a_wrong_shape_are_named(name: str):
    state = state_of(name)
    level = "encoder_level3" if name == "vlif" else "encoder_level2"
    without = {k: v for k, v in state.items() if not k.startswith(f"{level}.0.")}
    with pytest.raises(UserError, match=rf"left over: {level}\.1"):
        SYSTEMS[name].build(without)
    key = next(k for k, v in state.items() if k.startswith(f"{level}.1.") and v.dim() > 1)
    # The second has as many numbers, in another order.
    for wrong in (state[key][:, :1], state[key].transpose(1, 3)):
        with pytest.raises(UserError, match=f"of another shape: {key} is "):
            SYSTEMS[name].build({**state, key: wrong})


def test_the_steps_of_a_patch_are_not_mistaken_for_channels():
    state, key = state_of("vlif"), "encoder_level1.temporal_compress.0.weight"
    with pytest.raises(UserError, match=f"of another shape: {key} is "):
        SYSTEMS["vlif"].build({**state, key: state[key].transpose(1, 2)})


def test_values_that_cannot_be_weights_are_named():
    state, key = state_of("esdnet"), "output.0.weight"
    for value, says in (
        (state[key].to(torch.int8), f"of another type: {key} is torch.int8"),
        (state[key].to(torch.complex64), f"of another type: {key} is torch.complex64"),
        (state[key] * torch.nan, f"not finite: {key}"),
    ):
        with pytest.raises(UserError, match=says):
            SYSTEMS["esdnet"].build({**state, key: value})
    count = "reduce_chan_level2.2.num_batches_tracked"
    with pytest.raises(UserError, match=f"of another type: {count}"):
        SYSTEMS["esdnet"].build({**state, count: torch.tensor(5.5)})


def test_a_huge_width_is_refused_before_memory_is_taken():
    state = state_of("vlif")
    wide = torch.zeros(1).expand(60_000, 3, 3, 3)
    with pytest.raises(UserError, match="width 60000 is over"):
        SYSTEMS["vlif"].build({**state, "patch_embed.proj.weight": wide})


def test_double_precision_is_kept_and_half_becomes_single():
    for given, expected in ((torch.float64, torch.float64), (torch.float16, torch.float32)):
        state = {
            k: v.to(given) if v.is_floating_point() else v for k, v in state_of("vlif").items()
        }
        network, _ = SYSTEMS["vlif"].build(state)
        assert {p.dtype for p in network.parameters()} == {expected}


class Trap:
    """A pickle that would write a file when it is loaded."""

    def __init__(self, where: Path) -> None:
        self.where = where

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (str(self.where),)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, checkpoint):
    with pytest.raises(UserError, match="cannot be read as a checkpoint of tensors alone"):
        read_checkpoint(
            checkpoint({"state_dict": state_of("vlif"), "trap": Trap(tmp_path / "ran")})
        )
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([1, 2], "holds no state dict; given a list"),
        ({}, "holds no state dict"),
        ({"a.weight": "text"}, "a.weight is no dense tensor"),
        ({"a.weight": torch.eye(2).to_sparse()}, "a.weight is no dense tensor"),
        ({"a": torch.zeros(1), "module.a": torch.ones(1)}, "holds a twice"),
        ({"a.weight": torch.zeros(1)}, "patch_embed.proj.weight"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, checkpoint, content, says):
    with pytest.raises(UserError, match=says):
        import_checkpoint("vlif", checkpoint(content), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_mistakes_on_the_command_line(tmp_path: Path, checkpoint, capsys):
    file = checkpoint(state_of("spikerain"))
    out = ["-o", str(tmp_path / "out")]
    cases = {
        "use --from spikerain": ["--from", "vlif", str(file), *out],
        "does not exist": ["--from", "vlif", str(tmp_path / "nothing.pth"), *out],
        "invalid choice: 'vlf'": ["--from", "vlf", str(file), *out],
        "is not empty": ["--from", "spikerain", str(file), "-o", str(tmp_path)],
        "is a folder": ["--from", "spikerain", str(tmp_path), *out],
        "cannot be written": ["--from", "spikerain", str(file), "-o", f"{file}/out"],
    }
    for says, words in cases.items():
        with pytest.raises(SystemExit) as left:
            main(["import", *words])
        assert left.value.code == 2
        assert says in capsys.readouterr().err


def test_an_imported_folder_is_tested_wherever_it_lies(
    tmp_path: Path, pairs: Path, checkpoint, monkeypatch: pytest.MonkeyPatch, capsys
):
    file = checkpoint(state_of("esdnet"))
    main(["import", "--from", "esdnet", str(file), "-o", str(tmp_path / "out")])
    (tmp_path / "out").rename(tmp_path / "moved")
    decoy = tmp_path / "elsewhere" / "weights.safetensors"  # must not be taken for those of the run
    decoy.parent.mkdir()
    decoy.write_bytes(b"no weights")
    monkeypatch.chdir(decoy.parent)
    run = str(tmp_path / "moved")
    main(["test", "--run", run, f"--data.root={pairs}", "--trainer.enable_progress_bar=false"])
    table = (tmp_path / "moved" / "test" / "per_image.csv").read_text()
    assert {line.split(",")[1] for line in table.splitlines()[1:]} == {"RGB", "LumaCropped"}
    assert len(table.splitlines()) == 1 + 2 * 6
    assert "LumaCropped" in capsys.readouterr().out
    saved = yaml.safe_load((tmp_path / "moved" / "test" / "config.yaml").read_text())
    assert saved["model"]["init_args"]["inference"]["class_path"].endswith("PublishedTiles")


def test_an_import_in_double_precision_goes_on_and_its_run_needs_it_no_more(
    tmp_path: Path, pairs: Path, checkpoint, monkeypatch: pytest.MonkeyPatch
):
    double = {k: v.double() if v.is_floating_point() else v for k, v in state_of("esdnet").items()}
    main(["import", "--from", "esdnet", str(checkpoint(double)), "-o", str(tmp_path / "out")])
    monkeypatch.chdir(tmp_path)
    tiny = [word for word in TINY if "width" not in word]
    data = [f"--data.root={pairs}", "--data.held_out=0.2"]
    main(["fit", "--config", "out/config.yaml", *data, *tiny])
    shutil.rmtree(tmp_path / "out")
    run = tmp_path / "runs" / "imported-esdnet" / "0"
    main(["test", "--run", str(run), "--trainer.enable_progress_bar=false"])
    assert (run / "test" / "per_image.csv").is_file()


def test_weights_of_another_network_are_refused_by_name(tmp_path: Path):
    file = tmp_path / "weights.safetensors"
    save_weights(SpikeRain(width=8, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1)), file)
    narrow = SpikeRain(width=4, encoder_depth=(1, 1, 1), decoder_depth=(1, 1, 1))
    with pytest.raises(UserError, match=r"embed.weight is \[8, 3, 3, 3\], not \[4, 3, 3, 3\]"):
        load_weights(narrow, file)
    deep = SpikeRain(width=8, encoder_depth=(1, 2, 1), decoder_depth=(1, 1, 1))
    with pytest.raises(UserError, match=r"encoder2\.1\.layers\.0\.1\.conv\.weight is missing"):
        load_weights(deep, file)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UserError, match="no whole safetensors file"):
        load_weights(narrow, file)
    with pytest.raises(UserError, match="does not exist"):
        load_weights(narrow, tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("name", "file", "kind"),
    [
        ("vlif", "vlifnet_small.pt", VLIFNet),
        ("esdnet", "esdnet_small.pt", ESDNet),
        ("spikerain", "spikerain_small.pt", SpikeRain),
    ],
)
@torch.no_grad()
def test_an_imported_network_computes_the_reference(name, file, kind, tmp_path, checkpoint):
    reference = golden(file)
    import_checkpoint(name, checkpoint(reference["state_dict"]), tmp_path / "out")
    config = yaml.safe_load((tmp_path / "out" / "config.yaml").read_text())
    network = kind(**config["model"]["init_args"]["network"]["init_args"])
    load_weights(network, tmp_path / "out" / "weights.safetensors")
    out = network.double().eval()(reference["input0"].double())
    assert_close(out, reference["eval0_f64"])
    assert load_file(tmp_path / "out" / "weights.safetensors").keys() == network.state_dict().keys()
