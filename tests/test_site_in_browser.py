"""What readers do on the site of this project, in a real browser; test_site_quality.py asks whether everyone can."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.conftest import Visit

REPORT = "hue-2023-lanh-dao"


def test_charts_are_there_without_javascript(host: str, visit: Callable[..., Visit]) -> None:
    """With scripts off every chart is drawn: it has a size, and its numbers are text in it."""
    opened = visit(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    for address, number in (
        ("chi-tieu/ty-le-ho-ngheo/", "2,27"),
        ("chi-tieu/giai-quyet-viec-lam/", "17.034"),
        ("chi-tieu/luot-ho-vay-von-uu-dai/", "14.966"),
    ):
        page = opened.open(f"{host}/{address}")
        charts = page.locator(".chart [role=img]:visible svg")
        assert charts.count() >= 1, address
        box = charts.first.bounding_box()
        assert box and box["width"] > 250 and box["height"] > 60
        assert number in " ".join(charts.all_text_contents())
        page.close()


def test_phone_gets_the_chart_made_for_it(host: str, visit: Callable[..., Visit]) -> None:
    """On a narrow screen the narrow drawing shows and the wide one does not."""
    page = visit(viewport={"width": 360, "height": 740}).open(f"{host}/chi-tieu/ty-le-ho-ngheo/")
    assert page.locator(".chart__narrow").first.is_visible()
    assert not page.locator(".chart__wide").first.is_visible()


def test_home_shows_the_results_of_the_year(host: str, visit: Callable[..., Visit]) -> None:
    """Employment, training, unemployment and poverty stand on the home page, each a link to its figure."""
    page = visit().open(f"{host}/")
    tiles = page.locator(f"#thua-thien-hue, .tile:has(a[href*='{REPORT}'])")
    text = " ".join(tiles.all_inner_texts())
    for number in ("17.034", "70,25", "1,8", "2,27"):
        assert number in text
    for link in page.locator(".tile__number a").all():
        assert "#" in (link.get_attribute("href") or "")


def test_figure_reached_by_its_address_is_marked(host: str, visit: Callable[..., Visit]) -> None:
    """The row of a figure has its own address, and is told from the others without a script."""
    opened = visit(java_script_enabled=False)
    page = opened.open(f"{host}/bao-cao/{REPORT}/#jobs_created")
    ground = "element => getComputedStyle(element).backgroundColor"
    marked = page.locator("#jobs_created").evaluate(ground)
    assert marked != page.locator("#poverty_rate").evaluate(ground)


@pytest.mark.parametrize("query", ["17.034", "17034", "co 17.034 nguoi", "781.965 triệu đồng", "32 tỷ"])
def test_number_is_looked_up(host: str, visit: Callable[..., Visit], query: str) -> None:
    """A number, as printed or plain or in a sentence, finds its figure with the report and its place."""
    page = visit().open(f"{host}/tra-cuu/?q={quote(query)}")
    first = page.locator("#lookup-answer .found li").first
    first.wait_for()
    assert "Huế 2023, mục" in first.inner_text()
    assert "#" in (first.locator("a").first.get_attribute("href") or "")


@pytest.mark.parametrize("query", ["ty le ho ngheo", "tỷ lệ hộ nghèo", "ho\u0302\u0323 ngheo\u0300"])
def test_words_are_looked_up_with_and_without_accents(host: str, visit: Callable[..., Visit], query: str) -> None:
    """The page of an indicator is found by its name, however it is typed."""
    page = visit().open(f"{host}/tra-cuu/?q={quote(query)}")
    page.locator("#lookup-answer .found li").first.wait_for()
    titles = page.locator("#lookup-answer .found__title").all_inner_texts()
    assert "Tỷ lệ hộ nghèo" in titles[:3]


def test_unknown_number_is_said_plainly(host: str, visit: Callable[..., Visit]) -> None:
    """A number that no report prints is said not to be there, and that this does not make it wrong."""
    page = visit().open(f"{host}/tra-cuu/?q=987.654.321")
    empty = page.locator("#lookup-answer .empty")
    empty.wait_for()
    assert "987.654.321" in empty.inner_text()


def test_header_search_leads_to_the_lookup(host: str, visit: Callable[..., Visit]) -> None:
    """The field in the header works by keyboard alone."""
    page = visit().open(f"{host}/")
    page.fill("#site-search", "17034")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tra-cuu/?q=17034")
    page.locator("#lookup-answer .found li").first.wait_for()


def test_dark_colours_can_be_chosen_and_are_kept(host: str, visit: Callable[..., Visit]) -> None:
    """The button changes the colours, and the next page has them too."""
    opened = visit(color_scheme="light")
    page = opened.open(f"{host}/")
    page.click("button.scheme")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    page.goto(f"{host}/doi-chieu/")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
