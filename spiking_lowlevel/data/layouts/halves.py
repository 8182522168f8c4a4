"""Pairs side by side in one file: are they, and which half is the rainy one?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from spiking_lowlevel.data.images import read_image
from spiking_lowlevel.errors import UserError

_LOOKED_AT = 16


@dataclass(frozen=True)
class Measured:
    """What was measured of pairs side by side.

    Args:
        difference: mean of left − right over the pictures looked at, in grey levels of 255.
        agreeing: share of those pictures with the sign of the mean.
        left: what the left half is taken for.
        how: "measured", "published" where nothing decided, or "given" by the user.
    """

    difference: float
    agreeing: float
    left: Literal["rain", "clean"]
    how: Literal["measured", "published", "given"]

    @property
    def decisive(self) -> bool:
        """Whether the measurement tells the sides apart."""
        return abs(self.difference) >= 0.5 and self.agreeing >= 0.8


def halves_alike(paths: Sequence[Path]) -> bool:
    """Whether most of these files hold the same scene twice, left and right."""
    votes = []
    for path in _spread(paths, 5):
        halves = _halves(path)
        if halves is not None:
            votes.append(_alike(*halves))
    return bool(votes) and sum(votes) * 2 > len(votes)


def measure(
    paths: Sequence[Path],
    given: Literal["auto", "rain", "clean"],
    published: Literal["rain", "clean"] | None,
) -> Measured:
    """Which half is the rainy one: rain adds light, so it is the brighter one on average.

    Raises:
        UserError: nothing decides it: neither the pictures nor the layout nor the user.
    """
    seen = [h for h in map(_halves, _spread(paths, _LOOKED_AT)) if h is not None]
    differences = np.array([left.mean() - right.mean() for left, right in seen] or [0.0])
    mean = float(differences.mean())
    agreeing = float((np.sign(differences) == np.sign(mean)).mean())
    if given != "auto":
        return Measured(mean, agreeing, given, "given")
    measured = Measured(mean, agreeing, "rain" if mean > 0 else "clean", "measured")
    if measured.decisive:
        return measured
    if published is not None:
        return Measured(mean, agreeing, published, "published")
    folder = paths[0].parent
    raise UserError(
        f"{folder}: the halves differ by {mean:+.2f} grey levels on average, which does not tell "
        "the rainy half from the clean one; say which is on the left with left: rain or left: clean"
    )


def _spread(paths: Sequence[Path], count: int) -> list[Path]:
    count = min(count, len(paths))
    return [paths[len(paths) * (2 * i + 1) // (2 * count)] for i in range(count)]


def _halves(path: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """Both halves of a file in floating point; None if it cannot be read or halved."""
    try:
        image = read_image(path).astype(np.float32)
    except UserError:
        return None
    width = image.shape[1]
    return None if width % 2 else (image[:, : width // 2], image[:, width // 2 :])


def _alike(left: np.ndarray, right: np.ndarray) -> bool:
    a, b = left.mean(2), right.mean(2)
    steps = np.diff(a, axis=1)
    if (a - b).std() < 3 and steps.std() < 3:
        # A plain colour or an even slope: two pictures if there is a seam between the halves.
        seam = abs(float((b[:, 0] - a[:, -1]).mean()))
        return seam > 0.5 + 3 * float(np.abs(steps).mean())
    # Edges, since any landscape is alike left and right in the large: sky above, ground below.
    edges = [np.diff(half, axis=1) - np.diff(half, axis=1).mean() for half in (a, b)]
    spread = float(np.sqrt((edges[0] ** 2).mean() * (edges[1] ** 2).mean()))
    by_chance = 3 / np.sqrt(edges[0].size)
    return float((edges[0] * edges[1]).mean()) > max(0.2, by_chance) * spread > 0
