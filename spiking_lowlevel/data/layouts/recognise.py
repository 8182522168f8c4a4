"""Which layout a folder has."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from spiking_lowlevel.data.images import SUFFIXES
from spiking_lowlevel.data.layouts.base import Found, Item, Layout, LayoutName, Left, Part
from spiking_lowlevel.data.layouts.lists import read_list
from spiking_lowlevel.data.layouts.parts import Maker
from spiking_lowlevel.data.layouts.table import LAYOUTS
from spiking_lowlevel.data.layouts.tree import Tree, look
from spiking_lowlevel.errors import UserError

_SCENES = 900


def recognise(root: Path, layout: LayoutName = "auto", left: Left = "auto") -> Found:
    """The data set in a folder: in itself, in a folder below it, or of which it is one part.

    Args:
        root: the folder; or a list file of SPA-Data.
        layout: the one to look for; "auto" for whichever there is, special ones before general.
        left: which image is the left one where a file holds two side by side.

    Raises:
        UserError: there is no folder, no such layout, or several sets.
    """
    if root.is_file() and root.suffix.lower() == ".txt":
        part = read_list(root)
        if part is not None:
            return Found(LAYOUTS["spa"], root.parent, [part])
    if not root.is_dir():
        raise UserError(f"the folder {root} does not exist; give the folder of the data set")
    tree = look(root)
    maker = Maker(tree, left)
    named = [LAYOUTS[layout]] if layout != "auto" else list(LAYOUTS.values())
    for generic in (False, True):
        sets: list[Found] = []
        claimed: set[Path] = set()
        for each in (each for each in named if each.generic is generic):
            for found in _sets(each, tree, maker, claimed):
                sets.append(found)
                if generic:
                    break
            if generic and sets:
                break
        if not sets and not generic and layout == "auto":
            # A known folder of real rain, before anything is guessed from the pixels.
            known = replace(LAYOUTS["real"], places=LAYOUTS["real"].places[:1])
            sets = _sets(known, tree, maker, claimed)
        sets = _nearest(sets, root)
        if len(sets) > 1:
            raise UserError(_several(root, sets))
        if sets:
            return sets[0]
    raise UserError(_nothing(tree, layout))


def _sets(layout: Layout, tree: Tree, maker: Maker, claimed: set[Path]) -> list[Found]:
    """The data sets of one layout, from folders that are not claimed yet; claims theirs."""
    by_base: dict[Path, list[Part]] = {}
    if layout.name == "spa":
        for base, part in _lists(tree, claimed):
            by_base.setdefault(base, []).append(part)
    # One part of a set may tell by its names which set it is; the others need not.
    others = [replace(p, stems=None) for p in layout.places if p.stems and p.split]
    for place in (*layout.places, *others):
        for folder in tree.images:
            base = tree.base(folder, place.folder)
            if base is None or (place in others and base not in by_base):
                continue
            part = maker.part(layout, place, folder, claimed)
            if part is not None:
                claimed |= folders(part)
                by_base.setdefault(base, []).append(part)
    return _merged([Found(layout, base, parts) for base, parts in by_base.items()])


def _merged(sets: list[Found]) -> list[Found]:
    """The parts of one published set, where training and test pictures lie apart."""
    splits = [part.split for found in sets for part in found.parts]
    apart = sum(len({p.split for p in found.parts}) for found in sets) == len(set(splits))
    if len(sets) > 1 and sets[0].layout.sets and apart:
        parts = [part for found in sets for part in found.parts]
        sets = [replace(sets[0], parts=parts)]
    return [_finished(found) for found in sets]


def folders(part: Part) -> set[Path]:
    """The folders that the images of a part lie in."""
    paths = [s.path for item in part.items for s in (item.degraded, item.clean) if s is not None]
    return {p.parent for p in paths}


def _lists(tree: Tree, claimed: set[Path]) -> Iterable[tuple[Path, Part]]:
    found = [(path, part) for path in tree.lists if (part := read_list(path)) is not None]
    pairs = [(path, part) for path, part in found if part.items[0].clean is not None]
    for path, part in pairs or found:
        claimed |= folders(part)
        yield path.parent, part


def _nearest(sets: list[Found], root: Path) -> list[Found]:
    """Without the sets of folders that are called otherwise, where one lies in the root itself."""
    top = [s for s in sets if s.base == root.resolve()]
    return top if len(top) == 1 and len(sets) > 1 and top[0].layout.name == "plain" else sets


def _finished(found: Found) -> Found:
    if found.layout.name == "rain1400":
        return replace(found, parts=[p for part in found.parts for p in _scenes(part)])
    return found


def _scenes(part: Part) -> list[Part]:
    """Scenes up to 900 for training and later ones for test, where a folder has not parted them."""
    early: list[Item] = []
    late: list[Item] = []
    for item in part.items:
        scene = item.clean.path.stem if item.clean else ""
        (late if scene.isdigit() and int(scene) > _SCENES else early).append(item)
    if part.split is not None and not (early and late):
        return [part]
    first = replace(part, split="train" if early else "test", items=early or late)
    if not (early and late):
        return [first]
    return [first, replace(part, split="test", items=late, degraded_alone=[], clean_alone=[])]


def _several(root: Path, sets: list[Found]) -> str:
    lines = [f"\n  {s.layout.name}: {_where(s)}" for s in sets[:12]]
    return (
        f"{root} holds several data sets:{''.join(lines)}\n"
        "Give the folder of one of them as root, or choose one with layout: NAME."
    )


def _where(found: Found) -> str:
    places = dict.fromkeys(str(p.folder) for p in found.parts)
    return ", ".join(list(places)[:3]) + (", ..." if len(places) > 3 else "")


def _nothing(tree: Tree, layout: LayoutName) -> str:
    root = tree.root
    below = {f: p for f, p in tree.images.items() if f != root}
    seen = [f"{f.relative_to(root)}/ ({len(p)} images)" for f, p in below.items()]
    own = [p.name for p in tree.images[root]]
    what = [f"{len(own)} images ({', '.join(own[:3])}{', ...' if own[3:] else ''})"] if own else []
    shown = ", ".join(what + seen[:6] + (["..."] if seen[6:] else [])) or "nothing"
    if layout != "auto":
        return (
            f"{root} is not laid out as {layout} ({LAYOUTS[layout].summary}); found in it: "
            f"{shown}. With layout: auto it is recognised; slv data check says as what"
        )
    return (
        f"{root} has none of the known layouts; found in it: {shown}. Images end in "
        f"{', '.join(sorted(SUFFIXES))}. Put degraded and clean images of equal names into input/ "
        "and target/, or name their folders with data.input and data.target, or follow one of the "
        f"layouts: {', '.join(LAYOUTS)}"
    )
