"""Random weights that let neurons fire: norms with the statistics of a batch."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def settle(network: nn.Module, forward: Callable[[], object]) -> None:
    """Give all batch norms the statistics of one forward pass in training mode.

    A network whose norms never saw a batch is silent or saturated, which tells nothing of it. It is
    left in the mode that it was in.

    Args:
        network: whose norms they are.
        forward: runs it once.
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta, training = [norm.momentum for norm in norms], network.training
    for norm in norms:
        norm.momentum = 1.0
    try:
        network.train()
        forward()
    finally:
        network.train(training)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
