"""examples/photographs: what is made of the Debian packages, and a split that leaks nothing."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from PIL import Image

from spiking_lowlevel.data.photographs import BUNDLED

FOLDER = ROOT / "examples" / "photographs"
# A bundled crop of a photograph, and its file in the package.
SAME = {
    "aitzgorri": "aitzgorri",
    "drum": "Wine",
    "friends": "friends",
    "life": "life",
    "seeding": "seeding",
    "sunset": "sunset",
    "picos_de_europa": "picosdeeuropa",
    "fig": "Picture_0B",
    "brushes": "Picture_1A",
    "dragonfly": "Dragonfly",
}


def sources() -> list[dict[str, str]]:
    with open(FOLDER / "sources.csv", encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def fetch(*words: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, FOLDER / "fetch.py", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stand-ins for the four packages, with small pictures of one colour."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("needs dpkg-deb")
    out = tmp_path_factory.mktemp("packages")
    for package in {row["package"] for row in sources()}:
        tree = out / package
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(
            f"Package: {package}\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\n"
            "Description: pictures\n"
        )
        for row in sources():
            if row["package"] == package:
                (tree / row["file"]).parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (64, 32), (200, 100, 50)).save(tree / row["file"])
        built = out / f"{package}_1_all.deb"
        subprocess.run(["dpkg-deb", "--build", tree, built], check=True, capture_output=True)
    return out


def test_photographs_stay_in_the_split_that_bundles_them():
    split = {Path(row["file"]).stem.split("_by_")[0]: row["split"] for row in sources()}
    for bundled, source in SAME.items():
        assert (BUNDLED / split[source] / f"{bundled}.jpg").is_file()
    lomiri = (BUNDLED / "ATTRIBUTION.md").read_text().count("Debian lomiri-")
    assert lomiri == len(SAME)


def test_every_photograph_is_written_reduced_and_attributed(packages: Path, tmp_path: Path):
    done = fetch(tmp_path, "--packages", packages)
    assert done.returncode == 0, done.stderr
    assert len(sources()) == 46
    assert "lxqt-themes: 10 photographs" in done.stdout
    pictures = {s: sorted((tmp_path / s).iterdir()) for s in ("train", "validate", "test")}
    counts = {s: sum(row["split"] == s for row in sources()) for s in pictures}
    # Pictures of one colour have no detail; of the three bundled ones all 2x3 squares have.
    squares = [
        p.name for p in pictures["train"] if p.name.startswith(("astro", "coffee", "flower-"))
    ]
    assert len(pictures["train"]) == 4 * counts["train"] + 3 + 18
    assert {"astronaut-0-0.png", "flower-160-320.png"} <= set(squares)
    assert len(pictures["validate"]) == counts["validate"] + 2
    assert len(pictures["test"]) == counts["test"]
    with Image.open(tmp_path / "train" / "kite-480.png") as image:
        assert image.size == (480, 240)
        assert image.getpixel((9, 9)) == (200, 100, 50)
    text = (tmp_path / "ATTRIBUTION.md").read_text()
    assert all(row["author"] in text and row["file"] in text for row in sources())


def test_a_package_that_is_not_there_is_named(tmp_path: Path):
    (tmp_path / "lomiri-wallpapers-16.04_1_all.deb").write_bytes(b"no package")
    done = fetch(tmp_path / "out", "--packages", tmp_path)
    assert done.returncode == 1
    assert "lomiri-wallpapers-16.04_1_all.deb" in done.stderr
    assert "Traceback" not in done.stderr
