"""Nothing is trained on that does not match: the first fault of a data set is refused by name."""

from pathlib import Path

from spiking_lowlevel.data.file_pairs import require_one_size
from spiking_lowlevel.data.layouts.base import Found, Part
from spiking_lowlevel.errors import UserError

SIZES_LOOKED_AT = 20_000
"""Headers of so many pairs are read in a few seconds; those of longer lists when a pair is read."""


def require_sound(found: Found) -> None:
    """Refuse a set with twins, images without a partner, or pairs of two sizes.

    Raises:
        UserError: names the first of them.
    """
    for part in found.parts:
        for one, other in part.twins:
            raise UserError(f"{one} and {other} have the same name; keep one of them")
        _require_partners(part)
    if found.layout.enlarge or sum(len(p.items) for p in found.parts) > SIZES_LOOKED_AT:
        return
    for part in found.parts:
        for degraded, clean in part.items:
            size = degraded.size()
            if clean is not None and clean.path != degraded.path:
                require_one_size(degraded, size, clean, clean.size())


def _require_partners(part: Part) -> None:
    targets, inputs = (part.searched or (part.folder, part.folder))[::-1]
    for alone, where in ((part.degraded_alone, targets), (part.clean_alone, inputs)):
        if alone:
            raise UserError(
                f"{alone[0]} has no partner {_of_what(part)} in {where}{_more(alone)}; "
                "add the partner or remove the image"
            )


def _of_what(part: Part) -> str:
    return "of that name" if part.rule == "same name" else f"({part.rule})"


def _more(alone: list[Path]) -> str:
    return f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
