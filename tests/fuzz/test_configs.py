"""Spoilt configurations and command lines: always a sentence and exit code 2, or a run."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, MakePairs
from fuzz.forked import Ended, slv
from fuzz.mutations import spoilt_texts, spoilt_trees, words, written
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

CONFIGS = sorted(ROOT.glob("configs/*/*.yaml"))
WHOLE = [path for path in CONFIGS if path.parent.name != "overlays"]
STEP = ["--trainer.max_steps=1", "--trainer.max_epochs=1"]  # one may ask for a training without end
FIT = ["fit", "--config", "config.yaml", *STEP]
MESSAGE = 2_010
GROWN = 1024
"""Bounds: characters on standard error from `slv: ` on, and MiB beyond what is imported."""
SHORT = settings.get_current_profile_name() == "short"
# Not shrunk: an example takes a second, and its configuration lies in the folder of the test.
FEW = settings(max_examples=6 if SHORT else 250, phases=[Phase.explicit, Phase.generate])


def shrunk(path: Path) -> dict[str, Any]:
    """A configuration of the project as small as it can be, for one step on the pairs beside it."""
    config = yaml.safe_load(path.read_text())
    network = config["model"]["init_args"]["network"]["init_args"]
    network["width"] = 8 if "spikerain" in path.name else 4
    for key in ("encoder_depth", "decoder_depth"):
        network[key] = [1] * len(network[key])
    data = config["data"]["init_args"]
    data |= {"crop": 16, "batch_size": 2, "draws": 4, "workers": 0}
    if "root" in data:
        data["root"] = "../pairs"
    if path.parent.name == "denoise":
        config["plugins"] = [str(ROOT / "plugins" / "denoising.py")]
    config["trainer"] |= {"max_steps": 1, "limit_val_batches": 0, "log_every_n_steps": 1}
    config["trainer"] |= {"devices": 1, "strategy": "auto", "enable_progress_bar": False}
    return config


SMALL = {path.stem: shrunk(path) for path in WHOLE}
BASE = SMALL["paired"]
OVERLAYS = [yaml.safe_load(path.read_text()) for path in CONFIGS if path not in WHOLE]
some_config = st.sampled_from(list(SMALL.values()))


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, make_pairs: MakePairs) -> Path:
    """A folder with pairs; each example gets `work/` beside them, afresh."""
    place = tmp_path_factory.mktemp("fuzz")
    make_pairs(place / "pairs", 6)
    return place


def tried(field: Path, config: bytes, line: list[str] | None = None, **more: Any) -> Ended:
    """Run a command line in a fresh folder that holds a config.yaml; see how it ends."""
    work = field / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (work / "config.yaml").write_bytes(config)
    (work / "base.yaml").write_bytes(written(BASE))
    ended = slv(FIT if line is None else line, work, **more)
    require_well_ended(ended)
    beside = {path.name for path in field.iterdir()} - {"pairs", "work"}
    assert beside <= {"work.in", "work.out", "work.err"}, beside
    left = {path.name for path in work.iterdir()} - {"config.yaml", "base.yaml"}
    assert "canary" not in left
    if ended.code == 2 and "Epoch" not in ended.out:
        trained = list(work.rglob("metrics.csv"))
        assert not left or trained or (work / "runs").exists(), left
    return ended


def require_well_ended(ended: Ended, codes: tuple[int, ...] = (0, 2)) -> None:
    """Neither a traceback, nor a hang, nor memory beyond the bound; and a message that is one."""
    if "can't open file" in ended.err and ended.code == -9:
        return  # trainer.devices was 2 or more, and a second process cannot be started here
    assert ended.code in codes, (ended.code, ended.err[-3000:])
    assert "Traceback" not in ended.err
    assert ended.grown < GROWN
    if ended.code == 2:
        assert "slv: " in ended.err
        said = ended.err[ended.err.index("slv: ") :]
        assert len(said) <= MESSAGE
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", said)


@FEW
@given(data=st.data())
def test_a_tree_in_which_something_is_wrong(field: Path, data: st.DataObject):
    tree = data.draw(some_config)
    tried(field, written(data.draw(spoilt_trees(tree))))


@FEW
@given(data=st.data())
def test_a_text_in_which_something_is_wrong(field: Path, data: st.DataObject):
    tried(field, data.draw(spoilt_texts(written(data.draw(some_config)))))


@settings(FEW, max_examples=max(2, FEW.max_examples // 4))
@given(data=st.data())
def test_an_overlay_in_which_something_is_wrong(field: Path, data: st.DataObject):
    overlay = written(data.draw(spoilt_trees(data.draw(st.sampled_from(OVERLAYS)))))
    tried(field, overlay, ["fit", "--config", "base.yaml", *FIT[1:]])


@FEW
@given(line=words)
def test_a_command_line_in_which_something_is_wrong(field: Path, line: list[str]):
    tried(field, written(BASE), [*FIT[:3], *line, *STEP])
