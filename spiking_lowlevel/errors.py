"""The exceptions that are the user's to know of: they end in a message, never in a traceback."""

from collections.abc import Iterable
from difflib import get_close_matches
from signal import Signals


class UserError(ValueError):
    """What was asked for cannot be done: says what was given, what is allowed, what to do.

    `slv` prints the message on standard error and leaves with exit code 2.
    """


class Stopped(UserError):  # noqa: N818  nothing went wrong
    """A run has stopped because it was asked to; says how to go on.

    Args:
        message: for the user.
        signal: what asked; the exit code is 128 and its number, as shells have it.
    """

    def __init__(self, message: str, signal: Signals | None = None) -> None:
        super().__init__(message)
        self.code = 2 if signal is None else 128 + signal


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the closest known words, or nothing when none is close.

    >>> did_you_mean("LIFF", ["LIF", "VLIF", "Rain"])
    'Did you mean: LIF, VLIF?'
    >>> did_you_mean("zebra", ["LIF"])
    ''
    """
    spelled = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), spelled, n=3, cutoff=0.6)
    return f"Did you mean: {', '.join(spelled[name] for name in close)}?" if close else ""
