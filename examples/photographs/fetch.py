"""Fetch 46 free photographs out of four Debian packages, reduced, and split by photograph.

python examples/photographs/fetch.py OUT makes OUT/{train,validate,test}/ and OUT/ATTRIBUTION.md for
slv fit --data Photographs --data.root OUT. It needs a Debian system (`apt-get download`, which
installs nothing), or the four packages themselves in a folder that --packages names.

The split is fixed in sources.csv. A photograph that the package bundles is in the same split there.
Training photographs are written in four sizes: reduced further, they have the fine texture of
benchmark pictures, and less of the softness of a large photograph. Beside them lie the third of
their squares of 160 pixels that has most detail: crops of wallpapers alone are mostly blurred
background, and a network that saw little texture takes straw for rain.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import tarfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from spiking_lowlevel.data.photographs import BUNDLED
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import written_whole

SIDES = {
    "train": (960, 640, 480, 320),
    "validate": (480,),
    "test": (960,),
}  # longer side, in pixels
SQUARE = 160  # pixels
# Those that come from elsewhere are bundled already reduced.
BUNDLED_ONLY = {
    "train": ("astronaut", "coffee", "flower"),
    "validate": ("chelsea", "china"),
}
Row = dict[str, str]


def download(package: str, folder: Path) -> None:
    """Put the Debian package of that name into a folder."""
    if not shutil.which("apt-get"):
        raise UserError("there is no apt-get here; give a folder with the packages: --packages")
    done = subprocess.run(
        ["apt-get", "download", package], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:]
        raise UserError(f"cannot download {package}: {reason}; does `apt-get update` help?")


def contents(package: str, folder: Path, wanted: list[str]) -> dict[str, bytes]:
    """The wanted files of a package that lies in a folder."""
    found = sorted(folder.glob(f"{package}_*.deb"))
    if not found:
        raise UserError(f"{folder} holds no {package}_*.deb")
    unpack = ["dpkg-deb", "--fsys-tarfile", str(found[-1])]
    tar = subprocess.run(unpack, capture_output=True, check=False)
    if tar.returncode:
        raise UserError(f"cannot unpack {found[-1].name}; remove it to have it downloaded again")
    with tarfile.open(fileobj=BytesIO(tar.stdout)) as archive:
        files = {m.name.removeprefix("./"): m for m in archive if m.isfile()}
        missing = [name for name in wanted if name not in files]
        if missing:
            raise UserError(f"{found[-1].name} holds no {missing[0]}; is it of another release?")
        read = {name: archive.extractfile(files[name]) for name in wanted}
        return {name: stream.read() for name, stream in read.items() if stream}


def stem(row: Row) -> str:
    """A short name of its own for a photograph."""
    path = Path(row["file"])
    return (path.parts[3] if path.stem[0].isdigit() else path.stem.split("_by_")[0]).lower()


def write_reduced(data: bytes, row: Row, out: Path) -> str:
    """Write a photograph in the sizes of its split; tells how large it was."""
    with Image.open(BytesIO(data)) as image:
        photograph = image.convert("RGB")
    for side in SIDES[row["split"]]:
        scale = side / max(photograph.size)
        width, height = (max(1, round(length * scale)) for length in photograph.size)
        reduced = photograph.resize((width, height), Image.Resampling.BOX)
        with written_whole(out / row["split"] / f"{stem(row)}-{side}.png") as beside:
            reduced.save(beside, format="PNG")
    return "{}x{}".format(*photograph.size)


def write_detailed(folder: Path) -> None:
    """Write the third of the squares of all photographs in a folder that has most detail."""
    squares: dict[str, Image.Image] = {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            photograph = image.convert("RGB")
        for top in range(0, photograph.height - SQUARE + 1, SQUARE):
            for left in range(0, photograph.width - SQUARE + 1, SQUARE):
                box = (left, top, left + SQUARE, top + SQUARE)
                squares[f"{path.stem}-{top}-{left}"] = photograph.crop(box)
    details = {name: detail(square) for name, square in squares.items()}
    least = np.quantile(list(details.values()), 2 / 3)
    for name, square in squares.items():
        if details[name] > least:
            square.save(folder / f"{name}.png")


def detail(image: Image.Image) -> float:
    """The mean absolute Laplacian of luma, in grey levels: what is left of a picture in focus."""
    y = np.asarray(image.convert("L"), np.float32)
    middle = y[1:-1, 1:-1]
    return float(
        np.abs(4 * middle - y[:-2, 1:-1] - y[2:, 1:-1] - y[1:-1, :-2] - y[1:-1, 2:]).mean()
    )


def attribution(rows: list[Row], sizes: list[str]) -> str:
    """Who took the photographs, under which licences, and what was changed."""
    head = "| Photograph | Author | Licence | Source |\n| --- | --- | --- | --- |\n"
    lines = "".join(
        f"| {r['split']}/{stem(r)} | {r['author']} | {r['licence']} | "
        f"Debian {r['package']}, {r['file']}, {size} |\n"
        for r, size in zip(rows, sizes, strict=True)
    )
    others = ", ".join(f"{s}/{n}" for s, names in BUNDLED_ONLY.items() for n in names)
    return (
        "# Photographs\n\nReduced, metadata removed, written as PNG. The licence texts are in "
        f"usr/share/doc of the packages.\n\n{head}{lines}\n"
        f"Bundled with spiking_lowlevel (see its ATTRIBUTION.md), unchanged: {others}.\n"
    )


def main(out: Path, packages: Path) -> None:
    """Fetch, reduce and write everything, one line a package."""
    with open(Path(__file__).with_name("sources.csv"), encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    by_package = defaultdict[str, list[Row]](list)
    for row in rows:
        by_package[row["package"]].append(row)
    sizes: dict[str, str] = {}
    for package, its in by_package.items():
        print(f"{package}: {len(its)} photographs", flush=True)
        if not list(packages.glob(f"{package}_*.deb")):
            download(package, packages)
        files = contents(package, packages, [row["file"] for row in its])
        sizes |= {row["file"]: write_reduced(files[row["file"]], row, out) for row in its}
    for split, names in BUNDLED_ONLY.items():
        for name in names:
            shutil.copyfile(BUNDLED / split / f"{name}.jpg", out / split / f"{name}.jpg")
    write_detailed(out / "train")
    text = attribution(rows, [sizes[row["file"]] for row in rows])
    (out / "ATTRIBUTION.md").write_text(text, encoding="utf-8")
    print(f"written to {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path, help="folder to make train/, validate/ and test/ in")
    parser.add_argument("--packages", type=Path, help="folder to keep the packages in")
    given = parser.parse_args()
    try:
        with TemporaryDirectory() as passing:
            folder = given.packages or Path(passing)
            folder.mkdir(parents=True, exist_ok=True)
            main(given.out, folder)
    except UserError as error:
        sys.exit(f"fetch.py: {error}")
