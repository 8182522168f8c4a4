"""Names of the published VLIF code, translated to ours, and access to the reference tensors."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"

_RULES = [  # published name (regular expression) -> ours; the first that matches a prefix is used
    (r"\.high_freq_scale_(\d)$", r".mix\1.high"),
    (r"\.low_freq_scale_(\d)$", r".mix\1.low"),
    (r"\.lif_2\.channel_adjust\.", ".visual_neuron.restore.mix."),
    (r"\.shortcut\.0\.", ".shortcut.conv."),
    (r"\.shortcut\.1\.", ".shortcut.norm.norm."),
    (r"\.conv(\d)\.weight$", r".conv\1.conv.weight"),
    (r"\.bn(\d)\.", r".conv\1.norm.norm."),
    (r"\.initial_residual\.", ".sdem."),
    (r"\.time_attention\.", ".time_attention.gate."),
    (r"\.temporal_compress\.0\.", ".compress."),
    (r"\.conv_1\.weight$", ".body.0.1.conv.weight"),
    (r"\.conv_2\.weight$", ".body.1.1.conv.weight"),
    (r"\.bn_1\.", ".body.0.1.norm.norm."),
    (r"\.bn_2\.", ".body.1.1.norm.norm."),
    (r"\.attn_1\.", ".body.0.2."),
    (r"\.attn_2\.", ".body.1.2."),
    (r"\.(final_)?attn\.", ".attention."),
    (r"\.ta\.", ".time."),
    (r"\.ca\.", ".channel."),
    (r"\.sa\.conv\.", ".space."),
    (r"\.sharedMLP\.0\.", ".squeeze."),
    (r"\.sharedMLP\.2\.", ".expand."),
    (r"^\.patch_embed\.proj\.", ".embed."),
    (r"^\.encoder_level(\d)\.", r".encoder\1."),
    (r"^\.decoder_level1\.", ".decoder1.0."),
    (r"^\.additional_sunet_level1\.", ".decoder1.1."),
    (r"^\.decoder_level(\d)\.", r".decoder\1."),
    (r"^\.down1_2\.conv\.", ".down1.conv.conv."),
    (r"^\.down1_2\.bn\.", ".down1.conv.norm.norm."),
    (r"^\.down2_3\.conv\.", ".down2.conv.conv."),
    (r"^\.down2_3\.bn\.", ".down2.conv.norm.norm."),
    (r"^\.up3_2\.conv\.", ".up2.conv.conv."),
    (r"^\.up3_2\.bn\.", ".up2.conv.norm.norm."),
    (r"^\.up2_1\.conv\.", ".up1.conv.conv."),
    (r"^\.up2_1\.bn\.", ".up1.conv.norm.norm."),
    (r"^\.reduce_conv_level(\d)\.", r".fuse\1.conv.conv."),
    (r"^\.reduce_bn_level(\d)\.", r".fuse\1.conv.norm.norm."),
    (r"^\.refinement_blocks\.", ".refinement."),
    (r"^\.output\.0\.", ".output."),
]


def our_name(published: str) -> str:
    """Our name of a published parameter of VLIFNet or of one of its blocks."""
    name = f".{published}"
    for pattern, replacement in _RULES:
        name = re.sub(pattern, replacement, name)
    return name[1:]


def translated(
    published: dict[str, Tensor], place: tuple[str, str] = ("", "")
) -> dict[str, Tensor]:
    """Published tensors under our names.

    Args:
        published: tensors by the names that they have inside the published module.
        place: published and our prefix of such a module in a larger one, where names depend on it.
    """
    theirs, ours = place
    return {our_name(theirs + k).removeprefix(ours): v for k, v in published.items()}


def load(
    module: nn.Module, published: dict[str, Tensor], place: tuple[str, str] = ("", "")
) -> None:
    """Load published tensors, all of them and nothing else, into one of our modules."""
    ours = module.state_dict()
    renamed = translated(published, place)
    module.load_state_dict({k: v.reshape(ours[k].shape) for k, v in renamed.items()})


def golden(name: str) -> dict[str, Any]:
    """A file of reference tensors; the test is skipped where the folder is absent."""
    return torch.load(golden_path(name), weights_only=True)


def golden_path(name: str) -> Path:
    """Where a reference file lies; the test is skipped where the folder is absent."""
    path = GOLDEN / name
    if not path.exists():
        pytest.skip(f"reference tensors are not here: {GOLDEN.name}/{name}")
    return path


def assert_close(ours: Tensor, reference: Tensor) -> None:
    """Equal to 1e-9, relative to the larger of 1 and the value."""
    assert ours.dtype == torch.float64
    torch.testing.assert_close(ours, reference.to(ours), rtol=1e-9, atol=1e-9)


def assert_in_spread(ours: Tensor, single: Tensor, double: Tensor) -> None:
    """As near to the double-precision reference as the published single-precision run, times ten.

    The largest error over the tensor counts, plus one rounding of its largest value: another
    processor adds in another order.
    """
    assert ours.dtype == torch.float32
    error, spread = ((x.double() - double).abs().max().item() for x in (ours, single))
    assert error <= 10 * spread + 2**-23 * double.abs().max().item()


def check_block(
    module: nn.Module,
    reference: dict[str, Any],
    place: tuple[str, str] = ("", ""),
    run: Callable[[Any, Tensor], Tensor] = lambda module, x: module(x),
) -> None:
    """Outputs, gradients and buffers of a block against its reference tensors, in both precisions.

    Args:
        module: our block, as built.
        reference: the content of a file of reference tensors.
        place: see `translated`.
        run: how to call the block, where its input is laid out in another way.
    """
    load(module, reference.get("state_dict", {}), place)
    for dtype in (torch.float64, torch.float32):
        for mode in ("eval", "train"):
            twin = copy.deepcopy(module).to(dtype).train(mode == "train")
            given = reference["input"].to(dtype, copy=True).requires_grad_()
            out = run(twin, given)
            (out * reference["loss_weight"].to(dtype)).sum().backward()
            got = {"output": out.detach(), "grad_input": given.grad}
            double, single = reference[f"{mode}_f64"], reference[f"{mode}_f32"]
            for key in got.keys() & double.keys():
                if dtype == torch.float64:
                    assert_close(got[key], double[key])
                else:
                    assert_in_spread(got[key], single[key], double[key])
            if dtype == torch.float64:
                _check_parameters(twin, double, place)


def _check_parameters(module: nn.Module, reference: dict[str, Any], place: tuple[str, str]) -> None:
    buffers = dict(module.named_buffers())
    for name, value in translated(reference.get("buffers_after", {}), place).items():
        assert_close(buffers[name].double(), value.double())
    gradients = {name: p.grad for name, p in module.named_parameters()}
    for key in {"grad_params", "grad_param_norms"} & reference.keys():
        renamed = translated(reference[key], place)
        assert renamed.keys() == gradients.keys()
        for name, value in renamed.items():
            ours = gradients[name]
            assert ours is not None
            assert_close(ours.reshape(value.shape) if value.dim() else ours.norm(), value)
