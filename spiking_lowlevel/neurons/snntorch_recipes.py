"""Which neurons of snnTorch 1.0 there are, what fills their gaps, and what they cannot take."""

import math

from spiking_lowlevel.neurons.snntorch_sequences import Associative, Filter, Parallel
from spiking_lowlevel.neurons.snntorch_steps import (
    CircuitSteps,
    DeltaSteps,
    Recipe,
    RecurrentSteps,
    Steps,
)

_LIF = {"beta": 0.5, "threshold": 0.15, "reset_mechanism": "zero"}
_LIF_NOW = {**_LIF, "reset_delay": False}
_LSTM = {"threshold": 0.15, "bias": False}
_HALF = {"beta": 1 - math.log(2), "threshold": 0.15}  # these keep exp(beta - 1) of the membrane

_UNUSED = ("threshold", "learn_threshold", "reset_mechanism", "reset_delay", "state_quant")
_UNUSED += ("graded_spikes_factor", "learn_graded_spikes_factor")

RECIPES: dict[str, Recipe] = {
    "Leaky": Steps(_LIF_NOW),
    "Synaptic": Steps({**_LIF_NOW, "alpha": 0.8}, states=2),
    "Alpha": Steps(
        {**_LIF, "alpha": 0.8}, states=3, refused={"learn_alpha": "snnTorch raises a TypeError"}
    ),
    "Lapicque": CircuitSteps(
        {k: _LIF[k] for k in ("threshold", "reset_mechanism")},
        refused={"learn_beta": "in snnTorch the membrane does not depend on the learned beta"},
    ),
    "RLeaky": RecurrentSteps(_LIF_NOW, states=2),
    "RSynaptic": RecurrentSteps(
        {**_LIF, "alpha": 0.8}, states=3, refused={"reset_delay": "snnTorch ignores it here"}
    ),
    "DeltaLeaky": DeltaSteps(
        {"beta": 0.5, "delta_threshold": 0.15},
        refused=dict.fromkeys(_UNUSED, "it fires on delta_threshold and never resets"),
    ),
    "SLSTM": Steps(_LSTM, ("input_size", "hidden_size"), pixels=True, states=2),
    "SConv2dLSTM": Steps({**_LSTM, "kernel_size": 3}, ("in_channels", "out_channels"), states=2),
    "LeakyParallel": Parallel({"beta": 0.5, **_LSTM}, ("input_size", "hidden_size"), pixels=True),
    "StateLeaky": Filter(_HALF, ("channels",), pixels=True),
    "LinearLeaky": Filter({**_HALF, "bias": False}, ("in_features", "out_features"), pixels=True),
    "AssociativeLeaky": Associative({"threshold": 0.15}, pixels=True),
}
_sizes = {size for recipe in RECIPES.values() for size in recipe.sizes}
_sizes |= {"conv2d_channels", "in_dim", "d_value", "num_spiking_neurons"}

REFUSED = {
    **dict.fromkeys(_sizes, "it follows from the number of channels"),
    **dict.fromkeys(("max_pool", "avg_pool"), "spikes would be smaller than the current"),
    **dict.fromkeys(("spike_grad", "surrogate_disable"), "give SnnTorch a surrogate instead"),
    **dict.fromkeys(("init_hidden", "output"), "the state never outlives a forward"),
    **dict.fromkeys(("device", "dtype"), "move the module with .to() instead"),
    "inhibition": "snnTorch's is made for [B, C] and mixes up pixels",
    "linear_features": "on images that is a convolution with kernel_size 1",
}

CONSTANTS = {"alpha", "beta", "threshold", "V", "R", "C", "graded_spikes_factor"}
