"""Checkpoints of SpikeRain (Islam et al., WACV 2026)."""

from typing import Any

from spiking_lowlevel.networks.spikerain import SpikeRain
from spiking_lowlevel.published.system import (
    LEVELS,
    Rules,
    State,
    System,
    count,
    side,
    three_levels,
)

_BLOCKS: Rules = (
    (r"\.layers\.(\d+)\.1\.conv\.", r".layers.\1.1."),
    (r"\.layers\.(\d+)\.1\.norm\.norm\.", r".layers.\1.2.bn."),
    (r"\.mix\.weight$", ".lff.1.weight"),
    (r"\.attention\.sample\.", ".attn.temporal_fc.1."),
    (r"\.attention\.channel\.squeeze\.", ".attn.channel_fc.1."),
    (r"\.attention\.channel\.expand\.", ".attn.channel_fc.3."),
    (r"\.attention\.space\.", ".attn.spatial_conv.0."),
)
_NETWORK: Rules = (
    (r"^\.embed\.", ".patch_embed.proj."),
    *LEVELS,
    (r"^\.readout\.0\.", ".temporal_fusion."),
    (r"^\.readout\.1\.channel\.squeeze\.", ".refinement.ca.1."),
    (r"^\.readout\.1\.channel\.expand\.", ".refinement.ca.3."),
    (r"^\.readout\.1\.space\.", ".refinement.sa."),
    (r"^\.readout\.1\.mix\.", ".refinement.gate."),
    (r"^\.output\.", ".output_conv."),
    (r"^\.down1\.", ".downsample_1_to_2.maxpool_conv."),
    (r"^\.down2\.", ".downsample_2_to_3.maxpool_conv."),
    (r"^\.up2\.", ".upsample_3_to_2.up."),
    (r"^\.up1\.", ".upsample_2_to_1.up."),
    (r"^\.fuse2\.", ".reduce_channels_2."),
    (r"^(\.\w+(?:\.maxpool_conv|\.up|channels_2))\.conv\.conv\.", r"\1.1."),
    (r"^(\.\w+(?:\.maxpool_conv|\.up|channels_2))\.conv\.norm\.norm\.", r"\1.2.bn."),
)


def _arguments(state: State) -> dict[str, Any]:
    mixes = [key.removesuffix("lff.1.weight") for key in state if key.endswith(".lff.1.weight")]
    return {
        **three_levels(state, "output_conv.weight"),
        "growth": side(state, ".layers.0.1.weight", 0, 24),
        "layers": max((count(state, f"{block}layers.") for block in mixes), default=4),
        "time_steps": side(state, "temporal_fusion.weights", 0, 4),
    }


SPIKERAIN = System(
    name="spikerain",
    network=SpikeRain,
    rules=(*_NETWORK, *_BLOCKS),
    arguments=_arguments,
    signature="temporal_fusion.weights",
)
