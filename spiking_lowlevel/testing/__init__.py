"""The contracts as functions: for our tests, for `slv check`, and for the tests of plugin authors.

from spiking_lowlevel.testing import check_neuron
def test_contract(): check_neuron(MyNeuron)
"""

from spiking_lowlevel.testing.contracts import check, check_network, check_neuron
from spiking_lowlevel.testing.fault import ContractError

__all__ = ["ContractError", "check", "check_network", "check_neuron"]
