"""What is raised where a class does not keep the contract of its kind."""

from collections.abc import Callable

Points = dict[str, Callable[..., None]]
"""What a contract asks for, by what it promises: each takes the class and raises what is wrong."""


class ContractError(AssertionError):
    """A class does not do what its kind promises; the message says which point and how."""


def demand(kept: bool, fault: str) -> None:
    """Raise what is wrong unless a promise is kept.

    Raises:
        ContractError: it is not.
    """
    if not kept:
        raise ContractError(fault)
