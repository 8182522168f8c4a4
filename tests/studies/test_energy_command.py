"""`slv energy` as its user sees it, on networks of width 8."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from spiking_lowlevel.cli import main
from spiking_lowlevel.energy.report.json_file import read_json
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.studies import energy_options
from spiking_lowlevel.studies.over_runs import compare, finished

DEMO = ["--config", str(ROOT / "configs/derain/demo.yaml"), "--model.network.width=8"]
SMALL = ["--pictures", "1", "--size", "16x24"]
GUIDE = (ROOT / "examples" / "energy.md").read_text()
COMMANDS = re.findall(r"^    slv energy (.*?)(?:\s+#.*)?$", GUIDE, re.MULTILINE)


SCORES = """name,protocol,psnr_rainy,psnr_restored
fig,Luma,20.0,24.0
fig,RGB,19.0,1.0
leaf,Luma,20.0,25.0
leaf,RGB,19.0,1.0
"""


@pytest.fixture(scope="module")
def counted(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a tiny run, with scores, that is counted."""
    place = tmp_path_factory.mktemp("runs") / "tiny" / "0"
    shutil.copytree(run, place)
    (place / "test").mkdir(exist_ok=True)
    (place / "test" / "per_image.csv").write_text(SCORES)
    main(["energy", "--run", str(place), *SMALL])
    return place


def test_a_run_is_counted_beside_itself(counted: Path):
    report = read_json(counted / "energy" / "energy.json")
    assert (report.recording.images, report.recording.pixels) == (1, 16 * 24)
    assert report.trained
    assert report.recording.coverage == 1
    assert len(report.bills) >= 10
    names = {path.name for path in (counted / "energy").iterdir()}
    assert {"energy.csv", "energy.md", "energy.png", "energy_rates.png"} <= names


def test_an_untrained_network_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    main(["energy", *DEMO, *SMALL, "--models", "Lemaire2022", "-o", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "untrained weights" in printed
    assert "spike-driven" in printed.splitlines()[0]
    assert f"written to {tmp_path}" in printed
    told = json.loads((tmp_path / "energy.json").read_text())
    assert not told["trained"]
    # settled norms: with those of a network that never saw a batch, no visual neuron fires
    assert any(x["op"] == "neuron" and x["spikes"] for x in told["layers"])


def test_a_picture_of_ones_own_needs_no_data(capsys: pytest.CaptureFixture[str]):
    photo = ROOT / "spiking_lowlevel/data/photographs/test/fig.jpg"
    config = ROOT / "configs/derain/esdnet_rain200h.yaml"
    network = ["--model.network.width=4", "--model.network.encoder_depth=[1,1,1]"]
    words = ["--config", str(config), *network, "--image", str(photo), "--size", "16"]
    main(["energy", *words, "--repeat-frames", "--costliest", "3"])
    printed = capsys.readouterr().out
    assert "1 image of 256 pixels, T = 4" in printed
    assert "T-REDUNDANT" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no network is named"),
        ([*DEMO, "--size", "x"], "expected pixels"),
        ([*DEMO, "--pictures", "0"], "at least 1"),
        ([*DEMO, "--models", "HorowitzFP23"], "Did you mean.*HorowitzFP"),
        ([*DEMO, "--models", "HorowitzFP32,BitOperations", *SMALL], "one unit"),
        ([*DEMO, "--image", "nowhere.png"], "nowhere.png"),
        ([*DEMO, "--pictuers", "2"], "pictuers"),
        (["--run", "nowhere"], "no run"),
        (["--over", "nowhere"], "no run"),
    ],
)
def test_mistakes_end_in_one_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as leave:
        main(["energy", *words])
    assert leave.value.code == 2
    assert re.search(message, capsys.readouterr().err, re.IGNORECASE | re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_guide_are_understood(command: str):
    plan = energy_options.parse(shlex.split(command))
    named = {Path(w) for w in plan.words if w.startswith(("configs/", "tests/"))}
    assert all((ROOT / path).is_file() for path in named)
    assert plan.words or plan.over


def test_the_python_of_the_guide_runs(capsys: pytest.CaptureFixture[str]):
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    exec(compile(block, "energy.md", "exec"), {})
    assert "VLIFNet" in capsys.readouterr().out


def test_runs_are_laid_side_by_side(counted: Path, tmp_path: Path):
    lines = compare([counted, counted], "HorowitzFP32", tmp_path / "runs.png")
    found = finished(counted)
    assert (found.name, found.network, found.protocol) == ("tiny/0", "VLIFNet", "Luma")
    assert len([line for line in lines if line.startswith("tiny/0")]) == 2
    assert found.psnr == 24.5  # of the first protocol alone
    assert "24.50" in lines[1]
    assert (tmp_path / "runs.png").read_bytes()[:4] == b"\x89PNG"
    report = read_json(counted / "energy" / "energy.json")
    assert found.energy == pytest.approx(report.bill("HorowitzFP32").total / 1e9)


def test_what_a_run_lacks_is_named_with_the_command(counted: Path, tmp_path: Path):
    bare = tmp_path / "bare" / "0"
    bare.mkdir(parents=True)
    for name in ("config.yaml", "versions.json"):
        (bare / name).write_text((counted / name).read_text())
    with pytest.raises(UserError, match=r"slv test --run"):
        finished(bare)
    (bare / "test").mkdir()
    (bare / "test" / "per_image.csv").write_text(SCORES)
    with pytest.raises(UserError, match=r"slv energy --run"):
        finished(bare)
