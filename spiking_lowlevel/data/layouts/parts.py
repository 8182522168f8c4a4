"""What lies in one place of a layout, paired."""

import re
from collections.abc import Sequence
from pathlib import Path

from spiking_lowlevel.data.layouts.base import Item, Layout, Left, Part, Place
from spiking_lowlevel.data.layouts.halves import halves_alike, measure
from spiking_lowlevel.data.layouts.tree import Tree, by_stem
from spiking_lowlevel.data.pairing import pair_up, sides
from spiking_lowlevel.data.sources import Source


class Maker:
    """Makes parts out of the folders of a tree.

    Args:
        tree: the folders.
        left: which image is the left one where a file holds two side by side.
    """

    def __init__(self, tree: Tree, left: Left) -> None:
        self.tree = tree
        self.left: Left = left

    def part(self, layout: Layout, place: Place, folder: Path, claimed: set[Path]) -> Part | None:
        """What lies in a folder in one of the ways of a place; None if nothing does."""
        for way in place.ways:
            if way == "+":
                part = self._joined(layout, place, folder, claimed)
            elif way == "-":
                part = self._alone(place, folder, claimed)
            else:
                part = self._paired(place, folder, way, claimed)
            if part is not None and part.items:
                return part
        return None

    def _paired(self, place: Place, folder: Path, way: str, claimed: set[Path]) -> Part | None:
        inputs, targets = (self.tree.folder(folder, f) for f in way.split(":"))
        if inputs is None or targets is None or {inputs, targets} & claimed:
            return None
        degraded, twins = by_stem(self.tree.images[inputs])
        clean, more = by_stem(self.tree.images[targets])
        if inputs == targets:
            more = []
            one, other, _ = sides(degraded)
            degraded, clean = {s: degraded[s] for s in one}, {s: clean[s] for s in other}
        elif way.endswith(":."):
            clean = {s: clean[s] for s in sides(clean)[1]}
        return self._fitting(place, paired(place, inputs, targets, degraded, clean, twins + more))

    def _fitting(self, place: Place, part: Part) -> Part | None:
        stems = [i.degraded.path.stem for i in part.items]
        if place.stems is None:
            return part
        fitting = sum(bool(re.search(place.stems, stem)) for stem in stems)
        return part if fitting * 2 > len(stems) else None

    def _joined(
        self, layout: Layout, place: Place, folder: Path, claimed: set[Path]
    ) -> Part | None:
        files = self.tree.images[folder]
        if not files or folder in claimed or (layout.generic and not halves_alike(files)):
            return None
        found = measure(files, self.left, layout.left)
        rainy, clean = ("left", "right") if found.left == "rain" else ("right", "left")
        items = [Item(Source(f, rainy), Source(f, clean)) for f in files]
        _, twins = by_stem(files)
        return Part(
            place.split, folder, "side by side in one file", items, twins=twins, measured=found
        )

    def _alone(self, place: Place, folder: Path, claimed: set[Path]) -> Part | None:
        files = self.tree.images[folder]
        if not files or folder in claimed:
            return None
        _, twins = by_stem(files)
        items = [Item(Source(f), None) for f in files]
        return Part(place.split, folder, "no clean images", items, twins=twins)


def paired(
    place: Place,
    inputs: Path,
    targets: Path,
    degraded: dict[str, Path],
    clean: dict[str, Path],
    twins: Sequence[tuple[Path, Path]] = (),
) -> Part:
    """The part that two folders of images make, paired by the rule that fits their names."""
    pairing = pair_up(degraded, clean)
    items = [Item(Source(degraded[d]), Source(clean[c])) for d, c in pairing.pairs]
    return Part(
        place.split,
        inputs if inputs == targets else inputs.parent,
        pairing.rule,
        items,
        [degraded[s] for s in pairing.degraded_alone],
        [clean[s] for s in pairing.clean_alone],
        list(twins),
        (inputs, targets),
    )
