"""Pieces of HTML: every string that is not ours goes through `text`."""

import base64
import html
import io
from collections.abc import Sequence
from typing import Literal

from PIL import Image as Pillow

from spiking_lowlevel.degradations.base import Image

Format = Literal["JPEG", "WEBP", "PNG"]
_MIME = {"JPEG": "image/jpeg", "WEBP": "image/webp", "PNG": "image/png"}


def text(value: object) -> str:
    """A value as text of a page or of an attribute: nothing in it is markup any more.

    >>> text('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return html.escape(str(value), quote=True)


def section(key: str, title: str, *body: str) -> str:
    """A section of the page, under the key that the navigation points to."""
    return (
        f'<section id="{key}" aria-labelledby="{key}-title">'
        f'<h2 id="{key}-title">{text(title)}</h2>{"".join(body)}</section>'
    )


def note(words: str) -> str:
    """A remark in small type."""
    return f'<p class="note">{text(words)}</p>'


def lacking(words: str) -> str:
    """A sentence on what a run does not have, and what makes it."""
    return f'<p class="lacking">{text(words)}</p>'


def details(summary: str, body: str) -> str:
    """Something that is folded away until it is asked for."""
    return f"<details><summary>{text(summary)}</summary>{body}</details>"


def table(
    head: Sequence[str],
    body: Sequence[Sequence[str]],
    left: int = 1,
    title: str = "",
    last: bool = False,
) -> str:
    """A table of cells that are HTML already; the first `left` columns, and the `last`, hold words.

    It scrolls sideways on its own where a screen is narrow.
    """
    kinds = ["" if i < left else ' class="number"' for i in range(len(head))]
    if last:
        kinds[-1] = ""
    heads = "".join(f'<th scope="col"{k}>{text(h)}</th>' for h, k in zip(head, kinds, strict=True))
    lines = "".join(
        "<tr>" + "".join(f"<td{k}>{c}</td>" for c, k in zip(row, kinds, strict=True)) + "</tr>"
        for row in body
    )
    caption = f"<caption>{text(title)}</caption>" if title else ""
    return (
        f'<div class="wide" tabindex="0"><table>{caption}'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def picture(image: Image, alt: str, form: Format = "JPEG", quality: int = 90) -> str:
    """An `<img>` that carries an 8-bit image [H, W, 3] in itself."""
    room = io.BytesIO()
    sampling = {"subsampling": 0} if form == "JPEG" else {}
    Pillow.fromarray(image).save(room, form, quality=quality, **sampling)
    return embedded(room.getvalue(), form, alt, (image.shape[1], image.shape[0]))


def embedded(content: bytes, form: Format, alt: str, size: tuple[int, int]) -> str:
    """An `<img>` with the bytes of a file, of this width and height in pixels."""
    code = base64.b64encode(content).decode()
    return (
        f'<img src="data:{_MIME[form]};base64,{code}" alt="{text(alt)}" '
        f'width="{size[0]}" height="{size[1]}" draggable="false">'
    )
