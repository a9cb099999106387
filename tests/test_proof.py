"""Reading by columns never says anything else than reading by rows: the same packages, faults and refusals.

Each package is read twice, the second time without columns, so that every table is left to the strict reader.
"""

import csv
import io
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from build_tools import columns, gathering, packages, patterns, proof, rows, table_checks, workloads
from build_tools.cells import Field
from build_tools.descriptors import Dialect
from build_tools.faults import Fault, stops
from build_tools.gathering import Gathering
from build_tools.packages import Package, read_package
from build_tools.rows import PlainRows
from tests.conftest import PROJECT
from tests.corpus import COUNTS, DESCRIPTOR, PROVINCES, Case, malformed, odd

Read = tuple[Package | None, tuple[Fault, ...], int, list[Any]]
FAMILIES = [
    pytest.param(family, marks=pytest.mark.long) if family == "limits" else family
    for family in sorted({case.family for case in (*malformed(), *odd())})
]


@contextmanager
def changed(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Change names of modules, and put them back."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in changes:
            patch.setattr(module, name, value)
        yield


def reading(folder: Path, by_columns: bool) -> Read:
    """Return a package with its faults, the memory that was left to it, and its rows as they are made."""
    made: list[Gathering] = []

    def gather(*given: Any) -> Gathering:
        made.append(Gathering(*given))
        return made[-1]

    without = () if by_columns else ((columns, "read_columns", lambda *_: None),)
    with changed((packages, "Gathering", gather), *without):
        package, faults = read_package(folder)
    left = made[0].budget._room if made else 0
    return package, faults, left, [(tuple(one.rows), one.lines) for one in (package.tables if package else ())]


def same(folder: Path) -> Read:
    """Return what is read by columns, which is what is read without them."""
    found, strict = reading(folder, True), reading(folder, False)
    assert found[1] == strict[1]
    assert found == strict
    return found


@contextmanager
def counted() -> Iterator[list[str]]:
    """List the columns of which each cell is looked at, and the tables of which each row is compared."""
    walked: list[str] = []

    def walking(name: str) -> Callable[..., None]:
        walk = getattr(table_checks.TableCheck, name)

        def walked_by(check: Any, *given: Any) -> None:
            walked.append(f"{name} {check.table.name} {given[0]}")
            walk(check, *given)

        return walked_by

    names = ("_each_cell", "_reference")
    with changed(*((table_checks.TableCheck, name, walking(name)) for name in names)):
        yield walked


@pytest.mark.parametrize("family", FAMILIES)
def test_every_case_is_read_alike(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each malformed and each odd package comes to the same in both ways, to the byte that was left to it."""
    monkeypatch.setattr(patterns, "SECONDS", 1)
    cases: list[Case] = [case for case in (*malformed(), *odd()) if case.family == family]
    for number, case in enumerate(cases):
        same(case.write(tmp_path / str(number)))


@pytest.mark.parametrize("folder", sorted((PROJECT / "datapackages").iterdir()), ids=lambda path: path.name)
def test_our_packages_are_read_alike(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own packages come to the same in both ways."""
    monkeypatch.setattr(packages, "second_opinion", lambda *_: [])  # the same for both
    package, faults, _, _ = same(folder)
    assert package is not None and not stops(faults)
    assert any(isinstance(table.rows, PlainRows) for table in package.tables)


def test_no_row_of_a_plain_package_is_walked(tmp_path: Path) -> None:
    """Of a sound table of plain CSV no row is looked at, and none is made until it is asked for."""
    workloads.tables(tmp_path, 3)
    for folder in sorted(tmp_path.iterdir()):
        with counted() as walked:
            package, faults = read_package(folder)
        assert package is not None and not faults and not walked
        for table in package.tables:
            assert isinstance(table.rows, PlainRows) and "_rows" not in vars(table.rows)
            assert len(table.rows) == workloads.ROWS and "_rows" not in vars(table.rows)
        same(folder)


def package_of(folder: Path, text: bytes, fields: Sequence[dict[str, Any]], **schema: Any) -> Path:
    """Write a package of one table; return where it is."""
    target = folder / "mau"
    target.mkdir()
    (target / "a.csv").write_bytes(text)
    resource = {"name": "a", "path": "a.csv", "schema": {"fields": list(fields), **schema}}
    descriptor = {"name": "mau", "title": "x", "resources": [resource]}
    (target / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return target


SAMPLE_FIELDS = DESCRIPTOR["resources"][0]["schema"]["fields"]


@pytest.mark.parametrize(
    ("before", "after", "is_taken"),
    [
        ("", "", True),
        ("\n", "\r\n", True),
        (",Một\n", ',"Một"\n', True),
        (",Một\n", ',"Một, hai"\n', True),
        (",Một\n", ',""\n', True),
        (",Một\n", ',"Một ""hai"""\n', False),
        (",Một\n", ',"Một\nhai"\n', False),
        (",Một\n", ',M"ột\n', False),
        (",Một\n", ",Một\r\n", True),
        (",Một\n", ",Một\r", False),
        (",Một\n", ",Một\n\n", False),
        (",Một\n", ",Một\n,,,,,,\n", False),
        (",Một\n", ',Một\n"",,,,,,\n', False),
        (",Một\n", ",Một,\n", False),
        (",Một\n", "\n", False),
        ("id,", '"id",', True),
        ("id,province", "province,id", False),
        ("id,", "mã,", False),
    ],
)
def test_which_texts_are_read_by_columns(before: str, after: str, is_taken: bool, tmp_path: Path) -> None:
    """What no two readers read alike is left to the strict reader: broken lines, marks within cells, odd rows."""
    text = COUNTS.replace(before, after) if before else COUNTS
    package = same(package_of(tmp_path, text.encode(), SAMPLE_FIELDS))[0]
    assert is_taken == (package is not None and isinstance(package.tables[0].rows, PlainRows))


@pytest.mark.parametrize(
    ("field", "cells", "is_sure"),
    [
        ({"type": "integer"}, ["0", "7", "-12", "999999999999999999"], True),
        ({"type": "integer", "constraints": {"minimum": -12, "maximum": 7}}, ["0", "7", "-12"], True),
        ({"type": "integer", "constraints": {"minimum": -11}}, ["0", "7", "-12"], False),
        ({"type": "integer", "constraints": {"exclusiveMaximum": 7}}, ["0", "7", "-12"], False),
        ({"type": "integer", "constraints": {"maxLength": 2}}, ["0", "7", "-12"], False),
        ({"type": "integer", "constraints": {"minLength": 1, "maxLength": 3}}, ["0", "7", "-12"], True),
        ({"type": "integer", "constraints": {"required": True}}, ["0", "", "-12"], False),
        ({"type": "integer"}, ["0", "", "-12"], True),
        ({"type": "integer"}, ["0", "07"], False),
        ({"type": "integer"}, ["0", "1.0"], False),
        ({"type": "number"}, ["0", "7.50", "-0.5", "-0"], True),
        ({"type": "number"}, ["0", "1e5"], False),
        ({"type": "number"}, ["0", "NaN"], False),
        ({"type": "number", "decimalChar": ","}, ["0", "7.5"], False),
        ({"type": "number", "constraints": {"maximum": 7.5}}, ["0", "7.50"], True),
        ({"type": "number", "constraints": {"maximum": 7.49}}, ["0", "7.50"], False),
        ({"type": "date"}, ["2024-02-29", "1000-01-01"], True),
        ({"type": "date"}, ["2024-02-29", "2023-02-29"], False),
        ({"type": "date"}, ["2024-02-29", "0000-01-01"], False),
        ({"type": "date", "constraints": {"minimum": "2024-01-01"}}, ["2024-02-29", "2024-01-01"], True),
        ({"type": "date", "constraints": {"minimum": "2024-01-02"}}, ["2024-02-29", "2024-01-01"], False),
        ({"type": "string"}, ["a", "Huế", " b "], True),
        ({"type": "string"}, ["a", "Hu\u0065\u0302\u0301"], False),
        ({"type": "string"}, ["a", "\u202aHuế"], False),
        ({"type": "string"}, ["a", "Hu\ufffd"], False),
        ({"type": "string", "constraints": {"enum": ["a"]}}, ["a", "b"], False),
        ({"type": "string", "constraints": {"maxLength": 3}}, ["a", "Huế"], True),
        ({"type": "string", "constraints": {"minLength": 2}}, ["a", "Huế"], False),
    ],
)
def test_what_is_sure_of_many_cells(field: dict[str, Any], cells: list[str], is_sure: bool, tmp_path: Path) -> None:
    """Cells of a plain shape are not judged one by one; one that is not right is left to the strict checks."""
    text = "x,y\n" + "".join(f"{cell},a\n" for cell in cells)
    folder = package_of(tmp_path, text.encode(), [{"name": "x", **field}, {"name": "y", "type": "string"}])
    # As if all were many: no cell but the least and the greatest is judged.
    with changed((proof, "FEW", 0), (proof, "REMEMBERED", 0 if is_sure and "-0" not in cells else 5_000)):
        with counted() as walked:
            faults = read_package(folder)[1]
        assert walked == ([] if is_sure or not faults else ["_each_cell a 0"])
        assert is_sure or faults or field.get("type") == "number"
        same(folder)


def test_the_strict_walk_finds_what_is_wrong_among_many(tmp_path: Path) -> None:
    """One wrong cell among thousands that are right is told as ever, of its column alone."""
    lines = [f"a{n},{n},{n}.5,2023-12-31" for n in range(6_000)]
    lines[4_321] = "a4321,x,4321.5,2023-12-31"
    text = "id,n,m,day\n" + "\n".join(lines)
    kinds = {"id": "string", "n": "integer", "m": "number", "day": "date"}
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    folder = package_of(tmp_path, text.encode(), fields, primaryKey="id")
    with counted() as walked:
        read_package(folder)
    assert walked == ["_each_cell a 1"]
    (item,) = same(folder)[1]
    assert (item.code, item.row, item.column) == ("cell-number", 4_323, "n")


def test_references_of_plain_columns(tmp_path: Path) -> None:
    """A key of one column is compared as columns where equal cells are equal texts; else row by row."""
    for number, (counts, provinces, walks) in enumerate(
        (
            (COUNTS, PROVINCES, 0),
            (COUNTS.replace("a2,hue", "a2,huế"), PROVINCES, 1),
            (COUNTS, PROVINCES.replace("hue", "Hu\u0065\u0302"), 1),
        )
    ):
        target = tmp_path / str(number)
        target.mkdir()
        (target / "datapackage.json").write_text(json.dumps(DESCRIPTOR | {"name": str(number)}), encoding="utf-8")
        (target / "counts.csv").write_text(counts, encoding="utf-8")
        (target / "provinces.csv").write_text(provinces, encoding="utf-8")
        with counted() as walked:
            read_package(target)
        assert sum(one.startswith("_reference") for one in walked) == walks
        same(target)


def test_memory_is_counted_to_the_byte(tmp_path: Path) -> None:
    """What rows take is counted as the strict reader counts it: steps, repeated cells, single signs, letters."""
    text = "x,y,z\n" + "".join(f"{n % 7},{'ế' * (n % 3)},{'é' if n % 5 else n}\n" for n in range(100))
    folder = package_of(tmp_path, text.encode(), [{"name": name, "type": "string"} for name in "xyz"], uniqueKeys=[])
    modules = (columns, rows, table_checks)
    for step in (3, 16, 2048):
        for remembered in (1, 5, 5_000):
            steps = [(module, "STEP", step) for module in modules]
            with changed(*steps, *((module, "REMEMBERED", remembered) for module in (columns, rows))):
                same(folder)


@pytest.mark.parametrize(("name", "value"), [("MOST_MEMORY", 30_000), ("MOST_SECONDS", -1)])
def test_what_is_over_its_bound_is_refused(
    name: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that takes more than it may is refused in both ways, with the same words."""
    workloads.tables(tmp_path, 1)
    monkeypatch.setattr(gathering, name, value)
    _, faults, _, _ = same(tmp_path / "bang-00000")
    assert [item.code for item in faults] == ["package-over-bound"]


def test_arrow_takes_no_more_than_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for what Arrow takes for a while, a table is left to the strict reader."""
    folder = package_of(tmp_path, b"x\n" + b"y" * 30_000 + b"\n", [{"name": "x", "type": "string"}])
    size = (folder / "a.csv").stat().st_size
    for room, is_taken in ((7 * size, True), (7 * size - 1, False)):  # three bytes for each are taken before
        monkeypatch.setattr(gathering, "MOST_MEMORY", room)
        package = same(folder)[0]
        assert package is not None and isinstance(package.tables[0].rows, PlainRows) == is_taken


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x\n1\n\n2\n", ["row-blank"]),
        ('x\n1\n""\n2\n', []),
        ("x\n1\n2\n\n", []),
    ],
)
def test_blank_lines_of_one_column(text: str, codes: list[str], tmp_path: Path) -> None:
    """In a table of one column an empty line is no cell, and one that is quoted is."""
    faults = same(package_of(tmp_path, text.encode(), [{"name": "x", "type": "string"}]))[1]
    assert [item.code for item in faults if item.level != "notice"] == codes


@pytest.mark.parametrize(
    ("kind", "key", "text", "codes"),
    [
        ("string", ["x"], "a,1\nb,1\n", []),
        ("string", ["x"], "a,1\na,2\n", ["key-twice"]),
        ("string", ["x", "y"], "a,1\na,2\nb,1\n", []),
        ("string", ["x", "y"], "a,1\nb,2\na,1\nb,1\n", ["key-twice"]),
        ("string", ["x"], "a,1\n,2\n", ["cell-required"]),
        ("string", ["x"], "Huế,1\nHu\u0065\u0302\u0301,2\n", ["key-twice"]),
        ("number", ["x"], "0.5,1\n0.25,2\n-0.5,2\n", []),
        ("number", ["x"], "0.5,1\n0.50,2\n", ["key-twice"]),
        ("number", ["x"], "0,1\n-0,2\n", []),
        ("integer", ["x"], "5,1\n+5,2\n", ["key-twice"]),
    ],
)
def test_keys_as_columns(kind: str, key: list[str], text: str, codes: list[str], tmp_path: Path) -> None:
    """Rows are told apart by what their keys say; equal values may be different texts, and a key is no gap."""
    fields = [{"name": "x", "type": kind}, {"name": "y", "type": "string"}]
    faults = same(package_of(tmp_path, f"x,y\n{text}".encode(), fields, primaryKey=key))[1]
    assert sorted(item.code for item in faults if item.level != "notice") == codes


def test_a_text_refers_to_a_number_as_it_says(tmp_path: Path) -> None:
    """A number without its needless zeros is no text that has them, though both cells look the same."""
    fields = [{"name": "x", "type": "number"}, {"name": "y", "type": "string"}]
    reference = {"fields": "y", "reference": {"resource": "", "fields": "x"}}
    folder = package_of(tmp_path, b"x,y\n0.50,0.50\n", fields, foreignKeys=[reference])
    assert [item.code for item in same(folder)[1] if item.level != "notice"] == ["key-unknown"]


@pytest.mark.parametrize(("cells", "is_told"), [("1.250,7", True), ("1.250,2.500", False), ("1.250,7,2.5", False)])
def test_thousands_in_columns(cells: str, is_told: bool, tmp_path: Path) -> None:
    """Points that separate thousands are told in both ways."""
    text = "x\n" + cells.replace(",", "\n") + "\n"
    faults = same(package_of(tmp_path, text.encode(), [{"name": "x", "type": "number"}]))[1]
    assert ("thousands-shape" in {item.code for item in faults}) == is_told


def test_every_cell_of_our_own_is_judged() -> None:
    """The narrower rules of our own packages are asked of each different cell, however plain."""
    words = [f"w{number}" for number in range(100)]
    found = columns.read_columns("\n".join(["x", *words]).encode(), Dialect())
    assert found is not None
    for ours in (True, False):
        asked: list[str] = []
        is_right = partial(_agree, asked)
        assert proof.keeps_rules(found.columns[0], Field("x", "string"), ours, is_right)
        assert asked == (words if ours else [])


def _agree(asked: list[str], cell: str) -> bool:
    asked.append(cell)
    return True


def test_a_column_that_the_file_has_not(tmp_path: Path) -> None:
    """Where a declared column does not stand in the file, its cells are empty, as the strict reader makes them."""
    fields = [{"name": name, "type": "string"} for name in "xyz"]
    package = same(package_of(tmp_path, b"x,z\n1,2\n", fields, fieldsMatch="superset"))[0]
    assert package is not None and package.tables[0].rows == (("1", "", "2"),)


def test_a_table_of_parts_is_read_by_rows(tmp_path: Path) -> None:
    """The rows of all parts make up a table."""
    folder = package_of(tmp_path, b"x\n1\n", [{"name": "x", "type": "string"}])
    (folder / "b.csv").write_bytes(b"x\n2\n")
    descriptor = (folder / "datapackage.json").read_text("utf-8")
    (folder / "datapackage.json").write_text(descriptor.replace('"a.csv"', '["a.csv", "b.csv"]'), "utf-8")
    package = same(folder)[0]
    assert package is not None and package.tables[0].rows == (("1",), ("2",))


def test_rows_that_are_made_later_are_a_tuple_to_all(tmp_path: Path) -> None:
    """They are equal to their tuple, hash like it, and are sent to another process as the text that they stand in."""
    package = reading(package_of(tmp_path, COUNTS.encode(), SAMPLE_FIELDS), True)[0]
    assert package is not None
    found = package.tables[0].rows
    assert isinstance(found, PlainRows)
    before = pickle.dumps(found)
    expected = tuple(map(tuple, csv.reader(io.StringIO(COUNTS))))[1:]
    assert found == expected and expected == found and hash(found) == hash(expected)
    assert found[1:] == expected[1:] and found[-1] == expected[-1] and list(found) == list(expected)
    assert found != expected[1:] and found != list(expected)
    sent = pickle.loads(before)  # noqa: S301  (our own bytes)
    assert pickle.dumps(found) == before and isinstance(sent, PlainRows) and sent == found


# ---- whatever stands in a table ------------------------------------------------------------------------------------

KINDS = {
    "string": ("a", "Huế", "", " x", "b\t", "Hu\u0065\u0302\u0301", "\u202ax", "\ufffd", "ÿ", "Đ", "a,b", 'a"b', "-"),
    "integer": ("0", "-0", "7", "12", "-3", "007", "+5", "1.0", "1e3", "", "-", "1 ", "9" * 18, "9" * 19, "1.250", "٣"),
    "number": ("0", "-0", "0.50", "0.5", "1.250", "17.034", "950", ".5", "5.", "1e3", "", "-", "NaN", "1,5", "0" * 3),
    "date": ("2024-02-29", "2023-02-29", "0999-01-01", "0000-01-01", "2023-1-1", "", "-", "2023-12-31", "9999-12-31"),
    "year": ("2023", "-2023", "0000", "20233", "23", ""),
    "any": ("1", "a", "", "Huế"),
}
CONSTRAINTS: dict[str, list[dict[str, Any]]] = {
    "string": [{"maxLength": 2}, {"minLength": 2}, {"enum": ["a", "Huế"]}, {"pattern": "[a-zế]*"}, {"unique": True}],
    "integer": [{"minimum": 0}, {"maximum": 9}, {"exclusiveMinimum": -3}, {"enum": ["7", "12"]}, {"maxLength": 2}],
    "number": [{"minimum": 0}, {"maximum": 950}, {"exclusiveMaximum": 0.5}, {"unique": True}, {"minLength": 2}],
    "date": [{"minimum": "2023-12-31"}, {"maximum": "2024-02-29"}, {"unique": True}],
    "year": [{"minimum": "2023"}, {"unique": True}],
    "any": [{"unique": True}, {"maxLength": 1}],
}
MARKS = (b'"', b",", b";", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"0", b"-", b".")
ODD = (*MARKS, b"\0", b"\xff", b"\xc2\x85", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x7f")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any], bytes]:
    """Draw a table: its fields, what else its schema says, and its bytes, most of them as they should be."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    fields = []
    for number, kind in enumerate(kinds):
        constraints = draw(st.one_of(st.just({}), st.just({"required": True}), st.sampled_from(CONSTRAINTS[kind])))
        fields.append({"name": f"c{number}", "type": kind, "constraints": constraints})
    pools = [draw(st.lists(st.sampled_from(KINDS[kind]), min_size=1, max_size=4)) for kind in kinds]
    cells = st.tuples(*map(st.sampled_from, pools))
    schema = draw(
        st.sampled_from(
            (
                {},
                {"primaryKey": ["c0"]},
                {"uniqueKeys": [[one["name"] for one in fields]]},
                {"missingValues": ["", "-"]},
                {"missingValues": ["-"]},
                {"foreignKeys": [{"fields": "c0", "reference": {"resource": "", "fields": fields[-1]["name"]}}]},
            )
        )
    )
    out = io.StringIO(newline="")
    ends = draw(st.sampled_from(("\n", "\r\n")))
    quotes_all = draw(st.booleans())
    writer = csv.writer(out, lineterminator=ends, quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL)
    writer.writerow([one["name"] for one in fields])
    writer.writerows(draw(st.lists(cells, max_size=9)))
    text = out.getvalue().encode()
    if draw(st.integers(0, 2)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from((*ODD, b""))) + text[at + draw(st.integers(0, 2)) :]
    return fields, schema, text


@given(tables(), st.sampled_from((0, 2, 30)), st.sampled_from((1, 3, 5_000)), st.sampled_from((2, 4, 2_048)))
def test_whatever_stands_in_a_table_is_read_alike(
    table: tuple[list[dict[str, Any]], dict[str, Any], bytes], few: int, remembered: int, step: int
) -> None:
    """Any table comes to the same in both ways, wherever many cells are held to begin."""
    fields, schema, text = table
    changes = [(module, "REMEMBERED", remembered) for module in (columns, proof, rows, table_checks)]
    changes += [(module, "STEP", step) for module in (columns, rows, table_checks)]
    with TemporaryDirectory() as folder, changed((proof, "FEW", few), *changes):
        package, faults, _, _ = same(package_of(Path(folder), text, fields, **schema))
    by_columns = package is not None and isinstance(package.tables[0].rows, PlainRows)
    event(f"by columns: {by_columns}, faults: {bool(faults)}")


def test_other_dialects_are_left_alone() -> None:
    """Only a dialect that differs in its delimiter is read by columns."""
    text = b"a;b\n1;2\n"
    assert columns.read_columns(text, Dialect(delimiter=";")) is not None
    for change in ({"quote": "'"}, {"comment": "#"}, {"skips_space": True}, {"header_rows": ()}, {"escape": "\\"}):
        assert columns.read_columns(text, Dialect(delimiter=";", **change)) is None
    assert columns.read_columns(b"a:b\n1:2\n", Dialect(delimiter=":")) is None
