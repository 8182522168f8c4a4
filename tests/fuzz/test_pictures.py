"""Spoilt picture files: pixels or a line, and never a traceback, a hang or all of the memory."""

import io
import resource
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from fuzz import makers, spoiling
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking_lowlevel.data.images import image_size, read_image
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring import reading, writing
from spiking_lowlevel.restoring.picture import Picture

SECONDS = 60
"""More than any of these small files may take on a busy machine; a hang, and no measurement."""
MEGABYTES = 700
"""That all of them may add to the process at its highest. PNG, TIFF and BMP may promise 110 million
pixels before anything shows that they are not there: at four bytes each that is 440 MB, to which
come the text chunks of a PNG, 64 MB at most, and what the tests themselves keep. Where pictures of
that size are really there, JPEG takes 7 bytes a pixel and WebP, of which libwebp keeps two canvases
and Pillow two copies, 16."""
FORMS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
EXAMPLES = 2000 if settings.get_current_profile_name() == "short" else 8000


def highest() -> float:
    """Megabytes that the process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    makers.bombs(), makers.valid()
    before = highest()
    yield
    assert highest() - before < MEGABYTES


@contextmanager
def in_time() -> Iterator[None]:
    """Fails where something hangs."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took over {SECONDS} seconds")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def named(*what: object) -> Iterator[None]:
    """Says of a failure which of several files it came of."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"of file {what}")
        raise


def told(error: UserError, path: Path | None = None) -> None:
    """Holds a refusal to its promises: one short line, which names the file where it is known."""
    text = str(error)
    assert text
    assert text.isprintable()
    assert path is None or str(path) in text
    assert len(text) < 250 + len(str(path))
    assert "took over" not in text  # the alarm, told as damage


def as_data(path: Path) -> None:
    """What training makes of a file."""
    size = None
    try:
        size = image_size(path)
        assert size[0] * size[1] > 0
    except UserError as error:
        told(error, path)
    try:
        pixels = read_image(path)
    except UserError as error:
        told(error, path)
        return
    assert pixels.dtype == np.uint8
    assert size is not None
    assert pixels.shape == (*size, 3)


def as_photograph(data: bytes, forms: Sequence[str]) -> None:
    """What `slv restore` makes of a file, all but the network: written in these formats."""
    try:
        picture = reading.read(io.BytesIO(data))
    except UserError as error:
        told(error)
        return
    with closing(picture.pixels):
        height, width, channels = picture.pixels.shape
        assert min(height, width) > 0
        assert channels in (1, 2, 3, 4)
        assert picture.pixels.dtype in (np.uint8, np.uint16)
        assert picture.pixels.read(0, height).shape == picture.pixels.shape
        if height * width <= 10_000:  # no header that promises more than there is
            for form in forms:
                as_written(picture, form)


def as_written(picture: Picture, form: str) -> None:
    """A picture of which everything is written that its file held, and read again."""
    out = io.BytesIO()
    try:
        writing.check(picture, form)
        writing.write(out, picture, form)
    except UserError as error:
        told(error)
        return
    if picture.pixels.shape[2] == 2 and picture.pixels.dtype == np.uint16 and form == "TIFF":
        return  # Pillow cannot read it
    again = reading.read(io.BytesIO(out.getvalue()))
    height, width, _ = picture.pixels.shape
    turned = form == "TIFF" and picture.kept.orientation > 4  # read upright
    assert again.pixels.shape[:2] == ((width, height) if turned else (height, width))


def read_in_every_way(folder: Path, data: bytes, suffix: str, forms: Sequence[str] = FORMS) -> None:
    path = folder / f"picture{suffix}"
    path.write_bytes(data)
    with in_time():
        as_data(path)
        as_photograph(data, forms)


@settings(max_examples=EXAMPLES)
@given(data=spoiling.files(), suffix=spoiling.suffixes(), form=st.sampled_from(FORMS))
def test_spoilt_files(tmp_path: Path, data: bytes, suffix: str, form: str):
    read_in_every_way(tmp_path, data, suffix, [form])


def test_sound_files_and_headers_that_promise_more(tmp_path: Path):
    for number, data in enumerate(makers.valid()):
        for size in (None, makers.HUGE[number % len(makers.HUGE)]):
            with named(number, size):
                changed = data if size is None else makers.promised(data, size)
                read_in_every_way(tmp_path, changed, ".png")


def test_bombs(tmp_path: Path):
    for number, data in enumerate(makers.bombs()):
        with named(number):
            read_in_every_way(tmp_path, data, ".png")
