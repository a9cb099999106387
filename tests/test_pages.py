"""What each kind of page leads with, what it leaves to the next, and how heavy it may get."""

import csv
import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from build_tools.build import build_site
from build_tools.publish import _with_styles_joined
from build_tools.render.page_views import MOST_TELLING
from build_tools.render.pages import _environment
from build_tools.sources import Sources
from tests.conftest import Visit, serving
from tests.makers import REPORT, Project, copy_example, edit_cell, edit_descriptor, write_rows

KB = 1000


def build(project: Project) -> Path:
    """Build a project and return the folder of its site."""
    built = build_site(project.settings())
    assert built.site is not None, built.checked.faults
    return project.folder / "out" / "site"


def lede(page: Path) -> str:
    """Return the first sentence of a page, with its markup."""
    found = re.search(r'<p class="lede">(.*?)</p>', page.read_text("utf-8"), re.DOTALL)
    assert found, page
    return found[1]


def plain(text: str) -> str:
    """Return markup as its words."""
    return " ".join(re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").split())


def copies(folder: Path, years: range) -> Project:
    """Return the example project with a copy of its report for each year more."""
    project = copy_example(folder)
    for year in years:
        package = project.packages / f"mau-{year}"
        shutil.copytree(project.report, package)
        for name in ("figures", "ledger"):
            path = package / f"{name}.csv"
            path.write_text(path.read_text("utf-8").replace("2023-", f"{year}-"), "utf-8")
        edit_descriptor(
            package,
            lambda d, name=package.name, year=year: (  # type: ignore[misc]
                d.update(name=name),
                d["report"].update(period_start=f"{year}-01-01", period_end=f"{year}-12-31", short_title=f"Mẫu {year}"),
            ),
        )
    return project


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example project."""
    return build(copy_example(tmp_path_factory.mktemp("example")))


@pytest.fixture(scope="module")
def two_places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the example project with a second province, whose report states another rate than poverty."""
    project = copy_example(tmp_path_factory.mktemp("places"))
    places = project.packages / "vocabulary" / "places.csv"
    with places.open("a", encoding="utf-8") as file:
        file.write("khac,province,Tỉnh Khác,Other province,Khác,Other,viet-nam,98,,2025-06-30,mau,Nay thuộc Mẫu.,\n")
    package = project.packages / "khac-2023-viec-lam"
    shutil.copytree(project.report, package)
    edit_descriptor(
        package, lambda d: (d.update(name=package.name), d["report"].update(place="khac", short_title="Khác 2023"))
    )
    figures = package / "figures.csv"
    figures.write_text(figures.read_text("utf-8").replace(",mau,", ",khac,"), "utf-8")
    for name in ("poverty_rate", "poverty_change"):
        edit_cell(figures, name, "indicator", "ty-le-khac")
    with (project.packages / "vocabulary" / "indicators.csv").open("a", encoding="utf-8") as file:
        file.write("ty-le-khac,Tỷ lệ khác,Other rate,giam-ngheo,phan-tram,neither,Một tỷ lệ.,A rate.,,\n")
    return build(project)


# ---- what a page leads with -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["chu-de/viec-lam", "chu-de/giam-ngheo", "dia-phuong/mau"])
def test_first_sentence_states_numbers_that_lead_to_their_figures(example: Path, address: str) -> None:
    """Topic and place say in their first sentence what was reported, each number a link to a row that is there."""
    report = (example / "bao-cao" / REPORT / "index.html").read_text("utf-8")
    links = re.findall(rf'href="[./]*bao-cao/{REPORT}/#([a-z_]+)">([^<]+)</a>', lede(example / address / "index.html"))
    assert links
    for anchor, _ in links:
        assert f'id="{anchor}"' in report


def test_first_sentence_of_a_topic_names_its_indicator_and_place(example: Path) -> None:
    """It says what is measured, when and where, and the value as printed."""
    text = plain(lede(example / "chu-de/viec-lam/index.html"))
    assert text == "Giải quyết việc làm: năm 2023, Mẫu báo cáo 1.250 người."


def test_first_sentence_of_a_place_says_what_its_report_puts_first(example: Path) -> None:
    """It gives the first two headlines of the newest report."""
    text = plain(lede(example / "dia-phuong/mau/index.html"))
    assert text == "Năm 2023, Mẫu báo cáo: giải quyết việc làm 1.250 người và tỷ lệ hộ nghèo 2,5 %."


def test_printed_change_stands_with_its_figure(example: Path) -> None:
    """A tile says from which year the number changed and by how much, as the report prints it, with a link to it."""
    home = (example / "index.html").read_text("utf-8")
    trend = re.search(r'<span class="trend">(.*?)</span>', home, re.DOTALL)
    assert trend and plain(trend[1]) == "Giảm 0,5 điểm % so với 2022"
    assert f"bao-cao/{REPORT}/#poverty_change" in trend[1]


def test_printed_numbers_under_a_tile_lead_to_their_figures(example: Path) -> None:
    """Target and attainment under a headline number are links to what the report prints."""
    home = (example / "index.html").read_text("utf-8")
    under = re.search(r'<p class="tile__target">(Chỉ tiêu.*?)</p>', home, re.DOTALL)
    assert under and plain(under[1]) == "Chỉ tiêu 1.200 người · in: đạt 104,17 %"
    assert f"bao-cao/{REPORT}/#jobs_target" in under[1] and f"bao-cao/{REPORT}/#jobs_attainment" in under[1]


def test_bar_is_drawn_only_where_it_is_held_against_something(example: Path) -> None:
    """A number without a target that is no share of a hundred has no bar: it would say nothing."""
    topic = (example / "chu-de/viec-lam/index.html").read_text("utf-8")
    tiles = {
        plain(label): bullet
        for label, bullet in re.findall(r'tile__label">(.*?)</p>.*?tile__bullet">(.*?)</div>', topic, re.DOTALL)
    }
    assert "<svg" in tiles["Giải quyết việc làm"]
    assert all("<svg" not in bullet for name, bullet in tiles.items() if name.startswith("Chi cho việc làm"))


def test_report_opens_with_its_sections(example: Path) -> None:
    """The contents of a report lead to its sections, with how many figures each holds, and stand before them."""
    page = (example / "bao-cao" / REPORT / "index.html").read_text("utf-8")
    contents = re.search(r'<details class="contents">.*?</details>', page, re.DOTALL)
    assert contents and contents.start() < page.index('id="con-so"')
    links = re.findall(r'href="#(muc-\d+)">([^<]*), (\d+)</a>', contents[0])
    assert sum(int(n) for *_, n in links) == 9
    for anchor, *_ in links:
        assert f'id="{anchor}"' in page


def test_what_all_rows_share_is_said_once(example: Path) -> None:
    """Where all figures of a section have one place and period, a line says so and the rows do not repeat it."""
    page = (example / "bao-cao" / REPORT / "index.html").read_text("utf-8")
    assert "Chung cho các dòng dưới đây: Mẫu, 2023." in page
    rows = re.findall(r"<tr id=.*?</tr>", page)
    assert len(rows) == 9 and not [row for row in rows if ">2023<" in row]


# ---- what is left to the next page ----------------------------------------------------------------------------------


def test_place_shows_the_most_telling_and_leads_to_all(example: Path) -> None:
    """The page of a place holds a few figures of a topic; all stand on a page of their own, and in the CSV."""
    place = (example / "dia-phuong/mau/index.html").read_text("utf-8")
    part = place.partition('id="viec-lam"')[2].partition('class="block-head"')[0].partition("</table>")[0]
    assert 0 < part.count('<td class="v">') <= MOST_TELLING
    assert "cả 6 con số" in place and 'href="viec-lam/"' in place
    whole = (example / "dia-phuong/mau/viec-lam/index.html").read_text("utf-8")
    assert whole.count('<td class="v">') == 6
    rows = list(csv.DictReader((example / "dia-phuong/mau.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 9


def test_results_held_against_a_target_come_first(example: Path) -> None:
    """Of a topic's figures on a page of a place the one with a target leads, with that target beside it."""
    place = (example / "dia-phuong/mau/index.html").read_text("utf-8")
    row = re.search(r'id="viec-lam".*?<tbody[^>]*>(<tr.*?</tr>)', place, re.DOTALL)
    assert row and re.search(r"1\.250.*?jobs_target\">1\.200", row[1])


def test_place_says_what_only_others_report(two_places: Path) -> None:
    """What reports of other places hold against a target, and none of this place states, is listed as theirs."""
    other = (two_places / "dia-phuong/khac/index.html").read_text("utf-8")
    silent = other.partition('id="khong-neu"')[2].partition("</table>")[0]
    assert "không nêu 1 chỉ tiêu dưới đây" in silent
    assert f"bao-cao/{REPORT}/#poverty_rate" in silent
    mau = (two_places / "dia-phuong/mau/index.html").read_text("utf-8")
    theirs = mau.partition('id="khong-neu"')[2].partition("</table>")[0]
    assert "bao-cao/khac-2023-viec-lam/#poverty_rate" in theirs and REPORT not in theirs


def test_place_says_what_became_of_it(two_places: Path) -> None:
    """The end of a place's borders and the place it belongs to now stand on its page, the latter as a link."""
    other = (two_places / "dia-phuong/khac/index.html").read_text("utf-8")
    facts = re.search(r'<dl class="facts">.*?</dl>', other, re.DOTALL)
    assert facts and "30/06/2025" in facts[0] and "Nay thuộc Mẫu." in facts[0]
    assert re.search(r'<a href="\.\./mau/">Tỉnh Mẫu</a>', facts[0])


@pytest.mark.parametrize(
    "address", ["chu-de/viec-lam", "dia-phuong/mau", "dia-phuong/khac/viec-lam", f"bao-cao/{REPORT}"]
)
def test_page_ends_with_related_pages(two_places: Path, address: str) -> None:
    """Topic, place and report lead on; where nothing is related there is no empty group."""
    page = (two_places / address / "index.html").read_text("utf-8")
    related = page.partition('<section class="related">')[2].partition("</section>")[0]
    groups = related.count('<nav class="filters"')
    assert groups and related.count("<li><a href=") >= groups


def test_nothing_to_show_is_said(tmp_path: Path) -> None:
    """Without claims the pages say that there is no calculation, in place of an empty table."""
    project = copy_example(tmp_path)
    claims = project.report / "claims.csv"
    write_rows(claims, list(csv.reader(claims.read_text("utf-8").splitlines()))[:1])
    site = build(project)
    for address in ("chu-de/viec-lam", "dia-phuong/mau", f"bao-cao/{REPORT}"):
        page = (site / address / "index.html").read_text("utf-8")
        assert 'class="empty"' in page.partition('id="doi-chieu"')[2], address
        assert 'class="verdicts' not in page


def test_footer_names_the_data_and_leads_on(example: Path) -> None:
    """Every page, that of an unknown address too, ends with version and date, method, licence, where to report."""
    for page in (example / "index.html", example / "404.html"):
        footer = page.read_text("utf-8").partition('<footer class="site-footer">')[2]
        assert re.search(r"Dữ liệu bản \d+\.\d+\.\d+, ngày \d\d/\d\d/\d{4}", footer)
        for address in ("phuong-phap/", "gioi-thieu/", "gioi-thieu/#bao-sai", "du-lieu/"):
            assert f'{address}"' in footer
        assert "CC BY 4.0" in footer


# ---- weight ---------------------------------------------------------------------------------------------------------


def test_page_does_not_grow_with_the_number_of_reports(tmp_path: Path) -> None:
    """What lists the newest only weighs the same, within a twentieth, with three reports and with twelve."""
    few = build(copies(tmp_path / "few", range(2021, 2023)))
    many = build(copies(tmp_path / "many", range(2012, 2023)))
    assert len(list((many / "bao-cao").glob("*/index.html"))) == 12
    for address in ("", "chu-de/viec-lam", "chu-de/giam-ngheo"):
        sizes = [(site / address / "index.html").stat().st_size for site in (few, many)]
        assert abs(sizes[1] - sizes[0]) <= sizes[0] / 20, (address, sizes)


def test_pages_are_light(built_site: Path) -> None:
    """Home, topic and place weigh at most 90 KB as HTML, an indicator 60 KB and 12 KB for each of its charts."""
    heavy = []
    for root in (built_site, built_site / "en"):
        pages = [root / "index.html", *root.glob("chu-de/*/index.html"), *root.glob("dia-phuong/*/index.html")]
        limits = [(page, 90 * KB) for page in pages]
        for page in root.glob("chi-tieu/*/index.html"):
            charts = page.read_text("utf-8").count('<div class="chart"')
            limits.append((page, (60 + 12 * charts) * KB))
        assert len(limits) > 100
        heavy += [f"{page}: {page.stat().st_size} of {most}" for page, most in limits if page.stat().st_size > most]
    assert not heavy, "\n".join(heavy)


@pytest.mark.parametrize("address", ["chi-tieu/ty-le-ho-ngheo/", "chi-tieu/giai-quyet-viec-lam/"])
def test_first_view_is_light(host: str, built_site: Path, visit: Callable[..., Visit], address: str) -> None:
    """The first view of an indicator takes at most 12 requests, 80 KB compressed, and 140 KB with its fonts."""
    opened = visit(viewport={"width": 390, "height": 844})
    asked: list[str] = []
    opened.context.on("request", lambda request: asked.append(request.url.removeprefix(host).partition("?")[0]))
    opened.open(f"{host}/{address}")
    assert len(asked) == len(set(asked)) <= 12, asked
    weight = {"text": 0, "font": 0}
    for path in asked:
        file = built_site / path.lstrip("/")
        content = (file / "index.html" if file.is_dir() else file).read_bytes()
        is_font = path.endswith(".woff2")
        weight["font" if is_font else "text"] += len(content if is_font else gzip.compress(content, mtime=0))
    assert weight["text"] <= 80 * KB and weight["font"] > 0, weight
    assert weight["text"] + weight["font"] <= 140 * KB, weight


@pytest.mark.parametrize("address", ["index.html", "chi-tieu/ty-le-ho-ngheo/index.html", "en/index.html", "404.html"])
def test_page_asks_for_one_file_of_styles(example: Path, address: str) -> None:
    """All styles of a page are in one file, and what they name, seen from there, is in the site."""
    page = (example / address).read_text("utf-8")
    (link,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    styles = example / link.lstrip("/") if link.startswith("/") else (example / address).parent / link
    text = styles.read_text("utf-8")
    assert "--md-default-fg-color" in text and ".tile__number" in text  # the theme's and ours
    named = re.findall(r"""url\(["']?(?!data:)([^"')]+)""", text)
    assert named and not [name for name in named if not (styles.parent / name).is_file()]


def test_styles_that_are_not_all_there_stay_apart(tmp_path: Path) -> None:
    """A page that names a style sheet which is not in its folder keeps its links as they are."""
    (tmp_path / "a.css").write_text("a { color: red }", "utf-8")
    page = '<head><link rel="stylesheet" href="a.css">\n<link rel="stylesheet" href="b.css">\n</head>'
    assert _with_styles_joined(page, "index.html", tmp_path) == page
    (tmp_path / "b.css").write_text("b { background: url(c.svg) }", "utf-8")
    joined = _with_styles_joined(page, "index.html", tmp_path)
    (link,) = re.findall(r'href="([^"]+)"', joined)
    assert (tmp_path / link).read_text("utf-8") == "a { color: red }\nb { background: url(../../c.svg) }"


# ---- tables that script helps with ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def host(built_site: Path) -> Iterator[str]:
    """The site of this project, served on this machine."""
    with serving(built_site) as address:
        yield address


LONG_TABLE = "dia-phuong/thua-thien-hue/viec-lam/"


def test_only_pages_with_long_tables_load_the_script(built_site: Path) -> None:
    """Its name stands in a page if and only if a table there offers to be sorted."""
    found = {True: 0, False: 0}
    for page in built_site.rglob("index.html"):
        text = page.read_text("utf-8")
        loads, offers = "assets/js/tables.js" in text, "data-tools=" in text
        assert loads == offers, page
        found[loads] += 1
    assert min(found.values()) > 10


def test_table_is_whole_without_javascript(host: str, visit: Callable[..., Visit]) -> None:
    """With scripts off every row shows, and nothing offers what would not work."""
    page = visit(java_script_enabled=False).open(f"{host}/{LONG_TABLE}")
    rows = page.locator("table.figures tbody tr")
    assert rows.count() > 15
    assert all(row.is_visible() for row in rows.all())
    assert page.locator(".tools, .sort").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_table_is_sorted_by_keyboard(host: str, visit: Callable[..., Visit], width: int) -> None:
    """A heading's button sorts up, down, and back to the order of the page; the heading says how."""
    page = visit(viewport={"width": width, "height": 900}).open(f"{host}/{LONG_TABLE}")

    def values() -> list[float]:
        texts = page.locator("table.figures tbody .v").all_inner_texts()
        found = [re.search(r"\d[\d.,]*", text) for text in texts]
        return [float(m[0].replace(".", "").replace(",", ".")) for m in found if m]

    before = values()
    head = page.locator("table.figures thead th.right")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending" and values() == sorted(before) != before
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending" and values() == sorted(before, reverse=True)
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") is None and values() == before


def test_table_is_filtered_without_accents(host: str, visit: Callable[..., Visit]) -> None:
    """Rows stay that hold every word typed, however accented, and a status says how many."""
    page = visit().open(f"{host}/{LONG_TABLE}")
    rows = page.locator("table.figures tbody tr")
    count = rows.count()
    page.fill(".tools input", "that nghiep")
    shown = [row.inner_text() for row in rows.all() if row.is_visible()]
    assert 0 < len(shown) < count and all("thất nghiệp" in text.lower() for text in shown)
    assert page.locator(".tools [role=status]").inner_text() == f"{len(shown)} trong {count} dòng"
    page.fill(".tools input", "")
    assert all(row.is_visible() for row in rows.all())


def test_row_that_an_address_names_is_never_hidden(host: str, visit: Callable[..., Visit]) -> None:
    """A filter gives way when an address leads to a row that it hides."""
    page = visit().open(f"{host}/bao-cao/hue-2023-lanh-dao/")
    table = page.locator("table[data-tools]", has=page.locator("#poverty_rate"))
    page.locator(".tools", has=page.locator("xpath=following-sibling::table[1]//tr[@id='poverty_rate']")).locator(
        "input"
    ).last.fill("không có dòng nào")
    assert not page.locator("#poverty_rate").is_visible()
    page.evaluate("location.hash = 'poverty_rate'")
    page.locator("#poverty_rate").wait_for(state="visible")
    assert table.count() == 1


def test_table_keeps_its_meaning_with_the_tools(host: str, visit: Callable[..., Visit]) -> None:
    """To assistive technology a table with the tools is still a table with headings, on a phone too."""
    page = visit(viewport={"width": 390, "height": 844}).open(f"{host}/{LONG_TABLE}")
    table = page.get_by_role("table").first
    assert table.get_by_role("columnheader").count() == page.locator("table.figures thead th").count()
    assert table.get_by_role("rowheader").count() == page.locator("table.figures tbody tr").count()


def test_figure_in_the_text_is_told_by_its_address_alone(
    host: str, reports_folder: Path, visit: Callable[..., Visit]
) -> None:
    """In a report's text the number an address names is outlined and its line is marked, without a script."""
    del reports_folder  # without the texts there is no such page
    page = visit(java_script_enabled=False).open(f"{host}/bao-cao/hue-2023-lanh-dao/van-ban/#jobs_created")
    style = "element => getComputedStyle(element).outlineStyle"
    assert page.locator("#jobs_created").evaluate(style) == "solid"
    assert page.locator("#poverty_rate").evaluate(style) == "none"
    shadow = "element => getComputedStyle(element.closest('li')).boxShadow"
    assert page.locator("#jobs_created").evaluate(shadow) != page.locator("#poverty_rate").evaluate(shadow)


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    """What was compiled for one language serves the next, and never a template with other words."""
    view: Any = SimpleNamespace(site=None, strong=None, language="vi")
    template = tmp_path / "templates" / "a.md"
    template.parent.mkdir()
    for text in ("một", "một", "hai"):
        template.write_text(text, "utf-8")
        assert _environment(view, Sources((tmp_path,))).get_template("a.md").render() == text
