"""Names of the published VLIF code, translated to ours, and access to the reference tensors."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

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


def load(module: torch.nn.Module, published: dict[str, Tensor], prefix: str = "") -> None:
    """Load published tensors, all of them and nothing else, into one of our modules."""
    ours = module.state_dict()
    renamed = {our_name(prefix + k).removeprefix(prefix): v for k, v in published.items()}
    module.load_state_dict({k: v.reshape(ours[k].shape) for k, v in renamed.items()})


def golden(name: str) -> dict[str, Any]:
    """A file of reference tensors; the test is skipped where the folder is absent."""
    path = GOLDEN / name
    if not path.exists():
        pytest.skip(f"reference tensors are not here: {GOLDEN.name}/{name}")
    return torch.load(path, weights_only=True)


def assert_close(ours: Tensor, reference: Tensor) -> None:
    """Equal to 1e-9, relative to the larger of 1 and the value."""
    torch.testing.assert_close(ours, reference.to(ours), rtol=1e-9, atol=1e-9)
