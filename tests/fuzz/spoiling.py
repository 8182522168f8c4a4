"""Ways in which a file comes to be no longer what it was."""

from fuzz import makers
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy


def _flipped(data: bytes, at: int, how: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << how % 8)]) + data[at + 1 :] if data else data


def _set(data: bytes, at: int, how: int) -> bytes:
    return data[:at] + bytes([how % 256]) + data[at + 1 :]


def _zeroed(data: bytes, at: int, how: int) -> bytes:
    count = min(how % 64, len(data) - at)
    return data[:at] + bytes(count) + data[at + count :]


def _full(data: bytes, at: int, how: int) -> bytes:
    count = min(1 + how % 8, len(data) - at)
    return data[:at] + b"\xff" * count + data[at + count :]


def _doubled(data: bytes, at: int, how: int) -> bytes:
    return data[: at + how % 300] + data[at:]


def _without(data: bytes, at: int, how: int) -> bytes:
    return data[:at] + data[at + how % 100 :]


def _cut(data: bytes, at: int, how: int) -> bytes:
    return data[:at]


def _spliced(data: bytes, at: int, how: int) -> bytes:
    other = makers.valid()[how % len(makers.valid())]
    return data[:at] + other[at:]


def _promised(data: bytes, at: int, how: int) -> bytes:
    return makers.promised(data, makers.HUGE[how % len(makers.HUGE)])


WAYS: tuple[makers.Spoil, ...] = (
    _flipped, _set, _zeroed, _full, _doubled, _without, _cut, _spliced, _promised,
)  # fmt: skip


@st.composite
def files(draw: DrawFn, most: int = 4) -> bytes:
    """The bytes of a picture, spoilt in up to so many ways, one upon the other."""
    data = draw(st.sampled_from(makers.valid()))
    for _ in range(draw(st.integers(0, most))):
        spoil = draw(st.sampled_from(WAYS))
        # Headers are short, and most of what can go wrong goes wrong in them.
        within = min(len(data), draw(st.sampled_from((64, 400, 10_000))))
        data = spoil(data, draw(st.integers(0, max(0, within - 1))), draw(st.integers(0, 2047)))
    return data


def suffixes() -> SearchStrategy[str]:
    """The end of a name, which may be that of another format."""
    return st.sampled_from(makers.SUFFIXES)
