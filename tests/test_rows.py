"""Rows of a table: headers, blank rows, rows that were swallowed, rows of JSON."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from build_tools.cells import Field
from build_tools.descriptors import Dialect
from build_tools.faults import Fault
from build_tools.gathering import Gathering
from build_tools.rows import RowReader, Rows, as_csv


def reader_of(fields: list[Field] | None = None, **changes: Any) -> tuple[Gathering, RowReader]:
    """Return what gathers the faults of a table and what reads it."""
    found = Gathering("mau", "datapackage.json", False, ())
    resource = {"dialect": Dialect(), "fields": fields, "fields_match": "exact", **changes}
    return found, RowReader(found, SimpleNamespace(**resource))  # type: ignore[arg-type]


def read(text: str, fields: list[Field] | None = None, **changes: Any) -> tuple[Rows | None, list[Fault]]:
    """Return the rows of a text as CSV, nothing where it cannot be read, and its faults."""
    found, reader = reader_of(fields, **changes)
    is_read = reader.csv("a.csv", text, 0)
    assert isinstance(is_read, bool)
    return (reader.rows if is_read else None), found.found(True)


def codes(faults: list[Fault]) -> list[tuple[str, int, str]]:
    """Return code, row and column of each fault."""
    return [(item.code, item.row, item.column) for item in faults]


def texts(*names: str) -> list[Field]:
    """Return columns of text."""
    return [Field(name, "string") for name in names]


def test_rows_as_they_stand() -> None:
    """The header names the columns where none are declared; each row has its line."""
    rows, faults = read("a,b\n1,2\n\n3,4\n")
    assert rows is not None
    assert (rows.columns, rows.rows, rows.lines) == (("a", "b"), [("1", "2"), ("3", "4")], [2, 4])
    assert codes(faults) == [("row-blank", 3, "")]
    assert not rows.is_whole


def test_blank_rows_at_the_end_are_none() -> None:
    """Blank rows at the end of a file are passed by, also such of delimiters alone; the table is whole."""
    for end in ("\n\n", ",\n", " \n"[1:]):
        rows, faults = read(f"a,b\n1,2\n{end}")
        assert rows is not None
        assert rows.is_whole and not faults and len(rows.rows) == 1
    rows, faults = read('a\n1\n""\n2\n')  # in a table of one column an empty cell is a row
    assert rows is not None and rows.rows == [("1",), ("",), ("2",)] and not faults


def test_a_table_without_a_header() -> None:
    """Without a header the columns are those declared; where none are, the table cannot be read."""
    rows, _ = read("1,2\n", texts("a", "b"), dialect=Dialect(header_rows=()))
    assert rows is not None and (rows.rows, rows.lines) == ([("1", "2")], [1])
    rows, faults = read("1,2\n", dialect=Dialect(header_rows=()))
    assert rows is None and codes(faults) == [("no-columns", 1, "")]


def test_a_row_of_another_length_is_left_out() -> None:
    """It is named with what was found and expected, and the rows after it are read."""
    rows, faults = read("a;b\n1\n2;3\n4;5;6\n", dialect=Dialect(delimiter=";"))
    assert rows is not None and rows.rows == [("2", "3")] and not rows.is_whole
    assert codes(faults) == [("row-length", 2, ""), ("row-length", 4, "")]
    assert dict(faults[0].details) == {"columns": "a;b", "found": "1", "expected": "2"}


def test_an_empty_file_has_no_columns() -> None:
    """What has no header has no columns, and says which were expected."""
    rows, (item,) = read("", texts("a", "b"))
    assert rows is None and (item.code, item.row, item.column) == ("column-missing", 1, "a, b")
    rows, (item,) = read("")
    assert rows is None and (item.code, item.column) == ("column-missing", "?")
    rows, (item,) = read("\n\n", texts("a"), dialect=Dialect(header_rows=(5,)))
    assert rows is None and item.code == "column-missing"


def test_a_long_cell_is_read() -> None:
    """A cell may have two million characters, and no more, whatever another library took for the bound."""
    csv.field_size_limit(10_000_000)
    rows, faults = read(f"a\n{'x' * 2_000_000}\n")
    assert rows is not None and not faults
    rows, faults = read(f"a\n1\n{'x' * 2_000_001}\n")
    assert rows is None and codes(faults) == [("csv-syntax", 3, "")]


def test_comment_rows_and_headers_of_several_lines() -> None:
    """Comment rows are passed by, header rows are joined, what stands before the header is no row."""
    dialect = Dialect(header_rows=(2, 4), header_join="-", comment_rows=(3, 5))
    rows, faults = read("Bảng 1\na,b\nx,y\n1\nz\n5,6\n", dialect=dialect)
    assert rows is not None and not faults
    assert (rows.columns, rows.rows, rows.lines) == (("a-1", "b"), [("5", "6")], [6])


def part(header: str, row: str) -> list[tuple[str, int, str]]:
    """Return what is wrong with a second part that begins with a row."""
    found, reader = reader_of()
    assert reader.csv("a.csv", f"{header}\n", 0)
    reader.csv("b.csv", f"{row}\n", 1)
    assert all(item.file == "b.csv" for item in found.found(True))
    return codes(found.found(True))


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ("a,b,c,d", []),
        ("a,b,x,y", []),  # half of it are names: a row of data
        ("a,b,c,x", [("column-extra", 1, "x"), ("column-missing", 1, "d")]),
        ("b,a,c,d", [("column-order", 1, "b")]),
        ("a,b,c,d,a", [("column-order", 1, "a")]),
        ("a,a,a,a", []),  # one word over and over is data
        ("1,2,3,4", []),
        ("a,b,c", [("column-missing", 1, "d")]),
    ],
)
def test_the_first_row_of_a_further_part(row: str, faults: list[tuple[str, int, str]]) -> None:
    """A part may repeat the header; where more than half of its first row are names, it is one and must be the same."""
    assert part("a,b,c,d", row) == faults


def test_a_part_that_repeats_a_question_mark() -> None:
    """A header is told apart from a longer row whatever its names are."""
    assert part("a,?", "a,?,?") == [("column-order", 1, "?")]


@pytest.mark.parametrize(
    ("header", "match", "faults"),
    [
        ("a,b", "exact", []),
        ("b,a", "exact", [("column-order", 1, "b")]),
        ("a", "exact", [("column-missing", 1, "b")]),
        ("a,b,c", "exact", [("column-extra", 1, "c")]),
        ("b,a", "equal", []),
        ("a", "equal", [("column-missing", 1, "b")]),
        ("a,b,c", "equal", [("column-extra", 1, "c")]),
        ("c,b,a", "subset", []),
        ("a,c", "subset", [("column-missing", 1, "b")]),
        ("b", "superset", []),
        ("b,c", "superset", [("column-extra", 1, "c")]),
        ("c,b", "partial", []),
        ("c,d", "partial", [("column-missing", 1, "a")]),
        ("a,a", "exact", [("column-twice", 1, "a"), ("column-missing", 1, "b")]),
        ("a, ", "exact", [("column-unnamed", 1, "2"), ("column-missing", 1, "b")]),
        ("A,b", "exact", [("column-extra", 1, "A"), ("column-missing", 1, "a")]),
    ],
)
def test_headers(header: str, match: str, faults: list[tuple[str, int, str]]) -> None:
    """A header is held to the columns declared, as the schema says that they match."""
    rows, found = read(f"{header}\n", texts("a", "b"), fields_match=match)
    assert codes(found) == faults
    assert (rows is None) is bool(faults)


def test_a_header_is_composed() -> None:
    """A column whose letters are not composed is named, though it is declared so."""
    name = "cafe\u0301"
    rows, (item,) = read(f"{name}\n", texts(name))
    assert rows is None and (item.code, item.row, item.column, item.cell) == ("not-nfc", 1, name, name)


def test_columns_in_the_order_declared() -> None:
    """Cells come in the order of the columns that are declared, then of those that are not; absent ones are empty."""
    rows, _ = read("c,b\n1,2\n", texts("a", "b"), fields_match="partial")
    assert rows is not None and (rows.columns, rows.rows) == (("a", "b", "c"), [("", "2", "1")])
    rows, _ = read("b\n2\n", texts("a", "b"), fields_match="superset")
    assert rows is not None and (rows.columns, rows.rows) == (("a", "b"), [("", "2")])
    rows, _ = read("B,a\n2,1\n", texts("a", "b"), fields_match="equal", dialect=Dialect(any_case=True))
    assert rows is not None and (rows.columns, rows.rows) == (("a", "b"), [("1", "2")])


@pytest.mark.parametrize(
    ("text", "dialect", "details"),
    [
        ("a;b\n", {}, {"found": "dấu chấm phẩy / semicolon", "expected": "dấu phẩy / comma"}),
        ("a\tb\n", {}, {"found": "tab", "expected": "dấu phẩy / comma"}),
        ("a,b\n", {"delimiter": ";"}, {"found": "dấu phẩy / comma", "expected": "dấu chấm phẩy / semicolon"}),
        ("a,b\n", {"delimiter": "^"}, {"found": "dấu phẩy / comma", "expected": "^"}),
    ],
)
def test_another_delimiter(text: str, dialect: dict[str, str], details: dict[str, str]) -> None:
    """A header of one cell that holds another delimiter says which."""
    for fields in (texts("a", "b"), None):
        rows, (item,) = read(text, fields, dialect=Dialect(**dialect))  # type: ignore[arg-type]
        assert rows is None
        assert (item.code, item.row, item.cell, dict(item.details)) == ("delimiter", 1, text.strip(), details)
    rows, faults = read("a;b\n1\n", texts("a;b"))
    assert rows is not None and not faults


NUMBER = Field("n", "integer")


@pytest.mark.parametrize(
    ("text", "fields", "column"),
    [
        ('a,b,c\n1,2,"x\n3,4,y"\n', texts("a", "b", "c"), "c"),
        ('a,b,c\n1,"x,z\n3,4",y\n', texts("a", "b", "c"), "b"),
        ('a,b,c\n"x,2,z\n3",4,y\n', texts("a", "b", "c"), "a"),
        ('a,b,c\n1,2,"x\n3,4,y\n5,6,z"\n', texts("a", "b", "c"), "c"),
        ('a,b,c\n1,2,"x\ny"\n', texts("a", "b", "c"), ""),
        ('a,b,c\n1,2,"x\n3,4"\n', texts("a", "b", "c"), ""),
        ('a,b,c\n1,2,"x,\n3,4,y"\n', texts("a", "b", "c"), ""),
        ('a,b,c\n1,2,"x\n3,4\n5,6,z"\n', texts("a", "b", "c"), ""),
        ('a,b\n1,"x\n3,y"\n', texts("a", "b"), ""),  # a verse with a comma
        ('n,b\n1,"x\n3,y"\n', [NUMBER, *texts("b")], "b"),
        ('b,n\n1,"x\n3,y"\n', [*texts("b"), NUMBER], "n"),
        ('n,b\n"x,y\n3",4\n', [NUMBER, *texts("b")], ""),
        ('a,b\n1,"x\n3,y"\n', None, ""),
    ],
)
def test_rows_that_a_quote_has_swallowed(text: str, fields: list[Field] | None, column: str) -> None:
    """A cell whose lines have just the delimiters of whole rows has swallowed them; prose and verse have not.

    In a table of two columns a number before it, or in its place, has to tell.
    """
    _, faults = read(text, fields)
    assert codes(faults) == ([("quote-merges-rows", 2, column)] if column else [])


# ---- JSON ----------------------------------------------------------------------------------------------------------


def read_json(data: object, fields: list[Field] | None = None, **changes: Any) -> tuple[Rows | None, list[Fault]]:
    """Return the rows of a JSON file, nothing where it cannot be read, and its faults."""
    found, reader = reader_of(fields, **changes)
    is_read = reader.json("a.json", data if isinstance(data, str) else json.dumps(data))
    assert isinstance(is_read, bool)
    assert all(item.file == "a.json" for item in found.found(True))
    return (reader.rows if is_read else None), found.found(True)


@pytest.mark.parametrize(
    ("text", "row"), [("[\n{]", 2), ("[NaN]", 1), ('[{"a": 1, "a": 2}]', 1), ("[" * 200 + "]" * 200, 1)]
)
def test_json_that_is_none(text: str, row: int) -> None:
    """A file that is no JSON is named, where it is wrong."""
    rows, (item,) = read_json(text)
    assert rows is None and (item.code, item.row) == ("descriptor-json", row)


@pytest.mark.parametrize(
    ("data", "code", "column"),
    [
        ({"a": 1}, "descriptor-value", "data"),
        ("1", "descriptor-value", "data"),
        ([1], "descriptor-value", "data"),
        ([[1], {"a": 1}], "descriptor-value", "data"),
        ([], "no-columns", "data"),
        ([{}, {}], "no-columns", "data"),
        ([[], [1]], "no-columns", "data"),
        ([["a", "a"], [1, 2]], "column-twice", "data[0]: a"),
        ([["a", ""], [1, 2]], "column-unnamed", "data[0]: 2"),
    ],
)
def test_rows_of_json_that_are_none(data: object, code: str, column: str) -> None:
    """What is no list of objects, or of lists with a header, is named."""
    rows, (item,) = read_json(data)
    assert rows is None and (item.code, item.row, item.column) == (code, 0, column)


def test_rows_of_json() -> None:
    """Objects give their keys in order, lists their header; each value is a text, null an empty one."""
    rows, faults = read_json([{"a": 1, "b": None}, {"b": True, "c": 2.50}])
    assert rows is not None and not faults
    assert (rows.columns, rows.lines) == (("a", "b", "c"), [1, 2])
    assert rows.rows == [("1", "", ""), ("", "true", "2.5")]
    rows, faults = read_json([["a", "b"], [1, [2]], [3, {"x": "y"}]])
    assert rows is not None and not faults
    assert (rows.columns, rows.rows, rows.lines) == (("a", "b"), [("1", "[2]"), ("3", '{"x": "y"}')], [2, 3])


def test_rows_of_json_as_declared() -> None:
    """Columns that are declared hold for objects and lists; a row of another length is left out, the next is read."""
    fields = texts("a", "b")
    rows, faults = read_json([{"a": 1, "x": 2}, {"b": 3}], fields)
    assert rows is not None and rows.rows == [("1", ""), ("", "3")]
    assert [(item.code, item.column, dict(item.details)) for item in faults] == [
        ("column-extra", "data[0].x", {"expected": "a, b"})
    ]
    rows, faults = read_json([["a", "b"], [1], [2, 3]], fields)
    assert rows is not None and (rows.rows, rows.lines, rows.is_whole) == ([("2", "3")], [3], False)
    assert [(item.code, item.column, dict(item.details)) for item in faults] == [
        ("row-length", "data[1]", {"columns": "a, b", "found": "1", "expected": "2"})
    ]
    rows, faults = read_json([["b", "c"], [1, 2]], fields, fields_match="partial")
    assert rows is not None and (rows.columns, rows.rows) == (("a", "b", "c"), [("", "1", "2")])
    rows, faults = read_json([[1, 2]], fields, dialect=Dialect(header_rows=()))
    assert rows is not None and (rows.rows, rows.lines) == ([("1", "2")], [1])
    rows, faults = read_json([[1, 2]], dialect=Dialect(header_rows=()))
    assert rows is None and [item.code for item in faults] == ["no-columns"]


def test_rows_written_anew() -> None:
    """Rows are written as anyone reads them alike: commas, quotes where they are needed, line ends as here."""
    assert as_csv(("a", "b"), [("1", 'x"y'), ("é", "a,b")]) == 'a,b\n1,"x""y"\né,"a,b"\n'.encode()


def test_a_package_with_a_broken_json_file_is_not_read(tmp_path: Path) -> None:
    """A table whose JSON cannot be read leaves no package."""
    from build_tools.packages import read_package

    (tmp_path / "mau").mkdir()
    (tmp_path / "mau/a.json").write_text("[", encoding="utf-8")
    declared = {"resources": [{"name": "a", "path": "a.json", "type": "table"}]}
    (tmp_path / "mau/datapackage.json").write_text(json.dumps(declared), encoding="utf-8")
    package, faults = read_package(tmp_path / "mau")
    assert package is None and [(item.code, item.file) for item in faults] == [("descriptor-json", "a.json")]
