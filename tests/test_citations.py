"""Citations for reference managers: read back by readers of our own, they say what was put in, whatever it holds."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from build_tools.render.citations import Entry, as_bibtex, as_csl_json, as_ris, citation_files, entries_of
from build_tools.render.page_views import PageView
from build_tools.settings import read_settings
from build_tools.site_model import Page
from build_tools.words import read_words
from tests.makers import CHANGES, PROJECT, REPORT, copy_example, edit_descriptor, put_changes

# -- readers ----------------------------------------------------------------------------------------------------------

_NAMES = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textquotedbl{}": '"',
}


def read_bibtex(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the key and fields of each entry, by BibTeX's own rule: a value ends where its braces are closed."""
    entries = []
    at = 0
    while at < len(text):
        start = re.compile(r"\s*@misc\{([^\s,{}]+),\s*").match(text, at)
        if start is None:
            assert not text[at:].strip(), f"outside an entry: {text[at : at + 40]!r}"
            break
        at, fields = start.end(), {}
        while text[at] != "}":
            name = re.compile(r"([a-z]+) = \{").match(text, at)
            assert name, f"no field: {text[at : at + 40]!r}"
            begin, depth, at = name.end(), 1, name.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
            assert name[1] not in fields
            fields[name[1]] = text[begin : at - 1]
            end = re.compile(r",\s*").match(text, at)
            assert end
            at = end.end()
        at += 1
        entries.append((start[1], fields))
    return entries


def from_tex(text: str) -> str:
    """Return what TeX would print."""
    return re.sub(r"\\text[a-z]+\{\}|\\[#$%&_]", lambda m: _NAMES.get(m[0]) or m[0][1], text)


def read_ris(text: str) -> list[dict[str, str]]:
    """Return the tags of each entry: a reader that takes lines, and ends an entry at ER."""
    entries: list[dict[str, str]] = []
    current: dict[str, str] | None = None
    for line in text.splitlines():  # every kind of line end that a reader may know
        if not line:
            continue
        match = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert match, f"no tag: {line!r}"
        tag, value = match.groups()
        if tag == "TY":
            assert current is None
            current = {}
        assert current is not None
        if tag == "ER":
            assert not value
            entries.append(current)
            current = None
        else:
            assert tag not in current
            current[tag] = value
    assert current is None
    return entries


def entry(title: str = "Tên", note: str = "", key: str = "goi:ma", version: str = "0.1.0") -> Entry:
    """Return an entry with the texts that the data decide."""
    address = "https://minhbach.example/bao-cao/goi/#ma"
    return Entry(key, "figure", title, version, "2026-11-21", address, "vi", "minhbach", note)


def line(text: str) -> str:
    """Return what a text comes back as: its words on one line, control signs as blanks."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in text).split())


# -- hostile texts ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "a } b",
    "{",
    "}}, url = {http://x.example}}\n@misc{other,",
    "\\",
    "\\}",
    "\\{ \\end{document} %",
    "100 % & #1 $x$ a_b ^ ~",
    '"quoted"',
    "x\nER  - \nTY  - BOOK",
    "x\r\nER  - \r\nUR  - http://x.example",
    "x\u2028ER  - \u2029TY  - BOOK\x85AU  - x\x0bER  - \x0c",
    "ER  - ",
    '", "URL": "http://x.example',
    "@comment{x}",
    "  nhiều   khoảng trắng  ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_field(text: str) -> None:
    """Braces, backslashes, line ends and tags in a title, a note or a version break out of no field."""
    stay(text)


@given(st.text())
def test_any_text_stays_in_its_field(text: str) -> None:
    """So does any text at all."""
    stay(text)


def stay(text: str) -> None:
    """Require that a text comes back from all three forms, between two entries that it leaves alone."""
    entries = [entry(key="goi:truoc"), entry(text, text, version=text), entry(key="goi:sau")]
    said = line(text)
    bibtex, ris, csl = read_bibtex(as_bibtex(entries)), read_ris(as_ris(entries)), json.loads(as_csl_json(entries))
    assert [key for key, _ in bibtex] == [e["ID"] for e in ris] == [e["id"] for e in csl] == [e.key for e in entries]
    for found in (bibtex[0][1], bibtex[2][1]):
        assert from_tex(found["title"]) == "{Tên}" and found["url"] == "https://minhbach.example/bao-cao/goi/#ma"
    assert {from_tex(bibtex[1][1].get("title", "")[1:-1]), from_tex(bibtex[1][1].get("note", ""))} == {said}
    assert {ris[1].get("TI", ""), ris[1].get("N1", ""), ris[1].get("ET", "")} == {said}
    assert {csl[1].get("title", ""), csl[1].get("note", ""), csl[1].get("version", "")} == {said}
    known = "author title year date version howpublished url note language"
    assert not set(bibtex[1][1]) - set(known.split())


@given(st.text(min_size=1))
def test_any_key_is_one_word(key: str) -> None:
    """A key holds no sign that ends it."""
    ((found, _),) = read_bibtex(as_bibtex([entry(key=key)]))
    assert re.fullmatch(r"[A-Za-z0-9:._-]+", found)


# -- the example's citations ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], PageView]:
    """Make the records of the example's pages in a language; its package has a title that is hard on every form."""
    project = copy_example(tmp_path_factory.mktemp("citations"))
    edit_descriptor(project.report, lambda d: d.update(title="Số {mẫu} 100 %\\ & ER  - x <b> &amp;"))
    c = project.check()
    site = c.plan()
    return lambda language: PageView(site, read_words(language), read_settings(PROJECT), {})


def test_everything_that_can_be_cited_has_an_entry(view: Callable[[str], PageView]) -> None:
    """The package, each table, each chart and each figure, once, with the same key in every form and language."""
    site = view("vi").site
    package = next(package for package in site.packages if package.name == REPORT)
    expected = [REPORT, *(f"{REPORT}:table:{table.name}" for table in package.tables)]
    expected += [f"{REPORT}:chart:{chart.chart}" for chart in site.charts if chart.package == REPORT]
    expected += [f"{REPORT}:{figure.figure_id}" for figure in site.reports[0].data.figures]
    for language, prefix in (("vi", ""), ("en", "en/")):
        files = {file.path: file.content.decode() for file in citation_files(view(language))}
        suffixes = ("bib", "ris", "csl.json")
        assert set(files) == {f"{prefix}du-lieu/{name}.{end}" for name in (REPORT, "vocabulary") for end in suffixes}
        base = f"{prefix}du-lieu/{REPORT}"
        assert [key for key, _ in read_bibtex(files[f"{base}.bib"])] == expected
        assert [e["ID"] for e in read_ris(files[f"{base}.ris"])] == expected
        assert [e["id"] for e in json.loads(files[f"{base}.csl.json"])] == expected
    assert len(expected) == len(set(expected)) > 15


def test_the_three_forms_say_the_same(view: Callable[[str], PageView]) -> None:
    """Title, version, day and address of every entry agree in BibTeX, RIS and CSL JSON."""
    for language in ("vi", "en"):
        package = next(package for package in view(language).site.packages if package.name == REPORT)
        entries = list(entries_of(view(language), package))
        bibtex, ris = read_bibtex(as_bibtex(entries)), read_ris(as_ris(entries))
        for one, (_, b), r, c in zip(entries, bibtex, ris, json.loads(as_csl_json(entries)), strict=True):
            assert from_tex(b["title"][1:-1]) == r["TI"] == c["title"] == one.title
            assert b["version"] == r["ET"] == c["version"] == "1.0.0"
            assert b["date"] == r["DA"].replace("/", "-") == one.day == "2024-02-01"
            assert c["issued"]["date-parts"] == [[2024, 2, 1]] and b["year"] == r["PY"] == "2024"
            assert b["url"] == r["UR"] == c["URL"] == one.address
            assert b["author"] == "{minhbach}" and c["author"] == [{"literal": r["AU"]}]
            assert one.kind != "package" or language == "en" or one.title == "Số {mẫu} 100 %\\ & ER - x <b> &amp;"
            assert r["TY"] == ("FIGURE" if one.kind == "chart" else "DATA") and r["LA"] == c["language"] == language


def test_a_figure_is_cited_with_value_and_place(view: Callable[[str], PageView]) -> None:
    """A figure's entry says what it is, its value as the language writes it, and where in the report it stands."""
    said = {}
    for language in ("vi", "en"):
        package = next(package for package in view(language).site.packages if package.name == REPORT)
        found = {one.key: one for one in entries_of(view(language), package)}
        one = found[f"{REPORT}:jobs_created"]
        said[language] = (one.title, one.note, one.address.removeprefix("https://minhbach.example"))
    assert said["vi"] == (
        "Giải quyết việc làm, Kết quả: 1.250 người (Mẫu, 2023)",
        "Nêu trong Báo cáo thử năm 2023, Mẫu 2023, mục 1, dòng 5.",
        f"/bao-cao/{REPORT}/#jobs_created",
    )
    assert said["en"] == (
        "Jobs created, Result: 1,250 people (Mau, 2023)",
        "Stated in Example report 2023, Mau 2023, section 1, line 5.",
        f"/en/bao-cao/{REPORT}/#jobs_created",
    )


def test_a_version_is_cited_by_its_own_day(tmp_path: Path) -> None:
    """After a correction the citation names the day of the version that holds it, on pages and in files."""
    project = copy_example(tmp_path)
    put_changes(project, CHANGES)
    c = project.check()
    site = c.plan()
    view = PageView(site, read_words("en"), read_settings(PROJECT), {})
    package = site.reports[0].package
    assert {(one.version, one.day) for one in entries_of(view, package)} == {("1.1.0", "2024-04-02")}
    cited = view.citation(Page("package", f"du-lieu/{REPORT}/"), "Title", package)
    assert str(cited["text"]).startswith("minhbach (2024). Title. Data version 1.1.0.")
    assert cited["short"] == "(minhbach, 2024: Title, version 1.1.0)"


# -- on the site ------------------------------------------------------------------------------------------------------


def _links(built_site: Path, prefix: str, address: str) -> Iterator[str]:
    path = built_site / prefix / address / "index.html"
    for link in lxml_html.document_fromstring(path.read_text("utf-8")).xpath("//a/@href"):
        if link.endswith((".bib", ".ris", ".csl.json")):
            yield (path.parent / link).resolve().relative_to(built_site).as_posix()


def test_every_entry_of_our_reports_leads_to_its_place(built_site: Path) -> None:
    """Each address that a citation names is a page of the site, with the anchor of the chart or figure in it."""
    anchors: dict[Path, set[str]] = {}
    cited = 0
    for path in sorted(built_site.glob("**/du-lieu/*.csl.json")):
        for one in json.loads(path.read_text("utf-8")):
            address, _, anchor = one["URL"].removeprefix("https://minhbach.example/").partition("#")
            page = built_site / address / "index.html"
            if page not in anchors:
                anchors[page] = set(re.findall(r'\sid="([^"]+)"', page.read_text("utf-8")))
            assert not anchor or anchor in anchors[page], one["URL"]
            cited += 1
    assert cited > 1400  # the figures of five reports, in two languages


def test_pages_lead_to_the_files_of_their_language(built_site: Path) -> None:
    """A report, its package, a table and a chart link to the three files, in the language of the page."""
    name = "hue-2023-lanh-dao"
    for prefix in ("", "en/"):
        expected = {f"{prefix}du-lieu/{name}.{suffix}" for suffix in ("bib", "ris", "csl.json")}
        for address in (
            f"bao-cao/{name}",
            f"du-lieu/{name}",
            f"du-lieu/{name}/figures",
            "chi-tieu/giai-quyet-viec-lam",
        ):
            assert expected <= set(_links(built_site, prefix, address)), address
