"""What a layout is, and what was found under one."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from spiking_lowlevel.data.base import Split
from spiking_lowlevel.data.layouts.halves import Measured
from spiking_lowlevel.data.sources import Source

LayoutName = Literal[
    "auto",
    "rain13k",
    "rain200l",
    "rain200h",
    "rain200",
    "rain200c",
    "rain100l",
    "rain100h",
    "rain12",
    "rain800",
    "rain1200",
    "rain1400",
    "spa",
    "div2k",
    "outdoor-rain",
    "plain",
    "small",
    "rain100",
    "pairs",
    "one-folder",
    "side-by-side",
    "real",
]
Left = Literal["auto", "rain", "clean"]


@dataclass(frozen=True)
class Place:
    """Where the pictures of one split lie.

    Args:
        split: what they are for; None where the layout does not say.
        folder: glob patterns of the ends of the folder's path, parted by `|`; `*` is any
            folder, and nothing is the root alone.
        ways: tried in order, inside the folder: "degraded:clean" are folders of images, with "."
            for the folder itself; "+" files that hold two images side by side; "-" degraded images
            without clean ones.
        stems: regular expression that the degraded stems of this place match; None for any.
    """

    split: Split | None
    folder: str
    ways: tuple[str, ...]
    stems: str | None = None


@dataclass(frozen=True)
class Layout:
    """A named way of laying out a data set.

    Args:
        name: what `layout:` calls it.
        summary: one sentence.
        places: where its parts lie.
        sets: names of the published sets that lie so.
        left: which image is the left one of a pair side by side, as published; None if unknown.
        hazy: rain may darken a picture, so a negative difference means nothing.
        enlarge: degraded images are smaller and are enlarged bicubically to the clean one's size.
        generic: only looked for where no other layout is found.
    """

    name: LayoutName
    summary: str
    places: tuple[Place, ...]
    sets: tuple[str, ...] = ()
    left: Literal["rain", "clean"] | None = None
    hazy: bool = False
    enlarge: bool = False
    generic: bool = False


class Item(NamedTuple):
    """A degraded image and the clean one, if there is one."""

    degraded: Source
    clean: Source | None


@dataclass(frozen=True)
class Part:
    """What lies in one place of a data set.

    Args:
        split: what it is for; None where the layout does not say.
        folder: the folder, or the list file.
        rule: how images were paired.
        items: the pairs, in the order of their paths.
        degraded_alone: degraded images without a clean one, where the others have one.
        clean_alone: clean images without a degraded one.
        twins: files of one folder with equal names but for the ending.
        searched: where partners of degraded and of clean images were looked for.
        measured: which half is the rainy one, for pairs side by side.
    """

    split: Split | None
    folder: Path
    rule: str
    items: list[Item]
    degraded_alone: list[Path] = field(default_factory=list)
    clean_alone: list[Path] = field(default_factory=list)
    twins: list[tuple[Path, Path]] = field(default_factory=list)
    searched: tuple[Path, Path] | None = None
    measured: Measured | None = None


@dataclass(frozen=True)
class Found:
    """A data set: its layout, and what lies where."""

    layout: Layout
    base: Path
    parts: list[Part]

    def splits(self) -> dict[Split | Literal["all"], list[Item]]:
        """The pairs of every split; "all" are those that the layout does not split."""
        found: dict[Split | Literal["all"], list[Item]] = {}
        for part in self.parts:
            found.setdefault(part.split or "all", []).extend(part.items)
        return found
