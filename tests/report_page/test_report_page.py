"""`slv report` on a run of four steps: what the page says, and that it stands alone."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from conftest import ROOT

from spiking_lowlevel.callbacks.spike_maps import SpikeMaps
from spiking_lowlevel.cli import main
from spiking_lowlevel.report_page import options
from spiking_lowlevel.report_page.chart import Axis, Line, chart, running_mean, thinned
from spiking_lowlevel.report_page.run_files import means, read
from spiking_lowlevel.report_page.scores import gain
from spiking_lowlevel.report_page.spikes import maps_section, rates_section
from spiking_lowlevel.report_page.watching import Shown, Watched

HOSTILE = """<img src=x onerror="alert(1)"> 'ü' & co"""
SECTIONS = ["learning", "pictures", "maps", "rates", "energy", "scores", "config", "versions"]
TEST_SCORES = """name,protocol,psnr_rainy,psnr_restored,ssim_rainy,ssim_restored
fig,Luma,20.25,24.5,0.5,0.75
leaf,Luma,21.25,24.0,0.25,0.5
fig,RGB,19.0,17.5,0.5,0.25
"""


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="session")
def hostile(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a tiny run, tested, in an experiment whose name is markup."""
    place = tmp_path_factory.mktemp("runs") / HOSTILE / "0"
    shutil.copytree(run, place)
    shutil.rmtree(place / "test", ignore_errors=True)
    (place / "test").mkdir()
    (place / "test" / "per_image.csv").write_text(TEST_SCORES)
    return place


@pytest.fixture(scope="session")
def report(hostile: Path) -> Path:
    """The page about it."""
    main(["report", str(hostile), "--pictures", "2", "--crop", "24"])
    return hostile / "report.html"


@pytest.fixture(scope="session")
def page(report: Path) -> Page:
    return Page(report.read_text(encoding="utf-8"))


def bare(run: Path, place: Path) -> Path:
    """A run that broke off before its first step."""
    place.mkdir(parents=True)
    for name in ("config.yaml", "versions.json"):
        shutil.copy(run / name, place / name)
    return place


def test_the_page_stands_alone(report: Path, page: Page):
    assert "http://" not in report.read_text(encoding="utf-8")
    assert "https://" not in report.read_text(encoding="utf-8")
    named = [(tag, a[k]) for tag, a in page.tags for k in ("src", "href") if k in a]
    assert len([src for tag, src in named if tag == "img"]) > 10
    assert all(place.startswith(("data:", "#")) for _, place in named)
    assert report.stat().st_size < 6e6


def test_every_section_is_there_and_every_link_leads_to_one(page: Page):
    keys = [a["id"] for tag, a in page.tags if tag == "section"]
    assert keys == SECTIONS
    links = {a["href"] for tag, a in page.tags if tag == "a"}
    assert links == {f"#{key}" for key in (*SECTIONS, "main")}


def test_a_name_that_is_markup_stays_words(report: Path, page: Page):
    assert f"{HOSTILE}/0" in page.words
    assert not [a for tag, a in page.tags if tag == "img" and a.get("src") == "x"]
    assert not [a for _, a in page.tags if "onerror" in a]
    assert "onerror=&quot;" in report.read_text(encoding="utf-8")


def test_the_head_tells_the_test_under_its_protocol(page: Page):
    assert "20.75 → 24.25 dB" in page.words  # means by hand of TEST_SCORES
    assert "0.3750 → 0.6250" in page.words
    assert "Luma, mean of 2 test pictures" in page.words
    assert "-1.50" in page.words  # RGB fell
    parameters = re.search(r"parameters\s*[\d.]+k?\s*([\d,]+)", page.words)
    assert parameters
    assert int(parameters[1].replace(",", "")) > 1000


def test_numbers_are_those_of_the_files(hostile: Path, page: Page):
    with (hostile / "per_image.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert f"{float(row['psnr_restored']):.2f}" in page.words
            assert f"{float(row['ssim_restored']):.4f}" in page.words
    charts = [json.loads(a["data-lines"]) for tag, a in page.tags if "data-lines" in a]
    drawn = {line["label"]: line for lines in charts for line in lines}
    with (hostile / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for label, column in (
        ("loss of a batch", "train/loss"),
        ("restored, Luma", "val/psnr/Luma"),
        ("rainy, Luma", "val/psnr_rainy/Luma"),
    ):
        wanted = [float(r[column]) for r in rows if r[column]]
        values = [line for lines in charts for line in lines if line["label"] == label]
        assert any(line["y"] == wanted for line in values), label
    assert drawn["loss of a batch"]["x"] == [float(r["step"]) for r in rows if r["train/loss"]]


def test_every_neuron_layer_has_a_map_and_a_rate(hostile: Path, page: Page):
    layers = {row["neuron"] for row in read(hostile).spikes}
    zooms = [a["aria-label"] for tag, a in page.tags if tag == "input" and "aria-label" in a]
    assert layers
    assert {f"enlarge {name}" for name in layers} <= set(zooms)
    assert all(page.words.count(name) >= 2 for name in layers)


def test_sliders_are_labelled(page: Page):
    sliders = [a for tag, a in page.tags if tag == "input" and a.get("type") == "range"]
    shown = [tag for tag, _ in page.tags if tag == "article"]
    assert shown
    assert [a["id"] for a in sliders] == [f"slider-{i + 1}" for i in range(len(shown))]
    assert all("per cent" in a["aria-label"] for a in sliders)


def test_every_cost_model_has_a_row_and_a_scope(page: Page):
    assert "HorowitzFP32" in page.words
    assert "LiteratureProtocol" in page.words
    assert "free: norms, neurons" in page.words
    assert "Modelled arithmetic, not a measurement" in page.words


def test_what_a_run_lacks_is_said(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "page.html"
    main(["report", str(bare(run, tmp_path / "broken" / "0")), "-o", str(out)])
    words = Page(out.read_text()).words
    assert f"{out}, 0.0 MB" in capsys.readouterr().out
    assert words.count("no checkpoint yet") == 4  # pictures, maps, rates, energy
    assert "no metrics.csv" in words
    assert "nothing has been scored yet" in words
    assert "There is no spikes.csv either" in words


def test_data_that_are_gone_are_said(run: Path, tmp_path: Path):
    place = tmp_path / "moved" / "0"
    shutil.copytree(run, place)
    config = (place / "config.yaml").read_text()
    (place / "config.yaml").write_text(re.sub(r"root: .*pairs.*", "root: nowhere", config))
    main(["report", str(place), "--no-energy"])
    words = Page((place / "report.html").read_text()).words
    assert "could not be loaded" in words
    assert "nowhere" in words
    assert "--no-energy" in words
    assert "Validation PSNR" in words


def test_photographs_of_ones_own_have_no_scores(run: Path, tmp_path: Path):
    photo = ROOT / "spiking_lowlevel/data/photographs/test/fig.jpg"
    out = tmp_path / "own.html"
    own = ["--images", str(photo), "--crop", "16", "--no-energy"]
    main(["report", str(run), "-o", str(out), *own])
    words = Page(out.read_text()).words
    assert "fig.jpg" in words
    assert "There is no truth for this picture" in words
    assert "what was changed" in words


def test_a_network_without_spikes_says_so(hostile: Path):
    image = torch.zeros(3, 8, 8)
    shown = Shown("a", image, image, SpikeMaps(image, {}, {}), ())
    watched = Watched(1, "rainy", "test pictures", (shown,), ())
    assert "no spiking neurons" in maps_section(watched, "")
    assert "no spiking neurons" in rates_section(watched, "", read(hostile))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: RUN"),
        (["nowhere"], "holds no run"),
        (["RUN", "--pictures", "0"], "at least 1"),
        (["RUN", "--images", "nowhere.png"], "nowhere.png"),
        (["RUN", "--pictuers", "2"], "pictuers"),
        (["RUN", "-o", "FOLDER"], "is a folder"),
    ],
)
def test_mistakes_end_in_one_message(
    words: list[str], message: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    known = {"RUN": str(run), "FOLDER": str(tmp_path)}
    with pytest.raises(SystemExit) as leave:
        main(["report", *(known.get(word, word) for word in words)])
    assert leave.value.code == 2
    assert message in capsys.readouterr().err


def test_a_broken_table_is_named(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    place = bare(run, tmp_path / "broken" / "0")
    (place / "per_image.csv").write_text(TEST_SCORES.replace("24.5", "24.5.1"))
    with pytest.raises(SystemExit):
        main(["report", str(place)])
    assert "cannot be read" in capsys.readouterr().err


def test_options_of_the_test_are_handed_on():
    plan = options.parse(["runs/a", "--data.root", "b", "--images", "x.png", "y.png"])
    assert (plan.run, plan.words) == (Path("runs/a"), ("--data.root", "b"))
    assert plan.images == (Path("x.png"), Path("y.png"))
    assert plan.energy


def test_means_are_over_pictures(hostile: Path):
    found = means(read(hostile).test)
    assert found["Luma"][0].psnr == (20.75, 24.25)
    assert [number for _, number in found.values()] == [2, 1]
    assert ">+0.00<" in gain(float("inf"), float("inf"), 2)


def test_axes_put_values_where_they_belong():
    assert Axis(0, 10, 100, 200)(2.5) == 125
    assert Axis(0.01, 1, 200, 100, log=True)(0.1) == pytest.approx(150)
    assert Axis(0.03, 1.2, 0, 1, log=True).ticks() == pytest.approx([0.05, 0.1, 0.2, 0.5, 1.0])
    assert Axis(-1, 1, 0, 1).ticks() == pytest.approx([-1, -0.5, 0, 0.5, 1])
    assert Axis(27.6, 36, 0, 1).ticks() == pytest.approx([28, 30, 32, 34, 36])


def test_a_chart_survives_what_is_no_number():
    nan, zero = (1.0, float("nan")), (2.0, 0.0)
    assert chart("t", "x", "y", [Line("l", (nan, zero), "a")], log=True) == ""
    assert "nan" not in chart("t", "x", "y", [Line("l", (nan, zero, (3.0, 1.0)), "a")])
    assert running_mean([(0, 1.0), (1, 3.0), (2, 5.0)], 2) == ((0, 1.0), (1, 2.0), (2, 4.0))
    many = [(float(i), 0.0) for i in range(5000)]
    assert len(thinned(many)) <= 1201
    assert thinned(many)[-1] == many[-1]
