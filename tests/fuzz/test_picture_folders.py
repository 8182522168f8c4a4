"""Folders of spoilt pictures through the verbs: what is refused is told, the others are done."""

from pathlib import Path

import pytest
from fuzz import makers, spoiling
from fuzz.test_trees import picture
from fuzz.trees import everything, new, run, write_network
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_lowlevel.data.images import read_image, write_png
from spiking_lowlevel.errors import UserError

EXAMPLES = 4 if settings.get_current_profile_name() == "short" else 60
OTHER = {"input": "target", "target": "input"}
TINY = [
    "--model.network.width=8", "--trainer.max_steps=2", "--data.draws=8", "--data.crop=8",
    "--data.batch_size=8", "--trainer.enable_progress_bar=false", "--trainer.logger.root=runs",
    "--trainer.limit_val_batches=1", "--trainer.num_sanity_val_steps=0", "--data.root=set",
]  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(tmp_path_factory.mktemp("network") / "net.safetensors")


def folders() -> st.SearchStrategy[list[tuple[bytes, str]]]:
    """Contents and suffixes of some files."""
    return st.lists(st.tuples(spoiling.files(2), spoiling.suffixes()), min_size=5, max_size=14)


def spread(folder: Path, files: list[tuple[bytes, str]]) -> list[str]:
    folder.mkdir(parents=True)
    called = [f"{i}{suffix}" for i, (_, suffix) in enumerate(files)]
    for name, (data, _) in zip(called, files, strict=True):
        (folder / name).write_bytes(data)
    return called


@settings(max_examples=EXAMPLES)
@given(files=folders(), form=st.sampled_from(("", "png", "jpg", "tiff", "webp", "bmp")))
def test_restore(
    tmp_path_factory: pytest.TempPathFactory,
    weights: Path,
    files: list[tuple[bytes, str]],
    form: str,
):
    here = tmp_path_factory.mktemp("restore")
    called = spread(here / "in", files)
    before = everything(here)
    words = ["--weights", weights, *(["--format", form] if form else [])]
    ended = run(["restore", "in", "-o", "out", *words], here)
    made = new(before, everything(here)) - {"out"}
    assert all(path.startswith("out/") and not path.endswith(".part") for path in made)
    refused = [line for line in ended.err.splitlines() if line.startswith("slv: in/")]
    assert len(refused) + len(made) == len(called)
    assert ended.code == bool(refused)
    assert {path[4:].partition(".")[0] for path in made}.isdisjoint(
        line.removeprefix("slv: in/").partition(".")[0] for line in refused
    )


@settings(max_examples=EXAMPLES)
@given(files=folders())
def test_data_check(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[bytes, str]]):
    here = tmp_path_factory.mktemp("check")
    called = spread(here / "set/input", files)
    for name in called:
        picture(here / "set/target" / name)
    before = everything(here)
    ended = run(["data", "check", "set"], here)
    assert ended.code in (0, 1)
    assert new(before, everything(here)) <= {"set-contact.png"}


@settings(max_examples=max(2, EXAMPLES // 4))
@given(
    data=spoiling.files(2), suffix=spoiling.suffixes(), side=st.sampled_from(("input", "target"))
)
def test_fit(
    tmp_path_factory: pytest.TempPathFactory, root: Path, data: bytes, suffix: str, side: str
):
    here = tmp_path_factory.mktemp("fit")
    for i in range(4):
        picture(here / f"set/input/{i}.png", i)
        picture(here / f"set/target/{i}.png", i)
    spoilt, partner = here / f"set/{side}/4{suffix}", here / f"set/{OTHER[side]}/4.png"
    spoilt.write_bytes(data)
    readable = True
    try:
        write_png(partner, read_image(spoilt))
    except UserError:
        readable = False
        picture(partner)
    small = readable and min(read_image(spoilt).shape[:2]) < 8
    before = everything(here)
    ended = run(["fit", "--config", root / "configs/derain/paired.yaml", *TINY], here)
    assert ended.code == (0 if readable and not small else 2), ended.err
    assert readable or f"{side}/4{suffix}" in ended.err
    assert all(path.startswith("runs") for path in new(before, everything(here)))


def test_bombs(tmp_path: Path, weights: Path):
    files = [(data, ".png") for data in makers.bombs() if b"VP8X" not in data[:20]]
    called = spread(tmp_path / "in", files)
    ended = run(["restore", "in", "-o", "out", "--weights", weights], tmp_path)
    assert ended.code == 1
    refused = [line for line in ended.err.splitlines() if line.startswith("slv: in/")]
    assert len(refused) + len(list((tmp_path / "out").iterdir())) == len(called)
