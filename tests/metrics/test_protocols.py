"""What all protocols have in common, and the published numbers; for the seven see beside."""

import pickle
from dataclasses import dataclass

import pytest
import torch
from published import assert_close, golden
from skimage.metrics import structural_similarity
from torch import Tensor

from spiking_lowlevel import registry
from spiking_lowlevel.data.images import to_image, to_tensor
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.metrics import RGB, RGB8, Luma, LumaCropped, LumaFull, Protocol, Resized
from spiking_lowlevel.metrics.protocols import to_bytes
from spiking_lowlevel.metrics.psnr import luma
from spiking_lowlevel.metrics.ssim import gaussian_window, ssim_map

SCALES = torch.tensor([0.02, 0.1, 0.4]).reshape(3, 1, 1, 1)  # images of very different quality
registry.load("protocol")
BUILT_IN = [e.cls() for e in registry.entries("protocol") if e.origin == "built-in"]
every = pytest.mark.parametrize("protocol", BUILT_IN, ids=lambda p: p.name)


def pairs(height: int = 24, width: int = 19) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    clean = torch.rand(3, 3, height, width, generator=generator, dtype=torch.float64)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    return (clean + SCALES * noise).clamp(0, 1), clean


@every
def test_an_image_has_the_same_value_alone_and_in_a_batch(protocol: Protocol):
    restored, clean = pairs()
    together = protocol(restored, clean)
    assert set(together) == {"psnr", "ssim"}
    for key, values in together.items():
        assert values.shape == (3,)
        assert values[0] > values[1] > values[2]
        for i in range(3):
            alone = protocol(restored[i : i + 1], clean[i : i + 1])[key]
            torch.testing.assert_close(alone, values[i : i + 1], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("size", "side"), [((7, 7), 7), ((6, 30), 5), ((30, 5), 5), ((4, 9), 3), ((3, 3), 3)]
)
def test_on_rgb_a_small_image_gets_the_largest_odd_window_that_fits(size, side):
    restored, clean = pairs(*size)
    ours = RGB()(restored, clean)["ssim"]
    for i, both in enumerate(zip(restored, clean, strict=True)):
        a, b = (x.movedim(0, -1).numpy() for x in both)
        expected = structural_similarity(b, a, data_range=1, channel_axis=-1, win_size=side)
        assert ours[i].item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("size", "side"), [((11, 11), 11), ((10, 30), 9), ((30, 9), 9), ((2, 3), 1), ((1, 1), 1)]
)
def test_on_luma_a_small_image_gets_the_largest_odd_window_that_fits(size, side):
    restored, clean = pairs(*size)
    similarity = ssim_map(luma(restored), luma(clean), gaussian_window(side))
    expected = similarity.mean((1, 2, 3))
    assert similarity.shape[2:] == tuple(s - side + 1 for s in size)
    ours = Luma(eight_bit=False)(restored, clean)["ssim"]
    torch.testing.assert_close(ours, expected, rtol=1e-12, atol=0)


@every
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (8, 8)])
def test_equal_images_have_the_best_score_at_any_size(protocol: Protocol, size):
    border = 2 * getattr(protocol, "crop", 0)
    _, clean = pairs(*(side + border for side in size))
    score = protocol(clean, clean)
    best = 80 if isinstance(protocol, LumaFull) else float("inf")
    assert score["psnr"].tolist() == pytest.approx([best] * 3)
    torch.testing.assert_close(score["ssim"], torch.ones(3, dtype=torch.float64))
    assert protocol(1 - clean, clean)["ssim"].isfinite().all()


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_it_computes_in_double_precision_whatever_the_input(protocol: Protocol, dtype):
    restored, clean = (x.to(dtype) for x in pairs())
    coarse, fine = protocol(restored, clean), protocol(restored.double(), clean.double())
    for key in fine:
        assert coarse[key].dtype == torch.float64
        torch.testing.assert_close(coarse[key], fine[key], rtol=0, atol=1e-6)


@every
def test_mixed_precision_changes_no_score(protocol: Protocol):
    restored, clean = (x.float() for x in pairs())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = protocol(restored, clean)
    for key, value in protocol(restored, clean).items():
        assert torch.equal(mixed[key], value)


@every
def test_8_bit_means_the_pixels_that_are_saved(protocol: Protocol):
    restored, clean = (x.float() for x in pairs())
    saved = torch.stack([to_tensor(to_image(x)) for x in restored])
    given, written = (protocol(x, clean)["psnr"] for x in (restored, saved))
    if isinstance(protocol, RGB):
        assert (given - written).abs().max() > 1e-4  # not quantised
    else:
        assert torch.equal(given, written)


def test_8_bit_is_rounded_half_to_even_and_clamped():
    steps = torch.tensor([-3.0, 0.5, 1.5, 2.5, 254.49, 300.0], dtype=torch.float64)
    expected = [0, 0, 2, 2, 254, 255]
    assert to_bytes(steps.reshape(1, 1, 1, -1) / 255).flatten().tolist() == expected


@pytest.mark.parametrize("protocol", [RGB, RGB8, Luma, LumaFull])
def test_the_border_is_left_out_of_both_metrics(protocol: type):
    restored, clean = pairs()
    spoilt = restored.clone()
    spoilt[..., :2] = spoilt[..., -2:] = spoilt[..., :2, :] = spoilt[..., -2:, :] = 0
    inside = protocol()(restored[..., 2:-2, 2:-2], clean[..., 2:-2, 2:-2])
    for key, values in protocol(crop=2)(spoilt, clean).items():
        assert torch.equal(values, inside[key])
        assert not torch.equal(values, protocol(crop=1)(spoilt, clean)[key])


@pytest.mark.parametrize("size", [(8, 30), (30, 7), (1, 1)])
def test_a_border_that_leaves_nothing_is_the_users_mistake(size):
    restored, clean = pairs(*size)
    says = rf"LumaCropped leaves out 4 pixels .* {size[0]}x{size[1]} pixels"
    with pytest.raises(UserError, match=says):
        LumaCropped()(restored, clean)
    assert LumaCropped()(*pairs(9, 9))["psnr"].isfinite().all()


def test_options_that_make_no_sense_are_the_users_mistake():
    with pytest.raises(UserError, match="crop is -1"):
        Luma(crop=-1)
    with pytest.raises(UserError, match="side is 0"):
        Resized(side=0)


def test_a_name_tells_what_differs_from_the_default():
    assert [Luma().name, LumaCropped().name, RGB().name] == ["Luma", "LumaCropped", "RGB"]
    assert Luma(eight_bit=False, crop=2).name == "Luma(eight_bit=False, crop=2)"
    assert LumaCropped(crop=4).name == "LumaCropped"
    assert LumaCropped(crop=0).name == "LumaCropped(crop=0)"


def test_a_protocol_that_is_no_dataclass_is_called_by_its_class():
    class Mine(Protocol):
        def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
            return {}

    assert Mine().name == "Mine"


def test_an_option_without_default_is_part_of_the_name():
    @dataclass(frozen=True)
    class Needy(Protocol):
        peak: float

        def __call__(self, restored: Tensor, clean: Tensor) -> dict[str, Tensor]:
            return {}

    assert Needy(2.0).name == "Needy(peak=2.0)"


def test_a_protocol_is_a_value():
    assert RGB() == RGB() != Luma() != Luma(crop=1)
    assert pickle.loads(pickle.dumps(Luma(crop=1))) == Luma(crop=1)
    assert hash(RGB()) == hash(RGB())


def published_pair() -> tuple[dict[str, Tensor], Tensor, Tensor]:
    reference = golden("losses_metrics.pt")
    return reference, reference["u8_a"][None], reference["u8_b"][None]


def test_published_rgb():
    # The reference computes in single precision (the PSNR's mean and the error's scale in double).
    reference, a, b = published_pair()
    for dtype in (torch.float64, torch.float32):
        ours = RGB()(a.to(dtype) / 255, b.to(dtype) / 255)
        expected = reference["skimage_psnr_rgb_float_datarange1"].item()
        assert ours["psnr"].item() == pytest.approx(expected, abs=1e-5)
        expected = reference["skimage_ssim_rgb_float_win7_datarange1"].item()
        assert ours["ssim"].item() == pytest.approx(expected, abs=5e-7)


def test_published_luma():
    reference, a, b = published_pair()
    for dtype in (torch.float64, torch.float32):  # 8-bit images are exact in both
        for protocol, crop in ((Luma(), 0), (LumaCropped(), 4)):
            ours = protocol(a.to(dtype) / 255, b.to(dtype) / 255)
            for metric in ("psnr", "ssim"):
                assert_close(ours[metric][0], reference[f"eval_{metric}_Y_crop{crop}"])
