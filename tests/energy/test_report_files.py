import csv
import io
import json
import re
from dataclasses import replace

import pytest
from energy.reports import FIRING, RECORDING, Bits, Simple, report

from spiking_lowlevel.energy import HorowitzFP32, Lemaire2022, LiteratureProtocol
from spiking_lowlevel.energy.report import json_file
from spiking_lowlevel.energy.report.csv_file import as_csv, write_csv
from spiking_lowlevel.energy.report.folder import write_folder
from spiking_lowlevel.energy.report.json_file import as_dict, from_dict, read_json, write_json
from spiking_lowlevel.energy.report.markdown import as_markdown, write_markdown
from spiking_lowlevel.energy.report.table import table
from spiking_lowlevel.errors import UserError

MODELS = (HorowitzFP32(), LiteratureProtocol(), Lemaire2022(), Simple(0.1), Bits())


def test_json_is_read_back_as_it_was_written(tmp_path):
    found = report(*MODELS, trained=False)
    write_json(found, tmp_path / "a.json")
    assert read_json(tmp_path / "a.json") == found
    assert table(read_json(tmp_path / "a.json")) == table(found)


def test_integers_stay_exact(tmp_path):
    large = 2**61 + 1
    seen = replace(RECORDING, pixels=large, layers=(replace(FIRING, outputs=large),))
    write_json(report(recording=seen), tmp_path / "a.json")
    again = read_json(tmp_path / "a.json").recording
    assert again.pixels == again.layers[0].outputs == large


def test_an_empty_report_is_read_back(tmp_path):
    found = replace(report(), recording=replace(RECORDING, layers=()), bills=())
    write_json(found, tmp_path / "a.json")
    assert read_json(tmp_path / "a.json") == found


def keys(found, inside=""):
    """All keys but those that are names of models, constants, parts of the software."""
    named = inside in ("charges", "constants", "versions", "inputs")
    if isinstance(found, list):
        return set().union(*(keys(each, inside) for each in found))
    if isinstance(found, dict):
        own = set() if named else set(found)
        return own.union(*(keys(each, "" if named else key) for key, each in found.items()))
    return set()


def test_every_key_is_documented():
    # Fields of our own values are documented there.
    from spiking_lowlevel.energy.counting.layer import Geometry, Operations, Tally

    elsewhere = {*vars(Geometry()), *vars(Operations()), *vars(Tally())}
    told = set(re.findall(r"\w+", json_file.__doc__ or ""))
    written = keys(as_dict(report(*MODELS)))
    assert {"schema", "layers", "charges", "spikes_per_synapse"} <= written
    assert written - elsewhere - told == set()


def test_what_is_derived_is_not_read_back():
    found = report(Simple())
    changed = as_dict(found)
    changed["derived"]["macs_dense"] = 0
    changed["layers"][0]["derived"]["flags"] = []
    assert from_dict(changed) == found


def test_numbers_for_readers_are_right():
    found = as_dict(report(Simple()))
    assert found["derived"]["macs_dense"] == 11000
    assert found["derived"]["spike_driven_fraction"] == pytest.approx(9100 / 11000)
    assert found["layers"][0]["derived"]["flags"] == ["REAL-INPUT", "T-REDUNDANT ×4"]
    assert found["layers"][2]["charges"] == {
        "Simple": {"synapses": 360.0, "other": 0.0, "memory": 0.0, "addressing": 0.0}
    }
    assert found["models"][0]["derived"]["total"] == 2845


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not an energy report"),
        ("[1]", "schema None"),
        ('{"schema": 99}', "schema 99, expected 1"),
        ('{"schema": 1}', "not whole"),
    ],
)
def test_other_files_are_an_error(tmp_path, text, message):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UserError, match=message):
        read_json(tmp_path / "a.json")


def test_no_file_is_an_error(tmp_path):
    with pytest.raises(UserError, match="no energy report"):
        read_json(tmp_path / "a.json")


def test_csv_has_a_row_a_layer_and_all_models(tmp_path):
    write_csv(report(Simple(), Bits()), tmp_path / "a.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    assert [row["layer"] for row in rows] == [layer.name for layer in RECORDING.layers]
    stem, neuron, conv = rows[:3]
    assert (stem["input"], stem["mac"], stem["ac"], stem["copies"]) == ("REAL", "338", "0", "4")
    assert (float(stem["Simple pJ"]), float(stem["Bits bit operations"])) == (1740, 2704)
    assert stem["flags"] == "REAL-INPUT; T-REDUNDANT ×4"
    assert (stem["mean_level"], conv["mean_level"]) == ("", "1.0")
    assert (neuron["input"], neuron["rate"], neuron["state_bytes"]) == ("", "0.1", "200")
    assert (conv["mac_dense"], conv["mac_exact"], conv["ac"]) == ("3600", "3000", "360")


def test_csv_tells_halves():
    odd = replace(FIRING, spikes=41)
    text = as_csv(report(recording=replace(RECORDING, layers=(odd,))))
    assert next(csv.DictReader(io.StringIO(text)))["spikes"] == "20.5"


def test_markdown_is_the_same_table(tmp_path):
    found = report(HorowitzFP32(), Simple(), Bits(), trained=False)
    write_markdown(found, tmp_path / "a.md")
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(blocks) == 3  # layers, energies, bit operations
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block}) == 1
    row = next(line for line in blocks[0] if "| body.conv |" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:8] == ["body.conv", "conv2d", "binary", "10.0%", "1.00", "3.60k", "3.00k", "360"]
    assert "**Tiny, by hand: 82.7% spike-driven" in text
    assert "untrained weights" in text
    assert "Modelled, not measured" in text


def test_markdown_takes_names_as_they_are():
    seen = replace(RECORDING, layers=(replace(FIRING, name="a_b*c|d"),))
    assert "| a\\_b\\*c\\|d |" in as_markdown(report(recording=seen))


def test_a_folder_holds_everything(tmp_path):
    written = write_folder(report(HorowitzFP32(), Simple(), Bits()), tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        path.name for path in written
    )
    assert {path.name for path in written} == {
        "energy.json",
        "energy.csv",
        "energy.md",
        "energy.png",
        "energy_rates.png",
        "energy_models.png",
    }


def test_a_folder_leaves_out_pictures_of_nothing(tmp_path):
    seen = replace(RECORDING, layers=RECORDING.layers[:1])
    written = write_folder(report(Bits(), recording=seen), tmp_path)
    assert [path.name for path in written] == [
        "energy.json",
        "energy.csv",
        "energy.md",
        "energy.png",
    ]
    assert json.loads(written[0].read_text())["network"] == "Tiny"
    assert len(write_folder(report(), tmp_path, pictures=False)) == 3
