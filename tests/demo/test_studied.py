"""What the page shows is what the restorer, the spike maps and the energy report say."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from demo.networks import tiny
from PIL import Image

from spiking_lowlevel.data.images import to_tensor
from spiking_lowlevel.demo import studied, words
from spiking_lowlevel.demo.page import answer
from spiking_lowlevel.demo.studied import Studied, middle, pictures, study
from spiking_lowlevel.energy.report.figures import energy

PHOTOGRAPH = np.random.default_rng(0).integers(256, size=(50, 70, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def told() -> list[tuple[float, str]]:
    return []


@pytest.fixture(scope="module")
def result(told: list[tuple[float, str]]) -> Studied:
    return study(tiny(), PHOTOGRAPH, lambda done, what: told.append((done, what)))


def test_before_and_after_are_those_of_the_restorer(result: Studied):
    np.testing.assert_array_equal(result.before, PHOTOGRAPH)
    np.testing.assert_array_equal(result.after, tiny().restore(PHOTOGRAPH))


def test_progress_never_goes_back(result: Studied, told: list[tuple[float, str]]):
    done = [share for share, _ in told]
    assert done == sorted(done)
    assert len([what for _, what in told if what == "Restoring"]) == 1 + 4  # tiles of 48 on 50x70
    assert done[-1] < 1


def test_spike_maps_lie_over_the_photograph_all_layers_first(result: Studied):
    shown = pictures(result)
    assert shown[0][1].startswith(f"All {len(result.maps.rates)} layers: ")
    assert len(shown) == 1 + len(result.maps.levels())
    assert {image.shape for image, _ in shown} == {PHOTOGRAPH.shape}


def test_the_middle_of_a_large_photograph_is_mapped_and_said_so(
    result: Studied, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(studied, "MAPPED", 32)
    small = study(tiny(), PHOTOGRAPH, lambda done, what: None)
    assert pictures(small)[0][0].shape == (32, 32, 3)
    assert "middle 32×32 px" in words.spikes_note(small)
    assert "middle" not in words.spikes_note(result)


def test_the_middle_is_the_middle():
    assert middle(to_tensor(PHOTOGRAPH), 20).equal(to_tensor(PHOTOGRAPH[15:35, 25:45]))


def test_the_table_scales_the_report_to_a_megapixel_and_to_the_photograph(result: Studied):
    table = words.energy_table(result)
    rows = [re.findall("<td>(.*?)</td>", row) for row in table.split("<tr>")[2:]]
    for model, row in zip(("HorowitzFP32", "LiteratureProtocol"), rows, strict=True):
        bill = result.report.bill(model)
        pixel = bill.total / (50 * 70)  # one image of 50 x 70 pixels was counted
        twin = next(b.total for b in bill.baselines if b.name == "ANN")
        assert row[0] == energy(pixel * 1e6)
        assert row[1] == energy(twin / (50 * 70) * 1e6)
        assert float(row[2].rstrip("x")) == pytest.approx(bill.total / twin, rel=0.01)
        assert row[3] == energy(bill.total)
    assert "middle 70×50 px" in table


def test_a_network_without_spikes_says_so(result: Studied):
    silent = replace(result, maps=replace(result.maps, rates={}))
    assert pictures(silent) == []
    assert words.spikes_note(silent) == "This network has no spiking neurons."


def test_the_outputs_of_the_page_are_those_of_the_file(tmp_path: Path):
    Image.fromarray(PHOTOGRAPH).save(tmp_path / "a.png")
    (before, after), shown, note, facts, table = answer(
        tiny(), str(tmp_path / "a.png"), lambda done, what: None
    )
    assert before.shape == after.shape == PHOTOGRAPH.shape
    assert shown
    assert note.startswith("Firing rate")
    assert "70×50 px" in facts
    assert "2 time steps" in facts
    assert "<table>" in table
