"""What many tests need: a repository root, tiny pairs, and one short run to look at."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

# Tiny tensors: threads would only wait for each other, in child processes too.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

MakePairs = Callable[[Path, int], Path]
ROOT = Path(__file__).parents[1]
TINY = [
    "--model.network.width=8",
    "--trainer.max_steps=2",
    "--trainer.limit_val_batches=2",
    "--trainer.enable_progress_bar=false",
    "--trainer.log_every_n_steps=1",
    "--data.draws=4",
    "--data.batch_size=2",
    "--data.crop=16",
]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(autouse=True)
def plugin_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading plugins writes to the environment: what a test loads must not reach the next one."""
    monkeypatch.setenv("SLV_PLUGINS", "")


@pytest.fixture(scope="session")
def make_pairs() -> MakePairs:
    """Writes pairs of small pictures: a smooth clean one, and the same with bright lines."""

    def make(folder: Path, count: int = 6) -> Path:
        rng = np.random.default_rng(0)
        y, x = np.mgrid[:40, :48]
        for i in range(count):
            clean = 90 + 60 * np.sin(rng.uniform(1, 5) * np.stack([x, y, x + y], -1) / 40)
            rainy = clean.copy()
            rainy[:, rng.integers(48, size=4)] += 60
            for name, image in (("input", rainy), ("target", clean)):
                (folder / name).mkdir(parents=True, exist_ok=True)
                pixels = image.clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / name / f"{i}.png")
        return folder

    return make


@pytest.fixture(scope="session")
def pairs(
    tmp_path_factory: pytest.TempPathFactory, make_pairs: Callable[[Path, int], Path]
) -> Path:
    return make_pairs(tmp_path_factory.mktemp("pairs"), 6)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    """The folder of a short run on tiny pairs; look, do not touch."""
    from spiking_lowlevel.cli import main

    place = tmp_path_factory.mktemp("work")
    config = str(ROOT / "configs" / "derain" / "paired.yaml")
    out = [f"--trainer.logger.root={place}", "--trainer.num_sanity_val_steps=0"]
    main(["fit", "--config", config, f"--data.root={pairs}", *TINY, *out, "--trainer.max_steps=4"])
    return place / "derain-paired" / "0"
