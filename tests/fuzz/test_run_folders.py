"""Run folders in which a file is spoilt: what reads them ends with a sentence, or does its work."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from fuzz.forked import Ended, slv
from fuzz.mutations import spoilt_texts, spoilt_trees, written
from fuzz.test_configs import SHORT, require_well_ended
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

ONE = ["--trainer.limit_test_batches=1", "--trainer.enable_progress_bar=false"]
VERBS = {
    "test": ["test", "--run", "run", *ONE],
    "predict": ["predict", "--run", "run", "--trainer.limit_predict_batches=1", ONE[1]],
    "resume": ["fit", "--resume", "run", ONE[1], "--trainer.max_steps=5"],
    "report": ["report", "run"],
    "export": ["export", "run", "-o", "out.safetensors"],
    "energy": ["energy", "--run", "run", "--pictures", "1", "--size", "16"],
    "restore": ["restore", "photo.png", "-o", "clean.png", "--weights", "run"],
    "reproduce": ["reproduce", "run", "--anyway", "-o", "again"],
}
FILES = ["config.yaml", "run.json", "metrics.csv", "versions.json", "spikes.csv", "per_image.csv"]
CHECKPOINTS = ["checkpoints/best.ckpt", "checkpoints/last.ckpt"]
FEW = settings(max_examples=3 if SHORT else 100, phases=[Phase.explicit, Phase.generate])
OTHER = [b"", b"\x00", b"null", b"[]", b"3", b"{}", b"PK\x03\x04", b"\x80\x02}q\x00.", b"\xff" * 99]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    """A folder for copies of a run, which is found by the first of them."""
    place = tmp_path_factory.mktemp("runs")
    shutil.copytree(run, place / "whole")
    return place


def tried(field: Path, pairs: Path, verb: str, spoilt: dict[str, bytes | None]) -> Ended:
    """Run a verb on a copy of the run with other files; None stands for a folder of that name."""
    work = field / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(field / "whole", work / "run")
    shutil.copy(next((pairs / "input").iterdir()), work / "photo.png")
    for name, content in spoilt.items():
        place = work / "run" / name
        place.unlink(missing_ok=True)
        place.mkdir() if content is None else place.write_bytes(content)
    ended = slv(VERBS[verb], work)
    require_well_ended(ended, (0, 1, 2))
    assert {p.name for p in field.iterdir()} <= {"whole", "work", "work.in", "work.out", "work.err"}
    assert not (work / "canary").exists()
    return ended


@FEW
@given(data=st.data())
def test_a_file_that_is_spoilt(field: Path, pairs: Path, data: st.DataObject):
    name = data.draw(st.sampled_from([n for n in FILES if (field / "whole" / n).is_file()]))
    whole = (field / "whole" / name).read_bytes()
    content: Any = data.draw(
        st.one_of(spoilt_texts(whole), spoilt_texts(whole), st.sampled_from([*OTHER, None]))
    )
    verbs = {"metrics.csv": ["report"], "spikes.csv": ["report"], "per_image.csv": ["report"]}
    verb = data.draw(st.sampled_from(verbs.get(name, list(VERBS))))
    if name == "run.json":
        verb = data.draw(st.sampled_from(["reproduce", "report", "resume"]))
    tried(field, pairs, verb, {name: content})


@FEW
@given(data=st.data())
def test_a_configuration_that_is_spoilt(field: Path, pairs: Path, data: st.DataObject):
    tree = yaml.safe_load((field / "whole" / "config.yaml").read_text())
    spoilt = data.draw(spoilt_trees(tree))
    verb = data.draw(st.sampled_from([verb for verb in VERBS if verb != "reproduce"]))
    tried(field, pairs, verb, {"config.yaml": written(spoilt)})


@FEW
@given(data=st.data())
def test_a_checkpoint_that_is_spoilt(field: Path, pairs: Path, data: st.DataObject):
    name = data.draw(st.sampled_from(CHECKPOINTS))
    whole = (field / "whole" / name).read_bytes()
    where = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[where] ^= 1 << data.draw(st.integers(0, 7))
    config = (field / "whole" / "config.yaml").read_bytes()
    content = data.draw(st.sampled_from([whole[:where], bytes(flipped), *OTHER, config, None]))
    verbs = ["resume"] if "last" in name else ["test", "predict", "export", "energy", "restore"]
    tried(field, pairs, data.draw(st.sampled_from(verbs)), {name: content})
