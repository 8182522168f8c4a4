"""Checkpoints of VLIF (Chen et al. 2025, arXiv 2512.02258)."""

from typing import Any

from spiking_lowlevel.networks.vlifnet import VLIFNet
from spiking_lowlevel.published.system import (
    ATTENTION,
    LEVELS,
    Rules,
    State,
    System,
    count,
    depths,
    side,
)

_BLOCKS: Rules = (
    (r"\.(first|second)\.(high|low)$", r".\2_freq_scale_\1"),
    (r"_first$", "_1"),
    (r"_second$", "_2"),
    (r"\.second\.neuron\.restore\.mix\.", ".lif_2.channel_adjust."),
    (r"\.conv(\d)\.conv\.", r".conv\1."),
    (r"\.conv(\d)\.norm\.norm\.", r".bn\1."),
    (r"\.shortcut\.conv\.", ".shortcut.0."),
    (r"\.shortcut\.norm\.norm\.", ".shortcut.1."),
    (r"\.sdem\.", ".initial_residual."),
    (r"\.time_attention\.gate\.", ".time_attention."),
    (r"\.compress\.", ".temporal_compress.0."),
    (r"\.body\.0\.1\.conv\.", ".conv_1."),
    (r"\.body\.1\.1\.conv\.", ".conv_2."),
    (r"\.body\.0\.1\.norm\.norm\.", ".bn_1."),
    (r"\.body\.1\.1\.norm\.norm\.", ".bn_2."),
    (r"\.body\.0\.2\.", ".attn_1."),
    (r"\.body\.1\.2\.", ".attn_2."),
    (r"^\.(\w+_level1)\.attention\.", r".\1.final_attn."),
    (r"\.attention\.", ".attn."),
)
_NETWORK: Rules = (
    (r"^\.embed\.", ".patch_embed.proj."),
    (r"^\.encoder1\.", ".encoder_level1."),
    (r"^\.decoder1\.0\.", ".decoder_level1."),
    (r"^\.decoder1\.1\.", ".additional_sunet_level1."),
    *LEVELS,
    (r"^\.readout\.", ".refinement_blocks."),
    (r"^\.output\.", ".output.0."),
    (r"^\.down1\.", ".down1_2."),
    (r"^\.down2\.", ".down2_3."),
    (r"^\.up2\.", ".up3_2."),
    (r"^\.up1\.", ".up2_1."),
    (r"^\.((?:down|up)\d_\d)\.conv\.conv\.", r".\1.conv."),
    (r"^\.((?:down|up)\d_\d)\.conv\.norm\.norm\.", r".\1.bn."),
    (r"^\.fuse(\d)\.conv\.conv\.", r".reduce_conv_level\1."),
    (r"^\.fuse(\d)\.conv\.norm\.norm\.", r".reduce_bn_level\1."),
)


def _arguments(state: State) -> dict[str, Any]:
    return {
        "width": side(state, "patch_embed.proj.weight", 0, side(state, "output.0.weight", 1, 48)),
        "encoder_depth": depths(state, "encoder", (2, 3)),
        "decoder_depth": depths(state, "decoder", (2, 3)),
        "refinement": count(state, "refinement_blocks."),
        "time_steps": side(state, ".ta.sharedMLP.0.weight", 1, 4),
    }


VLIF = System(
    name="vlif",
    network=VLIFNet,
    rules=(*_NETWORK, *_BLOCKS, *ATTENTION),
    arguments=_arguments,
    signature="additional_sunet_level1.final_attn.sa.conv.weight",
)
