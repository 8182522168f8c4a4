"""The constants behind the energy tables of spiking deraining networks.

    E = 12.5 pJ · MACs + 77 fJ · SOPs + 3.7 pJ · signs

MACs: multiply-accumulates of layers with real input; SOPs: additions that spikes cause; signs:
spikes that neurons emit. Quoted from Chen et al. (VLIF, AAAI 2026, arXiv 2512.02258), experimental
setup, by the file model_complexity.py of github.com/tanvirnwu/SpikeRain_WACV_2025, which names
Hu, Tang, Pan (2021) and Song et al. (2024) as their origin.
"""

from dataclasses import dataclass

from spiking_lowlevel.energy.base import Constant, CostModel, Price
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.registry import register

_SOURCE = (
    "Chen et al., AAAI 2026, experimental setup, as quoted by model_complexity.py of "
    "github.com/tanvirnwu/SpikeRain_WACV_2025"
)


def _quoted(value: float, unit: str) -> Constant:
    return Constant(value, unit, "", _SOURCE, "second-hand")


MAC = _quoted(12.5, "pJ/MAC")
SOP = _quoted(0.077, "pJ/SOP")
SIGN = _quoted(3.7, "pJ/spike")


@register
@dataclass(frozen=True)
class QuotedTables(CostModel):
    """Constants of VLIF's and ESDNet's tables: 12.5 pJ a MAC, 77 fJ a SOP, 3.7 pJ a spike.

    Only the constants are theirs: how their tables count is not published, so these are the exact
    counts of what layers really see. Second-hand, and 162 : 1 where Horowitz' pair is 5.1 : 1.
    """

    scope = (
        "layers with synapses, and spikes as neurons emit them (one a spike, whatever its level); "
        "free: norms, membranes, sums, gates, pools, biases, scalings, memory"
    )

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The energy of a layer in pJ."""
        signs = layer.spikes if layer.op == "neuron" else 0
        return Price(
            compute=layer.macs * MAC.value + layer.accumulations * SOP.value + signs * SIGN.value
        )

    def constants(self) -> dict[str, Constant]:
        """Energy of a multiply-accumulate, of a synaptic operation, of a spike."""
        return {"mac": MAC, "sop": SOP, "sign": SIGN}
