"""Operations that only move, make or forget data: they cost nothing, and spikes stay spikes."""

from spiking_lowlevel.energy.counting.call import Call, Rule
from spiking_lowlevel.energy.counting.origin import BLANK, DATA, Origin, joined

_MOVING = """
    clone _to_copy cat stack repeat index index_select gather take take_along_dim flip roll
    narrow_copy reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d
    replication_pad2d replication_pad3d im2col unfold_copy pixel_shuffle pixel_unshuffle
    channel_shuffle squeeze unsqueeze transpose t swapaxes swapdims unsafe_split
    unsafe_split_with_sizes split_copy split_with_sizes_copy
    repeat_interleave slice_scatter select_scatter scatter index_put index_copy masked_scatter
    masked_select masked_fill where _unsafe_view _unsafe_index view_copy permute_copy expand_copy
    slice_copy select_copy rot90 tril triu sort topk copy set_ resize_ unique_dim
    upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d
    _upsample_nearest_exact2d _upsample_nearest_exact3d resolve_conj resolve_neg
"""
BLANKS = frozenset(
    [
        "empty",
        "new_empty",
        "empty_like",
        "new_empty_strided",
        "empty_strided",
        "zeros_like",
        "new_zeros",
        "zero",
        "zeros",
    ]
)
"""They make room that is written into later."""
_SILENT = """
    fill full full_like new_full ones_like new_ones ones arange linspace eye scalar_tensor
    _local_scalar_dense item is_same_size equal lift_fresh lift_fresh_copy detach nonzero argsort
    rand rand_like randn randn_like randint bernoulli normal uniform randperm record_stream
    sym_size numel isfinite isnan isinf bitwise_and bitwise_or bitwise_not bitwise_xor
    logical_and logical_or logical_not logical_xor any all _assert_async
"""

_SAME = ("clone", "_to_copy", "_unsafe_view", "view_copy", "permute_copy")


def _moves(call: Call) -> Origin:
    """What lies side by side keeps its levels where they are of one unit."""
    sums = len(call.inputs) == 1 and call.op in _SAME and call.inputs[0].sums
    return DATA._replace(levels=joined(call.inputs), sums=sums)


def _signed(call: Call) -> Origin:
    """A sign costs nothing; levels below zero are left to inference."""
    return DATA._replace(levels=joined(call.inputs) if call.op == "abs" else None)


def _pads(call: Call) -> Origin:
    """A border of zeros is a level of everything; any other border is not."""
    return DATA if call["value"] else _moves(call)


def _masks(call: Call) -> Origin:
    """Only the values count, not the mask."""
    values = call.inputs[1:] if call.op == "where" else call.inputs[:1]
    if call.op == "masked_fill" and call["value"]:
        return DATA
    return DATA._replace(levels=joined(values))


def _copies(call: Call) -> Origin:
    """What was there before is gone."""
    return DATA._replace(levels=joined(call.inputs[1:]))


def _picks(call: Call) -> Origin:
    """Indices are no values."""
    return DATA._replace(levels=joined(call.inputs[:1]))


def _blank(call: Call) -> Origin:
    return DATA._replace(levels=BLANK)


def _silent(call: Call) -> Origin:
    return DATA


RULES: dict[str, Rule] = {
    **dict.fromkeys(_MOVING.split(), _moves),
    **dict.fromkeys(BLANKS, _blank),
    **dict.fromkeys(_SILENT.split(), _silent),
    **dict.fromkeys(("abs", "neg"), _signed),
    **dict.fromkeys(("where", "masked_fill"), _masks),
    **dict.fromkeys(
        ("index", "index_select", "gather", "take", "sort", "topk", "embedding"), _picks
    ),
    "constant_pad_nd": _pads,
    "copy": _copies,
}
