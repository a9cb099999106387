"""Texts of packages are text: in pages, in pictures, in files, in a browser.

Packages are filled with hostile texts in every place where a text may stand, built once, and held against the same
packages filled with plain words: no element, no attribute and no address of a page may come from a text.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import openpyxl
import pytest
from playwright.sync_api import Dialog
from rdflib import Graph

from build_tools.build import Built, build_site
from build_tools.descriptors import slug_of
from build_tools.faults import visible
from build_tools.render.prose import TAGS
from build_tools.schemas import resource
from build_tools.table_charts import LONGEST_LABEL
from tests.conftest import Visit, find_page_tools, serving
from tests.hostile import FAMILIES, naughty, strings, taken
from tests.makers import Project, copy_example, edit_descriptor, write_rows

TOOLS = find_page_tools()
LIST = TOOLS / "blns" / "resources" / "blns.json" if TOOLS else None
TEXTS = (*strings(), *(naughty(LIST) if LIST and LIST.is_file() else ()))
COLUMNS = 14  # of a table: so many are shown whole
ROWS = 4
TABLES = 12
ADDRESSES = (
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "ping",
    "srcset",
    "xlink:href",
    "cite",
    "background",
)


def test_there_are_enough() -> None:
    """At least 540 different texts, of every family; each on one line and short enough to be shown whole."""
    assert len(set(strings())) >= 540
    assert len(set(TEXTS)) >= 900 or LIST is None
    assert all(len(list(make())) >= 25 for make in FAMILIES.values())
    assert max(map(len, TEXTS)) <= 120


# ---- packages filled with texts ------------------------------------------------------------------------------------


# Texts without a letter for an address: a resource called so has one by its number, in both sites alike.
NAMES = tuple(text for text in TEXTS if not slug_of(text))


def write_package(folder: Path, name: str, texts: Iterator[str], names: Iterator[str], lists: int) -> None:
    """Write a package whose every text is one of the texts; `lists` says how many stand in its lists.

    Of each table one column has a pattern, and one a list of values that its cells break, which is accepted.
    """
    package = folder / name
    package.mkdir(parents=True)
    resources: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    for number in range(1, TABLES + 1):
        called = next(names)
        fields: list[dict[str, Any]] = []
        columns: list[list[str]] = []
        for column in range(COLUMNS):
            cells = [next(texts) for _ in range(ROWS)]
            title, title_en, description, description_en, unit = (next(texts) for _ in range(5))
            field: dict[str, Any] = {"name": f"{next(texts)} {column}", "type": "string", "unit": unit}
            field |= {"title": title, "title_en": title_en, "description": description}
            field["description_en"] = description_en
            if column % 5 == 0:
                field["constraints"] = {"enum": [*dict.fromkeys(cells), next(texts) + " x"]}
            elif column == 1:
                field["constraints"] = {"pattern": f"{re.escape(next(texts))}|[\\s\\S]*"}
            elif column == 2 and number % 2:  # a page says thirty faults one by one
                field["constraints"] = {"enum": [next(texts) + " y"]}
                about = {"code": "cell-enum", "resource": called, "field": field["name"]}
                accepted += [
                    {**about, "rows": [row], "reason": next(texts), "reason_en": next(texts)}
                    for row in range(2, ROWS + 2)
                ]
            fields.append(field)
            columns.append(cells)
        fields.append({"name": "loại", "type": "string"})  # few categories: the texts become labels of a chart
        words = (text for text in texts if len(text) <= LONGEST_LABEL and re.search(r"[^\W\d_]{2}", text))
        categories = list(islice(words, 3))
        columns.append([categories[n] for n in (0, 0, 1, 2)])
        columns[-1] = [*columns[-1], *(categories[n % 3 if n % 7 else 0] for n in range(12))]
        columns = [[*cells, *[""] * (ROWS + 12 - len(cells))] for cells in columns]
        file = f"bang-{number}.csv"
        write_rows(package / file, [[field["name"] for field in fields], *map(list, zip(*columns, strict=True))])
        resource = {"name": called, "path": file, "schema": {"fields": fields}}
        # A table without a title is called by its name.
        for key in ("title", "title_en", "description", "description_en") if number % 3 else ():
            resource[key] = next(texts)
        resources.append(resource)
    (package / "tep.bin").write_bytes(b"x")
    attachment = {"name": "tep", "path": "tep.bin", "title": next(texts), "title_en": next(texts)}
    people = [
        {"title": next(texts), "role": next(texts), "organization": next(texts), "path": next(texts)}
        for _ in range(lists)
    ]
    asked = {"kind": "counts", "by": "loại"}
    charts = [
        {"name": f"bieu-do-{n}", "table": f"bang-{n}", **asked, "title": next(texts), "title_en": next(texts)}
        for n in range(1, 5)
    ]
    # Wishes that cannot be met are shown to readers with what is wrong in them.
    charts += [{"name": next(texts), "table": next(texts), "kind": next(texts), "by": next(texts)} for _ in range(2)]
    charts += [{"name": "khac", "table": "bang-1", **asked, "by": next(texts), next(texts): next(texts)}]
    descriptor: dict[str, Any] = {
        "name": name,
        "resources": [*resources, {**attachment, "description": next(texts)}],
        "licenses": [{"name": "x", "title": next(texts), "path": next(texts)} for _ in range(lists)],
        "sources": [{"title": next(texts), "title_en": next(texts), "path": next(texts)} for _ in range(lists)],
        "contributors": people,
        "keywords": [next(texts) for _ in range(lists)],
        "charts": charts,
        "accepted": accepted,
    }
    for key in ("title", "title_en", "description", "description_en", "homepage", "version", "created", "id"):
        descriptor[key] = next(texts)
    (package / "datapackage.json").write_text(json.dumps(descriptor, ensure_ascii=False), encoding="utf-8")


# Columns of the example report and its vocabulary that hold words and no keys.
WORDS_OF = {
    "vocabulary/bodies.csv": ("name_vi", "name_en", "note_vi", "note_en"),
    "vocabulary/breakdowns.csv": ("name_vi", "name_en"),
    "vocabulary/indicators.csv": (
        *("name_vi", "name_en", "definition_vi", "definition_en", "comparability_vi", "comparability_en"),
    ),
    "vocabulary/inputs.csv": ("name_vi", "name_en"),
    "vocabulary/places.csv": ("name_vi", "name_en", "short_vi", "short_en", "note_vi", "note_en"),
    "vocabulary/topics.csv": ("name_vi", "name_en", "description_vi", "description_en"),
    "vocabulary/units.csv": ("symbol_vi", "symbol_en", "name_vi", "name_en"),
    "mau-2023-viec-lam/figures.csv": ("note", "note_en"),
    "mau-2023-viec-lam/claims.csv": ("note",),
    "mau-2023-viec-lam/claim_items.csv": ("item", "item_en"),
    "mau-2023-viec-lam/declined.csv": ("reason",),
    "mau-2023-viec-lam/responses.csv": ("answer_vi", "answer_en"),
    "mau-2023-viec-lam/ledger.csv": ("section", "note"),
}
WORDS_OF_REPORT = ("issuer", "issuer_en", "title", "title_en", "short_title", "short_title_en", "number")


# Tables that the example report has not: what is counted, answers of the body, relations that were declined.
MORE = {
    "claim_items": [
        ["claim_id", "n", "item", "line", "start", "figure_id", "item_en"],
        ["kinds_counted", "1", "", "5", "40", "", ""],
        ["kinds_counted", "2", "", "6", "2", "", ""],
    ],
    "declined": [
        ["rule", "result", "formula", "reason", "date"],
        ["difference", "jobs_women", "jobs_created - jobs_men", "", "2024-02-01"],
    ],
    "responses": [
        ["finding", "asked", "answered", "corrected", "answer_vi", "answer_en"],
        ["men_are_all", "2024-02-01", "2024-03-05", "", "", ""],
        ["women_are_all", "2024-02-01", "2024-03-05", "2024-03-06", "", ""],
    ],
}


def fill_report(project: Project, texts: Iterator[str]) -> list[str]:
    """Put a text wherever the example report and its vocabulary have words; return the texts."""
    put: list[str] = []
    for name, rows in MORE.items():
        write_rows(project.report / f"{name}.csv", rows)
        edit_descriptor(project.report, lambda d, name=name: d["resources"].append(resource(name)))  # type: ignore[misc]
    claims = project.report / "claims.csv"
    more = "".join(f"{who}_are_all,sum,jobs_created,jobs_{who} + jobs_{who},stated,,,,\n" for who in ("men", "women"))
    more += "kinds_counted,count,2,count(items),stated,5,40,1.250,\n"
    claims.write_text(claims.read_text(encoding="utf-8") + more, encoding="utf-8")

    def one() -> str:
        put.append(next(texts))
        return put[-1]

    for name, columns in WORDS_OF.items():
        path = project.packages / name
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        places = [head.index(column) for column in columns]
        write_rows(path, [head, *([one() if n in places else cell for n, cell in enumerate(row)] for row in rows)])
    for name in ("vocabulary", "mau-2023-viec-lam"):
        path = project.packages / name / "datapackage.json"
        descriptor = json.loads(path.read_text("utf-8"))
        for key in ("title", "title_en", "description", "description_en"):
            descriptor[key] = one()
        for one_of in descriptor["resources"]:
            one_of |= {"title": one(), "title_en": one()}
        if "report" in descriptor:
            descriptor["report"] |= {key: one() for key in WORDS_OF_REPORT}
        path.write_text(json.dumps(descriptor, ensure_ascii=False), encoding="utf-8")
    return put


def build(project: Project) -> Path:
    """Build the packages of a project and return the site's folder; none of its texts is a fault."""
    built: Built = build_site(project.settings())
    assert built.site is not None, [f for f in built.checked.faults if f.level == "error"][:20]
    return built.site.resolve()


@dataclass(frozen=True)
class Pair:
    """A site filled with hostile texts, and the same site filled with plain words."""

    hostile: Path
    plain: Path
    of_report: tuple[str, ...]  # the hostile texts of the report and its vocabulary
    packages: int


def plain_words() -> Iterator[str]:
    """Yield words that nothing takes up, each its own."""
    n = 0
    while True:
        n += 1
        yield f"Chữ {n}"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Pair:
    """Both sites: a package or two with all texts spread over them; in a long run one for each stretch of texts."""
    packages = 12 if request.config.getoption("--long") else 2
    sites = []
    of_report: list[str] = []
    for is_hostile in (True, False):
        project = copy_example(tmp_path_factory.mktemp("hostile" if is_hostile else "plain"))
        put = fill_report(project, taken(TEXTS) if is_hostile else plain_words())
        of_report = put if is_hostile else of_report
        for number in range(packages):
            start = number * len(TEXTS) // packages
            texts = taken(TEXTS, start) if is_hostile else plain_words()
            names = taken(NAMES, number * TABLES) if is_hostile else ("數" * n for n in count(1))
            write_package(project.packages, f"xau-{number}", texts, names, 60)
        sites.append(build(project))
    return Pair(sites[0], sites[1], tuple(of_report), packages)


def pages_of(site: Path) -> list[Path]:
    """Return the pages of a site, relative to it."""
    return sorted(path.relative_to(site) for path in site.rglob("*.html"))


# ---- pages, by their code ------------------------------------------------------------------------------------------


def test_both_sites_have_the_same_pages(pair: Pair) -> None:
    """No text makes a page, or takes one away."""
    assert pages_of(pair.hostile) == pages_of(pair.plain)
    assert len(pages_of(pair.hostile)) > 2 * pair.packages * TABLES


def test_no_element_or_attribute_comes_from_a_text(pair: Pair) -> None:
    """A page has no kind of element, no attribute of one and no script that it would not have with plain words."""
    known = {(element.tag, name) for page in pages_of(pair.plain) for element, name in _named(pair.plain / page)}
    known |= {(tag, "") for tag in TAGS} | {
        ("a", "href"),
        ("a", "rel"),
        ("td", "dir"),
        ("ol", "start"),
        ("code", "class"),
    }
    for page in pages_of(pair.hostile):
        new = {(element.tag, name) for element, name in _named(pair.hostile / page)} - known
        assert not new, (page, new)
        here, there = (_runs(site / page) for site in (pair.hostile, pair.plain))
        assert here == there, page


def _named(page: Path) -> Iterator[tuple[Any, str]]:
    """Yield each element of a page alone and with each of its attributes."""
    for element in lxml.html.fromstring(page.read_bytes().decode()).iter():
        if isinstance(element.tag, str):
            yield element, ""
            for name in element.attrib:
                yield element, str(name)


def _runs(page: Path) -> list[tuple[str, str]]:
    """Return what a page runs, frames, sends or styles, in order."""
    root = lxml.html.fromstring(page.read_bytes().decode())
    tags = ("script", "style", "link", "meta", "base", "iframe", "object", "embed", "form", "input", "template")
    return [(e.tag, e.get("src", "") or e.get("rel", "") or e.get("name", "")) for e in root.iter(*tags)]


def test_every_address_is_ours_or_the_webs(pair: Pair) -> None:
    """What an element leads to or loads stands in the site; only links may lead to the web, and nowhere else."""
    foreign = 0
    for page in pages_of(pair.hostile):
        for element, name in _named(pair.hostile / page):
            value = element.get(name, "") if name in ADDRESSES else ""
            if not value or (element.tag, name) == ("link", "href"):
                continue
            scheme = re.match(r"[\s\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):", value)
            if scheme is None:
                assert not value.startswith(("//", "\\", "/\\")), (page, value)
                continue
            assert scheme[1].lower() in ("http", "https", "mailto"), (page, value)
            assert element.tag == "a", (page, element.tag, value)
            assert scheme[1].lower() == "mailto" or urlsplit(value).hostname, (page, value)
            foreign += 1
    assert foreign > 0  # the check has seen links to the web


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_data_for_machines_are_data(pair: Pair) -> None:
    """JSON-LD in a page is JSON that no text has ended, the catalogue reads as RDF, feeds and manifests as theirs."""
    for page in pages_of(pair.hostile):
        root = lxml.html.fromstring((pair.hostile / page).read_bytes().decode())
        for element in root.iter("script"):
            if element.get("type") == "application/ld+json":
                record = json.loads(element.text or "")
                assert set(record["@context"]) >= {"@vocab"}
    for name, kind in (("catalog.ttl", "turtle"), ("catalog.jsonld", "json-ld")):
        graphs = [Graph().parse(site / name, format=kind) for site in (pair.hostile, pair.plain)]
        assert {str(p) for p in graphs[0].predicates()} == {str(p) for p in graphs[1].predicates()} | _licence(
            graphs[0]
        )
    for path in pair.hostile.rglob("*.json"):
        json.loads(path.read_text("utf-8"))


def _licence(graph: Graph) -> set[str]:
    """Return the licence's predicate where a text was an address of the web, as one that is may be."""
    return {str(p) for p in graph.predicates() if str(p).endswith("/license")}


def test_texts_are_shown_as_they_are(pair: Pair) -> None:
    """Every cell, name and title of a table stands on its page as it was written, in both languages."""
    for number, table, prefix in _tables(pair):
        page = pair.hostile / prefix / f"du-lieu/xau-{number}/{table}/index.html"
        shown = _shown(lxml.html.fromstring(page.read_bytes().decode()).text_content())
        descriptor = _descriptor(pair, number)
        found = next(r for r in descriptor["resources"] if r["path"] == f"{table}.csv")
        with zipfile.ZipFile(pair.hostile / f"du-lieu/xau-{number}.zip") as archive:
            rows = list(csv.reader(io.StringIO(archive.read(f"xau-{number}/{table}.csv").decode(), newline="")))
        wanted = [cell for row in rows[: ROWS + 1] for cell in row]
        title = "title_en" if prefix else "title"
        columns = found["schema"]["fields"]
        wanted += [field[title] for field in columns if "title" in field]
        wanted += [field["constraints"]["pattern"] for field in columns if "pattern" in field.get("constraints", ())]
        wanted.append(found.get(title, found["name"]))
        missing = [text for text in wanted if _shown(text) not in shown and _shown(text).rstrip(".") not in shown]
        assert not missing, (page, missing[:5])


def test_lists_of_a_package_are_shown_as_they_are(pair: Pair) -> None:
    """Keywords, contributors, sources and licences stand on the package's page as they were written."""
    for number in range(pair.packages):
        descriptor = _descriptor(pair, number)
        page = pair.hostile / f"du-lieu/xau-{number}/index.html"
        shown = _shown(lxml.html.fromstring(page.read_bytes().decode()).text_content())
        wanted = [*descriptor["keywords"], descriptor["title"]]
        for key in ("contributors", "sources", "licenses"):
            wanted += [item["title"] for item in descriptor[key]]
        wanted += [item["role"] for item in descriptor["contributors"]]
        missing = [text for text in wanted if _shown(text) not in shown]
        assert not missing, missing[:5]


def test_what_is_accepted_is_shown_with_its_reason(pair: Pair) -> None:
    """Each error that is accepted stands on the package's page with its cell and the reason, as they were written."""
    for number in range(pair.packages):
        accepted = _descriptor(pair, number)["accepted"]
        assert len(accepted) == TABLES * ROWS // 2
        for prefix, key in (("", "reason"), ("en", "reason_en")):
            page = pair.hostile / prefix / f"du-lieu/xau-{number}/index.html"
            shown = _shown(lxml.html.fromstring(page.read_bytes().decode()).text_content())
            missing = [entry[key] for entry in accepted if _shown(visible(entry[key], 500)) not in shown]
            assert not missing, missing[:5]


def test_answers_and_items_are_shown_as_they_are(pair: Pair) -> None:
    """What a body answered, and what a claim counts, stand with the finding as they were written."""
    for prefix, columns in (("", ("answer_vi", "item")), ("en", ("answer_en", "item_en"))):
        page = pair.hostile / prefix / "doi-chieu/mau-2023-viec-lam/index.html"
        shown = _shown(lxml.html.fromstring(page.read_bytes().decode()).text_content())
        with zipfile.ZipFile(pair.hostile / "du-lieu/mau-2023-viec-lam.zip") as archive:
            for file, column in zip(("responses", "claim_items"), columns, strict=True):
                content = archive.read(f"mau-2023-viec-lam/{file}.csv").decode()
                rows = list(csv.DictReader(io.StringIO(content, newline="")))
                missing = [row[column] for row in rows if _shown(row[column]) not in shown]
                assert rows and not missing, (file, missing)


def test_texts_of_reports_are_shown_as_they_are(pair: Pair) -> None:
    """Every text of the report and its vocabulary stands on some page, and where it does it is text."""
    shown = "\n".join(
        _shown(lxml.html.fromstring((pair.hostile / page).read_bytes().decode()).text_content())
        for page in pages_of(pair.hostile)
        if not str(page).startswith(("du-lieu/xau", "en/du-lieu/xau"))
    )
    missing = [text for text in dict.fromkeys(pair.of_report) if _shown(text) not in shown]
    assert len(missing) <= len(pair.of_report) // 4, missing  # some words stand only in files
    assert len(pair.of_report) > 100


def _tables(pair: Pair) -> Iterator[tuple[int, str, str]]:
    for number in range(pair.packages):
        for table in range(1, TABLES + 1):
            for prefix in ("", "en"):
                yield number, f"bang-{table}", prefix


def _descriptor(pair: Pair, number: int) -> dict[str, Any]:
    with zipfile.ZipFile(pair.hostile / f"du-lieu/xau-{number}.zip") as archive:
        found: dict[str, Any] = json.loads(archive.read(f"xau-{number}/datapackage.json"))
    return found


def _shown(text: str) -> str:
    """Return a text as a reader compares it: white space is one blank."""
    return " ".join(text.split())


# ---- files ---------------------------------------------------------------------------------------------------------


def test_no_file_for_spreadsheets_reckons(pair: Pair) -> None:
    """No cell of a workbook or of the CSV for spreadsheets is a formula or a link; the plain CSV has every cell."""
    for number in range(pair.packages):
        folder = pair.hostile / f"du-lieu/xau-{number}"
        for path in sorted(folder.glob("*.xlsx"))[:3]:
            book = openpyxl.load_workbook(path)
            cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            assert len(cells) > COLUMNS * ROWS
            assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
        for path in folder.glob("*.excel.csv"):
            rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
            led = [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
            assert not [cell for cell in led if not re.fullmatch(r"-[0-9]+([.][0-9]+)?", cell)]  # a number is one
            plain = path.with_name(path.name.replace(".excel.csv", ".csv"))
            kept = list(csv.reader(io.StringIO(plain.read_text("utf-8"), newline="")))
            assert [[cell.removeprefix("'") if cell != raw else cell for cell, raw in zip(a, b, strict=True)]
                    for a, b in zip(rows, kept, strict=True)] == kept  # fmt: skip


def test_pictures_are_pictures(pair: Pair) -> None:
    """An SVG of a chart has no element or attribute that runs or fetches, whatever its labels say."""
    pictures = [path for path in pair.hostile.rglob("bieu-do/*.svg") if "xau" in path.name]
    assert len(pictures) >= 8
    for path in pictures:
        root = lxml.html.fromstring(path.read_bytes().decode())
        tags = {e.tag for e in root.iter() if isinstance(e.tag, str)}
        assert tags <= {"svg", "title", "desc", "rect", "g", "text", "line", "circle"}, (path, tags)
        names = {str(name) for e in root.iter() for name in e.attrib}
        assert not {name for name in names if name.startswith("on") or name in ("href", "style", "src", "xlink:href")}


def test_no_text_names_a_file(pair: Pair) -> None:
    """The files of both sites have the same names but for those that a version, or an unlike chart, gives."""
    here, there = (
        {path.relative_to(site).as_posix() for path in site.rglob("*")} for site in (pair.hostile, pair.plain)
    )
    odd = {
        path for path in here ^ there if not re.match(r"(en/)?(bieu-do/|pagefind/|tra-cuu/|assets/)|en/pagefind", path)
    }
    assert all(re.fullmatch(r"du-lieu/xau-[0-9]+-[0-9A-Za-z.+-]+\.zip", path) for path in odd), odd


# ---- in a browser --------------------------------------------------------------------------------------------------

# Every event a hostile handler waits for, sent to every element.
STIR = """() => {
  const names = ["mouseover", "pointerenter", "focus", "click", "toggle", "error", "load", "animationstart", "begin"];
  for (const element of document.body.querySelectorAll("*")) {
    if (["A", "BUTTON", "INPUT", "SUMMARY"].includes(element.tagName)) continue;
    for (const name of names) element.dispatchEvent(new Event(name, {bubbles: false}));
  }
  return [typeof window.pwned, document.title];
}"""


def test_nothing_runs_in_a_browser(pair: Pair, visit: Callable[..., Visit], request: pytest.FixtureRequest) -> None:
    """No dialog, no script, no request to another host, however a page is stirred; in a long run on every page."""
    pages = [page for page in pages_of(pair.hostile) if page.name == "index.html"]
    if not request.config.getoption("--long"):
        of_reports = [page for page in pages if "xau" not in str(page)]
        pages = [*[page for page in pages if "xau" in str(page)][::7], *of_reports[::9]]
    assert len(pages) > 8
    window = visit(
        viewport={"width": 390, "height": 844}, bypass_csp=True
    )  # what the policy would stop must not be there
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    with serving(pair.hostile) as host:
        tab = window.open(f"{host}/", until="load")
        tab.on("dialog", note)
        for page in pages:
            tab.goto(f"{host}/{page.parent.as_posix()}/", wait_until="load")
            ran, title = tab.evaluate(STIR)
            assert ran == "undefined", page
            assert not title.startswith("pwned"), page
    assert not dialogs


def test_tools_of_tables_keep_texts(pair: Pair, visit: Callable[..., Visit]) -> None:
    """Sorting and filtering by script moves texts and makes nothing of them."""
    window = visit()
    with serving(pair.hostile) as host:
        tab = window.open(f"{host}/du-lieu/xau-0/bang-1/")
        before = tab.evaluate("[...document.querySelectorAll('table td')].map(e => e.textContent).sort()")
        for button in tab.query_selector_all("button.sort")[:6]:
            button.click()
        field = tab.query_selector("input[type=search][id^=filter]")
        assert field is not None
        field.fill("<img src=x onerror=alert(1)>")
        field.fill("")
        after = tab.evaluate("[...document.querySelectorAll('table td')].map(e => e.textContent).sort()")
        assert before == after
        assert tab.evaluate("typeof window.pwned") == "undefined"


def test_the_lookup_shows_texts_as_texts(pair: Pair, visit: Callable[..., Visit]) -> None:
    """What the lookup finds, and what it is asked, is text."""
    window = visit()
    with serving(pair.hostile) as host:
        for asked in ("<img src=x onerror=alert(1)>", "script alert", "evil example", "javascript"):
            tab = window.open(f"{host}/tra-cuu/?q={asked.replace('<', '%3C').replace('>', '%3E').replace(' ', '+')}")
            assert tab.query_selector("#lookup-answer script, #lookup-answer img, #lookup-answer iframe") is None
            assert tab.evaluate("typeof window.pwned") == "undefined"
            tab.close()
