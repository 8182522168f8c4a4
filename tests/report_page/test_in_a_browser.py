"""The page in a real browser: nothing fails to load, the sliders move, no page scrolls sideways."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to drive")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CLIP = "getComputedStyle(document.querySelector('.before')).clipPath"


@pytest.fixture(scope="module")
def written(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with one picture."""
    from spiking_lowlevel.cli import main

    out = tmp_path_factory.mktemp("page") / "report.html"
    main(["report", str(run), "-o", str(out), "--pictures", "1", "--crop", "32", "--no-energy"])
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Any, written: Path) -> Iterator[tuple[Any, list[str]]]:
    """The page and what went wrong with it."""
    page, faults = browser.new_page(viewport={"width": 1400, "height": 900}), []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.goto(written.as_uri())
    yield page, faults
    page.close()


def test_the_slider_follows_pointer_and_keys(opened: tuple[Any, list[str]]):
    page, faults = opened
    stack = page.locator(".stack").first
    stack.scroll_into_view_if_needed()
    box = stack.bounding_box()
    before = page.evaluate(CLIP)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, y)
    page.mouse.up()
    dragged = page.evaluate(CLIP)
    assert before != dragged
    assert page.locator("#slider-1").input_value() == "25"
    page.locator("#slider-1").press("ArrowRight")
    assert page.locator("#slider-1").input_value() == "26"
    assert page.evaluate(CLIP) != dragged
    assert faults == []


def test_values_are_read_off_a_chart(opened: tuple[Any, list[str]]):
    page, faults = opened
    page.locator("svg[data-lines]").first.focus()
    page.keyboard.press("ArrowLeft")
    words = page.locator(".chart output").first.text_content()
    assert words.startswith("training step 3: loss")
    assert faults == []


def test_a_map_is_enlarged_and_a_text_copied(opened: tuple[Any, list[str]]):
    page, faults = opened
    small = page.locator(".map").nth(1).bounding_box()["width"]
    page.locator(".map img").nth(1).click()
    assert page.locator(".map").nth(1).bounding_box()["width"] > 2 * small
    page.locator("[data-copy=commands]").click()
    page.locator("[data-copy=commands]", has_text="Copied").wait_for()
    assert faults == []


def test_a_phone_does_not_scroll_sideways(opened: tuple[Any, list[str]]):
    page, faults = opened
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert faults == []


def test_without_scripts_both_pictures_are_seen(browser: Any, written: Path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    boxes = [page.locator(f".{kind} img").first.bounding_box() for kind in ("before", "after")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert not page.locator("#slider-1").is_visible()
    context.close()
