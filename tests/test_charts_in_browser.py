"""Charts in a real browser: drawn on request under the page's policy; complete without it, in print, in the dark."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import Visit, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGE = "chi-tieu/ty-le-ho-ngheo/"  # panels over years, places side by side, targets
LISTEN = """() => { window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective)); }"""


@pytest.fixture(scope="module")
def host(built_site: Path) -> Iterator[str]:
    """The address where the site is served."""
    with serving(built_site) as address:
        yield address


def pressed(page: "Page", n: int = 0) -> None:
    """Press the button of a chart and wait until the chart is drawn."""
    page.locator(".chart__button").nth(n).click()
    page.locator(".chart").nth(n).locator(".chart__canvas svg").wait_for()


@pytest.mark.parametrize(("prefix", "number"), [("", "2,27 %"), ("en/", "2.27%")])
def test_a_chart_is_drawn_on_request(host: str, visit: Callable[..., Visit], prefix: str, number: str) -> None:
    """Before the press nothing of Vega is asked for; after it the chart stands there, and no policy is broken."""
    opened = visit(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    opened.context.on("request", lambda request: asked.append(request.url))
    page = opened.open(f"{host}/{prefix}{PAGE}")
    assert not [url for url in asked if "vega" in url or url.endswith(".vl.json")]
    page.evaluate(LISTEN)
    before = set(page.evaluate("Object.keys(window)"))
    for n in range(page.locator(".chart").count()):
        pressed(page, n)
    live = page.locator(".chart").nth(0)
    shown = " ".join(live.locator(".chart__canvas text").all_text_contents()).replace("\u00a0", " ")
    assert number in shown
    assert not live.locator(".chart__pictures").is_visible()
    assert page.evaluate("window.violations") == []
    assert set(page.evaluate("Object.keys(window)")) == before
    assert len({url for url in asked if re.search(r"/vega-[0-9a-f]{16}\.js$", url)}) == 1
    assert not [violation["id"] for violation in Axe().run(page).response["violations"]]


def test_a_chart_is_used_by_keyboard(host: str, visit: Callable[..., Visit]) -> None:
    """Enter draws and gives the focus to the chart, arrows say each value, Escape brings picture and focus back."""
    page = visit().open(f"{host}/{PAGE}")
    button = page.locator(".chart__button").first
    button.focus()
    page.keyboard.press("Enter")
    chart = page.locator(".chart").first
    chart.locator(".chart__canvas svg").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('chart__canvas')")
    rows = json.loads(page.request.get(f"{host}/bieu-do/ty-le-ho-ngheo--nam.vl.json").text())["data"]["values"]
    values = [row for row in rows if "n" in row]
    status = chart.locator("[role=status]")
    for row in values:
        page.keyboard.press("ArrowRight")
        assert row["text"] in status.inner_text() or row["text"].replace("\u00a0", " ") in status.inner_text()
    page.keyboard.press("ArrowLeft")
    assert values[-2]["label"] in status.inner_text()
    page.keyboard.press("Escape")
    assert chart.locator(".chart__pictures").is_visible()
    assert not chart.locator(".chart__live").is_visible()
    assert button.evaluate("e => e === document.activeElement")
    button.click()
    chart.locator(".chart__canvas svg").wait_for()
    button.click()
    assert chart.locator(".chart__pictures").is_visible()


def test_a_chart_keeps_the_colours_of_the_page(host: str, visit: Callable[..., Visit]) -> None:
    """Drawn in the light, a chart follows the change to dark: its marks have the dark theme's colour."""
    page = visit(color_scheme="light", viewport={"width": 1280, "height": 900}).open(f"{host}/{PAGE}")
    pressed(page, 1)
    bar = page.locator(".chart").nth(1).locator(".chart__canvas [fill='var(--actual)']").first
    colour = "e => getComputedStyle(e).fill"
    assert bar.evaluate(colour) == "rgb(14, 107, 128)"
    page.click("button.scheme")
    assert bar.evaluate(colour) == "rgb(79, 176, 196)"


def test_a_chart_that_cannot_be_loaded_leaves_its_picture(host: str, visit: Callable[..., Visit]) -> None:
    """Where the specification does not come the page says so, and the picture stays."""
    opened = visit()
    page = opened.open(f"{host}/{PAGE}")
    page.route("**/*.vl.json", lambda route: route.abort())
    page.locator(".chart__button").first.click()
    status = page.locator(".chart").first.locator("[role=status]")
    status.filter(has_text="hình tĩnh").wait_for()
    assert page.locator(".chart__pictures").first.is_visible()
    assert page.locator(".chart__button").first.is_enabled()
    assert opened.errors
    opened.errors.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_whole_without_javascript(host: str, visit: Callable[..., Visit], scheme: str) -> None:
    """Without scripts there is no button, and text and marks of the picture stand out from the page."""
    page = visit(java_script_enabled=False, color_scheme=scheme).open(f"{host}/{PAGE}")
    assert not page.locator(".chart__button:visible").count()
    assert not page.locator(".chart__live:visible").count()
    ink, ground = page.evaluate(
        """() => [getComputedStyle(document.querySelector(".chart svg text[font-weight]")
            || document.querySelector(".chart svg text")).fill, getComputedStyle(document.body).backgroundColor]"""
    )
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (ink, ground)]
    assert (light[0] < 300 and light[1] > 600) if scheme == "light" else (light[0] > 450 and light[1] < 150)


def test_charts_are_printed_on_white(host: str, visit: Callable[..., Visit]) -> None:
    """On paper the ground is light and the text dark, also for a reader of the dark theme, and no button is printed."""
    page = visit(color_scheme="dark").open(f"{host}/{PAGE}")
    page.emulate_media(media="print")
    fill = page.locator(".chart svg text").first.evaluate("e => getComputedStyle(e).fill")
    assert sum(map(int, re.findall(r"\d+", fill)[:3])) < 320
    assert not page.locator(".chart__button:visible").count()


@pytest.mark.parametrize("window", [{"width": 320, "height": 640}, {"width": 640, "height": 450}])
def test_nothing_is_wider_than_the_screen(host: str, visit: Callable[..., Visit], window: dict[str, int]) -> None:
    """At 320 px, and at the 640 px that 200 % leaves of 1280, nothing scrolls sideways, drawn on request or not."""
    page = visit(viewport=window).open(f"{host}/{PAGE}")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    for n in range(page.locator(".chart").count()):
        pressed(page, n)
    assert page.evaluate(overflow) <= 0


def test_forced_colours_keep_the_marks(host: str, visit: Callable[..., Visit]) -> None:
    """In high contrast bars and targets have colours of the system that differ from the ground."""
    page = visit(forced_colors="active").open(f"{host}/{PAGE}")
    colours = page.evaluate(
        """() => ["[data-part=bar_actual]", "[data-part=target]", "[data-part=target_derived]"].map((name) => {
            const found = document.querySelector(".chart__wide " + name);
            return found && (getComputedStyle(found).fill + getComputedStyle(found).stroke); })"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert [colour for colour in colours if colour]
    assert all(ground not in colour for colour in colours if colour)
