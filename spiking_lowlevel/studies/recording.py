"""Watching a network restore pictures."""

from collections.abc import Sequence

import torch
from torch import Tensor
from tqdm import tqdm

from spiking_lowlevel.energy.counting.counter import OpCounter
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.counting.sight import Inference
from spiking_lowlevel.networks.base import Network


def record(
    network: Network,
    pictures: Sequence[Tensor],
    inference: Inference = Inference(),
    repeat_frames: bool = False,
    complete: bool = True,
) -> Recording:
    """What a network does with pictures [B, 3, H, W], each restored as a whole.

    Args:
        network: in evaluation mode.
        pictures: in [0, 1].
        inference: how levels are found that no neuron declares.
        repeat_frames: see `OpCounter`.
        complete: whether parameters that were never counted are an error.

    Raises:
        UserError: there are no pictures, or parameters that were never counted.
    """
    with (
        OpCounter(network, inference=inference, repeat_frames=repeat_frames) as counter,
        torch.inference_mode(),
    ):
        for picture in tqdm(pictures, "counting", unit="picture", leave=False, disable=None):
            network.restore(picture)
    return counter.recording(
        images=sum(len(x) for x in pictures),
        pixels=sum(len(x) * x.shape[-2] * x.shape[-1] for x in pictures),
        complete=complete,
    )
