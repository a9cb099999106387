"""Checks of tables that show only where several things meet: references, keys of two columns, lists of values."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from build_tools import packages
from build_tools.cells import Field
from build_tools.faults import Fault, message, remedy
from build_tools.packages import read_package
from tests.corpus import COUNTS, DESCRIPTOR, PROVINCES
from tests.test_reading import table_faults


def faults_of(folder: Path, change: Any, counts: str = COUNTS, name: str = "mau") -> tuple[Fault, ...]:
    """Return what is wrong with the sample package, its descriptor and its table changed."""
    descriptor = deepcopy(DESCRIPTOR)
    change(descriptor)
    target = folder / name
    target.mkdir()
    (target / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (target / "counts.csv").write_text(counts, encoding="utf-8")
    (target / "provinces.csv").write_text(PROVINCES, encoding="utf-8")
    return read_package(target)[1]


def test_a_reference_after_one_that_cannot_be_looked_up(tmp_path: Path) -> None:
    """A key to a table that could not be read, or to none, keeps no other key of the table from being looked up."""

    def change(d: dict[str, Any]) -> None:
        d["resources"].append({"name": "gone", "path": "gone.csv"})
        own = [{"fields": ["note"], "reference": {"resource": "", "fields": ["id"]}}]
        lost = [{"fields": ["id"], "reference": {"resource": name, "fields": ["x"]}} for name in ("gone", "nowhere")]
        d["resources"][0]["schema"]["foreignKeys"] = [*lost, *own]

    found = [(item.code, item.file, item.row) for item in faults_of(tmp_path, change)]
    assert found == [
        ("key-unknown", "counts.csv", 2),
        ("key-unknown", "counts.csv", 3),
        ("descriptor-value", "datapackage.json", 0),
        ("file-missing", "gone.csv", 0),
    ]


def test_a_key_of_two_columns_with_an_empty_one(tmp_path: Path) -> None:
    """What must be unique in two columns is so with one of them empty, but not where both are."""

    def change(d: dict[str, Any]) -> None:
        d["resources"][0]["schema"]["uniqueKeys"] = [["share", "note"]]

    lines = [COUNTS.splitlines()[0]]
    for n, (share, note) in enumerate((("", "x"), ("", "x"), ("", ""), ("", ""), ("1", ""), ("1.0", ""))):
        lines.append(f"a{n},hue,2023,1,{share},2023-12-31,{note}")
    found = faults_of(tmp_path, change, "\n".join(lines) + "\n")
    assert [(item.code, item.row, item.column, item.cell) for item in found] == [
        ("key-twice", 3, "share, note", ", x"),
        ("key-twice", 7, "share, note", "1.0, "),
    ]
    assert dict(found[0].details) == {"first": "2"}


def test_a_pattern_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    """The fault names the column, shows the pattern and ends with the reason in brackets."""

    def change(d: dict[str, Any]) -> None:
        d["resources"][0]["schema"]["fields"][6]["constraints"] = {"pattern": "(a"}

    (item,) = faults_of(tmp_path, change)
    details = dict(item.details)
    assert item.column == "resources.counts.schema.note.constraints.pattern"
    assert details["found"] == '"(a"'
    assert details["expected"].startswith("biểu thức chính quy dùng được / a regular expression that can be used (")
    assert details["expected"].endswith(")")


@pytest.mark.parametrize(
    ("declared", "cell", "code"),
    [
        ({"constraints": {"enum": ["Một", "Ba"]}}, "Hai", "cell-enum"),
        ({"type": "integer"}, "1.250", "cell-type"),
        ({"type": "number"}, "2,5", "cell-number"),
        ({"type": "number"}, "a", "cell-number"),
    ],
)
def test_a_cell_of_ours_is_shown_with_its_remedy(
    declared: dict[str, Any], cell: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a package of our own too the cell that is wrong is shown, in words of both languages."""
    monkeypatch.setattr(packages, "second_opinion", lambda *_: [])

    def change(d: dict[str, Any]) -> None:
        d["name"] = "vocabulary"
        d["resources"][0]["schema"]["fields"][6].update(declared)

    counts = COUNTS.replace("Hai", f'"{cell}"').replace("Một", "Một" if "constraints" in declared else "")
    found = faults_of(tmp_path, change, counts, "vocabulary")
    assert [(item.code, item.cell, item.row) for item in found] == [(code, cell, 3)]
    for language in ("vi", "en"):
        assert message(found[0], language) and remedy(found[0], language)


@pytest.mark.parametrize(
    ("field", "cells", "rows"),
    [
        (Field("a", "integer", enum=("x", "1")), ["+1", "1", "x"], [4]),
        (Field("a", "string"), ["\u202aa\u202c\u202ab", "\u202aa\u202cb\u202ac\u202c"], [2]),
        (Field("a", "number", unique=True), ["", "", "1"], []),
    ],
)
def test_cells_after_others(field: Field, cells: list[str], rows: list[int]) -> None:
    """A value of a list that is none of the type hides no other; direction that was closed once may stay open later."""
    assert [item.row for item in table_faults(field, cells)] == rows
