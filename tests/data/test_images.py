"""Image files of all sorts are read alike, and what cannot be read is named."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from spiking_lowlevel.data import images
from spiking_lowlevel.data.images import (
    image_size,
    list_images,
    read_image,
    to_image,
    to_tensor,
    write_png,
)
from spiking_lowlevel.errors import UserError

RGB = np.random.default_rng(0).integers(256, size=(5, 7, 3), dtype=np.uint8)
GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def saved(folder: Path, name: str, image: Image.Image, **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def test_colour(tmp_path: Path):
    read = read_image(saved(tmp_path, "a.png", Image.fromarray(RGB)))
    assert read.dtype == np.uint8
    assert np.array_equal(read, RGB)


def test_grey_becomes_three_equal_channels(tmp_path: Path):
    read = read_image(saved(tmp_path, "grey.png", Image.fromarray(GREY)))
    assert np.array_equal(read, np.stack([GREY] * 3, axis=-1))


def test_a_palette_is_looked_up(tmp_path: Path):
    image = Image.frombytes("P", (3, 1), bytes([2, 0, 1]))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    read = read_image(saved(tmp_path, "palette.png", image))
    assert read.tolist() == [[[70, 80, 90], [10, 20, 30], [40, 50, 60]]]


def test_alpha_is_left_out_and_colours_stay(tmp_path: Path):
    alpha = np.full((*RGB.shape[:2], 1), 100, np.uint8)
    image = Image.fromarray(np.concatenate([RGB, alpha], axis=-1))
    assert np.array_equal(read_image(saved(tmp_path, "alpha.png", image)), RGB)


def test_sixteen_bits_are_scaled_to_eight(tmp_path: Path):
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)
    read = read_image(saved(tmp_path, "deep.png", Image.fromarray(deep)))
    assert read.tolist() == [[[v] * 3 for v in (0, 1, 128, 255)]]


def test_jpeg(tmp_path: Path):
    y, x = np.mgrid[:16, :24]
    smooth = np.stack([4 * x, 6 * y, x + y], axis=-1).astype(np.uint8)
    read = read_image(saved(tmp_path, "a.jpg", Image.fromarray(smooth), quality=95, subsampling=0))
    assert read.shape == smooth.shape
    assert abs(read.astype(int) - smooth).max() < 12  # channels keep their order


def test_the_size_is_height_and_width(tmp_path: Path):
    assert image_size(saved(tmp_path, "a.png", Image.fromarray(RGB))) == (5, 7)


def test_a_folder_is_listed_by_name_with_endings_in_any_case(tmp_path: Path):
    for name in ("c.PNG", "a.Jpg", "b.webp", "d.tiff", ".hidden.png"):
        Image.fromarray(RGB).save(tmp_path / name, format="png")
    (tmp_path / "notes.txt").write_text("no image")
    found = list_images(tmp_path)
    assert [p.name for p in found] == ["a.Jpg", "b.webp", "c.PNG", "d.tiff"]
    assert np.array_equal(read_image(found[2]), RGB)


def test_what_is_no_folder_of_images_is_named(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name, complaint in (
        ("nowhere", "does not exist"),
        ("file", "is a file, not a folder"),
        ("empty", r"holds no image; images end in .*\.png"),
    ):
        with pytest.raises(UserError, match=f"{name} {complaint}"):
            list_images(tmp_path / name)


def spoilt(folder: Path, how: str) -> Path:
    path = folder / f"{how}.png"
    if how == "truncated":
        noise = np.random.default_rng(0).integers(256, size=(40, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    elif how == "empty":
        path.touch()
    elif how == "text":
        path.write_text("This is not an image.")
    elif how == "folder":
        path.mkdir()
    return path


@pytest.mark.parametrize("how", ["missing", "empty", "truncated", "text", "folder"])
def test_what_cannot_be_read_is_named_with_what_to_do(tmp_path: Path, how: str):
    path = spoilt(tmp_path, how)
    with pytest.raises(UserError, match="replace or remove") as error:
        read_image(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("how", ["missing", "empty", "text", "folder"])
def test_what_has_no_size_is_named(tmp_path: Path, how: str):
    path = spoilt(tmp_path, how)
    with pytest.raises(UserError, match=f"{how}.png is not an image"):
        image_size(path)


def test_all_values_survive_the_way_there_and_back():
    image = np.stack([GREY, GREY[::-1], GREY.T], axis=-1)
    tensor = to_tensor(image)
    assert tensor.shape == (3, 16, 16)
    assert tensor.dtype == torch.float32
    assert (tensor.min(), tensor.max()) == (0, 1)
    assert torch.equal(tensor[0].flatten(), torch.arange(256) / 255)
    assert np.array_equal(to_image(tensor), image)
    assert np.array_equal(to_image(tensor.double()), image)


def test_an_image_of_one_pixel_becomes_a_tensor(tmp_path: Path):
    path = saved(tmp_path, "dot.png", Image.fromarray(RGB[:1, :1]))
    assert torch.equal(to_tensor(read_image(path)) * 255, torch.tensor(RGB[0, 0])[:, None, None])


def test_values_outside_the_range_are_clipped_and_others_rounded():
    values = torch.tensor([-1.0, 0.4 / 255, 0.6 / 255, 254.6 / 255, 7.0])
    assert to_image(values.expand(3, 1, 5))[0, :, 0].tolist() == [0, 0, 1, 255, 255]


def test_png_is_written_exactly_into_a_new_folder(tmp_path: Path):
    path = tmp_path / "new" / "out.png"
    write_png(path, RGB)
    assert np.array_equal(read_image(path), RGB)
    assert [p.name for p in path.parent.iterdir()] == ["out.png"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "out.png"
    write_png(path, RGB)

    def fill_the_disk(image: Image.Image, place: Path, **options: object) -> None:
        place.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", fill_the_disk)
    with pytest.raises(UserError, match=r"cannot write .*out\.png: No space left"):
        write_png(path, 255 - RGB)
    assert np.array_equal(read_image(path), RGB)
    assert [p.name for p in tmp_path.iterdir()] == ["out.png"]


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "I;16", "P"])
def test_large_images_are_read_in_bands_to_the_same_pixels(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    deep = np.arange(99 * 7, dtype=np.uint16).reshape(99, 7) * 90
    image = Image.fromarray(np.resize(RGB, (99, 7, 3)))
    image = Image.fromarray(deep) if mode == "I;16" else image.convert(mode)
    path = saved(tmp_path, "a.tif", image)
    whole = read_image(path)
    monkeypatch.setattr(images, "_BAND", 100)
    assert np.array_equal(read_image(path), whole)


def test_odd_metadata_and_large_images_raise_no_warnings_in_any_thread(tmp_path: Path):
    path = saved(tmp_path, "a.png", Image.new("P", (10, 10)), transparency=b"\0\1")
    large = saved(tmp_path, "large.png", Image.new("1", (9500, 9500)))  # Pillow warns
    bound = Image.MAX_IMAGE_PIXELS
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as threads:
        shapes = list(threads.map(lambda p: read_image(p).shape, [path, path] * 20))
    assert set(shapes) == {(10, 10, 3)}
    assert image_size(large) == (9500, 9500)
    assert bound == Image.MAX_IMAGE_PIXELS
    assert warnings.filters == before


def test_more_pixels_than_are_taken_are_told_by_the_header(tmp_path: Path):
    path = saved(tmp_path, "a.bmp", Image.new("1", (8, 8)))
    data = path.read_bytes()
    path.write_bytes(data[:18] + (60_000).to_bytes(4, "little") * 2 + data[26:])
    for read in (read_image, image_size):
        with pytest.raises(UserError, match=r"a\.bmp: has 60000x60000 = 3600 megapixels; .* 110"):
            read(path)


def test_formats_beside_those_of_the_endings_are_not_opened(tmp_path: Path):
    path = saved(tmp_path, "a.eps", Image.fromarray(RGB)).rename(tmp_path / "a.png")
    with pytest.raises(UserError, match="is not an image"):
        read_image(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.png")
    for read in (read_image, image_size):
        with pytest.raises(UserError, match=r"a\.png: is a pipe"):
            read(tmp_path / "a.png")
