from dataclasses import replace

import pytest
from energy.reports import (
    RECORDING,
    Bits,
    Simple,
    many,
    report,
)

from spiking_lowlevel.energy import HorowitzFP32, HorowitzINT8, LiteratureProtocol, SimpleMemory
from spiking_lowlevel.energy.counting.recording import Uncounted
from spiking_lowlevel.energy.report.fitting import WIDTH
from spiking_lowlevel.energy.report.grouping import every_layer, main_layers, stage_names, stages
from spiking_lowlevel.energy.report.notes import MODELLED, UNTRAINED, saving
from spiking_lowlevel.energy.report.table import cells, chosen, table

HEADS = ["layer", "op", "input", "rate", "level", "dense", "exact", "AC", "MAC", "ops", "bytes"]


def rows(*models, found=None, **kwargs) -> dict[str, list[str]]:
    found = found or report(*models)
    told = cells(found, main_layers(found), [bill.model for bill in found.bills], **kwargs)
    return {row[0]: row[1:] for row in told}


def test_numbers_of_a_row_are_those_worked_by_hand():
    told = rows(Simple())
    # op, input, rate, level, dense, exact, AC, MAC, other, state, pJ, share, flags
    assert told["stem.conv"][:11] == [
        *("conv2d", "real", "100%", "", "450", "338", "", "338", "50", "", "1.74 nJ"),
    ]
    assert told["stem.neuron"][:11] == [
        *("neuron", "", "10.0%", "", "", "", "", "", "620", "200", "220 pJ"),
    ]
    assert told["body.conv"][:11] == [
        *("conv2d", "binary", "10.0%", "1.00", "3.60k", "3.00k", "360", "", "", "", "360 pJ"),
    ]
    assert told["body.levels"][:11] == [
        *("linear", "8 levels?", "10.0%", "6.00", "500", "500", "300", "", "", "", "300 pJ"),
    ]
    assert told["body.graded"][:11] == [
        *("linear", "graded", "10.0%", "1.00", "500", "500", "50", "", "40", "", "210 pJ"),
    ]


def test_the_total_is_of_everything():
    told = rows(Simple())
    # 1740 + 220 + 360 + 300 + 210 + 10 + 5
    assert told["total"][9:12] == ["248", "2.85 nJ", "100%"]
    assert told["total"][4:8] == ["5.50k", "4.79k", "710", "338"]
    assert told["total"][1] == "83% spikes"  # (7200 + 1000 + 900) / 11000


def test_shares_are_of_the_first_model():
    told = rows(Simple(), HorowitzINT8())
    assert told["stem.conv"][-2] == "61.2%"


def test_flags_stand_at_the_end():
    told = rows(Simple())
    assert told["stem.conv"][-1] == "REAL-INPUT; T-REDUNDANT ×4"
    assert told["body.levels"][-1] == "EXPANDED test; INFERRED"
    assert told["body.neuron"][-1] == "DEAD"
    assert told["body.conv"][-1] == "UNCOUNTED"


def test_what_is_neither_synapse_nor_neuron_comes_last_by_kind():
    seen = replace(RECORDING, layers=(RECORDING.layers[7], *RECORDING.layers))
    names = [(row.name, row.op) for row in main_layers(report(recording=seen))]
    assert names[0] == ("stem.conv", "conv2d")
    assert names[-2:] == [("(2 modules)", "elementwise"), ("body.norm", "norm")]


def test_the_head_tells_the_share_of_spikes_first():
    first, second, *_ = table(report())
    assert first == (
        "Tiny, by hand: 82.7% spike-driven, the share of 5.50k dense MACs whose input is spikes "
        "(8.2%: nothing but zeros)"
    )
    assert second == (
        "2 images of 25 pixels, T = 4, 1,234 parameters, 97.0% of operations counted; "
        "all numbers per image, % of Simple"
    )


def test_untrained_weights_are_told_and_trained_ones_are_not():
    assert UNTRAINED in table(report(trained=False))
    assert UNTRAINED not in table(report(trained=True))


def test_modelled_not_measured():
    assert MODELLED in " ".join(table(report()))


def test_no_table_mixes_units():
    told = "\n".join(table(report()))
    energies, bits = told.index("model"), told.index("bit operations")
    assert energies < bits
    assert "bit operations" not in told.partition("\nmodel")[0]
    with pytest.raises(ValueError, match="one unit"):
        table(report(), ["Simple", "Bits"])


def test_models_in_other_units_have_a_table_of_their_own():
    told = table(report(Bits()))
    assert "pJ" not in "\n".join(told)
    at = next(i for i, line in enumerate(told) if line.startswith("model"))
    assert told[at + 1].split()[:2] == ["Bits", "3.41k"]  # (720 + 600 + 100 + 8 · 676) / 2


def test_the_totals_stand_beside_their_baselines():
    told = table(report(Simple(), recording=replace(RECORDING, layers=RECORDING.layers[1:3])))
    at = next(i for i, line in enumerate(told) if line.startswith("model"))
    # 220 + 360 pJ; the ANN takes 1500 MACs of 5 pJ for two images
    assert told[at + 1].startswith("Simple  580 pJ  3.75 nJ (0.155x)")
    assert told[at + 1].endswith("1.25")  # 5 / (4 · 1)


def test_what_follows_is_told():
    told = " ".join(table(report(HorowitzFP32(), LiteratureProtocol())))
    found = report(HorowitzFP32(), LiteratureProtocol())
    assert f"HorowitzFP32 asks {found.understatement:.2f}x that" in told
    assert "can't be reached by binary spikes" in told
    assert "Firing rate of all neurons: 8.0%, above the 5.7% to 6.4%" in told
    # (720 + 600 + 100) additions over (6000 + 1000 + 1000 + 900) / 4 synapses
    assert "Spikes per synapse and image: 0.638, within the 0.15 to 1.38" in told


def test_a_reachable_break_even_is_not_called_unreachable():
    told = " ".join(table(report(Simple(), recording=replace(RECORDING, time_steps=8))))
    assert "can't be reached" not in told


def test_what_was_not_counted_is_listed():
    told = table(report())
    assert "Not counted: 3 calls, 3.0% of all, without a rule:" in told
    assert "  mylib::blur in body.conv: 3 calls, 150 output elements per image" in told
    assert "Parameters that no counted operation used: body.extra.weight." in told


def test_of_many_that_were_not_counted_the_largest_are_named():
    blurs = tuple(Uncounted(f"mylib::blur{i}", "", 1, i) for i in range(8))
    told = "\n".join(table(report(recording=replace(RECORDING, uncounted=blurs))))
    assert "mylib::blur7 in the network: 1 call," in told
    assert "and 3 more" in told
    assert "blur2" not in told


def test_nothing_missed_nothing_told():
    seen = replace(RECORDING, uncounted=(), missed_parameters=())
    told = "\n".join(table(report(recording=seen)))
    assert "Not counted" not in told
    assert "Parameters that" not in told


def test_equal_frames_are_saved_but_one():
    found = report(Simple())
    assert saving(found, "Simple") == 1740 * 3 / 4
    assert "(saves 1.30 nJ, 45.9% of Simple)" in "\n".join(table(found))


def test_the_usual_columns_are_two_precisions_and_memory():
    models = [SimpleMemory(), Simple(), HorowitzINT8(), HorowitzFP32(), Bits()]
    assert chosen(report(*models), None) == ["HorowitzFP32", "HorowitzINT8", "SimpleMemory"]
    assert chosen(report(Bits(), Simple()), None) == ["Bits"]
    assert chosen(report(*models), ["Simple"]) == ["Simple"]


def test_a_model_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="no prices by 'Cheap'"):
        table(report(), ["Cheap"])
    with pytest.raises(ValueError, match="at least one model"):
        table(replace(report(), bills=()))


def test_large_networks_are_told_by_stage():
    found = report(recording=many(stages=4, layers=10))
    told = stages(found)
    assert [(row.name, row.op, len(row.layers)) for row in told[:3]] == [
        ("stage0", "conv2d", 10),
        ("stage0", "neuron", 10),
        ("stage1", "conv2d", 10),
    ]
    assert told[1].rate == 45 / 100
    assert told[0].price("Simple") == sum(100 + i for i in range(10)) * 5 / 2
    lines = "\n".join(table(found))
    assert "10 conv2d" in lines
    assert "stage0.block" not in lines


def test_every_layer_is_told_on_request():
    found = report(recording=many(stages=4, layers=10))
    told = "\n".join(table(found, full=True))
    assert told.count(".convolution  conv2d") == 40
    assert len(every_layer(found)) == 80


def test_the_costliest_come_first_and_the_rest_is_one():
    found = report(recording=many(stages=4, layers=10))
    told = table(found, costliest=5)
    at = next(i for i, line in enumerate(told) if line.startswith("layer"))
    assert [line.split(".")[3] for line in told[at + 1 : at + 5]] == ["9"] * 4
    assert told[at + 5].split(".")[3] == "8"
    assert told[at + 6].startswith("75 others")


def test_lines_are_short_and_names_stay_apart():
    models = HorowitzFP32(), HorowitzINT8(), SimpleMemory()
    seen = many(stages=4, layers=10)
    layers = tuple(
        replace(x, copies=4, name=x.name.replace("block", "very_long_name_of_a_block" * 2))
        for x in seen.layers
    )
    told = table(report(*models, recording=replace(seen, layers=layers)), full=True)
    assert max(map(len, told)) <= WIDTH
    at = next(i for i, line in enumerate(told) if line.startswith("layer"))
    names = [line.split()[0] for line in told[at + 1 : at + 161] if "…" in line]
    assert len(set(names)) == 80


def test_stages_are_the_first_names_that_differ():
    assert stage_names(["a.b.c", "a.b.d", "a.b"]) == ["c", "d", "b"]
    assert stage_names(["one.conv", "two.conv", ""]) == ["one", "two", "(network)"]
    assert stage_names(["conv"]) == ["conv"]


def test_heads_have_a_column_each():
    found = report(Simple())
    above, below, *body = cells(found, main_layers(found), ["Simple"])
    assert below == [*HEADS, "Simple", "%", "flags"]
    assert {len(row) for row in (above, *body)} == {len(below)}
