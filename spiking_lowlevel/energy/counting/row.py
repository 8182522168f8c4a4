"""A layer while it is being watched: sums that grow from call to call."""

from dataclasses import dataclass, field

from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Geometry, Layer, Operations, Tally


@dataclass
class Row:
    """What one kind of operation in one module has done so far; see `Layer`."""

    name: str
    op: str
    calls: int = 0
    frames: int = 0
    inputs: dict[Activity, Tally] = field(default_factory=dict)
    declared: bool = True
    levels: int = 0
    other: dict[str, int] = field(default_factory=dict)
    geometry: Geometry = field(default_factory=Geometry)
    outputs: int = 0
    spikes: int = 0
    updates: int = 0
    state: int = 0
    steps: dict[int, tuple[int, int]] = field(default_factory=dict)
    copies: int | None = None

    def synapses(self, activity: Activity, tally: Tally) -> None:
        """Add a call whose input was of this class."""
        self.inputs[activity] = self.inputs.get(activity, Tally()) + tally

    def operations(self, **counts: int) -> None:
        """Add operations that are not synaptic; see `Operations`."""
        for kind, number in counts.items():
            self.other[kind] = self.other.get(kind, 0) + number

    def step(self, at: int, spikes: int, elements: int) -> None:
        """Add the spikes of a time step."""
        before = self.steps.get(at, (0, 0))
        self.steps[at] = (before[0] + spikes, before[1] + elements)

    def equal_frames(self, copies: int) -> None:
        """Note how many equal frames an input held; what differs once is not redundant."""
        self.copies = copies if self.copies is None else min(self.copies, copies)

    def layer(self) -> Layer:
        """The sums so far, as a value."""
        return Layer(
            **{
                **vars(self),
                "inputs": dict(sorted(self.inputs.items())),
                "other": Operations(**self.other),
                "steps": tuple(self.steps[at] for at in sorted(self.steps)),
                "copies": self.copies or 1,
            }
        )
