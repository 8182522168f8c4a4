"""The page of slv demo, driven in a headless browser as a person would."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from spiking_lowlevel.networks.weights import save_weights
from spiking_lowlevel.restoring.recipe import Recipe

pytest.importorskip("gradio", reason="gradio is missing: pip install 'spiking-lowlevel[demo]'")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
RECIPE = Recipe(
    {
        "class_path": "VLIFNet",
        "init_args": {"width": 8, "encoder_depth": [1, 1], "decoder_depth": [1, 1]},
    },
    {"class_path": "Tiles", "init_args": {"tile": 48, "overlap": 8}},
)
SECONDS = 60_000
"""Longest wait for anything, in milliseconds; a busy machine is slow."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The command itself, in a process of its own; at its end no photograph is left."""
    weights, temporary = tmp_path / "tiny.safetensors", tmp_path / "temporary"
    network, _ = RECIPE.build()
    save_weights(network, weights, RECIPE.metadata())
    temporary.mkdir()
    words = ["demo", "--no-browser", "--weights", str(weights)]
    process = subprocess.Popen(
        [sys.executable, "-m", "spiking_lowlevel.cli", *words],
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    with process:
        lines = iter(process.stdout.readline, "")
        yield next(line.split("at ")[1].split()[0] for line in lines if "http://127.0.0.1" in line)
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS / 1000)
    assert process.returncode == 0
    assert not list(temporary.glob("slv-demo-*"))


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    y, x = np.mgrid[:48, :64]
    Image.fromarray((np.stack([x * 4, y * 5, x + y], -1)).astype(np.uint8)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_a_photograph_is_restored_and_nothing_leaves_the_machine(
    address: str, photograph: Path, tmp_path: Path
):
    (tmp_path / "letter.jpg").write_text("Dear Sir")
    asked, complaints = [], []
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(SECONDS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(address)

        upload = page.locator("#photograph input[type=file]")
        upload.set_input_files(photograph)
        page.locator("#photograph img").wait_for()
        page.get_by_role("button", name="Restore").click()
        page.locator("#energy table").wait_for()
        assert page.locator("#energy tbody tr").count() == 2
        assert "64×48 px" in page.locator("#facts").inner_text()
        page.locator("#spikes img").first.wait_for()
        _slides(page)
        assert complaints == []

        page.reload()
        upload.set_input_files(tmp_path / "letter.jpg")
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Restore").click()
        page.get_by_text(re.compile("letter.jpg is not an image")).wait_for()
        browser.close()
    outside = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert outside == {urlsplit(address).netloc}


def _slides(page: Any) -> None:
    """The handle between before and after follows the mouse."""
    handle = page.locator("#slider [data-testid=slider]")
    handle.scroll_into_view_if_needed()
    before = handle.bounding_box()
    assert before
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y, steps=4)
    page.mouse.up()
    after = handle.bounding_box()
    assert after
    assert before["x"] - after["x"] == pytest.approx(20, abs=4)
