"""The one exception that is the user's to mend: it ends in a message, never in a traceback."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """What was asked for cannot be done: says what was given, what is allowed, what to do.

    `slv` prints the message on standard error and leaves with exit code 2.
    """


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
