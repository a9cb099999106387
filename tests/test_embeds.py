"""Charts in frames: one element to copy, a page without script that any site may show, and how it is discovered."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from build_tools.build import build_site
from build_tools.render.embeds import WIDTH, Frame, embed_address, frame_height
from build_tools.settings import read_settings, with_folders
from tests.conftest import PROJECT, Visit

HOSTILE = ('"><script>alert(1)</script>', "' onload='alert(1)", "</iframe><b>", "a\nb & c")


@pytest.mark.parametrize("title", HOSTILE)
def test_what_is_copied_is_one_frame(title: str) -> None:
    """Whatever the title holds, the code is an iframe and nothing else, and its title is the text as it stands."""
    (frame,) = lxml.html.fragments_fromstring(Frame("https://minhbach.example/nhung/a/", title, 400).html)
    assert frame.tag == "iframe" and len(frame) == 0 and not frame.text
    assert set(frame.attrib) == {"src", "title", "width", "height", "loading"}
    assert frame.get("title") == title


def test_a_frame_has_room_for_the_picture() -> None:
    """The height is that of the picture and of the lines around it."""
    low, high = (frame_height(f'<svg viewBox="0 0 328 {n}">') for n in (100, 300))
    assert high - low == 200 and low > 100


def _embeds(site: Path) -> list[Path]:
    return sorted(path for prefix in ("", "en/") for path in (site / f"{prefix}nhung").rglob("index.html"))


def test_every_chart_can_be_embedded(built_site: Path) -> None:
    """Each chart of a page has a page in a frame in each language, which holds no script and names its source."""
    pages = _embeds(built_site)
    charts = {path.stem for path in (built_site / "bieu-do").glob("*.svg")}
    assert charts and {path.parent.name for path in (built_site / "nhung").glob("*/index.html")} == charts
    assert {path.parent.name for path in (built_site / "en/nhung").glob("*/index.html")} == charts
    for path in pages:
        tree = lxml.html.parse(str(path)).getroot()
        assert not tree.xpath("//script | //iframe | //form"), path
        assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")], path
        assert tree.xpath("//h1") and tree.xpath("//div[@role='img' and @aria-label]"), path
        sources = tree.xpath("//p/a[@target='_blank']")
        assert len(sources) == 2 and all((path.parent / a.get("href").partition("#")[0]).exists() for a in sources), (
            path
        )


def test_the_code_on_a_page_leads_to_the_page_of_the_chart(built_site: Path) -> None:
    """Every frame offered beside a chart shows a page that exists, in the language of the page that offers it."""
    offered = 0
    for prefix in ("", "en/"):
        for path in sorted((built_site / f"{prefix}chi-tieu").glob("*/index.html")):
            tree = lxml.html.parse(str(path)).getroot()
            for code in tree.xpath("//code[@data-copy-text]"):
                (frame,) = lxml.html.fragments_fromstring(code.text)
                place = frame.get("src").removeprefix("https://minhbach.example/")
                assert place.startswith(f"{prefix}nhung/") and (built_site / place / "index.html").is_file()
                assert frame.get("width") == str(WIDTH)
                offered += 1
    assert offered > len(list((built_site / "nhung").glob("*/index.html")))


def test_a_frozen_chart_says_its_version(built_site: Path) -> None:
    """A page at a version says which one it is, in words and in its address."""
    frozen = sorted((built_site / "nhung").glob("*/*/index.html"))
    assert frozen
    for path in frozen:
        version = path.parent.name
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert f"bản {version}" in path.read_text(encoding="utf-8")


def test_charts_are_discovered_where_the_address_is_known(tmp_path: Path) -> None:
    """With an address, each page in a frame names its record, whose code shows that page; without one it names none."""
    example = PROJECT / "tests" / "example_project" / "datapackages"
    settings = replace(with_folders(read_settings(PROJECT), example, tmp_path / "out"), social_images=False)
    settings = replace(settings, site_url="https://minhbach.example/so-lieu/")
    site = build_site(settings).site
    assert site is not None
    page = next(iter(_embeds(site)))
    tree = lxml.html.parse(str(page)).getroot()
    (link,) = tree.xpath("//link[@type='application/json+oembed']/@href")
    record = json.loads((site / link.removeprefix("https://minhbach.example/so-lieu/")).read_text(encoding="utf-8"))
    assert record["version"] == "1.0" and record["type"] == "rich"
    (frame,) = lxml.html.fragments_fromstring(record["html"])
    assert link.startswith(frame.get("src"))
    assert str(record["height"]) == frame.get("height") and record["title"] == frame.get("title")
    picture = record["thumbnail_url"].removeprefix("https://minhbach.example/so-lieu/")
    assert (site / picture).is_file()


def test_a_frame_shows_the_whole_chart(host: str, built_site: Path, visit: Callable[..., Visit]) -> None:
    """In frames as wide as asked and as on a phone, nothing of the page is cut off and nothing runs or complains."""
    opened = visit(viewport={"width": 1000, "height": 800})
    for path in _embeds(built_site)[::40]:
        place = path.parent.relative_to(built_site).as_posix()
        chart = place.split("nhung/")[1].split("/")[0]
        record = json.loads((built_site / place.split("nhung/")[0] / embed_address(chart) / "oembed.json").read_text())
        page = opened.open(f"{host}/{place}/")
        for width in (WIDTH, 320):
            page.set_viewport_size({"width": width, "height": record["height"]})
            over = page.evaluate(
                "[document.documentElement.scrollWidth - innerWidth, document.body.offsetHeight - innerHeight]"
            )
            assert over[0] <= 0 and over[1] <= 0, (place, width, over)
        page.close()


def test_the_data_of_several_panels_say_whose_they_are(built_site: Path) -> None:
    """In the table and in the CSV of a chart over years, no two rows of one kind have the same label."""
    page = lxml.html.parse(str(built_site / "chi-tieu/ty-le-ho-ngheo/index.html")).getroot()
    rows = page.xpath("//div[@id='ty-le-ho-ngheo--nam']//table[contains(@class, 'plain')]/tbody/tr")
    shown = [tuple(cell.text_content() for cell in row[:2]) for row in rows]
    assert len(shown) == len(set(shown)) > 4
    text = (built_site / "bieu-do/ty-le-ho-ngheo--nam.csv").read_text(encoding="utf-8")
    written = [tuple(row[:2]) for row in csv.reader(io.StringIO(text))]
    assert len(written) == len(set(written)) == len(shown) + 1 and any("Quảng Bình" in label for label, _ in written)
