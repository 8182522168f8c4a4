"""Whether a recording tells the whole story."""

from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.errors import UserError

_SHOWN = 5


def require_complete(recording: Recording) -> None:
    """Refuse a recording in which parameters were never counted: its totals would be too low.

    Raises:
        UserError: nothing ran, or there are such parameters; with the operations without a rule.
    """
    if not recording.images:
        raise UserError(f"energy: no image went through {recording.network} while it was watched")
    missed = recording.missed_parameters
    if not missed:
        return
    ops = sorted({f"{each.op} in {each.module or 'the network'}" for each in recording.uncounted})
    reason = (
        f"No rule is known for {_some(ops)}; give one (OpCounter(rules=...), see "
        "spiking_lowlevel.energy.counting.rules)"
        if ops
        else "They took no part in this pass; take them out of the network"
    )
    raise UserError(
        f"energy: {len(missed)} parameters of {recording.network} were never counted "
        f"({_some(missed)}), so totals would be too low. {reason}, or allow it: "
        "recording(complete=False), slv energy --allow-uncounted"
    )


def _some(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    )
