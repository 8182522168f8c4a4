"""Pictures that are in two splits: refused, told, or let through where that is asked for."""

import shutil
from pathlib import Path

import lightning.pytorch as pl
import pytest
import yaml
from conftest import ROOT, TINY, MakePairs
from lightning.pytorch.callbacks import ModelCheckpoint

from spiking_lowlevel.cli import main
from spiking_lowlevel.data import PairedFolders, Photographs
from spiking_lowlevel.data.base import Pair, Pairs, RestorationData, Split
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.training import split_check

PAIRED = str(ROOT / "configs" / "derain" / "paired.yaml")


def write(folder: Path, **contents: bytes) -> list[Path]:
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(folder.iterdir())


@pytest.fixture
def splits(tmp_path: Path, make_pairs: MakePairs) -> Path:
    """Three folders of pairs, no two pictures alike."""
    made = make_pairs(tmp_path / "made", 9)
    for i, picture in enumerate(sorted((made / "target").iterdir())):
        split = ("train", "validate", "test")[i // 3]
        for side in ("input", "target"):
            place = tmp_path / "data" / split / side / picture.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made / side / picture.name, place)
    return tmp_path / "data"


class Unknown(RestorationData):
    """Pairs from nowhere: no files, and no test split."""

    def pairs(self, split: Split) -> Pairs:
        if split == "test":
            raise UserError("no test pictures")
        return Nothing()


class Nothing(Pairs):
    def __len__(self) -> int:
        return 0

    def __getitem__(self, draw: Draw) -> Pair:
        raise IndexError


def leak(root: Path, of: str, into: str, called: str = "again.png") -> None:
    """Copy the first pair of a split into another one, under another name."""
    for side in ("input", "target"):
        first = min((root / of / side).iterdir())
        shutil.copy(first, root / into / side / called)


def check(
    data: RestorationData,
    overlap: split_check.Overlap = "error",
    choose_on_test: bool = False,
    monitor: str | None = "val/psnr",
    validations: float = 1.0,
) -> None:
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        callbacks=[ModelCheckpoint(monitor=monitor)],
        limit_val_batches=validations,
        enable_progress_bar=False,
    )
    split_check.check(data, overlap, choose_on_test, trainer)


def test_files_are_shared_by_content_or_by_path(tmp_path: Path):
    a = write(tmp_path / "a", one=b"11", two=b"222", three=b"22", four=b"4444")
    b = write(tmp_path / "b", uno=b"11", dos=b"333", tres=b"23")
    found = {x.name: y.name for x, y in split_check.shared(a, [*b, a[0]])}
    # the same length is not enough: "222" and "333", "22" and "23"
    assert found == {"one": "uno", "four": "four"}


def test_the_same_file_by_another_way_is_the_same(tmp_path: Path):
    (one,) = write(tmp_path / "a", one=b"1")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert split_check.shared([one], [tmp_path / "link" / "one"])


def test_only_files_of_a_common_size_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    digest = split_check._digest
    monkeypatch.setattr(split_check, "_digest", lambda p: read.append(p.name) or digest(p))
    a = write(tmp_path / "a", one=b"1", two=b"22", three=b"333")
    b = write(tmp_path / "b", dos=b"xx", four=b"4444")
    assert split_check.shared(a, b) == []
    assert sorted(read) == ["dos", "two"]


def test_a_file_that_is_gone_is_told(tmp_path: Path):
    with pytest.raises(UserError, match=r"cannot read .*gone"):
        split_check.shared([tmp_path / "gone"], [tmp_path / "gone too"])


def test_sets_tell_their_files(splits: Path, tmp_path: Path):
    pairs = PairedFolders(splits).pairs("test")
    assert pairs.files() == sorted((splits / "test" / "target").iterdir())
    assert pairs.degraded_files() == sorted((splits / "test" / "input").iterdir())
    for split in ("train", "test"):
        (tmp_path / "clean" / split).mkdir(parents=True)
        shutil.copy(splits / split / "target" / min((splits / split / "target").iterdir()).name,
                    tmp_path / "clean" / split)  # fmt: skip
    data = Photographs(tmp_path / "clean", variants=3)
    for split in ("train", "test"):  # each once, for all the variants
        assert data.pairs(split).files() == list((tmp_path / "clean" / split).iterdir())


@pytest.mark.parametrize("into", ["validate", "test"])
def test_a_picture_that_is_trained_on_is_not_evaluated_on(into: str, splits: Path):
    check(PairedFolders(splits))
    leak(splits, "train", into)
    called = "validation" if into == "validate" else into
    with pytest.raises(UserError) as told:
        check(PairedFolders(splits))
    assert f"1 of 3 training pictures are in the {called} split, too" in str(told.value)
    assert f"0.png is {splits / into / 'target' / 'again.png'}" in str(told.value)
    assert "--overlap warn" in str(told.value)


def test_many_are_counted_and_few_are_named(splits: Path):
    shutil.rmtree(splits / "test")
    for side in ("input", "target"):
        shutil.copy(splits / "validate" / side / "3.png", splits / "train" / side / "3.png")
        shutil.copytree(splits / "train" / side, splits / "test" / side)
    with pytest.raises(UserError) as told:
        check(PairedFolders(splits), choose_on_test=True)
    assert "1 of 4 training pictures are in the validation split" in str(told.value)
    assert "4 of 4 training pictures are in the test split" in str(told.value)
    assert "2.png, ..." in str(told.value)


@pytest.mark.parametrize("overlap", ["warn", "allow"])
def test_it_goes_on_where_that_is_asked_for(
    overlap: split_check.Overlap, splits: Path, capsys: pytest.CaptureFixture[str]
):
    leak(splits, "train", "test")
    check(PairedFolders(splits), overlap)
    told = "training pictures are in the test split" in capsys.readouterr().err
    assert told == (overlap == "warn")


def test_a_folder_that_is_split_here_is_sound_unless_pictures_repeat(
    tmp_path: Path, make_pairs: MakePairs
):
    data = make_pairs(tmp_path / "data", 6)
    check(PairedFolders(data))
    for side in ("input", "target"):  # every picture twice: whatever is held out is trained on
        for picture in sorted((data / side).iterdir()):
            shutil.copy(picture, picture.with_stem(f"1{picture.stem}"))
    with pytest.raises(UserError, match="training pictures are in the test split"):
        check(PairedFolders(data))


def test_the_best_is_not_chosen_by_the_test_pictures_unless_asked_for(splits: Path):
    shutil.rmtree(splits / "validate")
    data = PairedFolders(splits, validate_on_test=True)
    with pytest.raises(UserError) as told:
        check(data, overlap="allow")
    assert "3 of 3 test pictures are in the validation split, too" in str(told.value)
    assert "--choose_on_test true" in str(told.value)
    check(data, choose_on_test=True)


def test_where_nothing_is_chosen_test_pictures_may_be_looked_at(splits: Path):
    shutil.rmtree(splits / "validate")
    data = PairedFolders(splits, validate_on_test=True)
    check(data, monitor=None)
    check(data, validations=0)


def test_a_test_folder_copied_for_validation_is_found(splits: Path):
    shutil.rmtree(splits / "validate")
    shutil.copytree(splits / "test", splits / "validate")
    with pytest.raises(UserError, match="3 of 3 test pictures are in the validation split"):
        check(PairedFolders(splits))


def test_pairs_that_do_not_know_their_files_pass():
    check(Unknown())


def test_the_command_line_asks_first_and_records_what_was_allowed(
    splits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    leak(splits, "train", "test")
    shutil.rmtree(splits / "validate")
    line = ["fit", "--config", PAIRED, f"--data.root={splits}", "--data.validate_on_test=true"]
    line += [*TINY, "--trainer.max_steps=1", f"--trainer.logger.root={tmp_path / 'runs'}"]
    with pytest.raises(SystemExit) as leave:
        main([*line, "--choose_on_test=true"])
    assert leave.value.code == 2
    assert "training pictures are in the validation split" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
    main([*line, "--choose_on_test=true", "--overlap=warn"])
    saved = yaml.safe_load((tmp_path / "runs/derain-paired/0/config.yaml").read_text())
    assert (saved["overlap"], saved["choose_on_test"]) == ("warn", True)
