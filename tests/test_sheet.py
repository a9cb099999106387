"""A package as a workbook and back: nothing is lost on the way, and what is wrong is named by its cell."""

import csv
import io
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from build_tools.cli import app
from build_tools.errors import BuildError
from build_tools.packages import Package, Table, read_package
from build_tools.sheet import FACTS, column_letters
from build_tools.sheet.export import PASSAGE, WORDS, export, make_workbook
from build_tools.sheet.intake import Imported, Reading, take_in
from build_tools.sheet.workbook import read_workbook
from tests.conftest import NO_OFFICE, find_office, find_reports
from tests.makers import PROJECT, Project, copy_example

REAL = sorted(path.name for path in (PROJECT / "datapackages").iterdir() if path.is_dir())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example project, its text at hand."""
    return copy_example(tmp_path / "project")


def exported(project: Project, name: str = "work.xlsx") -> Path:
    """Write the example's report as a workbook and return the file."""
    return make_workbook(project.report, project.packages, project.texts, project.folder / name).workbook


def changed(workbook: Path, change: Callable[[Any], object]) -> Path:
    """Change a workbook as a spreadsheet would, and save it."""
    book = openpyxl.load_workbook(workbook)
    change(book)
    book.save(workbook)
    return workbook


def at(sheet: Worksheet, key: str, column: str) -> Any:
    """Return the cell of a column in the row that has `key` as the cell of an id, or of the first column."""
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        if key in [cell.value for cell in row[:8]]:
            return sheet.cell(row[0].row, columns[column])
    raise AssertionError(f"no row {key}")


def taken(project: Project, workbook: Path, write: bool = True) -> Imported:
    """Import a workbook into the example project."""
    return take_in(workbook, project.packages, project.texts, write=write)


def files(folder: Path) -> dict[str, bytes]:
    """Return what stands in a folder, by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Nothing is lost ---


@pytest.mark.parametrize("name", REAL)
def test_unchanged_workbook_changes_nothing(name: str, tmp_path: Path) -> None:
    """Every package of ours goes out and comes back: no cell differs, and every file would be the same bytes."""
    folder = tmp_path / name
    shutil.copytree(PROJECT / "datapackages" / name, folder)
    workbook = make_workbook(folder, PROJECT / "datapackages", find_reports(), tmp_path / "a.xlsx").workbook
    package = read_package(folder)[0]
    assert package is not None
    read = Reading(package, read_workbook(workbook))
    assert not read.faults
    assert all(change.is_empty for change in read.changes())
    before = files(folder)
    read.write(folder)
    assert files(folder) == before


REPORTS = [name for name in REAL if (PROJECT / "datapackages" / name / "figures.csv").is_file()]
# In a short run one whose rows are quoted otherwise than csv.writer does, and one of the others.
QUICK = ("ha-tinh-2015-2020-thi-dua", "hue-2023-lanh-dao")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in REPORTS]
)
def test_one_changed_cell_changes_one_line(name: str, tmp_path: Path) -> None:
    """A row that is as it was keeps its bytes, however it is quoted: only the line of the changed row differs."""
    folder = tmp_path / name
    shutil.copytree(PROJECT / "datapackages" / name, folder)
    before = files(folder)
    workbook = make_workbook(folder, PROJECT / "datapackages", None, tmp_path / "a.xlsx").workbook
    middle = before["figures.csv"].decode().split("\n")[50].partition(",")[0]
    changed(workbook, lambda book: setattr(at(book["figures"], middle, "note"), "value", "Một ghi chú, mới."))
    found = take_in(workbook, PROJECT / "datapackages", None, folder)
    assert found.written, found.faults
    after = files(folder)
    assert [(one.sheet, one.column, one.new) for sheet in found.changes for one in sheet.changed] == [
        ("figures", "note", "Một ghi chú, mới.")
    ]
    assert {path for path in before | after if before.get(path) != after.get(path)} == {"figures.csv"}
    old, new = (content["figures.csv"].decode().split("\n") for content in (before, after))
    differing = [line for line, other in zip(old, new, strict=True) if line != other]
    assert len(differing) == 1 and differing[0].startswith(middle)


LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn"), include_characters="\n\t")
CELLS = st.one_of(
    st.text(LETTERS, max_size=20),
    st.sampled_from(
        ["=1+1", "+1", "-1", "@x", "_x000D_", "_xa_", "x005F_", "_x005F_", "<r>a</r>", " a ", "007", "1e5"]
    ),
    st.sampled_from(
        ["", "", "17.034", "2023-12-31", "TRUE", "#x", "\u00a0", '"', "a,b", "'x", "&amp;", "\ud7ff\ue000"]
    ),
)


@cache
def claim_items() -> Table:
    """Return a table to start from."""
    package = read_package(PROJECT / "datapackages" / "hue-2023-lanh-dao")[0]
    table = package.table("claim_items") if package is not None else None
    assert table is not None
    return table


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table of claim items that a CSV may hold, quoted in any way."""
    table = claim_items()
    width = len(table.columns)
    rows = draw(st.lists(st.tuples(*[CELLS] * width).filter(any), max_size=5))
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if draw(st.booleans()) else csv.QUOTE_MINIMAL, lineterminator="\n")
    lines, number = [], 1
    for row in (table.columns, *rows):
        start = len(out.getvalue())
        writer.writerow(row)
        lines.append(number)
        number += out.getvalue()[start:].count("\n")
    content = out.getvalue().encode()
    content = content.removesuffix(b"\n") if draw(st.booleans()) else content
    return replace(table, rows=tuple(rows), lines=tuple(lines[1:]), content=content)


@given(table=tables())
def test_every_cell_comes_back_letter_for_letter(table: Table, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a cell holds, a workbook gives it back; and rows that are as they were keep their bytes."""
    package = of_one_table(table)
    folder = tmp_path_factory.mktemp("table")
    (folder / "a.xlsx").write_bytes(export(package, None, None))
    read = Reading(package, read_workbook(folder / "a.xlsx"))
    assert not read.faults
    assert read.rows("claim_items") == table.rows
    (folder / "claim_items.csv").write_bytes(table.content)
    read.write(folder)
    assert (folder / "claim_items.csv").read_bytes() == table.content


@given(table=tables(), order=st.randoms(use_true_random=False))
def test_rows_in_another_order_keep_their_bytes(
    table: Table, order: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows may be sorted: the new file has the same lines in the new order, and reads as the workbook has it."""
    shuffled = list(table.rows)
    order.shuffle(shuffled)
    folder = tmp_path_factory.mktemp("table")
    moved = replace(table, rows=tuple(shuffled))
    (folder / "a.xlsx").write_bytes(export(of_one_table(moved), None, None))
    (folder / "claim_items.csv").write_bytes(table.content)
    read = Reading(of_one_table(table), read_workbook(folder / "a.xlsx"))
    read.write(folder)
    text = (folder / "claim_items.csv").read_text(encoding="utf-8")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == [table.columns, *shuffled]
    if moved.rows != table.rows:
        assert sorted(text.encode()) == sorted(table.content.removesuffix(b"\n") + b"\n")


def of_one_table(table: Table) -> Package:
    """Return a package that has this table and no other."""
    resources = [{"name": "claim_items", "path": "claim_items.csv"}]
    return Package("mau", Path("mau"), {"title": "Mẫu", "resources": resources}, (table,), "")


def test_workbook_of_another_program_comes_back(project: Project) -> None:
    """A workbook that another library has opened and saved reads as the one that was written, cell for cell."""
    workbook = exported(project)
    before = [(page.name, page.cells) for page in read_workbook(workbook)]
    assert [(page.name, page.cells) for page in read_workbook(changed(workbook, lambda _: None))] == before
    assert taken(project, workbook).is_empty


def test_text_in_runs_is_read_whole(project: Project) -> None:
    """Letters in bold, signs for how a word is spoken, a prefix before every element, the standard's strict form."""
    workbook = exported(project)
    pages = read_workbook(workbook)

    def write_otherwise(parts: dict[str, bytes]) -> None:
        runs = b"<r><rPr><b/></rPr><t>jobs_</t></r><r><t>created</t></r><rPh><t>?</t></rPh>"
        _put(parts, STRINGS, b'<t xml:space="preserve">jobs_created</t>', runs)
        text = parts[STRINGS].replace(b"<sst xmlns=", b"<sst xmlns:x=")
        parts[STRINGS] = re.sub(rb"<(/?)(sst|si|rPr|rPh|r|t|b)\b", rb"<\1x:\2", text)
        main, strict = b"schemas.openxmlformats.org/spreadsheetml/2006/main", b"purl.oclc.org/ooxml/spreadsheetml/main"
        parts[SHEET] = parts[SHEET].replace(main, strict)

    assert read_workbook(_rewritten(workbook, write_otherwise)) == pages


@pytest.mark.long
def test_libreoffice_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """LibreOffice opens the workbook of every package and saves it again: nothing is changed by that."""
    program = find_office()
    if program is None:
        pytest.skip(NO_OFFICE)
    for name in REAL:
        folder = PROJECT / "datapackages" / name
        workbook = make_workbook(folder, folder.parent, find_reports(), tmp_path / f"{name}.xlsx").workbook
        command = [program, f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless"]
        command += ["--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(workbook)]
        subprocess.run(command, capture_output=True, check=True)
        found = take_in(tmp_path / "saved" / workbook.name, folder.parent, find_reports(), write=False)
        assert (found.is_empty, found.is_refused) == (True, False), name


# --- What the workbook offers ---


def test_sheets_say_what_they_are(project: Project) -> None:
    """A sheet for each table, those a report may have too, the facts first, the words last; names frozen on top."""
    book = openpyxl.load_workbook(exported(project))
    standard = ["figures", "ledger", "claims", "claim_items", "declined", "responses", "changes"]
    assert book.sheetnames == [FACTS, *standard, WORDS]
    for sheet in book:
        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith("2"), sheet.title
        assert sheet.auto_filter.ref, sheet.title
    notes = {cell.value: cell.comment for cell in book["figures"][1]}
    assert "Chỉ tiêu" in notes["indicator"].text and "What is measured" in notes["indicator"].text


def test_no_cell_is_anything_but_text(project: Project) -> None:
    """What looks like a formula or a number is written as text; new cells have that form too."""
    texts = ("=1+1", "+1", "-1", "@x", "007", "1.250", "2023-12-31")
    package = of_one_table(
        replace(claim_items(), rows=tuple((text, *[""] * 6) for text in texts), lines=tuple(range(2, 9)))
    )
    path = project.folder / "a.xlsx"
    path.write_bytes(export(package, None, None))
    sheet = openpyxl.load_workbook(path)["claim_items"]
    for row, text in enumerate(texts, 2):
        assert (sheet.cell(row, 1).value, sheet.cell(row, 1).data_type) == (text, "s")
        assert sheet.cell(row, 1).number_format == "@"
    # A new cell has the form of its column.
    columns = sheet.column_dimensions.values()
    assert {column.number_format for column in columns} == {"@"}
    assert sum(column.max - column.min + 1 for column in columns) == 7
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]


def test_cells_choose_from_the_words_there_are(project: Project) -> None:
    """Columns with a closed list, words of the vocabulary and ids of another table have lists to choose from."""
    book = openpyxl.load_workbook(exported(project))

    def choices(sheet: str, column: str) -> list[str]:
        cell = at(book[sheet], "jobs_created", column)
        rules = [
            r for r in book[sheet].data_validations.dataValidation if cell.coordinate in r.sqref and r.type == "list"
        ]
        (rule,) = rules
        if rule.formula1.startswith('"'):
            return list(rule.formula1.strip('"').split(","))
        name, _, cells = rule.formula1.rpartition("!")
        rows = book[name.strip("'")][cells.replace("$", "")]
        return [row[0].value for row in rows if row[0].value]

    assert choices("figures", "stance") == ["actual", "target", "planned", "norm"]
    with (project.packages / "vocabulary" / "indicators.csv").open(encoding="utf-8") as file:
        indicators = [row["indicator"] for row in csv.DictReader(file)]
    assert choices("figures", "indicator") == indicators
    assert "jobs_women" in choices("ledger", "figure_id")
    words = {(row[0].value, row[1].value): row[2].value for row in book[WORDS].iter_rows(min_row=2)}
    assert words["units", "nguoi"] == "người"


def test_passage_stands_beside_each_row_and_never_comes_back(project: Project) -> None:
    """With the text at hand each row shows where its number stands; what is written there is not imported."""
    workbook = exported(project)
    sheet = openpyxl.load_workbook(workbook)["figures"]
    shown = at(sheet, "jobs_women", PASSAGE).value
    assert shown.startswith("[6] ") and "có ⟦600⟧ nữ" in shown
    (rule,) = [r for r in sheet.data_validations.dataValidation if r.type == "custom"]
    assert rule.formula1 == "FALSE" and "A2" in rule.sqref
    changed(workbook, lambda book: setattr(at(book["figures"], "jobs_women", PASSAGE), "value", "khác"))
    assert taken(project, workbook).is_empty


def test_without_the_text_there_is_no_passage(project: Project) -> None:
    """No text, or another text than the one transcribed: no column of passages, and the command says so."""
    text = next(project.texts.glob("*.txt"))
    text.write_text(text.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    made = make_workbook(project.report, project.packages, project.texts, project.folder / "a.xlsx")
    assert not made.has_passages
    assert openpyxl.load_workbook(made.workbook)["figures"]["A1"].value == "figure_id"


def test_export_is_the_same_twice_and_never_over_a_file(project: Project) -> None:
    """The same package gives the same bytes; a workbook that is there may hold work, and stays."""
    first, second = exported(project, "a.xlsx"), exported(project, "b.xlsx")
    assert first.read_bytes() == second.read_bytes()
    first.write_bytes(b"work")
    with pytest.raises(BuildError, match="may hold work"):
        exported(project, "a.xlsx")
    assert first.read_bytes() == b"work"


def test_package_of_another_kind_is_not_exported(project: Project) -> None:
    """A package that is not of our tables is edited with what it was made with."""
    folder = project.packages / "khac"
    folder.mkdir()
    (folder / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "khac", "resources": [{"name": "t", "path": "t.csv"}]}), encoding="utf-8"
    )
    with pytest.raises(BuildError, match="is no package of a report"):
        make_workbook(folder, project.packages, None, project.folder / "a.xlsx")


# --- What was done in the spreadsheet ---


def test_rows_are_added_changed_and_removed(project: Project) -> None:
    """New rows, changed cells, removed rows: the tables say what the workbook says, and a table it lacked is added."""
    workbook = exported(project)

    def work(book: Any) -> None:
        at(book["figures"], "jobs_created", "note").value = "Số đã in."
        at(book["figures"], "jobs_created", "note_en").value = "As printed."
        claims = book["claims"]
        claims.delete_rows(at(claims, "jobs_sum", "rule").row)
        columns = {cell.value: cell.column for cell in claims[1]}
        for name, text in {"claim_id": "women_share", "rule": "bound", "formula": "jobs_women > 0"}.items():
            claims.cell(claims.max_row + (name == "claim_id"), columns[name]).value = text
        claims.cell(claims.max_row, columns["basis"]).value = "stated"
        declined = book["declined"]
        row = ["sum", "jobs_created", "jobs_women + jobs_men", "Không nói.", "2024-01-02"]
        names = {cell.value: cell.column for cell in declined[1]}
        for name, text in zip(("rule", "result", "formula", "reason", "date"), row, strict=True):
            declined.cell(2, names[name]).value = text
        book[FACTS]["B3"].value = book[FACTS]["B3"].value + "!"

    found = taken(project, changed(workbook, work))
    assert found.written, found.faults
    counts = {change.sheet: (len(change.changed), change.added, change.removed) for change in found.changes}
    assert {name: n for name, n in counts.items() if n != (0, 0, 0)} == {
        FACTS: (1, 0, 0),
        "figures": (2, 0, 0),
        "claims": (0, 1, 1),
        "declined": (0, 1, 0),
    }
    package = read_package(project.report)[0]
    assert package is not None
    tables = {name: [row for _, row in package.table(name).records()] for name in ("figures", "claims", "declined")}  # type: ignore[union-attr]
    assert tables["figures"][0]["note"] == "Số đã in."
    assert [row["claim_id"] for row in tables["claims"]][-1] == "women_share"
    assert tables["declined"][0]["reason"] == "Không nói."
    assert package.descriptor["title"].endswith("!")
    assert not [item for item in project.faults() if item.level == "error"]
    assert taken(project, workbook).is_empty


def _move_a_column(book: Any) -> None:
    sheet = book["figures"]
    for row in sheet.iter_rows():
        row[2].value, row[5].value = row[5].value, row[2].value


def _own_column(book: Any) -> None:
    sheet = book["figures"]
    sheet.cell(1, sheet.max_column + 1).value = "# của tôi"
    sheet.cell(3, sheet.max_column).value = 5


def _own_sheet(book: Any) -> None:
    book.create_sheet("# nháp")["A1"] = 1
    book.create_sheet("Sheet1")


def _blank_rows(book: Any) -> None:
    sheet = book["figures"]
    sheet.insert_rows(4)
    sheet.cell(sheet.max_row + 30, 5).value = ""
    book["ledger"].cell(900, 3).number_format = "0.00"


def _whole_numbers(book: Any) -> None:
    ledger = book["ledger"]
    for row in range(2, ledger.max_row + 1):
        ledger.cell(row, 2).value = int(ledger.cell(row, 2).value)
        ledger.cell(row, 2).number_format = "General"


def _rich_text(book: Any) -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    cell = at(book["ledger"], "1.250", "as_written")
    cell.value = CellRichText(TextBlock(InlineFont(b=True), "1."), "250")


@pytest.mark.parametrize("change", [_move_a_column, _own_column, _own_sheet, _blank_rows, _whole_numbers, _rich_text])
def test_what_loses_nothing_changes_nothing(project: Project, change: Callable[[Any], None]) -> None:
    """Columns moved, columns and sheets of one's own, blank rows, whole numbers, letters in bold: all as it was."""
    found = taken(project, changed(exported(project), change))
    assert not found.faults
    assert found.is_empty


def test_sorted_rows_are_kept_in_their_new_order(project: Project) -> None:
    """The order of rows is the workbook's."""
    workbook = exported(project)

    def turn(book: Any) -> None:
        sheet = book["claims"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for row, values in zip(sheet.iter_rows(min_row=2), reversed(rows), strict=True):
            for cell, value in zip(row, values, strict=True):
                cell.value = value

    before = (project.report / "claims.csv").read_text(encoding="utf-8").splitlines()
    found = taken(project, changed(workbook, turn))
    assert found.written and [change.sheet for change in found.changes if change.moved] == ["claims"]
    after = (project.report / "claims.csv").read_text(encoding="utf-8").splitlines()
    assert after == [before[0], *reversed(before[1:])]


# --- What is refused ---


def _cell(sheet: str, key: str, column: str, value: Any) -> Callable[[Any], str]:
    def change(book: Any) -> str:
        cell = at(book[sheet], key, column)
        cell.number_format = "General"
        cell.value = value
        return f"{sheet}!{cell.coordinate}"

    return change


def _merged(book: Any) -> str:
    book["figures"].merge_cells("C5:C6")
    return "figures!C5"


def _fact(key: str, value: Any) -> Callable[[Any], str]:
    def change(book: Any) -> str:
        cell = at(book[FACTS], key, "value")
        cell.value = value
        return f"{FACTS}!{cell.coordinate}"

    return change


def _header(name: Any, column: int) -> Callable[[Any], str]:
    def change(book: Any) -> str:
        sheet = book["figures"]
        index = column if column > 0 else sheet.max_column + 1
        sheet.cell(1, index).value = name
        sheet.cell(3, index).value = "x"
        return f"figures!{column_letters(index)}1"

    return change


def _without_sheet(book: Any) -> str:
    del book["claims"]
    return "claims"


def _renamed(book: Any) -> str:
    book["claims"].title = "claim"
    return "claims"


def _twice(book: Any) -> str:
    return str(book.copy_worksheet(book["claims"]).title)


def _without_column(book: Any) -> str:
    book["figures"].delete_cols(4)
    return "figures"


def _key_twice(book: Any) -> str:
    sheet = book[FACTS]
    sheet.cell(sheet.max_row + 1, 1).value = "title"
    return f"{FACTS}!A{sheet.max_row}"


def _new_row(book: Any) -> str:
    sheet = book["ledger"]
    row = sheet.max_row + 1
    for cell, text in zip(sheet[1][1:], ("11", "60", "2", "20", "other"), strict=False):
        sheet.cell(row, cell.column).value = text
    return f"ledger!C{row}"


REFUSED: Mapping[str, tuple[Callable[[Any], str], str]] = {
    "a broken number": (_cell("figures", "jobs_attainment", "value", 104.17), "sheet-cell"),
    "a number in a column of text": (_cell("figures", "jobs_created", "base", 2022), "sheet-cell"),
    "a number that was printed": (_cell("ledger", "1.250", "as_written", 1250), "sheet-cell"),
    "a day": (_cell("figures", "jobs_created", "period_start", date(2023, 1, 1)), "sheet-cell"),
    "true": (_cell("figures", "jobs_created", "note", True), "sheet-cell"),
    "a formula": (_cell("figures", "jobs_created", "value", "=1000+250"), "sheet-cell"),
    "an error": (_cell("figures", "jobs_created", "unit", "#N/A"), "sheet-cell"),
    "an unknown word": (_cell("figures", "jobs_created", "unit", "nguoii"), "key-unknown"),
    "not of the list": (_cell("figures", "jobs_created", "stance", "maybe"), "cell-enum"),
    "a wrong value": (_cell("figures", "jobs_created", "value", "1251"), "value-not-as-printed"),
    "a number as it is printed": (_cell("figures", "jobs_created", "value", "1.250,5"), "cell-number"),
    "a hard space": (_cell("figures", "jobs_created", "unit", "nguoi\u00a0"), "cell-space"),
    "letters taken apart": (_cell("figures", "jobs_created", "note", "ho\u0323"), "not-nfc"),
    "an id twice": (_cell("figures", "jobs_men", "figure_id", "jobs_women"), "key-twice"),
    "an unknown figure": (_cell("claims", "jobs_sum", "formula", "jobs_woman + jobs_men"), "formula"),
    "merged cells": (_merged, "sheet-merged"),
    "no sheet": (_without_sheet, "sheet-missing"),
    "a sheet of another name": (_renamed, "sheet-missing"),
    "a sheet twice": (_twice, "sheet-unknown"),
    "an unknown column": (_header("indicator_id", 0), "sheet-column"),
    "a column without a name": (_header(None, 0), "sheet-column"),
    "a column twice": (_header("indicator", 0), "sheet-column-twice"),
    "no column": (_without_column, "sheet-column-missing"),
    "a key twice": (_key_twice, "sheet-key"),
    "an unknown place": (_fact("report.place", "mao"), "key-unknown"),
    "an empty fact": (_fact("report.issuer", None), "descriptor-value"),
    "a fact that is a number": (_fact("report.short_title", 2023), "sheet-cell"),
    "an unknown headline": (_fact("report.headlines", "jobs_created, jobs_made"), "key-unknown"),
    "another flag than true": (_fact("report.title_is_ours", "ĐÚNG"), "sheet-cell"),
    "a new row over another": (_new_row, "span-overlap"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_fault_is_named_by_its_cell_and_nothing_is_written(project: Project, name: str) -> None:
    """Each fault names sheet, cell and code; the package stays as it was, byte for byte, and so does its folder."""
    change, code = REFUSED[name]
    before, beside = files(project.report), sorted(project.packages.iterdir())
    where = ""

    def work(book: Any) -> None:
        nonlocal where
        where = change(book)

    workbook = changed(exported(project), work)
    found = taken(project, workbook)
    assert found.is_refused and not found.written
    assert (where, code) in [(one.place, one.fault.code) for one in found.faults if one.fault.level == "error"]
    assert files(project.report) == before
    assert sorted(project.packages.iterdir()) == beside


def test_all_faults_are_named_in_one_run(project: Project) -> None:
    """What a spreadsheet changed, what is unknown and what does not agree stand in one list, in order of the cells."""

    def work(book: Any) -> None:
        for name in ("a day", "an unknown figure", "a hard space", "an unknown headline"):
            REFUSED[name][0](book)

    found = taken(project, changed(exported(project), work))
    codes = {one.fault.code for one in found.faults if one.fault.level == "error"}
    assert {"sheet-cell", "cell-space"} <= codes
    assert [one.place for one in found.faults] == [one.place for one in sorted(found.faults)]


# --- What is no workbook of ours ---


def _rewritten(workbook: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Change the parts of a workbook's archive."""
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return workbook


SHEET = "xl/worksheets/sheet2.xml"
STRINGS = "xl/sharedStrings.xml"


def _put(parts: dict[str, bytes], name: str, old: bytes, new: bytes) -> None:
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new, 1)


def _entities(parts: dict[str, bytes]) -> None:
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 9))
    _put(parts, STRINGS, b"<sst", b'<!DOCTYPE sst [<!ENTITY e0 "ha">' + levels + b"]><sst")
    _put(parts, STRINGS, b"jobs_created", b"&e8;")


def _file_of_the_machine(parts: dict[str, bytes]) -> None:
    _put(parts, STRINGS, b"<sst", b'<!DOCTYPE sst [<!ENTITY e SYSTEM "file:///etc/hostname">]><sst')
    _put(parts, STRINGS, b"jobs_created", b"&e;")


def _bomb(parts: dict[str, bytes]) -> None:
    parts[STRINGS] = parts[STRINGS].replace(b"</sst>", b"<si><t>" + b" " * 61_000_000 + b"</t></si></sst>")


def _strange(old: bytes, new: bytes, name: str = SHEET) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: _put(parts, name, old, new)


def _macro(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"\0"


def _macro_by_type(parts: dict[str, bytes]) -> None:
    _put(parts, "[Content_Types].xml", b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")


def _other_file(parts: dict[str, bytes]) -> None:
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"


def _many_entries(parts: dict[str, bytes]) -> None:
    parts.update({f"xl/media/{n}.png": b"" for n in range(1_001)})


HOSTILE: Mapping[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "entities": (_entities, "DOCTYPE"),
    "a file of the machine": (_file_of_the_machine, "DOCTYPE"),
    "a bomb": (_bomb, "unpacked"),
    "a cell off the sheet": (_strange(b'r="A2"', b'r="ZZZ2"'), "cannot be read"),
    "a row off the sheet": (_strange(b'<row r="2"', b'<row r="9999999"'), "cannot be read"),
    "a row before the first": (_strange(b'<row r="2"', b'<row r="-2"'), "cannot be read"),
    "a text that is not there": (_strange(b"<v>", b"<v>999999"), "cannot be read"),
    "a kind that is none": (_strange(b't="s"', b't="zz"'), "cannot be read"),
    "broken XML": (_strange(b"</sheetData>", b"</sheetDat>"), "cannot be read"),
    "no part": (lambda parts: parts.pop(SHEET), "lacks the part"),
    "no types": (lambda parts: parts.pop("[Content_Types].xml"), "no XLSX workbook"),
    "no workbook": (lambda parts: parts.pop("_rels/.rels"), "no XLSX workbook"),
    "a macro": (_macro, "macros"),
    "a macro by its type": (_macro_by_type, "macros"),
    "another file": (_other_file, "another file"),
    "many entries": (_many_entries, "more entries"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbook_is_refused_by_name(project: Project, name: str) -> None:
    """What would take memory, time, or a file of the machine is refused before it does."""
    change, said = HOSTILE[name]
    workbook = _rewritten(exported(project), change)
    with pytest.raises(BuildError, match=said) as refused:
        taken(project, workbook)
    assert refused.value.place == str(workbook)


@pytest.mark.parametrize("bound", ["MOST_CELLS", "MOST_LETTERS", "MOST_UNPACKED", "MOST_IN_FILE"])
def test_every_bound_holds(project: Project, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Cells, letters (many cells may share one text), unpacked bytes, bytes of the file: at the bound, not beyond."""
    workbook = exported(project)
    monkeypatch.setattr(f"build_tools.sheet.workbook.{bound}", 500)
    with pytest.raises(BuildError, match="500"):
        taken(project, workbook)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (b"figure_id,indicator\n", "no workbook"),
        (b"", "no workbook"),
        (b"PK\x03\x04" + b"\0" * 40, "no workbook"),
    ],
)
def test_file_of_another_kind_is_refused(project: Project, content: bytes, said: str) -> None:
    """An old or locked workbook, a CSV, an empty file, half a zip: said to be no workbook."""
    workbook = project.folder / "a.xlsx"
    workbook.write_bytes(content)
    with pytest.raises(BuildError, match=said):
        taken(project, workbook)


def test_damaged_workbook_is_refused_wherever_it_is_cut(project: Project) -> None:
    """A workbook that was cut off, or in which bytes were lost, is refused or reads as it was, never otherwise."""
    workbook = exported(project)
    whole = workbook.read_bytes()
    pages = read_workbook(workbook)
    for place in range(1, len(whole), len(whole) // 20):
        for content in (whole[:place], whole[:place] + b"\xff\xff" + whole[place + 2 :]):
            workbook.write_bytes(content)
            try:
                assert read_workbook(workbook) == pages
            except BuildError as error:
                assert error.place == str(workbook)  # noqa: PT017  (either is right)


def test_workbook_of_another_package_is_refused(project: Project) -> None:
    """A workbook goes into the package whose name it bears, and one without a name into none."""
    workbook = exported(project)
    with pytest.raises(BuildError, match="of another package"):
        take_in(workbook, project.packages, project.texts, project.packages / "vocabulary")

    for change in ({"A2": "called"}, {"A2": "name", "B2": "../mau"}):

        def without_name(book: Any, change: Mapping[str, str] = change) -> None:
            for cell, text in change.items():
                book[FACTS][cell].value = text

        with pytest.raises(BuildError, match="does not say which package"):
            taken(project, changed(workbook, without_name))


# --- Whole or not at all ---


def _note(book: Any) -> None:
    at(book["figures"], "jobs_created", "note").value = "Số đã in."


def test_import_that_cannot_be_finished_leaves_the_package(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new folder cannot be put in its place, the old one is back, and nothing lies beside it."""
    workbook = changed(exported(project), _note)
    before = files(project.packages)
    rename = Path.rename

    def broken(path: Path, target: Path) -> Path:
        if path.parent.name.startswith(".sheet-"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(BuildError, match="No space left"):
        taken(project, workbook)
    monkeypatch.undo()
    assert files(project.packages) == before
    assert taken(project, workbook).written


def test_package_that_may_not_be_written_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written beside the package, the import says so; a dry run needs no room there."""
    workbook = changed(exported(project), _note)

    make = tempfile.mkdtemp

    def refused(*place: Any) -> str:
        if place[2:] == (project.packages,):
            raise PermissionError(13, "Permission denied")
        return str(make(*place))

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    assert not taken(project, workbook, write=False).is_empty
    with pytest.raises(BuildError, match="Permission denied"):
        taken(project, workbook)


def test_import_that_was_killed_is_mended_by_the_next(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between its two steps, an import leaves the old package under another name; the next brings it back."""
    workbook = changed(exported(project), _note)
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path.parent.name.startswith(".sheet-"):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        taken(project, workbook)
    monkeypatch.undo()
    assert not project.report.exists()
    found = taken(project, workbook)
    assert found.written
    assert sorted(path.name for path in project.packages.iterdir()) == [project.report.name, "vocabulary"]


def test_dry_run_tells_and_writes_nothing(project: Project) -> None:
    """Without writing, what would change is told the same."""
    workbook = changed(exported(project), _note)
    before = files(project.packages)
    told = taken(project, workbook, write=False)
    assert files(project.packages) == before
    done = taken(project, workbook)
    assert told == replace(done, written=False)


# --- The commands ---


def run(*arguments: str | Path, code: int = 0) -> str:
    """Run a command in the project and return what it printed."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"MINHBACH_LANG": "en"})
    assert result.exit_code == code, result.output
    return result.output


def test_commands_say_what_they_did(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Export names the file and the rows, import the cells; refused ends with 1, used wrongly with 2."""
    monkeypatch.chdir(PROJECT)
    workbook = project.folder / "a.xlsx"
    said = run("sheet", "export", project.report, "--out", workbook, "--reports", project.texts)
    assert "figures 9" in said and "keep this file out of git" in said
    assert "changes nothing" in run("sheet", "import", workbook, project.report)
    changed(workbook, _note)
    said = run("sheet", "import", workbook, project.report, "--dry-run")
    assert "figures!W2 note: ∅ → Số đã in." in said and "nothing was written" in said
    record = json.loads(run("sheet", "import", workbook, project.report, "--json"))
    assert record["written"] and {one["level"] for one in record["findings"]} == {"notice"}
    (figures,) = [sheet for sheet in record["sheets"] if sheet["sheet"] == "figures"]
    assert [(one["cell"], one["column"], one["new"]) for one in figures["changed"]] == [("W2", "note", "Số đã in.")]
    changed(workbook, _cell("figures", "jobs_created", "unit", "nguoii"))
    said = run("sheet", "import", workbook, project.report, code=1)
    assert "figures!G2: error" in said and "The package stays as it was." in said
    record = json.loads(run("sheet", "import", workbook, project.report, "--json", code=1))
    assert ("figures", "G2", "key-unknown") in [(one["sheet"], one["at"], one["code"]) for one in record["findings"]]
    run("sheet", "import", project.folder / "b.xlsx", code=2)
    run("sheet", "export", "no-such-package", code=2)


# --- From a text nobody has seen to a page ---

UNSEEN = """BÁO CÁO KẾT QUẢ NĂM 2024

1. Việc làm

Năm 2024, tỉnh Mẫu giải quyết việc làm cho 1.318 người.

2. Giảm nghèo

Tỷ lệ hộ nghèo cuối năm 2024 còn 2,25%.
"""


def test_newcomer_brings_a_report_to_its_page(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draft, export, fill in, import, build: what stood in a text nobody had seen stands on its page."""
    monkeypatch.chdir(PROJECT)
    shutil.rmtree(project.report)
    text = project.texts / "mau-2024.txt"
    text.write_text(UNSEEN, encoding="utf-8")
    workbook, texts = project.folder / "mau-2024.xlsx", ("--reports", project.texts)
    run("draft", text, "--out", project.packages, "--place", "mau", *texts)
    report = project.packages / "mau-2024"
    run("sheet", "export", report, "--out", workbook, *texts)
    changed(workbook, _settle_figures)
    said = run("sheet", "import", workbook, report, *texts)
    assert "The draft leaves" in said
    run("validate", report, *texts, code=1)
    changed(workbook, _settle_facts)
    said = run("sheet", "import", workbook, report, *texts)
    assert "imported into" in said and "The draft leaves" not in said
    run("validate", report, *texts)
    out = project.folder / "out"
    run("build", "--packages", project.packages, "--out", out, "--no-social-images", "--workers", "1", *texts)
    page = (out / "site" / "bao-cao" / "mau-2024" / "index.html").read_text(encoding="utf-8")
    assert 'id="jobs_created"' in page and "1.318" in page
    assert 'id="poverty_rate"' in page and "2,25" in page


def _settle_figures(book: Any) -> None:
    """Fill in what the draft left open, as its notes ask."""
    sheet = book["figures"]
    for printed, row in {
        "1318": {"figure_id": "jobs_created", "indicator": "giai-quyet-viec-lam", "unit": "nguoi", "measure": "level"},
        "2.25": {"figure_id": "poverty_rate", "indicator": "ty-le-ho-ngheo", "unit": "phan-tram", "measure": "share"},
    }.items():
        line = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if printed in [c.value for c in cells])
        columns = {cell.value: cell.column for cell in sheet[1]}
        drafted = sheet.cell(line, columns["figure_id"]).value
        at(book["ledger"], drafted, "figure_id").value = row["figure_id"]
        for column, text in {**row, "body": "toan-tinh", "note": None}.items():
            sheet.cell(line, columns[column]).value = text


def _settle_facts(book: Any) -> None:
    """Say what the report is, and that what was guessed is right."""
    for key, text in {
        "title": "Các con số của báo cáo thử",
        "title_en": "Figures of a trial report",
        "description": "Mọi con số.",
        "description_en": "Every figure.",
        "report.issuer": "Sở Mẫu",
        "report.issuer_en": "Department of Mau",
        "report.title": "Báo cáo kết quả năm 2024",
        "report.title_en": "Report of 2024",
        "report.short_title": "Mẫu 2024",
        "report.short_title_en": "Mau 2024",
        "report.headlines": "jobs_created",
        "draft": None,
    }.items():
        at(book[FACTS], key, "value").value = text
