"""A run that is trained again: equal where nothing changed, refused where the data did."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from spiking_lowlevel.cli import main
from spiking_lowlevel.reproduce import command
from spiking_lowlevel.reproduce.command import compare, table
from spiking_lowlevel.training import run_record
from spiking_lowlevel.training.run_record import End


def left(line: list[str]) -> object:
    with pytest.raises(SystemExit) as leave:
        main(line)
    return leave.value.code


def test_the_same_comes_of_it_and_what_does_not_is_told(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "launch", main)  # in this process, which is sooner done
    out = tmp_path / "again" / "0"
    record = json.loads((run / "run.json").read_text())
    record["versions"]["torch"] = "0.4.1"
    (tmp_path / "run.json").write_text(json.dumps(record))
    main(["reproduce", str(tmp_path / "run.json"), "-o", str(out)])
    said = capsys.readouterr()
    assert "torch: 0.4.1 recorded, " in said.err
    assert "numpy:" not in said.err
    lines = [line.split() for line in said.out.splitlines() if line.endswith((" yes", " no"))]
    assert {"steps", "weights", "val/psnr"} <= {line[0] for line in lines}
    assert all(line[-1] == "yes" for line in lines)
    again = json.loads((out / "run.json").read_text())
    assert again["end"] == record["end"]
    assert left(["reproduce", str(run), "-o", str(out)]) == 2
    assert "there is a run in it already" in capsys.readouterr().err


def test_changed_data_are_refused_and_the_split_is_named(
    run: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    moved = shutil.copytree(pairs, tmp_path / "moved")
    Image.new("RGB", (48, 40)).save(moved / "input" / "0.png")
    line = ["reproduce", str(run), f"--data.root={moved}", "-o", str(tmp_path / "runs" / "e" / "0")]
    assert left(line) == 2
    told = capsys.readouterr().err
    assert "train split, degraded images: as many, with other content" in told
    assert "test split" not in told
    assert "clean" not in told
    assert "--anyway" in told
    assert not (tmp_path / "runs").exists()
    record = json.loads((run / "run.json").read_text())
    record["end"]["weights"] = "0" * 64

    def train(words: list[str]) -> None:
        assert f"--data.root={moved}" in words
        place = next(w for w in words if w.startswith("--trainer.logger.folder="))
        run_record.write(Path(place.partition("=")[2], "run.json"), record)

    monkeypatch.setattr(command, "launch", train)
    assert left([*line, "--anyway"]) == 1
    rows = [r.split() for r in capsys.readouterr().out.splitlines()]
    assert next(r for r in rows if r[:1] == ["weights"])[-1] == "no"
    assert next(r for r in rows if r[:1] == ["steps"])[1:] == ["4", "4", "yes"]


def test_a_run_that_did_not_end_is_no_measure(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    record = json.loads((run / "run.json").read_text())
    del record["end"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert left(["reproduce", str(tmp_path / "run.json")]) == 2
    assert "has no end" in capsys.readouterr().err
    assert left(["reproduce", str(tmp_path / "gone.json")]) == 2
    assert "give the run.json of a run" in capsys.readouterr().err


def test_values_are_compared_to_the_last_digit():
    one = End(steps=4, metrics={"a": 0.1, "b": "nan", "c": 1.0}, weights="f" * 64)
    two = End(steps=4, metrics={"a": 0.1 + 2**-56, "b": "nan", "d": 2.0}, weights="f" * 63 + "0")
    rows = {name: values[0] == values[1] for name, *values in compare(one, two)}
    assert rows == {"steps": True, "a": False, "b": True, "c": False, "weights": False, "d": False}
    words = {line.split()[0]: line.split()[-1] for line in table(compare(one, two))[1:]}
    assert words == {name: "yes" if same else "no" for name, same in rows.items()}
