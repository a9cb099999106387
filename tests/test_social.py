"""Pictures that stand for pages where they are shared: what is on them, where they are, and that they are kept."""

import re
import shutil
import struct
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from build_tools.build import build_site
from build_tools.render import social
from build_tools.render.charts import text_width
from build_tools.render.pictures import SIGNATURE
from build_tools.render.social import Card, card_svg
from build_tools.settings import DEFAULT_URL
from tests.makers import REPORT, Project, copy_example

CARD = Card(
    path="hinh/chi-tieu/ty-le-ho-ngheo.png",
    language="vi",
    kind="Chỉ tiêu",
    title="Tỷ lệ hộ nghèo",
    number="2,27",
    unit="\u00a0%",
    line="Thừa Thiên Huế, 2023",
    foot="Trang độc lập",
    site="minhbach",
)
PAGES = {
    "": "hinh/trang-chu.png",
    "chu-de/viec-lam/": "hinh/chu-de/viec-lam.png",
    "chi-tieu/ty-le-ho-ngheo/": "hinh/chi-tieu/ty-le-ho-ngheo.png",
    "dia-phuong/mau/": "hinh/dia-phuong/mau.png",
    f"bao-cao/{REPORT}/": f"hinh/bao-cao/{REPORT}.png",
}


def size(png: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    assert png.startswith(SIGNATURE) and b"IEND" in png[-12:]
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def texts(card: Card) -> str:
    """Return the words on a card."""
    return " ".join("".join(ElementTree.fromstring(card_svg(card)).itertext()).split())  # noqa: S314  (our own)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example project, built with its pictures."""
    project = copy_example(tmp_path_factory.mktemp("social"))
    assert build_site(project.settings(social_images=True)).site
    return project


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize(("address", "image"), PAGES.items())
def test_page_names_its_picture(project: Project, address: str, image: str, prefix: str) -> None:
    """Home, topic, indicator, place and report name a picture of their language by its whole address; it is there."""
    site = project.folder / "out" / "site"
    page = (site / prefix / address / "index.html").read_text("utf-8")
    named = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
    assert named == [f"{DEFAULT_URL}{prefix}{image}"]
    assert 'name="twitter:card" content="summary_large_image"' in page
    assert size((site / prefix / image).read_bytes()) == (1200, 630)


def test_other_pages_name_no_picture(project: Project) -> None:
    """A page without a picture of its own has none of another page's."""
    page = (project.folder / "out" / "site" / "cam-ket" / "index.html").read_text("utf-8")
    assert "og:image" not in page and 'name="twitter:card" content="summary"' in page


def test_address_of_the_site_is_used_where_it_is_set(project: Project, tmp_path: Path) -> None:
    """With a site_url the picture's address begins with it, whatever stands for it elsewhere."""
    shutil.copytree(project.folder, tmp_path / "project", symlinks=True)
    settings = replace(Project(tmp_path / "project").settings(social_images=True), site_url="https://example.org/mb/")
    assert build_site(settings).site
    page = (tmp_path / "project" / "out" / "site" / "en" / "index.html").read_text("utf-8")
    assert '"https://example.org/mb/en/hinh/trang-chu.png"' in page


def test_pictures_can_be_left_out(tmp_path: Path) -> None:
    """Without them no page names one, no file is made, and no stage is counted."""
    project = copy_example(tmp_path)
    built = build_site(project.settings())
    assert built.site and "social" not in built.seconds
    assert "og:image" not in (project.folder / "out" / "site" / "index.html").read_text("utf-8")
    assert not (project.folder / "out" / "site" / "hinh").exists()


def test_picture_shows_the_headline_number() -> None:
    """Every text of a card is drawn on it."""
    assert texts(CARD) == "minhbachChỉ tiêuTỷ lệ hộ nghèo2,27 %Thừa Thiên Huế, 2023Trang độc lập"


@pytest.mark.parametrize("number", ["7", "khoảng 1.234.567.890", "9" * 40])
@pytest.mark.parametrize("title", ["Một", "Tỷ lệ hộ nghèo " * 30])
def test_nothing_leaves_the_picture(number: str, title: str) -> None:
    """However long title and number are, lines stay inside the margins and above the foot."""
    card = replace(CARD, title=title, number=number, unit="\u00a0triệu đồng", actual_percent="80", target_percent="70")
    root = ElementTree.fromstring(card_svg(card))  # noqa: S314  (our own)
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        own, unit = text.text or "", "".join(part.text or "" for part in text)
        size_of = float(text.get("font-size", "0"))
        width = text_width(own, size_of, int(text.get("font-weight", "400")))
        width += text_width(unit, size_of * 0.4, 400)
        assert float(text.get("x", "0")) + width <= social.WIDTH - social.MARGIN + 8, own
        assert float(text.get("y", "0")) <= social.HEIGHT - 20, own


def test_text_is_no_markup() -> None:
    """A name that looks like markup is drawn as it is."""
    assert "<b>&" in texts(replace(CARD, title="<b>&"))


def test_derived_target_is_dashed_and_estimate_hollow() -> None:
    """The bar of a card uses the marks as the pages do."""
    printed = replace(CARD, actual_percent="80", target_percent="70")
    assert "stroke-dasharray" not in card_svg(printed)
    assert "stroke-dasharray" in card_svg(replace(printed, is_derived=True))
    assert (
        card_svg(replace(printed, is_estimate=True)).count('fill="none"') == card_svg(printed).count('fill="none"') + 1
    )
