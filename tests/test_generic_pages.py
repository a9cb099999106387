"""Packages that others made: pages, charts, files and a home of their own, small however large the data are."""

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pyarrow.parquet as pq
import pytest

from build_tools.build import Built, build_site
from build_tools.checks import check
from build_tools.render.downloads import to_parquet, to_xlsx, typed_frame
from build_tools.settings import read_settings, with_folders
from build_tools.verify import verify
from tests.conftest import Visit
from tests.makers import PROJECT, copy_example, write_rows
from tests.test_table_charts import table

KB = 1000
MOST_OF_PAGE = 64 * KB
MOST_OF_CHART = 28 * KB


def field(name: str, kind: str = "string", **more: object) -> dict[str, object]:
    """Return a column as a descriptor declares it."""
    return {"name": name, "type": kind, **more}


Columns = tuple[list[dict[str, Any]], list[list[str]]]


def write(folder: Path, name: str, tables: Mapping[str, Columns], **more: Any) -> Path:
    """Write a package of tables, each its fields and rows."""
    package = folder / name
    package.mkdir(parents=True)
    resources = []
    for called, (fields, rows) in tables.items():
        write_rows(package / f"{called}.csv", [[str(one["name"]) for one in fields], *rows])
        resources.append({"name": called, "path": f"{called}.csv", "schema": {"fields": fields}})
    descriptor = {"name": name, "resources": [*resources, *more.pop("files", [])], **more}
    (package / "datapackage.json").write_text(json.dumps(descriptor, ensure_ascii=False), encoding="utf-8")
    return package


def build(folder: Path, out: Path) -> Built:
    """Build a folder of packages."""
    settings = with_folders(read_settings(PROJECT), packages=folder, out=out)
    return build_site(replace(settings, social_images=False, reports=None))


REASON = {"reason": "Nguồn ghi vậy", "reason_en": "As in the source"}
PRICES = (
    [field("tháng", "yearmonth"), field("giá", "number", unit="USD", title="Giá vàng", title_en="Price of gold")],
    [[f"{2000 + n // 12}-{n % 12 + 1:02d}", str(300 + n * 7 % 90)] for n in range(120)],
)
PLACES = (
    [
        field("id", constraints={"required": True, "unique": True}),
        field("tên"),
        field("loại", constraints={"enum": ["xã", "phường", "thị trấn"]}, description="Loại đơn vị hành chính."),
        field("dân số", "integer", constraints={"minimum": 0}),
        field("lat", "number"),
        field("lon", "number"),
        field("اسم"),
        field("ô", "any"),
    ],
    [
        [f"x{n}", f"Nơi {n}", kind, str(900 + n * n % 977), "16.4", "107.5", "القاهرة", ""]
        for n, kind in zip(range(80), ["xã", "xã", "phường", "thị trấn"] * 20, strict=True)
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of packages alone: no vocabulary, no report."""
    folder = tmp_path_factory.mktemp("generic")
    packages = folder / "packages"
    write(
        packages,
        "gia-vang",
        {"thang": PRICES},
        title="Giá vàng",
        title_en="Gold prices",
        description="Giá *hằng tháng*.",
        version="1.2.0",
        created="2024-05-06T07:08:09Z",
        homepage="https://example.org/gold",
        keywords=["vàng", "giá"],
        licenses=[{"name": "CC0-1.0", "title": "CC0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        sources=[{"title": "Sở", "path": "javascript:alert(1)"}],
        contributors=[{"title": "Lan", "role": "author"}],
    )
    others = write(
        packages,
        "noi",
        {"noi": PLACES},
        files=[{"name": "ghi-chu", "path": "ghi-chu.html", "title": "Ghi chú"}],
        charts=[{"name": "moi-loai", "table": "noi", "kind": "counts", "by": "loại", "title": "Mỗi loại bao nhiêu"}],
        accepted=[{"resource": "noi", "code": "cell-enum", "field": "loại", **REASON}],
    )
    (others / "ghi-chu.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    path = others / "noi.csv"
    path.write_text(path.read_text("utf-8").replace("x7,Nơi 7,thị trấn", "x7,Nơi 7,thị tứ"), encoding="utf-8")
    small = ([field("year", "year"), field("v", "number")], [[str(1990 + n), str(n * n % 17)] for n in range(20)])
    write(packages, "nhieu-bang", {f"bang-{n}": small for n in range(71)})
    wide = [field(f"cột {n}", description="Một cột dài " * 60) for n in range(400)]
    write(packages, "rong", {"rong": (wide, [["chữ " * 60] * 400 for _ in range(30)])})
    first = date(2015, 1, 1)
    long = [[str(n), (first + timedelta(days=n % 3000)).isoformat(), str(n * 31 % 997)] for n in range(6000)]
    write(packages, "dai", {"dai": ([field("id", "integer"), field("day", "date"), field("amount", "number")], long)})
    broad = [field(f"c{n}") for n in range(2001)]
    far = [field("n", "number"), field("chữ" * 100)]
    odd = write(
        packages,
        "la",
        {"rong": (broad, [["1"] * 2001]), "xa": (far, [["1e999", "a"], ["-1e-999", "x" * 90_000], ["2", "a"]])},
        title="x" * 400,
        files=[{"name": "goi", "path": "goi.zip", "title": ["x"]}],
        licenses=["Lizenz", None],
        sources={"title": "x"},
        contributors=[None, {"title": 5, "path": {}}],
        keywords=[1, "vàng"],
        version=2,
        created=[1],
        homepage={"seite": 1},
    )
    (odd / "goi.zip").write_bytes(b"PK\3\4")
    built = build(packages, folder / "out")
    assert built.site is not None, built.checked.faults[:5]
    return built.site.resolve()


def page(site: Path, address: str) -> lxml.html.HtmlElement:
    """Return a page."""
    return lxml.html.fromstring((site / address / "index.html").read_bytes().decode())


def said(site: Path, address: str) -> str:
    """Return a page's words."""
    return " ".join(page(site, address).text_content().split())


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_home_that_leads_to_packages(site: Path, prefix: str) -> None:
    """Without a report the home page lists the packages, and no tab leads to a section that is not there."""
    links = {str(a.get("href")) for a in page(site, prefix).iter("a")}
    assert {f"du-lieu/{name}/" for name in ("gia-vang", "noi", "nhieu-bang", "rong", "dai")} <= links
    assert not {link for link in links if re.match(r"(bao-cao|chu-de|chi-tieu|dia-phuong|doi-chieu|cam-ket)/", link)}
    assert "CC BY 4.0" not in said(site, prefix)  # each package has a licence of its own


def test_what_a_package_says_of_itself(site: Path) -> None:
    """Version, day, licence, sources, people, keywords and homepage stand on the page; only web addresses are links."""
    text = said(site, "du-lieu/gia-vang/")
    for words in ("Bản 1.2.0", "06/05/2024", "CC0", "Sở", "Lan (author)", "vàng, giá", "https://example.org/gold"):
        assert words in text
    links = {str(a.get("href")) for a in page(site, "du-lieu/gia-vang/").iter("a")}
    assert {"https://example.org/gold", "https://creativecommons.org/publicdomain/zero/1.0/"} <= links
    assert "javascript:alert(1)" in text
    assert not [link for link in links if "javascript" in link]
    assert page(site, "du-lieu/gia-vang/").xpath("//em[text()='hằng tháng']")
    assert "Gold prices" in said(site, "en/du-lieu/gia-vang/")
    assert "minhbach (" not in text  # what others made is not cited as ours


def test_a_schema_in_words(site: Path) -> None:
    """The page of a table says what each column may hold."""
    text = said(site, "du-lieu/noi/noi/")
    for words in ("không để trống", "mỗi giá trị một lần", "một trong: xã, phường, thị trấn", "ít nhất 0", "số nguyên"):
        assert words in text
    english = said(site, "en/du-lieu/noi/noi/")
    for words in ("never empty", "each value once", "at least 0", "whole number"):
        assert words in english


def test_charts_that_tell_something(site: Path) -> None:
    """A price over months is a line; a table with a wish has that chart alone, under its own title."""
    (line,) = page(site, "du-lieu/gia-vang/thang/").find_class("chart")
    assert "Giá vàng theo thời gian" in line.text_content()
    (english,) = page(site, "en/du-lieu/gia-vang/thang/").find_class("chart")
    assert "Price of gold over time" in english.text_content()
    (asked,) = page(site, "du-lieu/noi/noi/").find_class("chart")
    assert "Mỗi loại bao nhiêu" in asked.text_content()
    assert (site / "bieu-do/noi--noi--moi-loai.svg").is_file()
    assert (site / "bieu-do/gia-vang--thang--gia-thang.csv").read_text("utf-8").count("\n") == 121


def test_accepted_faults_are_shown(site: Path) -> None:
    """A package that is published as it is shows what is wrong, where, and why it stands."""
    shown = " ".join(page(site, "du-lieu/noi/").get_element_by_id("loi").text_content().split())
    assert "thị tứ" in shown
    assert "dòng 9" in shown
    assert "Nguồn ghi vậy" in shown
    english = page(site, "en/du-lieu/noi/").get_element_by_id("loi").text_content()
    assert "As in the source" in english
    assert not page(site, "du-lieu/gia-vang/").xpath("//*[@id='loi']")


def test_files_that_are_no_tables(site: Path) -> None:
    """A file that is no table is a download as it stands, under a name that no browser runs."""
    (link,) = [a for a in page(site, "du-lieu/noi/").iter("a") if "Ghi chú" in a.text_content()]
    file = site / "du-lieu/noi" / str(link.get("href"))
    assert file.read_text("utf-8") == "<script>alert(1)</script>"
    assert file.suffix not in (".html", ".htm", ".svg", ".xml")


def test_the_zip_is_the_package(site: Path) -> None:
    """The zip holds the files as their makers wrote them, and reads as the same package."""
    with zipfile.ZipFile(site / "du-lieu/noi.zip") as archive:
        names = set(archive.namelist())
        assert names == {
            f"noi/{name}" for name in ("datapackage.json", "noi.csv", "ghi-chu.html", "README.md", "SHA256SUMS")
        }
        assert json.loads(archive.read("noi/datapackage.json"))["charts"][0]["name"] == "moi-loai"


def test_letters_that_run_from_the_right(site: Path) -> None:
    """The browser sees to the direction of cells in such letters, and of no others."""
    cells = page(site, "du-lieu/noi/noi/").xpath("//td[@dir='auto']")
    assert cells
    assert all(cell.text_content() in ("القاهرة", "اسم") for cell in cells)


def test_pages_stay_small(site: Path) -> None:
    """However many rows, columns, tables or letters: a page weighs at most 64 kB, and 28 kB for each of its charts."""
    heavy = []
    for path in sorted(site.rglob("index.html")):
        text = path.read_text("utf-8")
        most = MOST_OF_PAGE + MOST_OF_CHART * text.count('<div class="chart"')
        if len(text.encode()) > most:
            heavy.append(f"{path.relative_to(site)}: {len(text.encode())} of {most}")
    assert not heavy, "\n".join(heavy)
    assert "50 dòng đầu trong 6.000 dòng" in said(site, "du-lieu/dai/dai/")
    assert "Còn 340 cột nữa" in said(site, "du-lieu/rong/rong/")
    assert (site / "du-lieu/dai/dai.csv").read_text("utf-8").count("\n") == 6001


def test_tables_are_found(site: Path) -> None:
    """The lookup knows the pages of packages by the words of their titles."""
    files = [path.read_text("utf-8") for path in (site / "tra-cuu").rglob("*.js")]
    assert any("du-lieu/gia-vang/" in text for text in files)


@pytest.mark.parametrize(
    ("prefix", "size", "words"),
    [
        ("", "50 dòng đầu trong 6.000 dòng; các tệp có đủ.", "Lọc 50 dòng trên trang này (cả bảng có 6.000)"),
        ("en/", "The first 50 of 6,000 rows; all of them are in the files.", "Filter the 50 rows on this page"),
    ],
)
def test_the_beginning_of_a_large_table_says_that_it_is_one(
    site: Path, prefix: str, size: str, words: str, visit: Callable[..., Visit], serve: Callable[[Path], str]
) -> None:
    """How many of how many rows, and the file that has all; what sorts and filters says that it does so with these."""
    tab = visit().open(f"{serve(site)}/{prefix}du-lieu/dai/dai/")
    hint = tab.locator("p.hint", has_text="6.000" if not prefix else "6,000")
    assert hint.inner_text().startswith(size)
    link = hint.locator("a[download]")
    assert "CSV" in link.inner_text()
    with tab.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes().count(b"\n") == 6001
    (label,) = [text for text in tab.locator("label").all_inner_texts() if words in text]
    tab.get_by_label(label).fill("2015-02-01")
    assert ("1 trong 50 dòng trên trang này" if not prefix else "1 of 50 rows on this page") in tab.inner_text(
        "article"
    )
    title = tab.locator("button.sort").first.get_attribute("title") or ""
    assert title.startswith("Sắp xếp 50 dòng trên trang này theo" if not prefix else "Sort the 50 rows on this page by")
    whole = tab.goto(f"{serve(site)}/{prefix}du-lieu/noi/noi/")
    assert whole is not None
    assert "None" not in tab.inner_text("article")


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_package_that_says_odd_things_of_itself(site: Path, prefix: str) -> None:
    """What is not of the standard's types is left out of the page and of no file; the data are all there."""
    text = said(site, f"{prefix}du-lieu/la/")
    assert "x" * 400 in text and "vàng" in text
    assert not [words for words in ("Lizenz", "seite", "None", "[1]", "['x']") if words in text]
    table = said(site, f"{prefix}du-lieu/la/xa/")
    assert "1e999" in table and "-1e-999" in table and "chữ" * 100 in table
    assert (site / "du-lieu/la/xa.csv").read_text("utf-8").count("x" * 90_000) == 1
    with zipfile.ZipFile(site / "du-lieu/la.zip") as archive:
        assert json.loads(archive.read("la/datapackage.json"))["licenses"] == ["Lizenz", None]


def test_a_database_has_the_tables_that_it_takes(site: Path) -> None:
    """A table of more columns than SQLite takes is not in the database of the site; the others are."""
    (path,) = (site / "tai-ve").glob("*.sqlite")
    with closing(sqlite3.connect(path)) as base:
        names = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"la_xa", "noi_noi", "dai_dai", "rong_rong"} <= names
    assert "la_rong" not in names


def test_files_of_others_are_no_zips_of_ours(site: Path) -> None:
    """The site is whole as it was published: a zip that somebody made is a file, whatever is in it."""
    verified = verify(str(site))
    assert verified.faults == ()
    assert (site / "du-lieu/la/goi.zip").read_bytes() == b"PK\3\4"


# ---- wishes for charts ---------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"name": "gia", "table": "thang", "kind": "line", "by": "tháng", "values": ["giá"]}


def wishes(folder: Path, charts: object) -> list[tuple[str, str]]:
    """Return the place and cell of each wish that cannot be met."""
    write(folder, "gia-vang", {"thang": PRICES}, charts=charts)
    checked = check(folder, None)
    assert not [item for item in checked.faults if item.level == "error"]
    return [(item.column, item.cell) for item in checked.faults if item.code == "chart-asked"]


def test_a_good_wish(tmp_path: Path) -> None:
    """A wish for a chart that can be drawn has no fault."""
    assert wishes(tmp_path, [GOOD]) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": "Giá"}, "name"),
        ({"table": "khac"}, "table"),
        ({"kind": "pie"}, "kind"),
        ({"by": "ngày"}, "by"),
        ({"by": "giá"}, "by"),
        ({"values": ["x"]}, "values"),
        ({"values": []}, "values"),
        ({"values": "giá"}, "values"),
        ({"kind": "counts"}, "values"),
        ({"title": 3}, "title"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wish_that_cannot_be_met(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    """A wish that is wrong in one thing is a warning that names it, and stops no publication."""
    ((column, _),) = wishes(tmp_path, [{**GOOD, **change}])
    assert column == f"charts[0].{where}"


@pytest.mark.parametrize("charts", [{"name": "x"}, ["x"], "x"])
def test_wishes_of_another_form(tmp_path: Path, charts: object) -> None:
    """A property `charts` that means something else is a warning."""
    assert len(wishes(tmp_path, charts)) == 1


# ---- typed files ---------------------------------------------------------------------------------------------------


def test_no_number_is_changed_by_a_format() -> None:
    """Numbers longer than a format holds, days before its calendar, and cells of another type stay text."""
    one = table(
        {
            "long:integer": ["123456789012345678", "1", "2"],
            "huge:integer": ["9" * 40, "1", "2"],
            "fine:number": ["0." + "1" * 45, "1", ""],
            "plain:number": ["1.50", "", "-2"],
            "day:date": ["1833-01-01", "2023-02-03", ""],
            "mixed:integer": ["5", "năm", "6"],
        }
    )
    frame = typed_frame(one)
    parquet = pq.read_table(io.BytesIO(to_parquet(frame, one))).to_pydict()
    assert parquet["long"] == [123456789012345678, 1, 2]
    assert parquet["huge"] == ["9" * 40, "1", "2"]
    assert parquet["fine"] == ["0." + "1" * 45, "1", None]
    assert [None if v is None else str(v.normalize()) for v in parquet["plain"]] == ["1.5", None, "-2"]
    assert parquet["mixed"] == ["5", "năm", "6"]
    package = check(PROJECT / "datapackages", None, [PROJECT / "datapackages" / "across"]).packages[0]
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame, one, package))).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows[0][0] == "123456789012345678"
    assert rows[0][3] == 1.5
    assert rows[0][4] == "1833-01-01"
    assert rows[1][4].date() == date(2023, 2, 3)
    assert rows[1][5] == "năm"


def test_beside_reports_nothing_changes(tmp_path: Path) -> None:
    """A package that others made stands beside a report and changes no page of it."""
    project = copy_example(tmp_path)
    write(project.packages, "gia-vang", {"thang": PRICES}, charts=[GOOD])
    built = build_site(project.settings())
    assert built.site is not None
    assert "mau-2023-viec-lam" in (built.site / "index.html").read_text("utf-8")
    assert (built.site / "du-lieu/gia-vang/thang/index.html").is_file()
