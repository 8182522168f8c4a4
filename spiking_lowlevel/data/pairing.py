"""Which clean image belongs to a degraded one, told by their names and never by their order.

A rule turns the name of either side into a key; equal keys make a pair. The rules are tried in
order and the one that pairs most is taken, the first of them when several pair as many.
"""

import re
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass

Key = Callable[[str], Hashable | None]

_DEGRADED = ("rain", "rainy", "input", "in", "lq", "lr", "degraded", "hazy", "noisy", "blur", "low")
_CLEAN = ("norain", "gt", "target", "clean", "clear", "ground", "groundtruth", "truth", "hq", "hr")
DEGRADED_WORDS, CLEAN_WORDS = frozenset(_DEGRADED), frozenset(_CLEAN)
_SCALE = re.compile(r"^(.+?)[-_]?[xX][2348]$")
_VARIANT = re.compile(r"^(.+)[-_]\d+$")
_TOKEN = re.compile(r"[A-Za-z]+|\d+")


@dataclass(frozen=True)
class Rule:
    """How two names are compared.

    Args:
        name: what it is called in reports.
        degraded: the key of a degraded image's stem; None where the rule has no word on it.
        clean: the key of a clean image's stem.
        shared: several degraded images may have one clean image.
    """

    name: str
    degraded: Key
    clean: Key
    shared: bool = False


@dataclass(frozen=True)
class Pairing:
    """Names paired under a rule, and those that are left over on either side."""

    rule: str
    pairs: list[tuple[str, str]]
    degraded_alone: list[str]
    clean_alone: list[str]


def same(stem: str) -> str:
    """The stem as it is."""
    return stem


def words_left_out(stem: str) -> tuple[Hashable, ...] | None:
    """The words and numbers of a stem without those that name a side; 001 is the number 1.

    >>> words_left_out("norain-001"), words_left_out("rain1"), words_left_out("001_GT")
    ((1,), (1,), (1,))
    """
    parts = [t.lower() for t in _TOKEN.findall(stem)]
    kept = [p for p in parts if p not in DEGRADED_WORDS | CLEAN_WORDS]
    return tuple(int(p) if p.isdigit() else p for p in kept) or None


def scale_left_out(stem: str) -> tuple[Hashable, ...] | None:
    """What `words_left_out` says without x2, x3, x4 or x8 at the end; None where there is none.

    >>> scale_left_out("norain-10x2"), scale_left_out("norain-10")
    ((10,), None)
    """
    found = _SCALE.match(stem)
    return words_left_out(found[1]) if found else None


def variant_left_out(stem: str) -> tuple[Hashable, ...] | None:
    """What `words_left_out` says without the last number: 901_14 is a variant of 901.

    >>> variant_left_out("901_14"), variant_left_out("901")
    ((901,), None)
    """
    found = _VARIANT.match(stem)
    return words_left_out(found[1]) if found else None


RULES = (
    Rule("same name", same, same),
    Rule("same name but for x2, x3, x4", scale_left_out, words_left_out),
    Rule("same number beside rain, norain, input, gt, ...", words_left_out, words_left_out),
    Rule("N_1, N_2, ... to N", variant_left_out, words_left_out, shared=True),
)


def pair_up(degraded: Collection[str], clean: Collection[str]) -> Pairing:
    """Pairs of stems under the rule that pairs most of them.

    A name that could belong to several is left alone, and so is one that belongs to none.
    """
    best: tuple[str, list[tuple[str, str]]] = (RULES[0].name, [])
    for name, pairs in (*((r.name, _by_rule(r, degraded, clean)) for r in RULES),):
        if len(pairs) > len(best[1]):
            best = name, pairs
    if len(best[1]) < len(degraded):
        pairs = _by_beginning(degraded, clean)
        if len(pairs) > len(best[1]):
            best = "the clean name is the beginning", pairs
    rule, pairs = best
    taken, given = {d for d, _ in pairs}, {c for _, c in pairs}
    return Pairing(rule, pairs, sorted(set(degraded) - taken), sorted(set(clean) - given))


def _by_rule(
    rule: Rule, degraded: Collection[str], clean: Collection[str]
) -> list[tuple[str, str]]:
    theirs, ours = _by_key(rule.clean, clean), _by_key(rule.degraded, degraded)
    pairs = []
    for key, stems in ours.items():
        partners = theirs.get(key, [])
        if len(partners) == 1 and (rule.shared or len(stems) == 1):
            pairs += [(stem, partners[0]) for stem in stems]
    return sorted(pairs)


def _by_key(rule: Key, stems: Collection[str]) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = {}
    for stem in sorted(stems):
        key = rule(stem)
        if key is not None:
            found.setdefault(key, []).append(stem)
    return found


def _by_beginning(degraded: Collection[str], clean: Collection[str]) -> list[tuple[str, str]]:
    """Pairs im_0001_s80_a04 with im_0001: the longest beginning, up to a - or _, that is there."""
    known = set(clean)
    pairs = []
    for stem in sorted(degraded):
        ends = [m.start() for m in re.finditer(r"[-_]", stem)]
        found = next((stem[:e] for e in reversed(ends) if stem[:e] in known), None)
        if found:
            pairs.append((stem, found))
    return pairs


def sides(stems: Collection[str]) -> tuple[list[str], list[str], list[str]]:
    """Degraded, clean and other stems of one folder that holds both, told by words and by x2.

    Where one side has no word of its own (1 beside 1_gt), it is what has no word at all.

    >>> sides(["rain-1", "norain-1", "rainstreak-1"])
    (['rain-1'], ['norain-1'], ['rainstreak-1'])
    """
    found: dict[str, list[str]] = {"degraded": [], "clean": [], "other": []}
    for stem in sorted(stems):
        words = {t.lower() for t in _TOKEN.findall(stem)}
        if _SCALE.match(stem) or words & DEGRADED_WORDS:
            found["degraded"].append(stem)
        else:
            found["clean" if words & CLEAN_WORDS else "other"].append(stem)
    for mine, other in (("degraded", "clean"), ("clean", "degraded")):
        if found[other] and not found[mine]:
            found[mine], found["other"] = found["other"], []
    return found["degraded"], found["clean"], found["other"]
