"""`slv bench` as a user meets it."""

import json
from pathlib import Path

import pytest
from conftest import ROOT

from spiking_lowlevel import plugins
from spiking_lowlevel.bench.report import table
from spiking_lowlevel.cli import main

DEMO = str(ROOT / "configs" / "derain" / "demo.yaml")
PLAIN = str(ROOT / "tests" / "plain" / "plain_vlifnet.py")
TINY = [
    *("bench", "--config", DEMO, "--model.network.width=8", "--model.network.threshold=2"),
    *("--size=16", "--crop=16", "--train-batch=1", "--rounds=1", "--warmup=1"),
]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_broken", {})
    monkeypatch.setattr(plugins, "__path__", [])


def test_a_network_against_its_plain_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    asked = ["--what=inference,training,kinds", "-o", "out.json"]
    plain = "spiking_lowlevel.plugins.plain_vlifnet.PlainVLIFNet"  # other tests import it as well
    main([*TINY, *asked, "--vs", "--plugins", PLAIN, "--model.network", plain])
    printed = capsys.readouterr().out
    report = json.loads((tmp_path / "out.json").read_text())
    assert printed == "\n".join(table(report)) + "\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]  # and no run folder

    sides, results = report["sides"], report["results"]
    assert [sides[name]["network"] for name in sides] == ["VLIFNet", "PlainVLIFNet"]
    assert sides["A"]["parameters"] == sides["B"]["parameters"]
    assert sides["B"]["words"] == ["--plugins", PLAIN, "--model.network", plain]
    difference = results["inference"]["difference"]
    assert difference["max"] < 1e-5 < difference["mean_residual"]
    for what in ("inference", "training"):
        a, b = results[what]["sides"]["A"], results[what]["sides"]["B"]
        assert 0 < a["convolution_macs"] < b["convolution_macs"]  # the plain form saves nothing
        floor, whole = a["floor_seconds"]["median"], a["seconds"]["median"]
        assert a["floor_fraction"]["median"] == pytest.approx(floor / whole)
        quotient = whole / b["seconds"]["median"]
        assert results[what]["ratio"]["rounds"] == [pytest.approx(quotient)]
    assert results["training"]["sides"]["A"]["images"] == [1, 3, 16, 16]
    assert set(results["training"]["sides"]["A"]["phases"]) == {"forward", "backward", "optimizer"}
    assert set(results["kinds"]) == {"inference", "training"}
    assert "host" not in report["machine"]


def test_a_run_is_timed_with_its_weights_and_a_fused_copy_restores_alike(
    run: Path, capsys: pytest.CaptureFixture[str]
):
    words = ["bench", "--run", str(run), "--size=16", "--rounds=1", "--warmup=1"]
    main([*words, "--what=inference", "--vs", "--run", str(run.parent), "--fuse"])
    printed = capsys.readouterr().out
    assert printed.count("trained") == 2
    assert "fuse" in printed.splitlines()[4]
    assert "outputs of A and B differ by" in printed
    assert "spikes that differ: 0 of" in printed


def test_modes_are_told_and_what_is_counted_does_not_depend_on_them(tmp_path: Path):
    modes = ["--vs", "--checkpointing", "true", "--precision", "bf16"]
    main([*TINY, "--what=training", "-o", "out.json", *modes])
    report = json.loads((tmp_path / "out.json").read_text())
    told = report["sides"]["B"]["modes"]
    assert (told["checkpointing"], told["precision"]) == (True, "bf16-mixed")
    a, b = report["results"]["training"]["sides"].values()
    assert a["convolution_macs"] == b["convolution_macs"]  # blocks that run twice count once
    assert {c["dtype"] for c in a["convolutions"]} == {"float32"}
    assert "bfloat16" in {c["dtype"] for c in b["convolutions"]}


def test_a_sweep_is_told_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main([*TINY, "--what=inference", "--sweep", "steps=1,2", "-o", "out.json"])
    swept = json.loads((tmp_path / "out.json").read_text())["results"]["sweeps"]["steps"]
    assert swept["values"] == [1, 2]
    assert len(swept["sides"]["A"]["inference"]) == 2
    assert "growth with steps" in capsys.readouterr().out
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--size", "8o"], ["--size", "64x96", "'8o'"]),
        (["--rouns", "3"], ["rouns: there is no such key", "Did you mean: rounds"]),
        (["--crop", "20"], ["divisible by 8; given 20x20"]),
        (["--device", "tpu"], ["--device tpu", "cpu"]),
        (["--trainer.precision", "64-true"], ["32-true and bf16-mixed", "--precision"]),
        (["--vs", "--run", "runs/none"], ["runs/none holds no run"]),
        (["--plugins", "none.py"], ["the plugin none.py does not exist"]),
    ],
)
def test_a_mistake_is_one_message(
    words: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as leave:
        main([*TINY, *words])
    assert leave.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("slv: ")
    assert all(part in printed.err for part in expected), printed.err
    assert not any(Path().iterdir())


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as leave:
        main(["bench", "--help"])
    assert leave.value.code == 0
    printed = capsys.readouterr().out
    words = ("--vs", "--run", "--size", "--what", "--sweep", "--processes", "--fuse", "-o")
    assert all(word in printed for word in words)
