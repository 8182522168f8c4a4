"""Operations, memories and addresses of a chip that keeps all of a layer on it.

θ: spikes that come in; U: membrane updates, neurons times T; K: taps of a kernel, Kh by Kw; S: its
stride; Ci, Co: channels a group; Ni, No: features. The paper takes a layer and its neurons as one;
here they are two, and every term stands with the one that causes it:

                   convolution, spikes in      linear, spikes in   neuron
    MAC            -                           -                   U, if it leaks
    ACC            θ ⌈Kh/S⌉ ⌈Kw/S⌉ Co          θ No                U + spikes out (reset)
    read inputs    θ                           θ                   -
    read weights   θ Co K                      θ No                -
    read biases    outputs, if there are any   the same            -
    potentials     2 θ Co K                    2 θ No              2 U          (read, written)
    write outputs  -                           -                   spikes out
    address MAC    2 θ                         0                   0
    address ACC    θ Co K                      θ No                0

                   convolution, real values in            linear, real values in
    MAC            Ci K · outputs                         Ni No
    ACC            outputs                                No
    read inputs    as MAC                                 Ni
    read weights   as MAC                                 as MAC
    read biases    outputs, if there are any              the same
    write outputs  outputs                                No
    address ACC    inputs + outputs + Co K a frame        Ni No

    E = (MAC + address MAC)(e_mul + e_add) + (ACC + address ACC) e_add + Σ accesses · E_SRAM(size)

in integers of 32 bits. Lemaire, Cordone, Castagnetti, Novac, Courtois, Miramond: "An analytical
estimation of spiking neural networks energy efficiency" (ICONIP 2022, arXiv 2210.13107).
"""

from dataclasses import dataclass
from math import ceil, prod
from typing import NamedTuple, get_args

from spiking_lowlevel.energy import sram as memories
from spiking_lowlevel.energy.base import Arithmetic, Constant, CostModel, Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.horowitz import INT32, scalings
from spiking_lowlevel.energy.sram import Sram
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.registry import register


class Access(NamedTuple):
    """Reads and writes of one memory.

    Args:
        memory: what it holds: "inputs", "weights", "biases", "potentials" or "outputs".
        words: its size.
        times: how often a word is read or written.
    """

    memory: str
    words: int
    times: int


class Terms(NamedTuple):
    """One column of the table in the module."""

    mac: int = 0
    acc: int = 0
    address_mac: int = 0
    address_acc: int = 0
    accesses: tuple[Access, ...] = ()


@register
@dataclass(frozen=True)
class Lemaire2022(CostModel):
    """Operations, memory accesses and addressing of an on-chip network, after Lemaire et al. 2022.

    The variant of the authors' code (qualia-plugin-snn): U additions a neuron whether or not there
    is a bias; of the paper's errata, Eq. 2.4 is without the extra N_in of linear layers and with
    the reset term; convolutions are addressed with Co, linear layers with θ, as that code's text
    says and the code does not. A layer that sees real values follows the formulas of formal
    networks, once a frame. Beyond the paper: a spike of level k is k spikes on its way in, and one
    on its way out; spikes of one odd height cost a multiplication an output; a transposed
    convolution adds to all K taps; of two activations that are multiplied, the second lies in a
    memory of `fifo` words.

    Args:
        sram: how the energy of an access follows from the size of the memory.
        fifo: words of the queues that hold spikes on their way, at least 1.

    Raises:
        UserError: there is no such reading of memories, or the queue has no word.
    """

    sram: Sram = "regression"
    fifo: int = 1000

    scope = (
        "operations, memory accesses and addressing of layers with synapses and of neurons; "
        "free: norms, pools, sums, gates, interpolation"
    )

    def __post_init__(self) -> None:
        if self.sram not in get_args(Sram):
            allowed = ", ".join(get_args(Sram))
            raise UserError(f"Lemaire2022: sram is {self.sram!r}; it can be {allowed}")
        if self.fifo < 1:
            raise UserError(f"Lemaire2022: fifo is {self.fifo}; a queue has at least 1 word")

    def price(self, layer: Layer, recording: Recording) -> Price:
        """The energy of a layer in pJ, by operations, memory and addressing."""
        terms = self.terms(layer)
        mac, add = INT32.mac, INT32.add.value
        scaled = scalings(layer) * INT32.multiply.value
        return Price(
            compute=terms.mac * mac + terms.acc * add + scaled,
            memory=sum(
                each.times * memories.access_energy(self.sram, each.words)
                for each in terms.accesses
            ),
            addressing=terms.address_mac * mac + terms.address_acc * add,
        )

    def terms(self, layer: Layer) -> Terms:
        """What a layer does, before it has a price: its column of the table in the module."""
        if layer.op == "neuron":
            return _neuron(layer, self.fifo)
        if not layer.synaptic:
            return Terms()
        real = layer.activity == Activity.REAL
        return _dense(layer, self.fifo) if real else _spiking(layer, self.fifo)

    def constants(self) -> dict[str, Constant]:
        """Energies of additions, multiplications and accesses; the length of the queues."""
        fifo = Constant(self.fifo, "words", "", "chosen: an argument of the model", "ours")
        arithmetic = {"add": INT32.add, "multiply": INT32.multiply}
        return {**arithmetic, **memories.constants(self.sram), "fifo": fifo}

    @property
    def arithmetic(self) -> Arithmetic:
        """Integers of 32 bits."""
        return INT32


def _spiking(layer: Layer, fifo: int) -> Terms:
    shape, spikes = layer.geometry, layer.total.units
    touched = added = layer.accumulations
    if shape.kernel:
        channels = shape.output[1] // shape.groups
        touched = added = spikes * channels * prod(shape.kernel)
        if not shape.transposed:
            strides = zip(shape.kernel, shape.stride, strict=True)
            added = spikes * channels * prod(ceil(side / step) for side, step in strides)
    return Terms(
        acc=added,
        address_mac=2 * spikes if shape.kernel else 0,
        address_acc=touched,
        accesses=(
            Access("inputs", fifo, spikes),
            *_parameters(layer, touched, fifo),
            Access("potentials", prod(shape.output[1:]), 2 * touched),
        ),
    )


def _dense(layer: Layer, fifo: int) -> Terms:
    shape, total = layer.geometry, layer.total
    macs = total.macs_dense
    kernels = layer.frames * prod((*shape.output[1:2], *shape.kernel))
    return Terms(
        mac=macs,
        acc=layer.outputs,
        address_acc=total.elements + layer.outputs + kernels if shape.kernel else macs,
        accesses=(
            Access("inputs", prod(shape.input[1:]), macs if shape.kernel else total.elements),
            *_parameters(layer, macs, fifo),
            Access("outputs", prod(shape.output[1:]), layer.outputs),
        ),
    )


def _parameters(layer: Layer, times: int, fifo: int) -> tuple[Access, ...]:
    shape = layer.geometry
    weights = Access("weights", shape.weights or fifo, times)
    return (weights, Access("biases", shape.biases, layer.outputs)) if shape.biases else (weights,)


def _neuron(layer: Layer, fifo: int) -> Terms:
    leaks = layer.other.multiply > 0
    return Terms(
        mac=layer.updates if leaks else 0,
        acc=layer.updates + layer.spikes,
        accesses=(
            Access("potentials", layer.state, 2 * layer.updates),
            Access("outputs", fifo, layer.spikes),
        ),
    )
