"""Photographs: fresh pairs for training, whoever loads them; the same pairs for evaluation."""

import hashlib
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
import torch
from PIL import Image

from spiking_lowlevel.data import Pair, Photographs, cache
from spiking_lowlevel.data.images import image_size, list_images, read_image, to_tensor
from spiking_lowlevel.data.photographs import BUNDLED
from spiking_lowlevel.data.sampling import Draw
from spiking_lowlevel.degradations import Rain, RainBank
from spiking_lowlevel.errors import UserError

# Three processes may be more than there are cores.
many = pytest.mark.filterwarnings("ignore:This DataLoader will create")
SPLITS = ("train", "validate", "test")
DRAWS, BATCH, CROP = 24, 4, 24


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small photographs of noise, so that every crop is another."""
    root = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    for split, count in (("train", 5), ("validate", 2), ("test", 1)):
        (root / split).mkdir()
        for i in range(count):
            noise = rng.integers(60, 160, size=(40, 48, 3), dtype=np.uint8)
            Image.fromarray(noise).save(root / split / f"{split}{i}.png")
    return root


def epochs(root: Path, workers: int = 0, seed: int = 0, count: int = 2) -> list[list[Pair]]:
    """The training batches of some epochs, loaded as the trainer does."""
    torch.manual_seed(seed)
    data = Photographs(root, batch_size=BATCH, crop=CROP, draws=DRAWS, workers=workers)
    loader = data.train_dataloader()
    seen = []
    for epoch in range(count):
        loader.sampler.set_epoch(epoch)  # pyright: ignore[reportAttributeAccessIssue]
        seen.append([Pair(*batch) for batch in loader])
    return seen


@pytest.fixture(scope="module")
def reference(small: Path) -> list[list[Pair]]:
    return epochs(small)


def equal(a: list[list[Pair]], b: list[list[Pair]]) -> bool:
    return all(
        torch.equal(x.degraded, y.degraded) and torch.equal(x.clean, y.clean) and x.name == y.name
        for one, two in zip(a, b, strict=True)
        for x, y in zip(one, two, strict=True)
    )


def crops(batches: list[Pair], image: str = "clean") -> list[bytes]:
    return [crop.numpy().tobytes() for batch in batches for crop in getattr(batch, image)]


def whole(data: Photographs, split: str) -> Iterator[Pair]:
    pairs = data.pairs(split)  # pyright: ignore[reportArgumentType]
    return (pairs[Draw(i, 0)] for i in range(len(pairs)))


def test_the_bundled_photographs_are_9_3_and_3_of_one_size():
    counts = {split: len(list_images(BUNDLED / split)) for split in SPLITS}
    assert counts == {"train": 9, "validate": 3, "test": 3}
    assert {image_size(p) for p in BUNDLED.glob("*/*.jpg")} == {(320, 480)}
    assert len(list(BUNDLED.glob("*/*.jpg"))) == 15


def test_no_bundled_photograph_is_there_twice():
    files = list(BUNDLED.glob("*/*.jpg"))
    hashes = {hashlib.sha256(read_image(p).tobytes()).hexdigest() for p in files}
    assert len(hashes) == len({p.name for p in files}) == len(files)


def test_the_origin_of_every_bundled_photograph_is_told():
    text = (BUNDLED / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert [p.name for p in BUNDLED.glob("*/*.jpg") if p.name not in text] == []


def test_batches_are_crops_in_range(reference: list[list[Pair]]):
    for batch in reference[0]:
        for images in (batch.degraded, batch.clean):
            assert images.shape == (BATCH, 3, CROP, CROP)
            assert images.dtype == torch.float32
            assert images.min() >= 0
            assert images.max() <= 1
        assert len(batch.name) == BATCH
    assert [len(epoch) for epoch in reference] == [DRAWS // BATCH] * 2


def test_crops_come_from_the_photographs_that_they_name(small: Path, reference: list[list[Pair]]):
    for batch in reference[0]:
        for clean, name in zip(batch.clean, batch.name, strict=True):
            photograph = to_tensor(read_image(small / "train" / f"{name}.png"))
            places = photograph.unfold(1, CROP, 1).unfold(2, CROP, 1)
            found = [
                (places == side[:, None, None]).all(dim=(0, 3, 4)).any()
                for side in (clean, clean.flip(2))
            ]
            assert any(found)


def test_rain_falls_on_crops_and_only_brightens(reference: list[list[Pair]]):
    batches = [b for epoch in reference for b in epoch]
    assert all((b.degraded >= b.clean).all() for b in batches)
    wet = [(b.degraded > b.clean).flatten(1).any(1).float().mean().item() for b in batches]
    assert np.mean(wet) > 0.9


@many
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_the_seed_decides_the_batches_and_not_who_loads_them(
    small: Path, reference: list[list[Pair]], workers: int
):
    assert equal(epochs(small, workers), reference)


@many
def test_workers_load_different_crops(small: Path):
    # Three workers take the batches by turns; a random stream that they shared would repeat.
    for image in ("clean", "degraded"):
        seen = crops(epochs(small, workers=3, count=1)[0], image)
        assert len(set(seen)) == len(seen) == DRAWS


def test_epochs_differ(reference: list[list[Pair]]):
    first, second = reference
    for image in ("clean", "degraded"):
        assert not set(crops(first, image)) & set(crops(second, image))


def test_seeds_differ(small: Path, reference: list[list[Pair]]):
    other = epochs(small, seed=1, count=1)[0]
    assert not set(crops(other)) & set(crops(reference[0]))


def test_the_same_crop_gets_other_rain_with_another_seed(tmp_path: Path):
    (tmp_path / "train").mkdir()
    plain = np.full((CROP, CROP, 3), 90, np.uint8)
    Image.fromarray(plain).save(tmp_path / "train" / "plain.png")
    pairs = Photographs(tmp_path, crop=CROP, degradation=Rain("rain200h")).pairs("train")
    one, again, other = (pairs[Draw(0, seed)] for seed in (1, 1, 2))
    assert torch.equal(one.degraded, again.degraded)
    assert torch.equal(one.clean, other.clean)
    assert not torch.equal(one.degraded, other.degraded)


def test_evaluation_pairs_never_change(small: Path):
    data = Photographs(small, variants=2)
    first = list(whole(data, "validate"))
    torch.manual_seed(1)
    np.random.seed(1)
    for again in (whole(data, "validate"), whole(Photographs(small, variants=2), "validate")):
        for a, b in zip(first, again, strict=True):
            assert torch.equal(a.degraded, b.degraded)
            assert a.name == b.name


def test_the_file_name_alone_seeds_an_evaluation_pair(small: Path):
    # Reported scores hold for these very pairs: another seed would be another test set.
    for pair in whole(Photographs(small, variants=2), "validate"):
        photograph = read_image(small / "validate" / f"{pair.name[:-2]}.png")
        rainy = Rain()(photograph, np.random.default_rng(crc32(pair.name.encode())))
        assert torch.equal(pair.degraded, to_tensor(rainy))


def test_evaluation_pairs_are_whole_pictures_each_with_rain_of_its_own(small: Path):
    pairs = list(whole(Photographs(small, variants=3), "validate"))
    assert [p.name for p in pairs] == [f"validate{i}-{v}" for v in (1, 2, 3) for i in (0, 1)]
    for pair in pairs:
        picture = read_image(small / "validate" / f"{pair.name[:-2]}.png")
        assert torch.equal(pair.clean, to_tensor(picture))
    layers = {(p.degraded - p.clean).numpy().tobytes() for p in pairs}
    assert len(layers) == len(pairs)


def test_more_variants_leave_the_first_ones_as_they_were(small: Path):
    three, one = (list(whole(Photographs(small, variants=v), "validate")) for v in (3, 1))
    for a, b in zip(three[:2], one, strict=True):
        assert torch.equal(a.degraded, b.degraded)


def test_bundled_validation_pictures_load_one_by_one():
    pairs = [Pair(*batch) for batch in Photographs(variants=1).val_dataloader()]
    assert [p.name for p in pairs] == [("chelsea-1",), ("china-1",), ("picos_de_europa-1",)]
    for pair in pairs:
        assert pair.degraded.shape == pair.clean.shape == (1, 3, 320, 480)
        assert 18 < -10 * (pair.degraded - pair.clean).square().mean().log10() < 40


def test_test_and_predict_take_the_test_split(small: Path):
    data = Photographs(small, variants=1)
    for loader in (data.test_dataloader(), data.predict_dataloader()):
        assert [Pair(*batch).name for batch in loader] == [("test0-1",)]


def test_an_epoch_takes_every_photograph_once_unless_more_are_asked_for(small: Path):
    assert len(Photographs(small, batch_size=1).train_dataloader()) == 5
    assert len(Photographs(small, batch_size=2).train_dataloader()) == 2
    assert len(Photographs(small, batch_size=2, draws=11).train_dataloader()) == 5


@pytest.mark.parametrize("options", [{"batch_size": 6}, {"batch_size": 4, "draws": 3}], ids=str)
def test_an_epoch_that_fills_no_batch_is_refused(small: Path, options: dict[str, int]):
    with pytest.raises(UserError, match=r"data\.draws: \d training crops .* batch of \d; raise"):
        Photographs(small, **options).train_dataloader()


def test_a_missing_split_is_named(tmp_path: Path):
    with pytest.raises(UserError, match="train does not exist"):
        Photographs(tmp_path).pairs("train")


def test_an_unreadable_photograph_is_named(tmp_path: Path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "no.png").write_text("no image")
    with pytest.raises(UserError, match=r"no\.png is not an image"):
        Photographs(tmp_path).train_dataloader()


def test_a_truncated_photograph_is_named_when_it_is_drawn(small: Path, tmp_path: Path):
    (tmp_path / "train").mkdir()
    whole = (small / "train" / "train0.png").read_bytes()
    (tmp_path / "train" / "cut.png").write_bytes(whole[:2000])
    data = Photographs(tmp_path, batch_size=1, crop=CROP)
    with pytest.raises(UserError, match=r"cannot read .*cut\.png: .*; replace or remove"):
        list(data.train_dataloader())


def test_training_photographs_are_decoded_once_and_crops_stay_the_same(
    small: Path, monkeypatch: pytest.MonkeyPatch
):
    decoded: list[Path] = []

    def read(path: Path) -> np.ndarray:
        decoded.append(path)
        return read_image(path)

    monkeypatch.setattr(cache, "read_image", read)
    made = []
    for megabytes, times in ((1024, 1), (0, 3)):
        decoded.clear()
        pairs = Photographs(small, crop=CROP, cache=megabytes).pairs("train")
        made.append([pairs[Draw(i, seed)] for seed in range(3) for i in range(5)])
        assert Counter(decoded) == dict.fromkeys(list_images(small / "train"), times)
    for a, b in zip(*made, strict=True):
        assert torch.equal(a.clean, b.clean)
        assert torch.equal(a.degraded, b.degraded)


def test_a_spawned_process_loads_the_same_pairs(small: Path):
    pairs = Photographs(small, crop=CROP, degradation=RainBank(layers=3, side=CROP)).pairs("train")
    here = [pairs[Draw(i, i)] for i in range(5)]
    there = pickle.loads(pickle.dumps(pairs))
    for i, pair in enumerate(here):
        assert torch.equal(there[Draw(i, i)].degraded, pair.degraded)
        assert torch.equal(there[Draw(i, i)].clean, pair.clean)


def test_a_bank_trains_on_its_layers_and_scores_on_the_rain_of_rain():
    # Reported scores hold whichever of the two the run was trained with.
    bank, plain = (Photographs(degradation=rain("rain200h")) for rain in (RainBank, Rain))
    for split in ("validate", "test"):
        a, b = (data.pairs(split)[Draw(0, 0)] for data in (bank, plain))
        assert torch.equal(a.degraded, b.degraded)
    a, b = (data.pairs("train")[Draw(0, 0)] for data in (bank, plain))
    assert torch.equal(a.clean, b.clean)
    assert not torch.equal(a.degraded, b.degraded)
