"""Strips of pictures side by side, with a title over each column."""

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from torch import Tensor

from spiking_lowlevel.data.images import to_image
from spiking_lowlevel.degradations.base import Image

_GAP, _TITLE, _FONT, _SMALL = 4, 22, 14, 12


def heat(values: Tensor, top: float) -> Image:
    """Values [H, W] from 0 to `top` in false colours [H, W, 3], dark to bright."""
    import matplotlib as mpl

    share = (values / top if top else values).clamp(0, 1).cpu().numpy()
    return (mpl.colormaps["inferno"](share)[..., :3] * 255).round().astype(np.uint8)


def error_map(restored: Tensor, clean: Tensor, top: float = 0.2) -> Image:
    """The absolute error of images [3, H, W], mean over colours, in false colours up to `top`."""
    return heat((restored - clean).abs().mean(0), top)


def strip(rows: Sequence[Sequence[Image | Tensor]], titles: Sequence[str]) -> Image:
    """Pictures in rows, [H, W, 3] or tensors [3, H, W] in [0, 1], with a title over each column.

    Pictures of one column are cut to the smallest of them.
    """
    pictures = [[to_image(p) if isinstance(p, Tensor) else p for p in row] for row in rows]
    height = min(p.shape[0] for row in pictures for p in row)
    width = min(p.shape[1] for row in pictures for p in row)
    size = (
        len(titles) * (width + _GAP) - _GAP,
        _TITLE + len(pictures) * (height + _GAP) - _GAP,
    )
    sheet = Pillow.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_FONT)
    for x, title in enumerate(titles):
        pen.text((x * (width + _GAP) + 2, 2), title, fill="black", font=font)
        for y, row in enumerate(pictures):
            place = (x * (width + _GAP), _TITLE + y * (height + _GAP))
            sheet.paste(Pillow.fromarray(row[x][:height, :width]), place)
    return np.asarray(sheet)


def grid(rows: Sequence[Sequence[tuple[str, Image]]], width: int = 240) -> Image:
    """Pictures [H, W, 3] of one size in rows, each under a title of up to two lines of its own.

    Small ones are enlarged by a whole factor, so that they are at least `width` pixels wide.
    """
    height, narrow = rows[0][0][1].shape[:2]
    factor = max(1, -(-width // narrow))
    height, width = height * factor, narrow * factor
    across = max(len(row) for row in rows)
    size = (across * (width + _GAP) - _GAP, len(rows) * (2 * _TITLE + height))
    sheet = Pillow.new("RGB", size, "white")
    font = ImageFont.load_default(_SMALL)
    for y, row in enumerate(rows):
        for x, (title, picture) in enumerate(row):
            cell = Pillow.new("RGB", (width, 2 * _TITLE + height), "white")
            ImageDraw.Draw(cell).multiline_text((2, 8), title, fill="black", font=font, spacing=2)
            enlarged = Pillow.fromarray(picture).resize((width, height), Pillow.Resampling.NEAREST)
            cell.paste(enlarged, (0, 2 * _TITLE))
            sheet.paste(cell, (x * (width + _GAP), y * cell.height))
    return np.asarray(sheet)
