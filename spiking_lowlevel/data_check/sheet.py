"""A contact sheet: a few pairs of every split to look at."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from spiking_lowlevel.data.file_pairs import names, read_pair
from spiking_lowlevel.data.layouts import Item
from spiking_lowlevel.data_check.examine import Report
from spiking_lowlevel.degradations.base import Image

GAIN = 4
_BOX, _GAP, _TEXT, _FONT = (240, 170), 6, 18, 13
_TITLES = ("degraded", "clean", f"difference x {GAIN}")


def contact_sheet(report: Report, each: int = 3) -> Image | None:
    """Pairs spread over every split, [H, W, 3]: degraded, clean, and their difference amplified.

    Grey is no difference, brighter is light that the degraded image has more. None if no picture
    can be read.
    """
    rows: list[tuple[str, list[Image]]] = []
    for split in report.splits:
        good = [look.item for look in split.looks if look.fault is None]
        uneven = {look.item for look in report.uneven(split)}
        good = [item for item in good if item not in uneven]
        count = min(each, len(good))
        chosen = [good[len(good) * (2 * i + 1) // (2 * count)] for i in range(count)]
        called = names([item.degraded for item in chosen])
        for name, item in zip(called, chosen, strict=True):
            rows.append((f"{split.name}: {name}", _row(item, report.found.layout.enlarge)))
    return _sheet(rows) if rows else None


def _row(item: Item, enlarge: bool) -> list[Image]:
    degraded, clean = read_pair(*item, enlarge)
    if clean is None:
        return [degraded]
    difference = 128 + GAIN * (degraded.astype(np.int16) - clean)
    return [degraded, clean, difference.clip(0, 255).astype(np.uint8)]


def _sheet(rows: list[tuple[str, list[Image]]]) -> Image:
    columns = max(len(pictures) for _, pictures in rows)
    width, height = _BOX
    line = height + _TEXT + _GAP
    sheet = Pillow.new(
        "RGB", (columns * (width + _GAP) + _GAP, _TEXT + len(rows) * line + _GAP), "white"
    )
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT)
    for x, title in enumerate(_TITLES[:columns]):
        pen.text((_GAP + x * (width + _GAP), 2), title, fill="black", font=font)
    for y, (name, pictures) in enumerate(rows):
        top = _TEXT + y * line
        pen.text((_GAP, top + 2), name, fill="dimgray", font=font)
        for x, picture in enumerate(pictures):
            place = (_GAP + x * (width + _GAP), top + _TEXT)
            sheet.paste(_thumbnail(picture), place)
    return np.asarray(sheet)


def _thumbnail(picture: Image) -> Pillow.Image:
    image = Pillow.fromarray(picture)
    share = min(_BOX[0] / image.width, _BOX[1] / image.height)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    how = Pillow.Resampling.NEAREST if share > 1 else Pillow.Resampling.LANCZOS
    return image.resize(size, how)
