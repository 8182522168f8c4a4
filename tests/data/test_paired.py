"""Pairs of files: matched by name, split without overlap; every mistake names a file."""

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from data import trees
from PIL import Image

from spiking_lowlevel.data import Pair, PairedFolders, cache
from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.data.paired import FilePairs, match
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.metrics import Luma
from spiking_lowlevel.training.run_record import hashes

SPLITS = ("train", "validate", "test")
RAIN12 = Path(__file__).parents[3] / "shared" / "rain12"


def picture(path: Path, value: int = 0, size: tuple[int, int] = (6, 5)) -> Path:
    """An image of one value, width x height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, value, value)).save(path)
    return path


def pair(folder: Path, name: str, value: int, endings: tuple[str, str] = (".png", ".png")) -> None:
    """A pair whose degraded image is brighter by 100."""
    for side, ending, bright in zip(("input", "target"), endings, (100, 0), strict=True):
        picture(folder / side / f"{name}{ending}", value + bright)


def flat(folder: Path, count: int) -> Path:
    for i in range(count):
        pair(folder, str(i), i)
    return folder


def content(data: PairedFolders, split: str) -> dict[str, tuple[int, int]]:
    """Name, degraded and clean value of the pairs of a split, 8-bit."""
    pairs = data.pairs(split)  # pyright: ignore[reportArgumentType]
    loaded = [pairs[Draw(i, 0)] for i in range(len(pairs))]
    return {
        p.name: (round(255 * p.degraded[0, 0, 0].item()), round(255 * p.clean[0, 0, 0].item()))
        for p in loaded
    }


def names(data: PairedFolders) -> dict[str, list[str]]:
    return {split: list(content(data, split)) for split in SPLITS}


def test_folders_of_their_own_for_all_splits(tmp_path: Path):
    for i, split in enumerate(SPLITS):
        pair(tmp_path / split, f"of-{split}", 10 * i)
    data = PairedFolders(tmp_path)
    assert [content(data, split) for split in SPLITS] == [
        {"of-train": (100, 0)},
        {"of-validate": (110, 10)},
        {"of-test": (120, 20)},
    ]


@pytest.mark.parametrize("name", ["validate", "val", "valid"])
def test_the_validation_folder_has_several_names(tmp_path: Path, name: str):
    pair(tmp_path / name, "v", 0)
    flat(tmp_path / "train", 4)
    found = names(PairedFolders(tmp_path))
    assert found["validate"] == ["v"]
    assert len(found["test"]) == 1
    assert sorted(found["train"] + found["test"]) == list("0123")


@pytest.mark.parametrize("count", [3, 4, 12, 40])
def test_what_is_held_out_is_disjoint_and_nothing_is_lost(tmp_path: Path, count: int):
    found = names(PairedFolders(flat(tmp_path, count)))
    everything = [name for split in SPLITS for name in found[split]]
    assert sorted(everything) == sorted(map(str, range(count)))
    assert all(found.values())
    assert len(found["test"]) == max(1, round(0.15 * count))
    assert names(PairedFolders(tmp_path)) == found


def test_the_share_that_is_held_out_is_an_option_and_spread_evenly(tmp_path: Path):
    for i in range(20):
        pair(tmp_path, f"{i:02}", i)
    found = names(PairedFolders(tmp_path, held_out=0.25))
    assert [len(found[split]) for split in SPLITS] == [11, 4, 5]
    test = [int(name) for name in found["test"]]
    assert {b - a for a, b in pairwise(test)} == {4}


def test_a_split_with_a_folder_is_not_filled_from_training(tmp_path: Path):
    flat(tmp_path, 6)
    pair(tmp_path / "test", "t", 0)
    found = names(PairedFolders(tmp_path))
    assert found["test"] == ["t"]
    assert sorted(found["train"] + found["validate"]) == list("012345")


def test_endings_of_partners_may_differ(tmp_path: Path):
    for i, endings in enumerate([(".png", ".bmp"), (".PNG", ".png"), (".tif", ".webp")]):
        pair(tmp_path / "train", f"a{i}", i, endings)
    files = match(tmp_path / "train" / "input", tmp_path / "train" / "target")
    assert [(a.name, b.name) for a, b in files] == [
        ("a0.png", "a0.bmp"),
        ("a1.PNG", "a1.png"),
        ("a2.tif", "a2.webp"),
    ]


def test_folders_may_be_called_otherwise(tmp_path: Path):
    flat(tmp_path, 4)
    (tmp_path / "input").rename(tmp_path / "rainy")
    (tmp_path / "target").rename(tmp_path / "groundtruth")
    found = names(PairedFolders(tmp_path, input="rainy", target="groundtruth"))
    assert sorted(name for split in SPLITS for name in found[split]) == list("0123")


def test_partners_are_found_by_name_and_not_by_order(tmp_path: Path):
    # The endings make "1" come after "1.q" among the inputs and before it among the targets.
    pair(tmp_path / "train", "1", 0, (".webp", ".bmp"))
    pair(tmp_path / "train", "1.q", 50)
    inputs, targets = tmp_path / "train" / "input", tmp_path / "train" / "target"
    files = match(inputs, targets)
    assert [(a.name, b.name) for a, b in files] == [("1.webp", "1.bmp"), ("1.q.png", "1.q.png")]
    assert [read_image(b)[0, 0, 0] for _, b in files] == [0, 50]


def test_training_takes_the_same_crop_of_both(tmp_path: Path):
    image = np.random.default_rng(0).integers(200, size=(9, 11, 3), dtype=np.uint8)
    for split in SPLITS:
        for side, more in (("input", 55), ("target", 0)):
            (tmp_path / split / side).mkdir(parents=True)
            Image.fromarray(image + np.uint8(more)).save(tmp_path / split / side / "x.png")
    pairs = PairedFolders(tmp_path, crop=4).pairs("train")
    seen = set()
    for seed in range(40):
        crop = pairs[Draw(0, seed)]
        assert crop.clean.shape == (3, 4, 4)
        torch.testing.assert_close(crop.degraded - crop.clean, torch.full((3, 4, 4), 55 / 255))
        seen.add(crop.clean.numpy().tobytes())
    assert len(seen) > 10
    assert pairs[Draw(0, 3)].clean.equal(pairs[Draw(0, 3)].clean)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_same_however_many_load(tmp_path: Path, workers: int, make_pairs):
    make_pairs(tmp_path, 5)
    batches = []
    for count in (0, workers):
        torch.manual_seed(0)
        data = PairedFolders(tmp_path, batch_size=2, crop=16, draws=6, workers=count)
        batches.append([Pair(*b) for b in data.train_dataloader()])
    for a, b in zip(*batches, strict=True):
        assert a.degraded.shape == (2, 3, 16, 16)
        assert torch.equal(a.degraded, b.degraded)
        assert torch.equal(a.clean, b.clean)


def test_small_pictures_are_padded_for_training(tmp_path: Path):
    flat(tmp_path, 3)
    batch = Pair(*next(iter(PairedFolders(tmp_path, batch_size=1, crop=16).train_dataloader())))
    assert batch.clean.shape == (1, 3, 16, 16)


def spoil(root: Path, how: str) -> Path:
    """Four pairs with one fault."""
    flat(root, 4)
    inputs, targets = root / "input", root / "target"
    match how:
        case "no root":
            return root / "nowhere"
        case "no input":
            inputs.rename(root / "inputs")
        case "empty target":
            for path in targets.iterdir():
                path.unlink()
        case "no target file":
            (targets / "2.png").unlink()
        case "no input file":
            (inputs / "1.png").unlink()
            (inputs / "3.png").unlink()
        case "size":
            picture(targets / "2.png", size=(5, 6))
        case "same name":
            picture(inputs / "2.bmp")
        case "text":
            (targets / "0.png").write_text("no image")
        case "too few":
            for i in (2, 3):
                (inputs / f"{i}.png").unlink()
                (targets / f"{i}.png").unlink()
    return root


MISTAKES = {
    "no root": r"nowhere does not exist; give the folder of the pairs, .* input/ and target/",
    "no input": r"input does not exist; give the folder",
    "empty target": r"target holds no image; images end in",
    "no target file": r"input/2\.png has no partner .*target; add the partner or remove the image",
    "no input file": r"target/1\.png has no partner .*input \(and 1 more\); add the partner",
    "size": r"input/2\.png is 6x5 pixels, but its partner .*target/2\.png is 5x6; a pair needs one",
    "same name": r"2\.bmp and .*2\.png have the same name; keep one",
    "text": r"target/0\.png is not an image that can be read; replace or remove",
    "too few": r"has 1 pairs left to train on, too few to hold out 1 more; add pairs or a folder",
}


@pytest.mark.parametrize("how", MISTAKES)
@pytest.mark.parametrize("split", ["train", "test"])
def test_what_does_not_match_is_named_with_what_to_do(tmp_path: Path, how: str, split: str):
    data = PairedFolders(spoil(tmp_path, how))
    with pytest.raises(UserError, match=MISTAKES[how]) as error:
        data.pairs(split)  # pyright: ignore[reportArgumentType]
    assert str(tmp_path) in str(error.value)


def test_a_truncated_picture_is_named_when_it_is_read(tmp_path: Path):
    flat(tmp_path / "train", 3)
    noise = np.random.default_rng(0).integers(256, size=(40, 40, 3), dtype=np.uint8)
    for side in ("input", "target"):
        Image.fromarray(noise).save(tmp_path / "train" / side / "t.png")
    path = tmp_path / "train" / "target" / "t.png"
    path.write_bytes(path.read_bytes()[:2000])
    flat(tmp_path / "validate", 1)
    flat(tmp_path / "test", 1)
    data = PairedFolders(tmp_path, batch_size=1, crop=8)
    with pytest.raises(UserError, match=r"cannot read .*target/t\.png: .*; replace or remove"):
        list(data.train_dataloader())


def test_rain12_is_read_as_pairs():
    if not RAIN12.is_dir():
        pytest.skip(f"the pictures of Rain12 are not here: {RAIN12.name}")
    data = PairedFolders(RAIN12)
    assert [len(data.pairs(split)) for split in SPLITS] == [8, 2, 2]
    pairs = FilePairs(match(RAIN12 / "input", RAIN12 / "target"), crop=None)
    assert len(pairs) == 12
    whole = [pairs[Draw(i, 0)] for i in range(12)]
    psnr = [Luma()(p.degraded[None], p.clean[None])["psnr"].item() for p in whole]
    assert np.mean(psnr) == pytest.approx(30.14, abs=0.01)


def test_a_public_set_is_recognised_and_validated_on_what_is_held_out(tmp_path: Path):
    trees.page(tmp_path)
    data = PairedFolders(tmp_path)
    found = names(data)
    assert found["test"] == ["norain-1x2", "norain-2x2", "norain-3x2"]
    assert [len(found[s]) for s in SPLITS] == [10, 2, 3]
    assert not set(found["train"]) & set(found["validate"])
    assert all(a - b == trees.RAIN for a, b in content(data, "train").values())


def test_pictures_of_one_scene_stay_in_one_split(tmp_path: Path):
    for scene in range(8):
        for k in (1, 2, 3):
            truth = tmp_path / "ground_truth" / f"{scene}.png"
            trees.pair(tmp_path / "rainy_image" / f"{scene}_{k}.png", truth, scene)
    found = names(PairedFolders(tmp_path))
    scenes = [{n.partition("_")[0] for n in found[split]} for split in SPLITS]
    assert [len(found[split]) for split in SPLITS] == [18, 3, 3]
    assert sum(map(len, scenes)) == len(set.union(*scenes)) == 8


def test_names_tell_folders_apart_where_stems_come_twice(tmp_path: Path):
    trees.did(tmp_path)
    found = names(PairedFolders(tmp_path))
    folders = [f"Rain_{w}-{i}" for w in ("Heavy", "Light", "Medium") for i in (1, 2)]
    assert sorted(found["train"] + found["validate"]) == folders
    assert found["test"] == ["0", "1"]


def test_a_test_set_can_be_tested_and_not_trained_on(tmp_path: Path):
    trees.rain12(tmp_path)
    data = PairedFolders(tmp_path)
    assert list(content(data, "test")) == ["1", "2", "3"]
    message = r"no training or validation pictures, only test .*rain12"
    for split in ("train", "validate"):
        with pytest.raises(UserError, match=message) as error:
            data.pairs(split)
        assert "slv test" in str(error.value)


def test_all_held_out_makes_a_test_set(tmp_path: Path):
    data = PairedFolders(flat(tmp_path, 3), held_out=1)
    assert list(content(data, "test")) == ["0", "1", "2"]
    with pytest.raises(UserError, match=r"no training or validation pictures: data.held_out is 1"):
        data.pairs("train")


def test_pictures_without_clean_ones_are_predicted_on_and_not_scored(tmp_path: Path):
    for i in range(2):
        picture(tmp_path / "RW_Data" / f"rain-00{i}.png", 40 + i)
    data = PairedFolders(tmp_path / "RW_Data")
    batches = [Pair(*b) for b in data.predict_dataloader()]
    assert [b.name[0] for b in batches] == ["rain-000", "rain-001"]
    assert all(b.clean.isnan().all() and b.clean.shape == b.degraded.shape for b in batches)
    assert round(255 * batches[1].degraded.mean().item()) == 41
    with pytest.raises(UserError, match="no clean images to score against; slv predict works"):
        data.test_dataloader()
    with pytest.raises(UserError, match="none of its images has a clean one; slv predict works"):
        data.val_dataloader()


def test_orphans_of_a_public_set_are_refused_by_name(tmp_path: Path):
    trees.page(tmp_path)
    (tmp_path / "Rain200L/rain_data_test_Light/norain/norain-2.png").unlink()
    message = r"rain/X2/norain-2x2\.png has no partner .*in .*norain; add the partner"
    with pytest.raises(UserError, match=message):
        PairedFolders(tmp_path).pairs("test")


def test_a_layout_and_folder_names_exclude_each_other(tmp_path: Path):
    trees.rain12(tmp_path)
    with pytest.raises(UserError, match="has its own folder names"):
        PairedFolders(tmp_path, input="rainy", layout="rain12").pairs("test")


@pytest.mark.parametrize("on_test", [False, True])
def test_validation_on_the_test_pictures_is_a_choice(tmp_path: Path, on_test: bool):
    flat(tmp_path / "train", 5)
    pair(tmp_path / "test", "t", 9)
    found = names(PairedFolders(tmp_path, validate_on_test=on_test))
    assert found["test"] == ["t"]
    assert (found["validate"] == ["t"]) is on_test
    assert len(found["train"]) == (5 if on_test else 4)


def test_validation_crops_never_change(tmp_path: Path):
    for i in range(3):
        trees.pair(tmp_path / "input" / f"{i}.png", tmp_path / "target" / f"{i}.png", i)
    loaders = [PairedFolders(tmp_path, validation_crop=4).val_dataloader() for _ in range(2)]
    one, two = ([Pair(*b) for b in loader] for loader in loaders)
    assert [b.clean.shape for b in one] == [(1, 3, 4, 4)]
    assert all(
        a.clean.equal(b.clean) and a.degraded.equal(b.degraded)
        for a, b in zip(one, two, strict=True)
    )
    torch.testing.assert_close(one[0].degraded - one[0].clean, torch.full((1, 3, 4, 4), 50 / 255))


def test_replayed_crops_come_again_in_every_epoch(tmp_path: Path):
    for i in range(8):
        trees.pair(tmp_path / "input" / f"{i}.png", tmp_path / "target" / f"{i}.png", i)
    data = PairedFolders(tmp_path, batch_size=2, crop=4, replayed_crops=2)
    torch.manual_seed(0)
    sampler = data.train_dataloader().sampler
    epochs = []
    for epoch in range(2):
        sampler.set_epoch(epoch)  # pyright: ignore[reportAttributeAccessIssue]
        epochs.append(list(sampler))
    first, second = epochs
    assert [d.seed for d in first] == [d.seed for d in second]
    assert [d.seed for d in first[:2]] == [d.seed for d in first[2:4]]
    assert [d.pair for d in first] != [d.pair for d in second]


def test_an_input_folder_may_have_another_partner_than_target(tmp_path: Path):
    for i in (1, 2, 3, 4):
        for k in (80, 90):
            name = f"im_{i:04}"
            trees.pair(tmp_path / f"input/{name}_s{k}_a04.png", tmp_path / f"gt/{name}.png", i)
    assert len(names(PairedFolders(tmp_path))["train"]) == 4


def test_a_test_set_of_a_pack_is_a_test_set(tmp_path: Path):
    trees.rain13k(tmp_path)
    data = PairedFolders(tmp_path / "test" / "Test100")
    assert list(content(data, "test")) == ["1", "2", "3"]
    with pytest.raises(UserError, match="no training or validation pictures"):
        data.pairs("train")


def test_training_pictures_are_decoded_once_and_crops_stay_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_pairs
):
    make_pairs(tmp_path, 5)
    decoded: list[Path] = []

    def read(path: Path) -> np.ndarray:
        decoded.append(path)
        return read_image(path)

    monkeypatch.setattr(cache, "read_image", read)
    crops = []
    for megabytes, times in ((1024, 1), (0, 4)):
        decoded.clear()
        pairs = PairedFolders(tmp_path, crop=16, cache=megabytes).pairs("train")
        crops.append([pairs[Draw(i, s)] for s in range(4) for i in range(len(pairs))])
        assert len(set(decoded)) == 2 * len(pairs)
        assert set(Counter(decoded).values()) == {times}
    for a, b in zip(*crops, strict=True):
        assert torch.equal(a.clean, b.clean)
        assert torch.equal(a.degraded, b.degraded)


def test_names_may_be_no_utf8(tmp_path: Path):
    name = os.fsdecode(b"\xff\xfe.png")
    for kind in ("input", "target"):
        for value, split in enumerate(SPLITS):
            picture(tmp_path / split / kind / name, value)
    data = PairedFolders(tmp_path)
    assert data.pairs("test")[Draw(0, 0)].name == os.fsdecode(b"\xff\xfe")
    assert hashes(data)["test"]["clean"]["files"] == 1
