from dataclasses import dataclass, replace

import pytest
from energy.reports import (
    BINARY,
    FIRING,
    GRADED,
    MULTILEVEL,
    RECORDING,
    SILENT,
    STEM,
    SUM,
    ZERO,
    Bits,
    Simple,
    pair,
    report,
    synapse,
)

from spiking_lowlevel.energy import HorowitzFP32, HorowitzINT8, LiteratureProtocol
from spiking_lowlevel.energy.base import Price
from spiking_lowlevel.energy.counting.activity import Activity
from spiking_lowlevel.energy.counting.layer import Layer, Tally
from spiking_lowlevel.energy.counting.recording import Recording
from spiking_lowlevel.energy.report.bill import Charge
from spiking_lowlevel.energy.report.flags import Flag, flags
from spiking_lowlevel.energy.report.report import make_report
from spiking_lowlevel.errors import UserError


def told(layer: Layer, *arithmetics, uncounted=()) -> set[str]:
    return {str(flag) for flag in flags(layer, arithmetics, uncounted)}


def test_charges_are_per_image_and_split_into_synapses_and_the_rest():
    charges = report(Simple(0.5)).bills[0].charges
    assert charges[0] == Charge(synapses=676 * 5 / 2, other=100 / 2, memory=100)
    assert charges[1] == Charge(other=440 / 2, memory=100)
    assert charges[2] == Charge(synapses=720 / 2, memory=25)
    assert charges[4] == Charge(synapses=100 / 2, other=80 * 4 / 2, memory=20)
    assert charges[7] == Charge(other=10, memory=25)


def test_totals_are_what_the_model_asks_for_all_layers():
    model = HorowitzFP32()
    asked = sum(model.price(layer, RECORDING).total for layer in RECORDING.layers)
    assert report(model).bills[0].total == pytest.approx(asked / 2)


def test_a_layer_is_split_as_its_place_in_the_network_is_priced():
    @dataclass(frozen=True)
    class FirstAlone(Simple):
        def price(self, layer, recording):
            return super().price(layer, recording) if recording.layers[0] == layer else Price()

    charges = report(FirstAlone()).bills[0].charges
    assert charges[0] == Charge(synapses=1690, other=50)
    assert sum(charge.total for charge in charges[1:]) == 0


def test_real_input_is_told():
    assert "REAL-INPUT" in told(STEM)
    assert "REAL-INPUT" not in told(BINARY) | told(GRADED) | told(SUM) | told(FIRING)


def test_one_real_call_is_enough():
    both = replace(BINARY, inputs={**BINARY.inputs, Activity.REAL: Tally(1, 4, 4, 4)})
    assert "REAL-INPUT" in told(both)


def test_dead_are_layers_that_saw_zeros_and_neurons_that_never_fired():
    assert told(ZERO) == told(SILENT) == {"DEAD"}
    assert "DEAD" not in told(BINARY) | told(FIRING) | told(SUM) | told(STEM)
    assert told(replace(SILENT, outputs=0)) == set()


def test_redundant_time_steps_are_told_with_their_number():
    assert "T-REDUNDANT ×4" in told(STEM)
    assert Flag("T-REDUNDANT", "×4") not in flags(replace(STEM, copies=1))


def test_expanded_is_decided_by_the_arithmetic():
    fp32, int8 = pair(0.9, 3.7, "fp32"), pair(0.03, 0.2, "int8")  # 5.1 and 7.7 additions a MAC
    assert "EXPANDED fp32" in told(MULTILEVEL, fp32, int8, fp32)  # its mean level is 6
    higher = replace(MULTILEVEL, inputs={Activity.MULTILEVEL: Tally(1, 100, 10, 78)})
    assert "EXPANDED fp32,int8" in told(higher, fp32, int8)
    lower = replace(MULTILEVEL, inputs={Activity.MULTILEVEL: Tally(1, 100, 10, 51)})
    assert not {flag for flag in told(lower, fp32, int8) if "EXPANDED" in flag}
    real = replace(MULTILEVEL, inputs={Activity.REAL: Tally(1, 100, 10, 78)})
    assert not {flag for flag in told(real, fp32) if "EXPANDED" in flag}


def test_inferred_levels_are_told_where_they_matter():
    assert "INFERRED" in told(MULTILEVEL)
    assert "INFERRED" in told(replace(FIRING, declared=False))
    assert "INFERRED" not in told(replace(STEM, declared=False)) | told(BINARY)
    assert "INFERRED" not in told(replace(SUM, declared=False))


def test_uncounted_operations_are_told_of_the_module_that_called_them():
    found = report()
    assert Flag("UNCOUNTED") in found.flags(BINARY)
    assert Flag("UNCOUNTED") not in found.flags(ZERO)


def test_spikes_that_never_come_are_told_apart():
    assert report().silent_fraction == 900 / 11000
    assert report(recording=replace(RECORDING, layers=())).silent_fraction == 0


def test_understatement_is_honest_over_usual():
    # Before the first neuron all is as dense as textbooks say; real values later look like spikes.
    late = synapse("late", Activity.REAL, elements=100, nonzero=100, macs=1000, macs_dense=1000)
    firing = replace(FIRING, other=replace(FIRING.other, multiply=0, add=0, compare=0))
    seen = replace(RECORDING, layers=(firing, late))
    found = report(HorowitzFP32(), LiteratureProtocol(), recording=seen)
    assert found.understatement == pytest.approx(1000 * 4.6 / (0.1 * 1000 * 0.9))


def test_understatement_needs_both_models():
    assert report(HorowitzFP32()).understatement is None
    assert report(LiteratureProtocol()).understatement is None


def test_spikes_per_synapse_are_additions_over_taps_of_one_step():
    found = report(recording=replace(RECORDING, layers=(FIRING, BINARY)))
    assert found.spikes_per_synapse == pytest.approx(720 / (6000 / 4))
    assert report(recording=replace(RECORDING, layers=(STEM,))).spikes_per_synapse is None


def test_the_ann_is_priced_by_the_model_and_by_integers():
    seen = replace(RECORDING, layers=(FIRING, BINARY))
    own, int8, matched = report(Simple(), recording=seen).bills[0].baselines
    taps, outputs = 6000 / 4, 400 / 4
    assert (own.name, own.bits, own.total) == ("ANN", None, taps * 5 / 2)
    assert (int8.name, int8.bits) == ("ANN int8", 8)
    assert int8.total == pytest.approx((taps * 0.23 + outputs * 0.03) / 2)
    # 4 steps of 8 levels are 33 values: 6 bits.
    assert (matched.name, matched.bits) == ("bit-matched", 6)
    add, multiply = 0.03 * 6 / 8, 0.2 * (6 / 8) ** 2
    assert matched.total == pytest.approx((taps * (add + multiply) + outputs * add) / 2)


def test_arithmetic_alone_stands_beside_no_model_with_memory():
    for model in (Simple(0.5), Bits()):
        bill = report(model).bills[0]
        assert [each.name for each in bill.baselines] == ["ANN"]
        assert bill.break_even is None


def test_break_even_rates_are_the_published_ones():
    fp32, int8 = report(HorowitzFP32(), HorowitzINT8()).bills
    assert fp32.break_even == pytest.approx(4.6 / (4 * 0.9))
    assert int8.break_even == pytest.approx(0.23 / (4 * 0.03))


def test_no_neurons_no_break_even():
    assert report(recording=replace(RECORDING, layers=(STEM,))).bills[0].break_even is None


def test_one_class_twice_is_told_apart_by_its_arguments():
    names = [bill.model for bill in report(Simple(), Simple(0.5), Bits()).bills]
    assert names == ["Simple(memory=0.0)", "Simple(memory=0.5)", "Bits"]


def test_one_model_twice_is_an_error():
    with pytest.raises(UserError, match=r"Simple\(memory=0.5\)"):
        report(Simple(0.5), Simple(0.5))


def test_no_image_is_an_error():
    with pytest.raises(UserError, match="no image"):
        make_report(Recording("Tiny", 0, 0, 4, ()), [Simple()], trained=True)


def test_a_bill_that_is_not_there_is_an_error():
    assert report().bill("Bits").unit == "bit operations"
    with pytest.raises(UserError, match="Simple, Bits"):
        report().bill("Horowitz")


def test_versions_are_told():
    assert {"spiking_lowlevel", "torch", "python"} <= set(report().versions)
    given = make_report(RECORDING, [Simple()], trained=True, versions={"mine": "1"})
    assert given.versions == {"mine": "1"}
