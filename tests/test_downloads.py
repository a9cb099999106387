"""What people take away: every reader gets the same cells, no cell becomes a formula, every printed line runs."""

import contextlib
import csv
import functools
import hashlib
import html
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import jsonschema
import lxml.html
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from build_tools.build import build_site
from build_tools.checks import check
from build_tools.packages import Field, ForeignKey, Package, Table
from build_tools.render.catalogue import blocks, catalogue, catalogue_files
from build_tools.render.database import Stored, to_sqlite
from build_tools.render.downloads import downloads, is_formula, to_xlsx, typed_frame
from build_tools.render.whole import VIEWS, stored_tables, whole_site
from build_tools.settings import read_settings
from build_tools.site_model import WHOLE, Site
from build_tools.verify import verify
from build_tools.words import read_words
from tests.conftest import NO_OFFICE, NO_R, QuietHandler, find_office
from tests.makers import PROJECT, REPORT, Project, copy_example, edit_cell, edit_descriptor

URL = "https://minhbach.example/"
Row = dict[str, str]


def planned(packages: Path) -> Site:
    """Return the plan of a site of packages."""
    checked = check(packages, None)
    assert not [fault for fault in checked.faults if fault.level == "error"]
    return checked.plan()


@pytest.fixture(scope="module")
def site() -> Site:
    """The plan of this project's own site."""
    return planned(PROJECT / "datapackages")


@pytest.fixture(scope="module")
def made(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file to download of this project's packages, and with what describes them."""
    folder = tmp_path_factory.mktemp("made")
    files = [*downloads(site), *whole_site(site, URL)]
    described = catalogue(site, read_settings(PROJECT), files)
    words = read_words("vi")
    for file in (*files, *catalogue_files(described, {"": words})):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    for address, block in blocks(described, words, "").items():
        (folder / address).mkdir(parents=True, exist_ok=True)
        (folder / address / "record.json").write_text(
            html.unescape(block.partition(">")[2].rpartition("</script>")[0]), encoding="utf-8"
        )
    return folder


def resources(site: Site) -> list[tuple[Package, Table]]:
    """Return every table of every package."""
    return [(package, table) for package in site.packages for table in package.tables]


def cells(path: Path, encoding: str = "utf-8") -> list[Row]:
    """Return the rows of a CSV as the standard library reads them."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def text_of(value: Any) -> str:
    """Return a value that a reader gave as our tables write it."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, date):  # a point in time too
        return value.isoformat()[:10]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def same(found: Sequence[Row], expected: Sequence[Row], table: Table, by_value: bool) -> None:
    """Hold rows against those of the CSV: as texts or, where a format has numbers, numbers by value."""
    numbers = {field.name for field in table.fields if by_value and field.type in ("number", "integer")}

    def shown(row: Row) -> dict[str, object]:
        return {name: Decimal(cell) if name in numbers and cell else cell for name, cell in row.items()}

    assert [shown(row) for row in found] == [shown(row) for row in expected], table.name


# ---- five readers --------------------------------------------------------------------------------------------------


def by_pandas(base: Path) -> list[Row]:
    """Read the CSV with pandas."""
    frame = pd.read_csv(f"{base}.csv", dtype=str, keep_default_na=False)
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def by_duckdb(base: Path) -> list[Row]:
    """Read the CSV with DuckDB."""
    options = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '\x01'"
    return by_sql(f"SELECT * FROM read_csv('{base}.csv', {options})")  # noqa: S608


def by_sql(query: str) -> list[Row]:
    """Return what DuckDB answers."""
    found = duckdb.sql(query)
    assert found is not None
    return [dict(zip(found.columns, map(text_of, row), strict=True)) for row in found.fetchall()]


def by_pyarrow(base: Path) -> list[Row]:
    """Read the Parquet with pyarrow."""
    return [{name: text_of(cell) for name, cell in row.items()} for row in pq.read_table(f"{base}.parquet").to_pylist()]


def by_duckdb_from_parquet(base: Path) -> list[Row]:
    """Read the Parquet with DuckDB."""
    return by_sql(f"SELECT * FROM '{base}.parquet'")  # noqa: S608


def by_csvw(base: Path) -> list[Row]:
    """Read the CSV with csvw, by the metadata beside it."""
    from csvw import CSVW

    (table,) = CSVW(f"{base}.csv-metadata.json", validate=True).tables
    return [{name: text_of(cell) for name, cell in row.items()} for row in table.iterdicts(strict=True)]


def by_croissant(base: Path) -> list[Row]:
    """Read the Parquet with mlcroissant, by the record in the table's page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlcroissant

        record = json.loads((base / "record.json").read_text("utf-8"))
        files = {
            entry["@id"]: f"{base}.parquet" for entry in record["distribution"] if entry["@id"].endswith(".parquet")
        }
        dataset = mlcroissant.Dataset(jsonld=record, mapping=files)
        (record_set,) = record["recordSet"]
        return [
            {name.rpartition("/")[2]: _of_croissant(cell) for name, cell in row.items()}
            for row in dataset.records(record_set["@id"])
        ]


def _of_croissant(value: Any) -> str:
    text = text_of(value)
    return text.removesuffix(" 00:00:00")


def by_json(base: Path) -> list[Row]:
    """Read the JSON."""
    found: list[Row] = json.loads(base.with_name(f"{base.name}.json").read_bytes())
    return found


READERS: tuple[tuple[Callable[[Path], list[Row]], bool], ...] = (
    (by_pandas, False),
    (by_duckdb, False),
    (by_pyarrow, True),
    (by_duckdb_from_parquet, True),
    (by_csvw, True),
    (by_croissant, True),
    (by_json, False),
)


@pytest.mark.parametrize(("reader", "by_value"), READERS, ids=lambda one: getattr(one, "__name__", ""))
def test_every_reader_gets_the_same_cells(
    site: Site, made: Path, reader: Callable[[Path], list[Row]], by_value: bool
) -> None:
    """Each table, read by a library that is not ours, has the cells that the standard library reads from its source."""
    for package, table in resources(site):
        source = package.folder / table.path
        base = made / "du-lieu" / package.name / table.name
        assert base.with_name(f"{base.name}.csv").read_bytes() == source.read_bytes()
        expected = cells(source)
        assert len(expected) == len(table.rows) > 0
        same(reader(base), expected, table, by_value)


def test_the_comparison_can_fail(site: Site) -> None:
    """A cell that differs in one digit, and a zero that is lost, are differences."""
    package, table = next(pair for pair in resources(site) if pair[1].name == "figures")
    rows = cells(package.folder / table.path)
    changed = [{**rows[0], "value": rows[0]["value"] + "1"}, *rows[1:]]
    with pytest.raises(AssertionError):
        same(changed, rows, table, by_value=True)
    with pytest.raises(AssertionError):
        same([{**rows[0], "value": "2.270"}], [{**rows[0], "value": "2.27"}], table, by_value=False)


def test_the_csv_for_excel_is_the_csv_with_apostrophes(site: Site, made: Path) -> None:
    """Apart from the mark, the line ends and an apostrophe before what leads a formula, no cell differs."""
    for package, table in resources(site):
        base = made / "du-lieu" / package.name / table.name
        content = Path(f"{base}.excel.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\r\n") == len(table.rows) + 1
        for found, expected in zip(
            cells(Path(f"{base}.excel.csv"), "utf-8-sig"), cells(Path(f"{base}.csv")), strict=True
        ):
            for name, cell in expected.items():
                assert found[name] == (f"'{cell}" if is_formula(cell) else cell)


def in_workbook(path: Path, table: Table) -> list[Row]:
    """Return the cells of a workbook as they are shown: a number with the decimals of its format."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = list(sheet.iter_rows())
    names = [str(cell.value) for cell in rows[0]]
    found = []
    for row in rows[1:]:
        record = {}
        for name, cell in zip(names, row, strict=True):
            value: Any = cell.value
            if isinstance(value, int | float):
                assert table.fields[names.index(name)].type in ("integer", "number"), (path, cell.coordinate)
                places = len(cell.number_format.partition(".")[2])
                value = f"{Decimal(repr(value)):.{places}f}"
            record[name] = text_of(value.date() if isinstance(value, datetime) else value)
        found.append(record)
    return found


def test_workbooks_have_the_same_cells(site: Site, made: Path) -> None:
    """openpyxl reads from each XLSX the cells of the CSV; numbers are numbers, shown with the digits they have."""
    for package, table in resources(site):
        base = made / "du-lieu" / package.name / table.name
        same(in_workbook(Path(f"{base}.xlsx"), table), cells(Path(f"{base}.csv")), table, by_value=False)


# ---- the whole site ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(made: Path) -> Iterator[sqlite3.Connection]:
    """The database of this project's site, opened to be read."""
    connection = sqlite3.connect(f"file:{made / WHOLE['sqlite']}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def test_the_database_has_the_same_cells(site: Site, database: sqlite3.Connection) -> None:
    """Each table of each package is in the database with its cells, in their order; what rows refer to is there."""
    assert [tuple(row) for row in database.execute("PRAGMA integrity_check")] == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for package, table in resources(site):
        names = ", ".join(f'"{name}"' for name in table.columns)
        where = "" if package.kind == "vocabulary" else " WHERE package = ?"
        rows = database.execute(
            f'SELECT {names} FROM "{table.name}"{where} ORDER BY rowid',  # noqa: S608  (names of our own tables)
            () if package.kind == "vocabulary" else (package.name,),
        )
        found = [{name: text_of(cell) for name, cell in dict(row).items()} for row in rows]
        same(found, cells(package.folder / table.path), table, by_value=False)


def test_no_number_of_the_database_is_a_fraction(site: Site, database: sqlite3.Connection) -> None:
    """Decimals are stored as text; the column ending in _number is the same number, worked out and not stored."""
    seen = 0
    for table in stored_tables(site):
        for field in table.fields:
            kinds = {row[0] for row in database.execute(f'SELECT DISTINCT typeof("{field.name}") FROM "{table.name}"')}  # noqa: S608
            assert kinds <= ({"integer", "null"} if field.type == "integer" else {"text", "null"}), (table.name, field)
            if field.type == "number":
                query = f'SELECT "{field.name}", "{field.name}_number" FROM "{table.name}"'  # noqa: S608
                for exact, number in database.execute(query):
                    assert (exact is None) == (number is None)
                    assert exact is None or Decimal(repr(number)) == Decimal(exact) or number == float(exact)
                    seen += exact is not None
    assert seen > 700
    (listed,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'figures'").fetchone()
    assert 'CAST("value" AS REAL)) VIRTUAL' in listed


def test_the_views_say_what_the_site_says(site: Site, made: Path, database: sqlite3.Connection) -> None:
    """Figures with their names, results with their targets and what does not agree are as many as on the site."""
    named = [dict(row) for row in database.execute("SELECT * FROM figures_named ORDER BY package, figure_id")]
    assert len(named) == len(site.figures())
    parquet = pq.read_table(made / WHOLE["parquet"])
    flat = sorted(parquet.to_pylist(), key=lambda row: (row["package"], row["figure_id"]))
    shown = [name for name in named[0] if not name.endswith("_number")]
    assert sorted(shown) == sorted(parquet.column_names)
    numbers = ("value", "value_high", "precision")
    for one, other in zip(named, flat, strict=True):
        for name in shown:
            if name in numbers and other[name] is not None:
                assert Decimal(one[name]) == other[name]
            else:
                assert text_of(one[name]) == text_of(other[name]), (name, one["figure_id"])
        assert one["address"] == f"{URL}bao-cao/{one['package']}/#{one['figure_id']}"
    targets = database.execute("SELECT * FROM targets_and_results").fetchall()
    expected = {
        (report.name, result.figure.figure_id): (str(result.figure.value), f"{result.target:f}", result.target_kind)
        for report in site.reports
        for result in report.results
        if result.target is not None
    }
    assert {(r["package"], r["figure_id"]): (r["result"], r["target"], r["target_kind"]) for r in targets} == expected
    failing = {(row["package"], row["claim_id"]) for row in database.execute("SELECT * FROM findings_that_fail")}
    findings = [finding for _, finding in site.findings()] + list(site.between.findings)
    assert failing == {(f.package, f.claim_id) for f in findings if f.verdict == "fails"} != set()


def test_the_whole_zip_is_made_of_the_zips(site: Site, made: Path, tmp_path: Path) -> None:
    """The zip of all packages has what each package's zip has, a valid descriptor that lists them, and is verified."""
    with zipfile.ZipFile(made / WHOLE["zip"]) as archive:
        archive.extractall(tmp_path)
    whole = tmp_path / "minhbach"
    for package in site.packages:
        with zipfile.ZipFile(made / "du-lieu" / f"{package.name}.zip") as archive:
            for name in archive.namelist():
                assert (whole / name).read_bytes() == archive.read(name)
        assert frictionless.validate(str(whole / package.name / "datapackage.json")).valid
        assert f"| `{package.name}` |" in (whole / "README.md").read_text("utf-8")
    descriptor = json.loads((whole / "datapackage.json").read_bytes())
    assert [resource["name"] for resource in descriptor["resources"]] == [package.name for package in site.packages]
    profile = json.loads((PROJECT / "tests" / "profiles" / "datapackage-2.0.json").read_bytes())
    assert list(jsonschema.Draft7Validator(profile).iter_errors(descriptor)) == []
    for resource in descriptor["resources"]:
        content = (whole / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
    said = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=whole, check=False)
    assert said.returncode == 0
    assert verify(str(made / WHOLE["zip"])).faults == ()


def test_the_files_of_the_whole_are_the_same_in_another_process(made: Path) -> None:
    """Another Python, whose sets and dictionaries hash otherwise, writes the same bytes."""
    code = (
        "import hashlib, sys; from pathlib import Path; from tests.test_downloads import planned, URL, whole_site\n"
        "for file in whole_site(planned(Path(sys.argv[1])), URL):\n"
        "    print(hashlib.sha256(file.content).hexdigest(), file.path)"
    )
    command = [sys.executable, "-c", code, str(PROJECT / "datapackages")]
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True).stdout
    listed = {line.partition(" ")[2]: line.partition(" ")[0] for line in said.splitlines()}
    assert listed == {path: hashlib.sha256((made / path).read_bytes()).hexdigest() for path in WHOLE.values()}


def test_a_database_of_any_tables(tmp_path: Path) -> None:
    """Names that SQL minds, columns that it takes for one, numbers too long for it: all goes in and comes out."""
    fields = tuple(Field(name, kind) for name, kind in [("select", "integer"), ("A", "number"), ("a", "number")])
    rows = [["1", "2.50", "0.1"], ["2", "", "12345678901234567890.12345678901234567890"]]
    odd = Stored('ta"ble', fields, rows, ("select",))
    long = Stored("long", (Field("n", "integer"), Field("m", "integer")), [["9" * 30, "7"]], (), ())
    child = Stored("child", (Field("of", "integer"),), [["2"]], (), (ForeignKey(("of",), 'ta"ble', ("select",)),))
    # Errors that were accepted: a key that stands twice, a cell that is required and empty, a word among whole numbers.
    torn_fields = (Field("k", "string", required=True), Field("n", "integer"))
    torn = Stored("torn", torn_fields, [["a", "1"], ["a", "ba"], ["", "05"]], ("k",))
    assert to_sqlite([torn], {})
    content = to_sqlite([odd, long, child], {"a view": 'SELECT "A" FROM "ta""ble"'})
    assert content == to_sqlite([odd, long, child], {"a view": 'SELECT "A" FROM "ta""ble"'})
    path = tmp_path / "any.sqlite"
    path.write_bytes(content)
    base = sqlite3.connect(path)
    with contextlib.closing(base):
        assert base.execute('SELECT "select", "A", "a_2" FROM "ta""ble"').fetchall() == [
            (1, "2.50", "0.1"),
            (2, None, "12345678901234567890.12345678901234567890"),
        ]
        assert base.execute("SELECT n, m FROM long").fetchall() == [("9" * 30, 7)]
        assert base.execute('SELECT * FROM "a view"').fetchall() == [("2.50",), (None,)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert VIEWS


def test_numbers_below_zero_stay_numbers() -> None:
    """In the CSV for Excel a minus before digits alone is a number; with anything after them it is a formula."""
    assert not [cell for cell in ("-5", "-0.25", "5", "a", "") if is_formula(cell)]
    assert all(map(is_formula, ("-5+1", "-A1", "-", "--5", "-5.", "-5\n", "=1", "+5", "@a", "\tx", "\rx", "-1e5")))


# ---- nothing becomes a formula -------------------------------------------------------------------------------------

PLANTED = (
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|'/c calc'!A0",
    "0050",
    "1e5",
    "2023-01",
    "TRUE",
    "1/2",
    "00:10",
    "<r><t>1</t></r>",
    "<r>&",
    "[so_xa_dat] _x0041_ _x1_",
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example project with such texts in every sort of text slot, as a package of any kind too, built."""
    project = copy_example(tmp_path_factory.mktemp("planted"))
    figures = cells(project.report / "figures.csv")
    for figure, text in zip(figures, PLANTED, strict=False):
        edit_cell(project.report / "figures.csv", figure["figure_id"], "note", text)
        edit_cell(project.report / "figures.csv", figure["figure_id"], "note_en", text)
    indicators = cells(project.packages / "vocabulary" / "indicators.csv")
    for indicator, text in zip(indicators, PLANTED, strict=False):
        edit_cell(project.packages / "vocabulary" / "indicators.csv", indicator["indicator"], "name_vi", text)
        edit_cell(project.packages / "vocabulary" / "indicators.csv", indicator["indicator"], "name_en", text)
    other = project.packages / "khac"
    other.mkdir()
    with (other / "bang.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [["=1+1", "chữ"], *([str(n), c] for n, c in enumerate(PLANTED))]
        )
    fields = [
        {"name": "=1+1", "type": "integer", "title": "=1+2", "title_en": "=1+2"},
        {"name": "chữ", "type": "string", "title": "@SUM(1)", "title_en": "@SUM(1)", "description": "+1"},
    ]
    shutil.copy(project.report / "datapackage.json", other / "datapackage.json")

    def change(descriptor: dict[str, Any]) -> None:
        declared = descriptor["resources"][0]
        descriptor.pop("report")
        descriptor.update(name="khac", title="=1+1", title_en="=1+1", description="-1+1")
        schema = {"$schema": declared["schema"]["$schema"], "fields": fields}
        about = {"name": "bang", "path": "bang.csv", "title": "=2+2", "title_en": "=2+2", "schema": schema}
        descriptor["resources"] = [{**declared, **about}]

    edit_descriptor(other, change)
    edit_descriptor(project.report, lambda descriptor: descriptor.update(title="=1+2", title_en="=1+2"))
    built = build_site(project.settings())
    assert built.site is not None, built.checked.faults
    return project


def test_no_cell_becomes_a_formula(planted: Project) -> None:
    """In workbooks and CSV for Excel nothing is a formula, whatever a cell, a header, a title or a name holds."""
    site = planted.folder / "out" / "site"
    seen: set[str] = set()
    for path in sorted(site.rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f" and cell.hyperlink is None, (path, cell.coordinate)
                    seen |= {str(cell.value)} if cell.data_type == "s" else set()
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/"):
                    assert b"<f" not in archive.read(name)
    assert set(PLANTED) <= seen and {"=1+2", "@SUM(1)", "+1", "=2+2"} & seen
    shown = set()
    for path in sorted(site.rglob("*.excel.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if is_formula(cell)], path
                shown |= set(row)
    assert {f"'{text}" if is_formula(text) else text for text in PLANTED} <= shown


def test_every_other_output_holds_the_text_as_it_is(planted: Project) -> None:
    """JSON, Parquet, SQLite and the plain CSV, which is the source byte for byte, hold the text and nothing but it."""
    site = planted.folder / "out" / "site"
    note = f"du-lieu/{REPORT}/figures"
    notes = [row["note"] for row in cells(planted.report / "figures.csv")]
    assert set(PLANTED[: len(notes)]) & set(notes)
    assert [row["note"] for row in json.loads((site / f"{note}.json").read_bytes())] == notes
    assert [text_of(value) for value in pq.read_table(site / f"{note}.parquet")["note"].to_pylist()] == notes
    for package in ("khac", REPORT, "vocabulary"):
        for path in sorted((site / "du-lieu" / package).glob("*.csv")):
            if not path.name.endswith(".excel.csv"):
                assert path.read_bytes() == (planted.packages / package / path.name).read_bytes()
    whole = {row["figure_id"]: row for row in pq.read_table(site / WHOLE["parquet"]).to_pylist()}
    with contextlib.closing(sqlite3.connect(site / WHOLE["sqlite"])) as base:
        base.row_factory = sqlite3.Row
        named = {row["figure_id"]: row for row in base.execute("SELECT * FROM figures_named")}
        other = [tuple(row) for row in base.execute('SELECT "=1+1", "chữ", typeof("chữ") FROM khac_bang')]
    assert other == [(n, text, "text") for n, text in enumerate(PLANTED)]
    for row in cells(planted.report / "figures.csv"):
        for found in (whole[row["figure_id"]], named[row["figure_id"]]):
            assert text_of(found["note"]) == row["note"] and text_of(found["note_en"]) == row["note_en"]


def test_pages_and_readmes_show_the_text(planted: Project) -> None:
    """A page shows the planted text letter by letter; the README of a zip holds it as plain text."""
    site = planted.folder / "out" / "site"
    page = lxml.html.fromstring((site / "du-lieu" / "khac" / "bang" / "index.html").read_bytes())
    shown = [cell.text_content() for cell in page.xpath("//table//td")]
    assert set(PLANTED) <= set(shown)
    with zipfile.ZipFile(site / "du-lieu" / f"{REPORT}.zip") as archive:
        assert archive.read(f"{REPORT}/README.md").decode().startswith("# =1+2\n")
    with zipfile.ZipFile(site / WHOLE["zip"]) as archive:
        assert "| =1+1 |" in archive.read("minhbach/README.md").decode()
    with zipfile.ZipFile(site / "du-lieu" / "khac.zip") as archive:
        assert archive.read("khac/bang.csv") == (planted.packages / "khac" / "bang.csv").read_bytes()


def test_a_workbook_of_any_text(planted: Project) -> None:
    """Markup, escapes and signs that XML does not know are text; one longer than a cell may be is cut, and says so."""
    texts = ["<r><t>1</t></r>", "_x000A_", "_xa_", "\ufffe", " a ", "&lt;", "đ" * 40_000]
    package = planned(planted.packages).packages[0]
    table = replace(package.tables[0], fields=(Field("a", "string"),), rows=tuple((text,) for text in texts))
    content = to_xlsx(typed_frame(table), table, package)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    found = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert found[:3] + found[4:6] == texts[:3] + texts[4:6] and found[3] in ("\ufffe", "_xFFFE_")
    assert found[6] == "đ" * 32_766 + "…"


# ---- the printed lines ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The example project's site, built for the very address where it is served, and that address."""
    project = copy_example(tmp_path_factory.mktemp("served"))
    folder = project.folder / "out" / "site"
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/"
        built = build_site(replace(project.settings(), site_url=address, languages=("vi", "en")))
        assert built.site is not None, built.checked.faults
        yield folder.resolve(), address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def printed(site: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield the language and the text of every block of code on the pages of data."""
    for prefix in ("", "en/"):
        for page in (site / prefix / "tai-ve/index.html", *sorted((site / prefix / "du-lieu").glob("*/**/index.html"))):
            for code in lxml.html.fromstring(page.read_bytes()).xpath("//section[@class='way']//pre/code"):
                yield page, code.get("class").removeprefix("language-"), code.text_content()


def downloaded(page: Path, code: str, folder: Path) -> None:
    """Put the files that a block of code names without an address into a folder, by the links of its own page."""
    for name in re.findall(r"""["'](\w[\w-]*\.(?:parquet|sqlite))["']""", code):
        links = lxml.html.fromstring(page.read_bytes()).xpath("//a/@href")
        (link, *_) = [link for link in links if link.rpartition("/")[2] == name]
        shutil.copy((page.parent / link).resolve(), folder / name)


def test_every_line_of_python_and_sql_runs(
    served: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block for pandas and DuckDB on each page of data runs as printed and gives the rows of its table."""
    site, address = served
    monkeypatch.chdir(tmp_path)
    ran = {"python": 0, "sql": 0}
    for page, language, code in printed(site):
        downloaded(page, code, tmp_path)
        if language == "python":
            space: dict[str, Any] = {}
            exec(compile(code, str(page), "exec"), space)  # noqa: S102  (what a reader would do with it)
            for base in (space["base"],) if "base" in space else ():
                base.close()
            if "as_text" in space:
                path = site / re.findall(rf'"{re.escape(address)}([^"]+)\.csv"', code)[0]
                assert space["as_text"].to_dict("records") == cells(Path(f"{path}.csv"))
                assert len(space["with_types"]) == len(space["as_text"])
        elif language == "sql":
            assert by_sql(code), code
        ran[language] = ran.get(language, 0) + 1
    pages = len([page for prefix in ("", "en/") for page in (site / prefix / "du-lieu").glob("*/**/index.html")])
    assert ran["python"] == pages + 4 and ran["sql"] == pages + 2  # the files of the whole site: two and one, twice
    assert "targets" not in capsys.readouterr().err


def test_every_line_of_r_runs(served: tuple[Path, str], tmp_path: Path) -> None:
    """Each block for R runs as printed and gives the rows and columns of its table; where R is installed."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip(NO_R)
    site, address = served
    blocks = sorted({code for _, language, code in printed(site) if language == "r"})
    assert blocks
    for code in blocks:
        path = site / re.findall(rf'"{re.escape(address)}([^"]+\.csv)"', code)[0]
        write = 'write.csv(table, "out.csv", row.names = FALSE, fileEncoding = "UTF-8")'
        command = [program, "--vanilla", "-e", code + write]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        assert cells(tmp_path / "out.csv") == cells(path)


def test_spreadsheets_are_steps_in_menus(served: tuple[Path, str]) -> None:
    """Each page of a table or package says, in both languages, how Excel, Google Sheets and LibreOffice open it."""
    site, _ = served
    pages = 0
    for prefix in ("", "en/"):
        for page in sorted((site / prefix / "du-lieu").rglob("index.html")):
            tree = lxml.html.fromstring(page.read_bytes())
            titles = [title.text_content() for title in tree.xpath("//section[@class='way']/h3")]
            if page.parent.name == "du-lieu":
                continue
            assert titles == ["Excel", "Google Sheets", "LibreOffice", "pandas", "DuckDB", "R"], page
            steps = [step.text_content() for step in tree.xpath("//section[@class='way']//li")]
            assert len(steps) == 6 and all(re.search(r"→|\.csv", step) for step in steps)
            pages += 1
    assert pages > 10


def test_files_are_shown_with_rows_and_sizes(served: tuple[Path, str]) -> None:
    """The catalogue's page gives rows and size of what holds the whole site, a table's page the size of each file."""
    site, _ = served
    tree = lxml.html.fromstring((site / "en" / "du-lieu" / "index.html").read_bytes())
    rows = [[cell.text_content() for cell in row.xpath("./td")] for row in tree.xpath("//table//tr[td]")]
    with contextlib.closing(sqlite3.connect(site / WHOLE["sqlite"])) as base:
        (figures,) = base.execute("SELECT count(*) FROM figures").fetchone()
    assert [row[0] for row in rows] == ["minhbach.zip", "minhbach.sqlite", "figures.parquet"]
    assert rows[2][2] == str(figures)
    for row, path in zip(rows, WHOLE.values(), strict=True):
        assert row[3] == f"{(site / path).stat().st_size / 1000:.1f} kB"
    page = site / "en" / "du-lieu" / REPORT / "figures" / "index.html"
    buttons = [b.text_content() for b in lxml.html.fromstring(page.read_bytes()).xpath("//p[@class='buttons']/a")]
    assert len(buttons) == 5 and all(re.search(r", [0-9.]+ k?B$", button) for button in buttons), buttons


# ---- LibreOffice ---------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_libreoffice_shows_the_same_cells(site: Site, made: Path, tmp_path: Path) -> None:
    """LibreOffice opens every workbook and shows the cells of the CSV, letter by letter, digits and zeros included."""
    program = find_office()
    if program is None:
        pytest.skip(NO_OFFICE)
    # Text, comma, quotes, UTF-8, from the first row; as shown, no formulas, the first sheet.
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false"
    for n, (package, table) in enumerate(resources(site)):
        base = made / "du-lieu" / package.name / table.name
        out = tmp_path / str(n)
        command = [
            program,
            f"-env:UserInstallation=file://{tmp_path / 'profile'}",
            "--headless",
            "--convert-to",
            options,
        ]
        subprocess.run([*command, "--outdir", str(out), f"{base}.xlsx"], capture_output=True, check=True)
        same(cells(out / f"{table.name}.csv"), cells(Path(f"{base}.csv")), table, by_value=False)
