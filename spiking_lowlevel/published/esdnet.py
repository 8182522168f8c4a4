"""Checkpoints of ESDNet (Song et al., IJCAI 2024)."""

from typing import Any

from spiking_lowlevel.networks.esdnet import ESDNet
from spiking_lowlevel.published.system import (
    ATTENTION,
    LEVELS,
    Rules,
    State,
    System,
    side,
    three_levels,
)

_BLOCKS: Rules = (
    (r"\.conv1\.conv\.", ".residual.1."),
    (r"\.conv1\.norm\.norm\.", ".residual.2."),
    (r"\.conv2\.conv\.", ".residual.4."),
    (r"\.conv2\.norm\.norm\.", ".residual.5."),
    (r"\.shortcut\.conv\.", ".shortcut.0."),
    (r"\.shortcut\.norm\.norm\.", ".shortcut.1."),
    (r"\.attention\.", ".attn."),
)
_NETWORK: Rules = (
    (r"^\.embed\.", ".patch_embed.proj."),
    *LEVELS,
    (r"^\.readout\.1\.channel\.squeeze\.", ".refinement.ca.1."),
    (r"^\.readout\.1\.channel\.expand\.", ".refinement.ca.3."),
    (r"^\.readout\.1\.space\.", ".refinement.sa."),
    (r"^\.output\.", ".output.0."),
    (r"^\.down1\.", ".down1_2.maxpool_conv."),
    (r"^\.down2\.", ".down2_3.maxpool_conv."),
    (r"^\.up2\.", ".up3_2.up."),
    (r"^\.up1\.", ".up2_1.up."),
    (r"^\.fuse2\.", ".reduce_chan_level2."),
    (r"^(\.\w+(?:\.maxpool_conv|\.up|level2))\.conv\.conv\.", r"\1.1."),
    (r"^(\.\w+(?:\.maxpool_conv|\.up|level2))\.conv\.norm\.norm\.", r"\1.2."),
)


def _arguments(state: State) -> dict[str, Any]:
    time_steps = side(state, ".ta.sharedMLP.0.weight", 1, 4)
    return {**three_levels(state, "output.0.weight"), "time_steps": time_steps}


ESDNET = System(
    name="esdnet",
    network=ESDNet,
    rules=(*_NETWORK, *_BLOCKS, *ATTENTION),
    arguments=_arguments,
    signature="reduce_chan_level2.1.weight",
)
