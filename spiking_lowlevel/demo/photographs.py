"""Photographs that come to the page: read the right way up, or refused with words; and examples."""

from pathlib import Path
from zlib import crc32

import numpy as np

from spiking_lowlevel.data.images import image_size, list_images, read_image, write_png
from spiking_lowlevel.data.photographs import BUNDLED
from spiking_lowlevel.decoding import open_file, opened
from spiking_lowlevel.degradations.base import Image
from spiking_lowlevel.degradations.rain import Rain
from spiking_lowlevel.errors import UserError

MEGAPIXELS = 24
"""The largest photograph that is taken, in millions of pixels."""
CREDIT = (
    "Photographs: fig and brushes by Trevor “Freespace” (CC BY 4.0), dragonfly by “Bolly” "
    "(CC BY-SA 4.0), reduced, with rain added by this program; see ATTRIBUTION.md of the package."
)
_ORIENTATION = 0x0112
_TURNS = {2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3),
          8: (False, 1)}  # fmt: skip
"""Of an EXIF orientation: whether to mirror, then how many quarter turns to the left."""


def read_photograph(path: str | Path | None) -> Image:
    """The pixels [H, W, 3] of an uploaded file, turned as its EXIF data say.

    Raises:
        UserError: there is none, it is no image, or it is too large.
    """
    if not path:
        raise UserError("There is no photograph yet: drop one on the left, or pick an example.")
    path = Path(path)
    try:
        height, width = image_size(path)
        if height * width > MEGAPIXELS * 1e6:
            raise UserError(
                f"{path.name} has {height * width / 1e6:.0f} megapixels; this page takes up to "
                f"{MEGAPIXELS}. Reduce it, or use slv restore, which takes any size."
            )
        pixels = read_image(path)
        with open_file(path) as file, opened(file) as image:
            # A TIFF comes out of its decoder upright.
            stored = 1 if image.format == "TIFF" else image.getexif().get(_ORIENTATION, 1)
            mirrored, turns = _TURNS.get(stored, (False, 0))
    except UserError as error:
        # The folder is a temporary one that means nothing to whoever dropped the file.
        raise UserError(str(error).replace(str(path), path.name)) from None
    return np.ascontiguousarray(np.rot90(pixels[:, ::-1] if mirrored else pixels, turns))


def write_examples(folder: Path) -> list[Path]:
    """The bundled test photographs in the rain, as PNG files; always the same."""
    kinds = (Rain("rain200l"), Rain("rain12"), Rain("rain200l"))
    found = []
    for file, rain in zip(list_images(BUNDLED / "test"), kinds, strict=True):
        rng = np.random.default_rng(crc32(file.stem.encode()))
        found.append(folder / f"{file.stem}_in_the_rain.png")
        write_png(found[-1], rain(read_image(file), rng))
    return found
