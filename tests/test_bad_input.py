"""Each fault of the data is named with its file, row, column and remedy, and nothing is published."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from build_tools.faults import as_json, message, remedy
from tests.makers import REPORT, Project, copy_example, edit_cell, edit_descriptor, edit_text, write_rows


@dataclass(frozen=True)
class Case:
    """One thing broken, and what must be said of it."""

    name: str
    change: Callable[[Project], object]
    code: str
    file: str
    row: int = 0
    column: str = ""
    says: str = ""  # something the English message or remedy must hold


def _figures(key: str, column: str, new: str) -> Callable[[Project], object]:
    return lambda p: edit_cell(p.report / "figures.csv", key, column, new)


def _claims(key: str, column: str, new: str) -> Callable[[Project], object]:
    return lambda p: edit_cell(p.report / "claims.csv", key, column, new)


def _descriptor(change: Callable[[dict[str, Any]], object]) -> Callable[[Project], object]:
    return lambda p: edit_descriptor(p.report, change)


def _rewrite(table: str, change: Callable[[list[list[str]]], list[list[str]]]) -> Callable[[Project], object]:
    def apply(project: Project) -> None:
        path = project.report / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        write_rows(path, change(rows))

    return apply


def _bytes(table: str, change: Callable[[bytes], bytes]) -> Callable[[Project], object]:
    def apply(project: Project) -> None:
        path = project.report / f"{table}.csv"
        path.write_bytes(change(path.read_bytes()))

    return apply


def _without(column: str) -> Callable[[list[list[str]]], list[list[str]]]:
    def change(rows: list[list[str]]) -> list[list[str]]:
        at = rows[0].index(column)
        return [[*row[:at], *row[at + 1 :]] for row in rows]

    return change


def _link(project: Project) -> None:
    path = project.report / "figures.csv"
    path.rename(project.folder / "elsewhere.csv")
    path.symlink_to(project.folder / "elsewhere.csv")


CASES = [
    Case(
        "malformed descriptor",
        lambda p: edit_text(p.report / "datapackage.json", '"version": "1.0.0",', '"version": "1.0.0"'),
        "descriptor-json",
        "datapackage.json",
        9,
        says="line 9",
    ),
    Case(
        "key twice in the descriptor",
        lambda p: edit_text(p.report / "datapackage.json", '"version": "1.0.0",', '"version": "1", "version": "2",'),
        "descriptor-duplicate-key",
        "datapackage.json",
        says="version",
    ),
    Case("no descriptor", lambda p: (p.report / "datapackage.json").unlink(), "no-descriptor", "datapackage.json"),
    Case("missing CSV", lambda p: (p.report / "figures.csv").unlink(), "file-missing", "figures.csv", says="figures"),
    Case(
        "wrong delimiter",
        _bytes("figures", lambda b: b.replace(b",", b";")),
        "delimiter",
        "figures.csv",
        1,
        says="semicolon",
    ),
    Case(
        "wrong encoding",
        _bytes("figures", lambda b: b.decode().encode("utf-16")),
        "not-utf8",
        "figures.csv",
        1,
        says="UTF-8",
    ),
    Case(
        "another wrong encoding",
        _bytes("figures", lambda b: b.replace("Mỗi xã.".encode(), b"M\xe3i")),
        "not-utf8",
        "figures.csv",
        10,
        says="0xe3",
    ),
    Case(
        "byte order mark",
        _bytes("figures", lambda b: b"\xef\xbb\xbf" + b),
        "byte-order-mark",
        "figures.csv",
        1,
    ),
    Case(
        "duplicate column",
        _rewrite("figures", lambda rows: [[*row, row[0]] for row in rows]),
        "column-twice",
        "figures.csv",
        1,
        "figure_id",
    ),
    Case("missing column", _rewrite("figures", _without("unit")), "column-missing", "figures.csv", 1, "unit"),
    Case(
        "unknown column",
        _rewrite("figures", lambda rows: [[*row, "extra"] for row in rows]),
        "column-extra",
        "figures.csv",
        1,
        "extra",
    ),
    Case(
        "columns out of order",
        _rewrite("figures", lambda rows: [[row[1], row[0], *row[2:]] for row in rows]),
        "column-order",
        "figures.csv",
        1,
        "indicator",
    ),
    Case(
        "a cell too many",
        _rewrite("figures", lambda rows: [rows[0], [*rows[1], "x"], *rows[2:]]),
        "row-length",
        "figures.csv",
        2,
        says="24 cells",
    ),
    Case(
        "unclosed quote",
        _bytes("figures", lambda b: b.replace(b"jobs_money,", b'"jobs_money,')),
        "csv-syntax",
        "figures.csv",
        7,
        says="double quote",
    ),
    Case(
        "thousands separator in a number",
        _figures("jobs_created", "value", "1.250"),
        "value-not-as-printed",
        "figures.csv",
        2,
        "value",
        says="1250",
    ),
    Case(
        "decimal comma in a number",
        _figures("poverty_rate", "value", "2,5"),
        "cell-number",
        "figures.csv",
        8,
        "value",
        says="2.5",
    ),
    Case(
        "two separators in a number",
        _figures("jobs_created", "value", "1.250.000"),
        "cell-number",
        "figures.csv",
        2,
        "value",
        says="1250000",
    ),
    Case("infinity as a number", _figures("jobs_created", "value", "INF"), "cell-number", "figures.csv", 2, "value"),
    Case(
        "unknown indicator",
        _figures("jobs_created", "indicator", "giai-quyet-viec-la"),
        "key-unknown",
        "figures.csv",
        2,
        "indicator",
        says="giai-quyet-viec-lam",
    ),
    Case("unknown place", _figures("jobs_created", "place", "nowhere"), "key-unknown", "figures.csv", 2, "place"),
    Case("unknown unit", _figures("jobs_created", "unit", "con"), "key-unknown", "figures.csv", 2, "unit"),
    Case("unknown body", _figures("jobs_created", "body", "ai-do"), "key-unknown", "figures.csv", 2, "body"),
    Case("unknown breakdown", _figures("jobs_women", "breakdown", "tre"), "key-unknown", "figures.csv", 5, "breakdown"),
    Case(
        "word outside its list",
        _figures("jobs_created", "stance", "actuel"),
        "cell-enum",
        "figures.csv",
        2,
        "stance",
        says="actual",
    ),
    Case(
        "duplicate figure_id",
        _figures("jobs_target", "figure_id", "jobs_created"),
        "key-twice",
        "figures.csv",
        4,
        "figure_id",
        says="line 2",
    ),
    Case(
        "figure_id that is no id",
        _figures("jobs_created", "figure_id", "Jobs created"),
        "cell-pattern",
        "figures.csv",
        2,
        "figure_id",
    ),
    Case(
        "required cell empty",
        _figures("jobs_created", "unit", ""),
        "cell-required",
        "figures.csv",
        2,
        "unit",
    ),
    Case(
        "no such day",
        _figures("jobs_created", "period_end", "2023-02-30"),
        "cell-type",
        "figures.csv",
        2,
        "period_end",
        says="2023-12-31",
    ),
    Case(
        "period that ends before it begins",
        _figures("jobs_created", "period_end", "2022-12-31"),
        "period-order",
        "figures.csv",
        2,
        "period_end",
    ),
    Case("change from nowhere", _figures("poverty_change", "base", ""), "base-needed", "figures.csv", 9, "base"),
    Case(
        "change without direction",
        _figures("poverty_change", "direction", ""),
        "direction-needed",
        "figures.csv",
        9,
        "direction",
    ),
    Case(
        "accents apart from their letters",
        _figures("households", "note", "Mo\u0302\u0303i xa\u0303."),
        "not-nfc",
        "figures.csv",
        10,
        "note",
    ),
    Case("space around a cell", _figures("households", "note", " Mỗi xã."), "cell-space", "figures.csv", 10, "note"),
    Case(
        "formula that names no figure",
        _claims("jobs_sum", "formula", "jobs_women + jobs_mem"),
        "formula",
        "claims.csv",
        3,
        "formula",
        says="jobs_mem",
    ),
    Case(
        "formula that divides by zero",
        _claims("jobs_sum", "formula", "jobs_women / 0"),
        "formula",
        "claims.csv",
        3,
        "formula",
        says="zero",
    ),
    Case(
        "formula that does not parse",
        _claims("jobs_sum", "formula", "jobs_women + + (jobs_men"),
        "formula",
        "claims.csv",
        3,
        "formula",
    ),
    Case(
        "formula that would run",
        _claims("jobs_sum", "formula", "__import__('os').system('true')"),
        "formula",
        "claims.csv",
        3,
        "formula",
    ),
    Case(
        "input that has no name",
        _claims("poverty_fell", "formula", "[muc_cu] - poverty_rate"),
        "input-unnamed",
        "claims.csv",
        5,
        "formula",
        says="inputs.csv",
    ),
    Case(
        "path out of the package",
        _descriptor(lambda d: d["resources"][0].update(path="../vocabulary/units.csv")),
        "path-unsafe",
        "datapackage.json",
        0,
        "resources[0].path",
        says="out of the package",
    ),
    Case(
        "absolute path",
        _descriptor(lambda d: d["resources"][0].update(path="/etc/passwd.csv")),
        "path-unsafe",
        "datapackage.json",
        0,
        "resources[0].path",
    ),
    Case(
        "address on the network",
        _descriptor(lambda d: d["resources"][0].update(path="http://example.org/a.csv")),
        "path-unsafe",
        "datapackage.json",
        0,
        "resources[0].path",
    ),
    Case("link out of the package", _link, "folder-entry", "", says="link"),
    Case(
        "pipe in the package",
        lambda p: os.mkfifo(p.report / "more.csv"),
        "folder-entry",
        "",
        says="pipe",
    ),
    Case(
        "value that does not follow from the print",
        _figures("jobs_created", "value", "1251"),
        "value-not-as-printed",
        "figures.csv",
        2,
        "value",
        says="1250",
    ),
    Case(
        "unit of another scale than is printed",
        _figures("jobs_money", "unit", "dong"),
        "unit-not-as-printed",
        "figures.csv",
        7,
        "unit",
        says="tỷ",
    ),
    Case(
        "unit of people where a percentage is printed",
        _figures("poverty_rate", "unit", "nguoi"),
        "unit-not-as-printed",
        "figures.csv",
        8,
        "unit",
        says="%",
    ),
    Case(
        "text that was changed",
        lambda p: edit_text(p.texts / f"{REPORT}.txt", "còn 2,5%", "còn 2,50%"),
        "text-changed",
        "datapackage.json",
        0,
        "report.text.sha256",
    ),
    Case(
        "locator that does not hold its span",
        lambda p: edit_cell(p.report / "ledger.csv", "6", "start", "3"),
        "locator",
        "ledger.csv",
        6,
        "start",
        says="start 2",
    ),
    Case(
        "digit in no span",
        _rewrite("ledger", lambda rows: [row for row in rows if row[3] != "05/01/2024"]),
        "digit-open",
        "ledger.csv",
        15,
        "line",
        says="line 11",
    ),
    Case(
        "figure without a span",
        _rewrite("ledger", lambda rows: [row for row in rows if row[3] != "32"]),
        "figure-without-span",
        "figures.csv",
        7,
        "figure_id",
    ),
    Case(
        "figure that is not there",
        _rewrite("figures", lambda rows: [row for row in rows if row[0] != "households"]),
        "key-unknown",
        "ledger.csv",
        14,
        "figure_id",
    ),
    Case(
        "encoding that is no text",
        _descriptor(lambda d: d["resources"][0].update(encoding=8)),
        "descriptor-value",
        "datapackage.json",
        0,
        "resources[0].encoding",
    ),
    Case(
        "dialect kept elsewhere",
        _descriptor(lambda d: d["resources"][0].update(dialect="dialect.json")),
        "descriptor-value",
        "datapackage.json",
        0,
        "resources[0].dialect.delimiter",
    ),
    Case(
        "headline that is no figure",
        _descriptor(lambda d: d["report"].update(headlines=["jobs_made"])),
        "key-unknown",
        "datapackage.json",
        0,
        "report.headlines",
    ),
    Case(
        "report without its place",
        _descriptor(lambda d: d["report"].pop("place")),
        "descriptor-value",
        "datapackage.json",
        0,
        "report.place",
    ),
    Case(
        "column declared otherwise than the standard",
        _descriptor(lambda d: d["resources"][0]["schema"]["fields"][16].update(type="string")),
        "columns-of-standard",
        "datapackage.json",
        0,
        "figures.schema.fields[16]",
    ),
]


def test_the_example_is_sound(tmp_path: Path) -> None:
    """What every case starts from has no fault."""
    assert copy_example(tmp_path).faults() == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault_is_named(case: Case, tmp_path: Path) -> None:
    """A fault names its file, row and column, what is wrong and the remedy, in Vietnamese and English."""
    project = copy_example(tmp_path)
    case.change(project)
    faults = project.faults()
    found = [f for f in faults if (f.code, f.file, f.column) == (case.code, case.file, case.column)]
    assert found, f"no {case.code} at {case.file} {case.column}, but {faults}"
    if case.row:
        assert case.row in [f.row for f in found]
    for fault in found:
        assert fault.level == ("warning" if case.code == "input-unnamed" else "error")
        assert message(fault, "vi") and remedy(fault, "vi") and message(fault, "en") and remedy(fault, "en")
    if case.says:
        said = [f"{message(f, 'en')} {remedy(f, 'en')}" for f in found]
        assert any(case.says in text for text in said), said


def test_all_faults_are_named_in_one_run(tmp_path: Path) -> None:
    """Faults of several files and rows come together, sorted."""
    project = copy_example(tmp_path)
    edit_cell(project.report / "figures.csv", "jobs_created", "unit", "con")
    edit_cell(project.report / "figures.csv", "jobs_women", "place", "nowhere")
    edit_cell(project.report / "claims.csv", "jobs_sum", "formula", "jobs_women +")
    faults = project.faults()
    assert {(f.file, f.row, f.column) for f in faults} >= {
        ("figures.csv", 2, "unit"),
        ("figures.csv", 5, "place"),
        ("claims.csv", 3, "formula"),
    }
    assert list(faults) == sorted(faults)


def test_machine_form_of_a_fault(tmp_path: Path) -> None:
    """The JSON of a fault has the keys that editors and other programs read."""
    project = copy_example(tmp_path)
    edit_cell(project.report / "figures.csv", "poverty_rate", "value", "2,5")
    (record,) = [r for r in as_json(project.faults(), "en") if r["code"] == "cell-number"]
    assert record == {
        "package": REPORT,
        "level": "error",
        "code": "cell-number",
        "file": "figures.csv",
        "row": 8,
        "column": "value",
        "cell": "2,5",
        "message": record["message"],
        "remedy": record["remedy"],
        "explanation": "docs/faults.md#cell-number",
    }
    assert json.dumps(record)
