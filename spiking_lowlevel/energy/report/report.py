"""A report: what was counted, and what each model asks for it, as one value."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import spiking_lowlevel
from spiking_lowlevel.energy.base import Arithmetic, CostModel
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.report.bill import Bill, bill, names
from spiking_lowlevel.energy.report.flags import Flag, flags
from spiking_lowlevel.energy.thresholds import spikes_per_synapse, understatement
from spiking_lowlevel.errors import UserError

HONEST = "HorowitzFP32"
USUAL = "LiteratureProtocol"


@dataclass(frozen=True)
class Report:
    """What a network did and what each model asks for it; built by `make_report`.

    Args:
        recording: exact integers, over all images.
        bills: one a model, per image.
        trained: whether the weights were trained.
        title: what was measured, such as the name of a run.
        versions: of the software, by name.
    """

    recording: Recording
    bills: tuple[Bill, ...]
    trained: bool
    title: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    def bill(self, model: str) -> Bill:
        """The bill of a model.

        Raises:
            UserError: there is none; those that there are are named.
        """
        found = {each.model: each for each in self.bills}
        if model not in found:
            raise UserError(
                f"the report has no prices by {model!r}; it has {', '.join(found) or 'none'}"
            )
        return found[model]

    @property
    def who(self) -> str:
        """The network and the title, as they stand in headings."""
        network = self.recording.network
        return f"{network}, {self.title}" if self.title else network

    @property
    def arithmetics(self) -> tuple[Arithmetic, ...]:
        """Of all models that have one."""
        return tuple(bill.arithmetic for bill in self.bills if bill.arithmetic)

    @property
    def understatement(self) -> float | None:
        """How many times more every operation costs than the usual protocol tells.

        None where HorowitzFP32 or LiteratureProtocol is not among the models, or asks nothing.
        """
        totals = {bill.model: bill.total for bill in self.bills}
        if HONEST not in totals or USUAL not in totals:
            return None
        return understatement(totals[HONEST], totals[USUAL])

    @property
    def silent_fraction(self) -> float:
        """Share of the dense MACs whose input was nothing but zeros; spike-driven in name alone."""
        r = self.recording
        silent = [x.total for x in r.synaptic if x.activity == Activity.ZERO]
        return sum(x.macs_dense for x in silent) / r.macs_dense if r.macs_dense else 0.0

    @property
    def spikes_per_synapse(self) -> float | None:
        """Spikes that a synapse carries an image; None where no layer sees spikes."""
        return spikes_per_synapse(self.recording)

    def flags(self, layer: Layer) -> tuple[Flag, ...]:
        """The remarks on one of its layers."""
        modules = {each.module for each in self.recording.uncounted}
        return flags(layer, self.arithmetics, modules)


def make_report(
    recording: Recording,
    models: Sequence[CostModel],
    *,
    trained: bool,
    title: str = "",
    versions: Mapping[str, str] | None = None,
) -> Report:
    """Price a recording under several models.

    Args:
        recording: what was counted.
        models: each becomes a bill.
        trained: whether the weights were trained; if not, every table says so.
        title: what was measured, such as the name of a run.
        versions: of the software; those of Python, torch and this package where none are given.

    Raises:
        UserError: no image was recorded, or a model is given twice.
    """
    if recording.images < 1:
        raise UserError("nothing to report: no image went through the watched network")
    titles = names(models)
    twice = sorted({name for name in titles if titles.count(name) > 1})
    if twice:
        raise UserError(f"cost models given twice: {', '.join(twice)}; give each once")
    bills = tuple(bill(name, model, recording) for name, model in zip(titles, models, strict=True))
    return Report(recording, bills, trained, title, dict(versions or _versions()))


def _versions() -> dict[str, str]:
    return {
        "spiking_lowlevel": spiking_lowlevel.__version__,
        "torch": version("torch"),
        "python": platform.python_version(),
    }
