"""Pictures of every kind come back bit for bit from a network that changes nothing."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from restoring.photographs import BYTES, ICC, WORDS, exif, pixels, restore

from spiking_lowlevel.restoring import rows, tiff_file
from spiking_lowlevel.restoring.picture import Kept


@pytest.fixture(params=["in memory", "in files"])
def small_bands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Tiny pictures go the way of large ones, in several bands."""
    monkeypatch.setattr(rows, "BAND", 2000)
    if request.param == "in files":
        monkeypatch.setattr(rows, "_LARGEST_IN_MEMORY", 0)


@pytest.mark.parametrize("suffix", ["png", "tif", "webp", "bmp"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.usefixtures("small_bands")
def test_eight_bits(suffix: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if (suffix, mode) in {("bmp", "LA"), ("bmp", "RGBA"), ("webp", "L"), ("webp", "LA")}:
        pytest.skip("the format has no such pictures")
    channels = BYTES[..., 0] if mode == "L" else BYTES[..., : len(mode)]
    source, out = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    kept = {} if suffix == "bmp" else {"icc_profile": ICC, "exif": exif(1)}
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    Image.fromarray(channels).save(source, dpi=(300, 300), **options, **kept)
    assert restore(monkeypatch, source, "-o", out) == 0
    with Image.open(source) as before, Image.open(out) as after:
        assert (after.format, after.mode) == (before.format, before.mode)
        np.testing.assert_array_equal(np.asarray(after), np.asarray(before))
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        assert after.getexif().get(0x010F) == before.getexif().get(0x010F)
        assert after.getexif().get_ifd(34665) == before.getexif().get_ifd(34665)
        if suffix != "webp":
            assert after.info["dpi"] == pytest.approx(before.info["dpi"])


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.usefixtures("small_bands")
def test_sixteen_bits(suffix: str, channels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source, out = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    kinds, data = [cv2.IMAGE_METADATA_ICCP], [np.frombuffer(ICC, np.uint8)]
    if suffix == "png" and channels > 1:
        cv2.imwriteWithMetadata(str(source), WORDS[..., :channels], kinds, data)
    else:
        cv2.imwrite(str(source), WORDS[..., :channels])
    assert restore(monkeypatch, source, "-o", out) == 0
    before, after = (cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (source, out))
    assert after.dtype == np.uint16
    np.testing.assert_array_equal(after, before)
    with Image.open(source) as old, Image.open(out) as new:
        assert new.info.get("icc_profile") == old.info.get("icc_profile")


def test_a_profile_stays_in_a_tiff_of_sixteen_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tifffile = pytest.importorskip("tifffile")
    source, out = tmp_path / "a.tif", tmp_path / "b.tif"
    tags = [(34675, 7, len(ICC), ICC, True), (315, "s", 0, "who", True)]
    tifffile.imwrite(source, WORDS[..., :3], photometric="rgb", extratags=tags)
    assert restore(monkeypatch, source, "-o", out) == 0
    np.testing.assert_array_equal(tifffile.imread(out), WORDS[..., :3])
    with Image.open(out) as image:
        assert image.info["icc_profile"] == ICC
        assert image.tag_v2[315] == "who"


def test_grey_with_alpha_of_sixteen_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rows_of_two = WORDS[..., :2].astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in rows_of_two)
    head = struct.pack(">IIBBBBB", 57, 41, 16, 4, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    with (tmp_path / "a.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, content in chunks:
            crc = struct.pack(">I", zlib.crc32(kind + content))
            file.write(struct.pack(">I", len(content)) + kind + content + crc)
    assert restore(monkeypatch, tmp_path / "a.png", "-o", tmp_path / "b.png") == 0
    back = cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(back[..., [0, 3]], WORDS[..., :2])


def test_a_palette_with_alpha_becomes_colours_with_alpha(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    picture = Image.fromarray(BYTES[..., :3]).quantize(16)
    picture.save(tmp_path / "a.png", transparency=bytes(range(0, 256, 16)))
    assert restore(monkeypatch, tmp_path / "a.png", "-o", tmp_path / "b.png") == 0
    assert "palette" in capsys.readouterr().out
    with Image.open(tmp_path / "a.png") as before, Image.open(tmp_path / "b.png") as after:
        assert (before.mode, after.mode) == ("P", "RGBA")
        np.testing.assert_array_equal(np.asarray(after), np.asarray(before.convert("RGBA")))


def test_texts_of_a_png_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "rain")
    texts.add_itxt("Where", "Zürich")
    Image.fromarray(BYTES).save(tmp_path / "a.png", pnginfo=texts)
    assert restore(monkeypatch, tmp_path / "a.png", "-o", tmp_path / "b.png") == 0
    with Image.open(tmp_path / "b.png") as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert image.text == {"Title": "rain", "Where": "Zürich"}


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_keeps_orientation_profile_sampling_and_comment(
    orientation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source, out = tmp_path / "a.jpg", tmp_path / "b.jpg"
    smooth = cv2.GaussianBlur(BYTES[..., :3], (0, 0), 4)
    Image.fromarray(smooth).save(
        source, quality=98, subsampling=1, exif=exif(orientation), icc_profile=ICC, dpi=(72, 72),
        comment=b"wet",
    )  # fmt: skip
    assert restore(monkeypatch, source, "-o", out) == 0
    with Image.open(source) as before, Image.open(out) as after:
        assert after.size == before.size  # not turned twice
        assert after.info["exif"] == before.info["exif"]
        assert after.info["icc_profile"] == ICC
        assert after.info["comment"] == b"wet"
        assert after.layer == before.layer  # pyright: ignore[reportAttributeAccessIssue]
        difference = np.asarray(after).astype(int) - np.asarray(before)
    assert abs(difference).max() <= 4


@pytest.mark.parametrize("profile", [b"", b"nonsense"])
def test_a_jpeg_in_printing_colours_becomes_rgb(
    profile: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    smooth = cv2.GaussianBlur(BYTES, (0, 0), 4)
    Image.fromarray(smooth, "CMYK").save(tmp_path / "a.jpg", quality=98, icc_profile=profile)
    assert restore(monkeypatch, tmp_path / "a.jpg", "-o", tmp_path / "b.jpg") == 0
    assert "CMYK" in capsys.readouterr().out
    with Image.open(tmp_path / "a.jpg") as before, Image.open(tmp_path / "b.jpg") as after:
        assert after.mode == "RGB"
        assert "icc_profile" not in after.info
        difference = np.asarray(after).astype(int) - np.asarray(before.convert("RGB"))
    assert abs(difference).max() <= 6


def test_a_format_may_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = tmp_path / "a.tif"
    cv2.imwrite(str(source), WORDS[..., :3])
    assert restore(monkeypatch, source, "-o", tmp_path, "--format", "png") == 0
    back = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(back, WORDS[..., :3])
    assert restore(monkeypatch, source, "-o", tmp_path / "a.bmp") == 0
    wanted = (WORDS[..., 2::-1] / 257).round()
    np.testing.assert_array_equal(pixels(tmp_path / "a.bmp"), wanted)


def test_alpha_is_not_dropped_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    Image.fromarray(BYTES).save(tmp_path / "a.png")
    assert restore(monkeypatch, tmp_path / "a.png", "-o", tmp_path / "a.jpg") == 1
    assert "alpha" in capsys.readouterr().err
    assert not (tmp_path / "a.jpg").exists()


def _damaged(kind: str) -> bytes:
    file = io.BytesIO()
    picture = Image.fromarray(BYTES[..., :3])
    if kind == "pages":
        picture.save(file, "TIFF", save_all=True, append_images=[picture])
    elif kind == "float":
        Image.fromarray(np.zeros((4, 4), np.float32)).save(file, "TIFF")
    elif kind == "bomb":
        head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
        crc = struct.pack(">I", zlib.crc32(head))
        data = b"\0\0\0\1IDAT"
        return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + crc + data
    elif kind == "16 bits cut":
        data = cv2.imencode(".png", WORDS)[1].tobytes()
        return data[: len(data) // 2]
    else:
        picture.save(file, "PNG" if kind == "cut" else "JPEG")
    cut = len(file.getvalue()) // 2
    return {"empty": b"", "text": b"no picture", "cut": file.getvalue()[:cut],
            "cut jpeg": file.getvalue()[:cut]}.get(kind, file.getvalue())  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("empty", "is empty"),
        ("text", "is no PNG, JPEG"),
        ("cut", "is damaged"),
        ("cut jpeg", "is damaged"),
        ("16 bits cut", "is damaged"),
        ("pages", "2 pages"),
        ("float", "floating-point"),
        ("bomb", "2500 megapixels"),
    ],
)
def test_what_cannot_be_restored_is_told_in_a_line_and_the_others_go_on(
    kind: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(_damaged(kind))
    Image.fromarray(BYTES).save(tmp_path / "in/b.png")
    assert restore(monkeypatch, tmp_path / "in", "-o", tmp_path / "out") == 1
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert told in captured.err
    assert told in captured.out
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["b.png"]


def test_a_profile_for_printing_is_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    places = [Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("no profile for printing colours is installed")
    picture = Image.fromarray(cv2.GaussianBlur(BYTES, (0, 0), 4), "CMYK")
    picture.save(tmp_path / "a.tif", icc_profile=found.read_bytes())
    assert restore(monkeypatch, tmp_path / "a.tif", "-o", tmp_path / "b.png") == 0
    srgb = ImageCms.createProfile("sRGB")
    wanted = ImageCms.profileToProfile(picture, str(found), srgb, outputMode="RGB")
    np.testing.assert_array_equal(pixels(tmp_path / "b.png"), np.asarray(wanted))


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_tiff_is_turned_once(
    orientation: int, deep: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source, out = tmp_path / "a.tif", tmp_path / "b.tif"
    stored = (WORDS if deep else BYTES)[..., :3]
    with source.open("wb") as file:
        tiff_file.write(file, rows.Rows.of(stored), Kept(orientation=orientation))
    assert restore(monkeypatch, source, "-o", out, "--compare") == 0
    ways: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
        5: lambda a: np.fliplr(np.rot90(a, 3)), 6: lambda a: np.rot90(a, 3),
        7: lambda a: np.fliplr(np.rot90(a)), 8: np.rot90,
    }  # fmt: skip
    np.testing.assert_array_equal(_decoded(out), ways[orientation](stored))
    with Image.open(out) as image:
        assert image.tag_v2.get(274, 1) == 1  # pyright: ignore[reportAttributeAccessIssue]
    assert pixels(tmp_path / "b-compare.png").shape[1] == 2 * ways[orientation](stored).shape[1] + 4


def _decoded(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)[..., ::-1]


def test_exif_data_too_long_for_a_jpeg_is_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    data = Image.Exif()
    data[0x010E] = "x" * 70_000
    Image.fromarray(BYTES[..., :3]).save(tmp_path / "a.png", exif=data.tobytes())
    assert restore(monkeypatch, tmp_path / "a.png", "-o", tmp_path / "b.jpg") == 0
    assert "EXIF, too long for JPEG" in capsys.readouterr().out
    with Image.open(tmp_path / "b.jpg") as image:
        assert not image.getexif()


def test_tags_that_cannot_be_written_are_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def odd(*_: object) -> None:
        raise struct.error("ushort format requires 0 <= number <= 65535")

    Image.fromarray(BYTES).save(tmp_path / "a.tif")
    monkeypatch.setattr(tiff_file, "_tags", odd)
    assert restore(monkeypatch, tmp_path / "a.tif", "-o", tmp_path / "b.tif") == 1
    told = capsys.readouterr().err
    assert "holds data beside its pixels that TIFF cannot hold: ushort" in told
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
