"""Packages that are wrong in one thing each, and packages that are odd and right, made from tables.

`python -m tests.corpus` writes anew what reading makes of each (tests/golden/corpus): look at what changed.
"""

import gzip
import hashlib
import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_tools.cells import Field
from build_tools.faults import Fault
from build_tools.packages import Package, read_package

COUNTS = """id,province,year,people,share,day,note
a1,hue,2022,1200,2.5,2022-12-31,Một
a2,hue,2023,1250,2.75,2023-12-31,Hai
a3,qb,2023,950,3,2023-12-31,
"""
PROVINCES = "code,name\nhue,Thừa Thiên Huế\nqb,Quảng Bình\n"
DESCRIPTOR: dict[str, Any] = {
    "name": "mau",
    "title": "Gói mẫu",
    "licenses": [{"name": "CC0-1.0"}],
    "resources": [
        {
            "name": "counts",
            "path": "counts.csv",
            "profile": "tabular-data-resource",
            "schema": {
                "fields": [
                    {"name": "id", "type": "string"},
                    {"name": "province", "type": "string", "constraints": {"required": True}},
                    {"name": "year", "type": "year"},
                    {"name": "people", "type": "integer", "constraints": {"minimum": 0, "maximum": 9000000}},
                    {"name": "share", "type": "number"},
                    {"name": "day", "type": "date"},
                    {"name": "note", "type": "string"},
                ],
                "primaryKey": ["id"],
                "foreignKeys": [{"fields": ["province"], "reference": {"resource": "provinces", "fields": ["code"]}}],
            },
        },
        {
            "name": "provinces",
            "path": "provinces.csv",
            "profile": "tabular-data-resource",
            "schema": {
                "fields": [{"name": "code", "type": "string"}, {"name": "name", "type": "string"}],
                "primaryKey": ["code"],
            },
        },
    ],
}
JSON = "datapackage.json"
SAMPLE: dict[str, Any] = {}  # stands for the sample descriptor as it is changed

Content = str | bytes | dict[str, Any] | Callable[[Path], object] | None
Change = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Case:
    """A package by its files, and what must be said of it; no code: nothing is wrong with it."""

    family: str
    name: str
    files: Mapping[str, Content]
    code: str = ""
    file: str = ""
    row: int = 0
    column: str = ""
    rows: int = 3  # of the table counts, when nothing is wrong
    cell: tuple[int, str, str] | None = None  # row, column and what stands there, when nothing is wrong
    also: frozenset[str] = field(default=frozenset())  # what else follows from it

    def write(self, folder: Path) -> Path:
        """Write the package into a folder named after the case; return where it is."""
        target = folder / "mau"
        target.mkdir(parents=True)
        for name, content in self.files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            elif isinstance(content, dict):
                path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
            elif isinstance(content, str):
                path.write_bytes(content.encode("utf-8", "surrogatepass"))
            elif content is not None:
                path.write_bytes(content)
        return target


def _case(
    family: str,
    name: str,
    code: str = "",
    file: str = "",
    row: int = 0,
    column: str = "",
    change: Change | None = None,
    also: tuple[str, ...] = (),
    rows: int = 3,
    cell: tuple[int, str, str] | None = None,
    json: Content = SAMPLE,
    counts: Content = COUNTS,
    provinces: Content = PROVINCES,
    files: Mapping[str, Content] | None = None,
) -> Case:
    """Return a case: the sample package, its descriptor changed, its files replaced or added to."""
    descriptor = deepcopy(DESCRIPTOR)
    if change is not None:
        change(descriptor)
    found: dict[str, Content] = {
        JSON: descriptor if json is SAMPLE else json,
        "counts.csv": counts,
        "provinces.csv": provinces,
        **(files or {}),
    }
    return Case(family, name, found, code, file, row, column, rows, cell, frozenset(also))


def _counts(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["resources"][0]
    return found


def _set(**values: Any) -> Change:
    """Change the resource counts; a value of None takes the key away."""

    def change(d: dict[str, Any]) -> None:
        for key, value in values.items():
            if value is None:
                _counts(d).pop(key, None)
            else:
                _counts(d)[key] = value

    return change


def _schema(**values: Any) -> Change:
    return lambda d: _counts(d)["schema"].update(values)


def _field(column: str, **values: Any) -> Change:
    def change(d: dict[str, Any]) -> None:
        next(f for f in _counts(d)["schema"]["fields"] if f["name"] == column).update(values)

    return change


def _with(column: str, cell: str, row: int = 2, quote: bool = True) -> str:
    """Return the table counts with another cell."""
    lines = COUNTS.splitlines()
    cells = lines[row - 1].split(",")
    quoted = '"' + cell.replace('"', '""') + '"' if quote and any(c in cell for c in ',"\n\r') else cell
    cells[lines[0].split(",").index(column)] = quoted
    lines[row - 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


def _titled(title: str) -> Change:
    return lambda d: d.update(title=title)


def _with_file(path: str) -> Change:
    """Add a resource that is a file to download."""
    return lambda d: d["resources"].append({"name": "more", "path": path})


def _text() -> str:
    return json.dumps(DESCRIPTOR, ensure_ascii=False, indent=1)


def as_json(descriptor: dict[str, Any]) -> bytes:
    """Return a descriptor as the bytes of its file."""
    return json.dumps(descriptor, ensure_ascii=False).encode()


def malformed() -> Iterator[Case]:
    """Yield the packages that are wrong in one thing, by family; claims stand in `claims`."""
    for family in (
        _json_cases,
        _descriptor_cases,
        _path_cases,
        _encoding_cases,
        _shape_cases,
        _number_cases,
        _unicode_cases,
        _key_cases,
        _reference_cases,
        _hash_cases,
        _limit_cases,
    ):
        yield from family()


def _json_cases() -> Iterator[Case]:
    text = _text()
    line = text[: text.index('"licenses"')].count("\n") + 1
    broken: list[tuple[str, str, int]] = [
        ("empty", "", 1),
        ("blank", " \n ", 2),
        ("not closed", text[:-2], 0),
        ("cut in the middle", text[: len(text) // 2], 0),
        ("a comma too many", text.replace('"mau",', '"mau",,', 1), 2),
        ("a comma missing", text.replace('"mau",', '"mau"', 1), 3),
        ("a comma at the end", text[:-2] + ",\n}", 0),
        ("single quotes", text.replace('"mau"', "'mau'", 1), 2),
        ("typographic quotes", text.replace('"mau"', "“mau”", 1), 2),
        ("a key without quotes", text.replace('"licenses"', "licenses", 1), line),
        ("a comment", text.replace('"licenses"', '// x\n"licenses"', 1), line),
        ("two documents", text + "\n{}", 0),
        ("words after it", text + "\nxin chào", 0),
        ("NaN", text.replace('"licenses"', '"x": NaN, "licenses"', 1), 0),
        ("Infinity", text.replace('"licenses"', '"x": Infinity, "licenses"', 1), 0),
        ("minus Infinity", text.replace('"licenses"', '"x": -Infinity, "licenses"', 1), 0),
        ("a number with a zero before", text.replace('"licenses"', '"x": 07, "licenses"', 1), line),
        ("a number with a plus", text.replace('"licenses"', '"x": +7, "licenses"', 1), line),
        ("a number in hex", text.replace('"licenses"', '"x": 0x10, "licenses"', 1), line),
        ("a number cut", text.replace('"licenses"', '"x": 1., "licenses"', 1), line),
        ("a line break in a text", text.replace("Gói mẫu", "Gói\nmẫu", 1), 3),
        ("a tab in a text", text.replace("Gói mẫu", "Gói\tmẫu", 1), 3),
        ("an unknown escape", text.replace("Gói mẫu", "Gói\\qmẫu", 1), 3),
        ("an escape cut", text.replace("Gói mẫu", "Gói\\u12", 1), 3),
        ("True of Python", text.replace('"licenses"', '"x": True, "licenses"', 1), line),
        ("undefined", text.replace('"licenses"', '"x": undefined, "licenses"', 1), line),
        ("a number beyond all bounds", text.replace('"licenses"', '"x": 1e9999999999999999999, "licenses"', 1), 0),
        ("a whole number of 5,000 digits", text.replace('"licenses"', f'"x": {"9" * 5000}, "licenses"', 1), 0),
    ]
    broken += [(f"nested {depth} deep", '{"x": ' + "[" * depth + "]" * depth + "}", 1) for depth in (101, 500, 980)]
    for name, content, row in broken:
        yield _case("json", name, "descriptor-json", JSON, row, json=content)
    twice = [
        ("name twice", text.replace('"title"', '"name": "mau", "title"', 1)),
        ("path twice", text.replace('"path": "counts.csv"', '"path": "counts.csv", "path": "provinces.csv"', 1)),
        ("type twice", text.replace('"type": "integer"', '"type": "string", "type": "integer"', 1)),
        ("twice by an escape", text.replace('"title"', '"na\\u006de": "mau", "title"', 1)),
    ]
    for name, content in twice:
        yield _case("json", name, "descriptor-duplicate-key", JSON, json=content)
    for name, value in (("a list", "[]"), ("a text", '"mau"'), ("a number", "7"), ("null", "null"), ("true", "true")):
        yield _case("json", f"{name} for an object", "descriptor-value", JSON, 0, JSON, json=value)
    yield _case("json", "no descriptor", "no-descriptor", JSON, json=None)
    yaml = "name: mau\nresources:\n  - name: provinces\n    path: provinces.csv\n"
    for name, content, code, row in (
        ("YAML with a tab", yaml.replace("    path", "\tpath"), "descriptor-yaml", 4),
        ("YAML key twice", yaml + "name: x\n", "descriptor-duplicate-key", 5),
        ("YAML that is two documents", yaml + "---\nname: x\n", "descriptor-yaml", 0),
        ("YAML that makes an object", yaml + "x: !!python/object/apply:os.system [ls]\n", "descriptor-yaml", 5),
        ("YAML with an unknown tag", yaml + "x: !secret 1\n", "descriptor-yaml", 5),
        ("YAML with an unknown alias", yaml + "x: *y\n", "descriptor-yaml", 5),
        ("YAML that is not closed", yaml + "x: [1, 2\n", "descriptor-yaml", 0),
        ("YAML with a list as key", yaml + "? [a, b]\n: 1\n", "descriptor-yaml", 5),
        ("YAML that holds itself", yaml + "x: &a [*a]\n", "descriptor-yaml", 0),
        ("YAML that is true by its tag alone", yaml + "x: !!bool maybe\n", "descriptor-yaml", 5),
        ("YAML that is a number by its tag alone", yaml + "x: !!float nan\n", "descriptor-yaml", 5),
        ("YAML that is a whole number by its tag alone", yaml + "x: !!int 7_0\n", "descriptor-yaml", 5),
        ("YAML that is a mapping by its tag alone", yaml + "x: !!map [1]\n", "descriptor-yaml", 5),
        ("YAML that is a list by its tag alone", yaml + "x: !!seq {a: 1}\n", "descriptor-yaml", 5),
        ("YAML with a set", yaml + "x: !!set {a, b}\n", "descriptor-yaml", 5),
        ("YAML with a day by its tag", yaml + "x: !!timestamp 2001-01-01\n", "descriptor-yaml", 5),
        ("YAML with bytes", yaml + "x: !!binary aGFp\n", "descriptor-yaml", 5),
        ("YAML with a sign beyond all characters", yaml + 'x: "\\UFFFFFFFF"\n', "descriptor-yaml", 0),
        ("YAML merged twice", yaml + "x: &x {b: 1}\ny: {<<: *x, c: 2, <<: *x}\n", "descriptor-duplicate-key", 6),
        ("YAML nested 200 deep", yaml + "x: " + "[" * 200 + "]" * 200 + "\n", "descriptor-yaml", 0),
    ):
        yield _case("json", name, code, "datapackage.yaml", row, json=None, files={"datapackage.yaml": content})


def _descriptor_cases() -> Iterator[Case]:
    at = "resources[0]"
    wrong: list[tuple[str, str, Change]] = [
        ("no resources", "resources", lambda d: d.pop("resources")),
        ("empty resources", "resources", lambda d: d.update(resources=[])),
        ("resources an object", "resources", lambda d: d.update(resources={"a": 1})),
        ("a resource that is a text", at, lambda d: d["resources"].__setitem__(0, "counts.csv")),
        ("a resource without a name", f"{at}.name", lambda d: _counts(d).pop("name")),
        ("a name that is a number", f"{at}.name", _set(name=7)),
        ("a name that is blank", f"{at}.name", _set(name=" ")),
        ("neither path nor data", f"{at}.path", _set(path=None)),
        ("path and data", f"{at}.path", _set(data=[["a"], ["b"]])),
        ("an empty list of paths", f"{at}.path", _set(path=[])),
        ("a path that is a number", f"{at}.path", _set(path=7)),
        ("a title of 501 letters", "title", lambda d: d.update(title="x" * 501)),
        ("an English title of 501 letters", f"{at}.title_en", _set(title_en="x" * 501)),
        ("a description of 20,001 letters", "description", lambda d: d.update(description="x" * 20_001)),
        ("a schema that is a list", f"{at}.schema", _set(schema=[])),
        ("a schema without fields", f"{at}.schema.fields", _set(schema={"primaryKey": ["id"]})),
        ("empty fields", f"{at}.schema.fields", _set(schema={"fields": []})),
        ("a field without a name", f"{at}.schema.fields[0]", lambda d: _counts(d)["schema"]["fields"][0].pop("name")),
        ("an unknown type", f"{at}.schema.fields[3].type", _field("people", type="int")),
        ("a type that is a list", f"{at}.schema.fields[3].type", _field("people", type="string,integer")),
        ("an unknown format of a day", f"{at}.schema.fields[5].format", _field("day", format="dd/mm/yyyy")),
        (
            "a minimum that is no number",
            f"{at}.schema.fields[3].constraints.minimum",
            _field("people", constraints={"minimum": "không"}),
        ),
        (
            "a minimum of a text",
            f"{at}.schema.fields[6].constraints.minimum",
            _field("note", constraints={"minimum": 1}),
        ),
        (
            "a maximum that is no day",
            f"{at}.schema.fields[5].constraints.maximum",
            _field("day", constraints={"maximum": "31/12/2023"}),
        ),
        (
            "required that is a text",
            f"{at}.schema.fields[6].constraints.required",
            _field("note", constraints={"required": "no"}),
        ),
        (
            "unique that is a number",
            f"{at}.schema.fields[6].constraints.unique",
            _field("note", constraints={"unique": 1}),
        ),
        (
            "a length that is negative",
            f"{at}.schema.fields[6].constraints.maxLength",
            _field("note", constraints={"maxLength": -1}),
        ),
        (
            "a length that is a text",
            f"{at}.schema.fields[6].constraints.minLength",
            _field("note", constraints={"minLength": "3"}),
        ),
        ("an empty enum", f"{at}.schema.fields[6].constraints.enum", _field("note", constraints={"enum": []})),
        (
            "an enum that is a text",
            f"{at}.schema.fields[6].constraints.enum",
            _field("note", constraints={"enum": "a"}),
        ),
        (
            "a JSON schema in a column",
            f"{at}.schema.fields[6].constraints.jsonSchema",
            _field("note", constraints={"jsonSchema": {}}),
        ),
        ("constraints that are a list", f"{at}.schema.fields[6].constraints", _field("note", constraints=[])),
        (
            "a pattern that does not parse",
            "resources.counts.schema.note.constraints.pattern",
            _field("note", constraints={"pattern": "(a"}),
        ),
        ("a group sign that is the decimal sign", f"{at}.schema.fields[4].groupChar", _field("share", groupChar=".")),
        ("a decimal sign of two characters", f"{at}.schema.fields[4].decimalChar", _field("share", decimalChar=",,")),
        ("a digit as group sign", f"{at}.schema.fields[4].groupChar", _field("share", groupChar="0")),
        ("missing values that are a text", f"{at}.schema.missingValues", _schema(missingValues="NA")),
        ("missing values that are numbers", f"{at}.schema.missingValues", _schema(missingValues=[-1])),
        ("a primary key that is no column", f"{at}.schema.primaryKey", _schema(primaryKey=["nr"])),
        ("a primary key that is a number", f"{at}.schema.primaryKey", _schema(primaryKey=1)),
        ("an unknown way to match fields", f"{at}.schema.fieldsMatch", _schema(fieldsMatch="some")),
        ("a dialect that is a list", f"{at}.dialect", _set(dialect=[])),
        ("a delimiter of two characters", f"{at}.dialect.delimiter", _set(dialect={"delimiter": "::"})),
        ("a letter as delimiter", f"{at}.dialect.delimiter", _set(dialect={"delimiter": "a"})),
        ("a quote that is a number", f"{at}.dialect.quoteChar", _set(dialect={"quoteChar": 1})),
        ("a delimiter that is the quote", f"{at}.dialect", _set(dialect={"delimiter": '"'})),
        ("a header that is a text", f"{at}.dialect.header", _set(dialect={"header": "yes"})),
        ("header rows that are a text", f"{at}.dialect.headerRows", _set(dialect={"headerRows": "1"})),
        ("another end of lines", f"{at}.dialect.lineTerminator", _set(dialect={"lineTerminator": ";"})),
        (
            "true values that are a text",
            f"{at}.schema.fields[6].trueValues",
            _field("note", type="boolean", trueValues="x"),
        ),
        (
            "a word that is true and false",
            f"{at}.schema.fields[6].falseValues",
            _field("note", type="boolean", trueValues=["x", "1"], falseValues=["0", "x"]),
        ),
        ("bareNumber that is a text", f"{at}.schema.fields[4].bareNumber", _field("share", bareNumber="no")),
        ("an item type of no kind", f"{at}.schema.fields[6].itemType", _field("note", type="list", itemType="x")),
        ("accepted that is an object", "accepted", lambda d: d.update(accepted={})),
        (
            "accepted without a reason",
            "accepted[0].reason",
            lambda d: d.update(accepted=[{"code": "cell-type", "resource": "counts"}]),
        ),
        (
            "an error that nobody may accept",
            "accepted[0].code",
            lambda d: d.update(accepted=[{"code": "path-unsafe", "resource": "counts", "reason": "x"}]),
        ),
        (
            "accepted of no resource",
            "accepted[0].resource",
            lambda d: d.update(accepted=[{"code": "cell-type", "resource": "x", "reason": "x"}]),
        ),
    ]
    for name, column, change in wrong:
        yield _case("descriptor", name, "descriptor-value", JSON, 0, column, change)
    yield _case(
        "descriptor",
        "two resources of a name",
        "resource-twice",
        JSON,
        0,
        "resources[1].name",
        lambda d: d["resources"][1].update(name="counts"),
        also=("descriptor-value",),
    )
    yield _case(
        "descriptor",
        "two names of one address",
        "resource-twice",
        JSON,
        0,
        "resources[1].name",
        lambda d: d["resources"][1].update(name="Counts"),
        also=("descriptor-value",),  # no table is called as the foreign key says
    )
    for kind in ("xlsx", "ods", "xml", "sql", "parquet"):
        change = _set(path=f"a.{kind}", format=kind)
        yield _case(
            "descriptor",
            f"a table as {kind}",
            "format-unsupported",
            JSON,
            0,
            f"{at}.format",
            change,
            files={f"a.{kind}": b"x"},
        )
    yield _case("descriptor", "a schema file that is not there", "file-missing", "s.json", change=_set(schema="s.json"))
    yield _case(
        "descriptor",
        "a schema file that is broken",
        "descriptor-json",
        "s.json",
        1,
        change=_set(schema="s.json"),
        files={"s.json": "{"},
    )
    yield _case(
        "descriptor",
        "a schema file that is a list",
        "descriptor-value",
        JSON,
        0,
        f"{at}.schema",
        _set(schema="s.json"),
        files={"s.json": "[]"},
    )


HOSTILE_PATHS = (
    *("../counts.csv", "../../etc/passwd", "a/../../counts.csv", "/etc/passwd", "//etc/passwd", "/dev/zero"),
    *("~/counts.csv", "~root/a.csv", "C:\\a.csv", "C:/a.csv", "c:a.csv", "\\\\host\\share\\a.csv", "a\\b.csv"),
    *("http://127.0.0.1/a.csv", "https://example.org/a.csv", "ftp://example.org/a.csv", "file:///etc/passwd"),
    *("FILE:///etc/passwd", "data:text/csv,a", "javascript:alert(1)", "s3://bucket/a.csv", "sqlite:///a.db"),
    *("//example.org/a.csv", "%2e%2e/counts.csv", "%2Fetc%2Fpasswd", "..%2fcounts.csv", "$HOME/a.csv", "${HOME}/a.csv"),
    *(".git/config", ".hidden.csv", "a/.b/c.csv", "./.x/a.csv", "..", ".", "a/..", "CON", "con.csv", "aux.csv"),
    *("NUL", "a/com1.csv", "lpt9.txt", "a\x00.csv", "a\n.csv", "a\x1b[2J.csv", "a\u202e.csv", "a\u200b.csv"),
    *("a\ufeff.csv", "cafe\u0301.csv", "*.csv", "a?.csv", "<a>.csv", "a|b.csv", 'a".csv', "counts.csv:stream"),
    *("counts.csv/", " counts.csv", "counts.csv ", "a./b.csv", "counts.csv.", "a" * 300 + ".csv", "a/" * 300 + "a.csv"),
    *("datapackage.json", "./datapackage.json", "datapackage.yaml", "\u2028.csv", "a\u2066b.csv", "\\..\\..\\a.csv"),
)
"""Paths that lead out of a package, to what is no data, or to another file on another system."""


def _path_cases() -> Iterator[Case]:
    for path in HOSTILE_PATHS:
        # What no text may hold is refused before the path is looked at.
        raw, escaped = any(c in path for c in "\u202e\ufeff"), any(c in path for c in "\x00\x1b")
        code = "control-character" if raw or escaped else "path-unsafe"
        column = "" if raw else "resources[0].path"
        yield _case("path", f"path {path[:30]!r}", code, JSON, 12 if raw else 0, column, _set(path=path))
    for where in ("schema", "dialect"):
        for path in (
            "../a.json",
            "/etc/passwd",
            "http://127.0.0.1/a.json",
            "file:///etc/passwd",
            ".git/a.json",
            "a.txt",
        ):
            yield _case(
                "path", f"{where} {path}", "path-unsafe", JSON, 0, f"resources[0].{where}", _set(**{where: path})
            )
    yield _case(
        "path",
        "second of a list",
        "path-unsafe",
        JSON,
        0,
        "resources[0].path",
        _set(path=["counts.csv", "../counts.csv"]),
    )
    yield _case(
        "path", "one file twice", "path-unsafe", JSON, 0, "resources[0].path", _set(path=["counts.csv", "./counts.csv"])
    )
    yield _case("path", "no such file", "file-missing", "a.csv", change=_set(path="a.csv"))
    yield _case("path", "a folder", "file-missing", "a.csv", change=_set(path="a.csv"), files={"a.csv/b.txt": "x"})
    yield _case("path", "a twin in other case", "path-twin", "counts.csv", files={"Counts.csv": "x"})
    yield _case("path", "a link to a file", "folder-entry", "", files={"a.csv": lambda p: p.symlink_to("/etc/passwd")})
    yield _case("path", "a link within", "folder-entry", "", files={"a.csv": lambda p: p.symlink_to("counts.csv")})
    yield _case("path", "a link to a folder", "folder-entry", "", files={"a": lambda p: p.symlink_to("/etc")})
    yield _case("path", "a link to nothing", "folder-entry", "", files={"a.csv": lambda p: p.symlink_to("nowhere")})
    yield _case("path", "a link to itself", "folder-entry", "", files={"a.csv": lambda p: p.symlink_to("a.csv")})
    yield _case("path", "a pipe", "folder-entry", "", files={"a.csv": os.mkfifo})
    yield _case("path", "a pipe deeper", "folder-entry", "", files={"a/b/c.csv": os.mkfifo})
    yield _case("path", "the descriptor a link", "folder-entry", "", json=lambda p: p.symlink_to("/etc/hostname"))


def _encoding_cases() -> Iterator[Case]:
    for name, row in (("utf-16", 1), ("utf-16-le", 2), ("utf-16-be", 2), ("utf-32", 1)):
        yield _case("encoding", f"{name} not declared", "not-utf8", "counts.csv", row, counts=COUNTS.encode(name))
    plain = "id,province,year,people,share,day,note\na1,hue,2022,1,2,2022-12-31,x\n"
    for name in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield _case("encoding", f"letters as {name}", "not-utf8", "counts.csv", 1, counts=plain.encode(name))
    for name in ("cp1258", "iso-8859-1", "cp1252"):
        content = COUNTS.replace("Một", "Hué" if name != "cp1258" else "Đó").encode(name)
        yield _case("encoding", f"{name} not declared", "not-utf8", "counts.csv", 2, counts=content)
    for byte in (b"\x80", b"\xc0\xaf", b"\xff", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\xfe"):
        content = COUNTS.encode().replace("Một".encode(), byte)
        yield _case("encoding", f"the bytes {byte.hex()}", "not-utf8", "counts.csv", 2, counts=content)
    for encoding in ("utf8mb4", "latin-99", "base64", "zip", "rot13", "unicode_escape", "hex", "idna", "../utf-8", 8):
        change = _set(encoding=encoding)
        at = "resources[0].encoding"
        yield _case("encoding", f"declared {encoding}", "descriptor-value", JSON, 0, at, change)
    yield _case(
        "encoding",
        "ASCII declared, but is not",
        "not-in-encoding",
        "counts.csv",
        2,
        change=_set(encoding="cp1253"),
        counts=COUNTS.encode().replace("Một".encode(), b"\xd2"),
    )
    yield _case(
        "encoding",
        "UTF-16 declared, but is not",
        "not-in-encoding",
        "counts.csv",
        0,
        change=_set(encoding="utf-16-le"),
        counts=b"a,b\nc",
    )
    yield _case("encoding", "a descriptor in UTF-16", "not-utf8", JSON, 1, json=_text().encode("utf-16"))
    yield _case(
        "encoding",
        "a descriptor in Latin-1",
        "not-utf8",
        JSON,
        3,
        json=_text().replace("Gói mẫu", "Gói").encode("latin-1"),
    )
    yield _case(
        "encoding",
        "a descriptor with a byte order mark",
        "byte-order-mark",
        JSON,
        1,
        json=b"\xef\xbb\xbf" + _text().encode(),
    )


def _shape_cases() -> Iterator[Case]:
    header, *rows = COUNTS.splitlines()
    shape: list[tuple[str, str, str, int, str]] = [
        ("an empty file", "", "column-missing", 1, "id, province, year, people, share, day, note"),
        ("a header alone in other words", "a,b,c,d,e,f,g\n", "column-extra", 1, "a"),
        ("a header in upper case", header.upper() + "\n" + rows[0], "column-extra", 1, "ID"),
        ("a column missing", header.replace(",year", "") + "\n", "column-missing", 1, "year"),
        ("a column too many", header + ",x\n", "column-extra", 1, "x"),
        ("a column twice", header.replace("share", "people") + "\n", "column-twice", 1, "people"),
        ("columns swapped", header.replace("year,people", "people,year") + "\n", "column-order", 1, "people"),
        ("a column without a name", header.replace("share", "") + "\n", "column-unnamed", 1, "5"),
        ("a comma at the end of the header", header + ",\n", "column-unnamed", 1, "8"),
        ("space in the header", header.replace("share", " share") + "\n", "column-extra", 1, " share"),
        ("no header", "\n".join(rows) + "\n", "column-extra", 1, "a1"),
        ("semicolons", COUNTS.replace(",", ";"), "delimiter", 1, ""),
        ("tabs", COUNTS.replace(",", "\t"), "delimiter", 1, ""),
        ("pipes", COUNTS.replace(",", "|"), "delimiter", 1, ""),
        ("a cell too many", COUNTS.replace("Một", "Một,x"), "row-length", 2, ""),
        ("a cell too few", COUNTS.replace(",Hai", ""), "row-length", 3, ""),
        ("a row of one cell", COUNTS + "tổng\n", "row-length", 5, ""),
        ("a decimal comma", COUNTS.replace("2.75", "2,75"), "row-length", 3, ""),
        ("a blank row", COUNTS.replace("a2,", "\na2,"), "row-blank", 3, ""),
        ("a row of commas", COUNTS.replace("a2,", ",,,,,,\na2,"), "row-blank", 3, ""),
        ("a quote that is not closed", COUNTS.replace("Một", '"Một'), "csv-syntax", 2, ""),
        ("a quote that is not closed at the end", COUNTS + 'a4,qb,2023,1,1,2023-12-31,"x\n', "csv-syntax", 5, ""),
        ("letters after a quote", COUNTS.replace("Một", '"Một"a'), "csv-syntax", 2, ""),
        ("a quote within quotes", COUNTS.replace("Một", '"Một "hai" ba"'), "csv-syntax", 2, ""),
        (
            "two quotes that merge rows",
            COUNTS.replace("Một", '"Một').replace("Hai", 'Hai"'),
            "quote-merges-rows",
            2,
            "note",
        ),
        (
            "quotes that merge three rows",
            (COUNTS + rows[0].replace("a1", "a4") + "\n").replace("Một", '"Một', 1)[:-4] + 'Một"\n',
            "quote-merges-rows",
            2,
            "note",
        ),
        (
            "a merge in the middle",
            COUNTS.replace("1200", '"1200').replace("1250", '1250"'),
            "quote-merges-rows",
            2,
            "people",
        ),
        ("a hash as header", "# " + COUNTS, "column-extra", 1, "# id"),
        ("HTML", "<!doctype html>\n<html><body>404</body></html>\n", "column-extra", 1, "<!doctype html>"),
        ("JSON", '[{"id": 1}]\n', "column-extra", 1, '[{"id": 1}]'),
    ]
    for name, content, code, row, column in shape:
        also = ("column-missing", "cell-number", "cell-type", "column-extra", "row-length")
        yield _case("shape", name, code, "counts.csv", row, column, counts=content, also=also)
    two = _set(path=["counts.csv", "more.csv"])
    parts: list[tuple[str, str, str, int, str]] = [
        ("a part with another header", header.replace("share", "part") + "\n", "column-extra", 1, "part"),
        (
            "a part with swapped columns",
            header.replace("id,province", "province,id") + "\n",
            "column-order",
            1,
            "province",
        ),
        ("a part with a column twice over", f"{header},note\n", "column-order", 1, "note"),
        ("a part with a column less", header.replace(",note", "") + "\n", "column-missing", 1, "note"),
        ("a part with a longer row", "b1,hue,2023,1,1,2023-12-31,x,y\n", "row-length", 1, ""),
        ("a part with a wrong cell", "b1,hue,2023,một,1,2023-12-31,x\n", "cell-number", 1, "people"),
        ("a part that repeats a key", f"{header}\na1,hue,2023,1,1,2023-12-31,x\n", "key-twice", 2, "id"),
        ("a part with semicolons", "b1;hue;2023;1;1;2023-12-31;x\n", "row-length", 1, ""),
        ("a part with a quote not closed", f'{header}\nb1,hue,2023,1,1,2023-12-31,"x\n', "csv-syntax", 2, ""),
    ]
    for name, content, code, row, column in parts:
        yield _case(
            "shape", name, code, "more.csv", row, column, two, files={"more.csv": content}, also=("column-missing",)
        )
    bare: dict[str, Any] = {
        "path": ["counts.json", "more.json"],
        "format": "json",
        "schema": None,
        "profile": None,
        "type": "table",
    }
    json_parts: list[tuple[str, Any, str, str]] = [
        ("a JSON part with another key", [{"a": 1, "x": 2}], "column-extra", "data[0].x"),
        ("a JSON part with another header", [["a", "x"], [1, 2]], "column-extra", "data[0]: x"),
        ("a JSON part with a header less", [["a"], [1]], "column-missing", "data[0]: b"),
    ]
    for name, part, code, column in json_parts:
        beside: dict[str, Content] = {"counts.json": '[{"a": 1, "b": 2}]', "more.json": json.dumps(part)}
        follows = ("column-missing", "descriptor-value")
        yield _case("shape", name, code, "more.json", 0, column, _set(**bare), files=beside, also=follows)
    rows_of = {"name": "media", "data": None, "schema": {"fields": [{"name": "a", "type": "integer"}]}}
    inline: list[tuple[str, Any, str, str]] = [
        ("inline text", "a\n1\n", "descriptor-value", "resources[2].data"),
        ("inline object", {"a": 1}, "descriptor-value", "resources[2].data"),
        ("inline rows of both kinds", [["a"], {"a": 1}], "descriptor-value", "resources[2].data"),
        ("inline rows of numbers", [1, 2], "descriptor-value", "resources[2].data"),
        ("inline row too long", [["a"], [1, 2]], "row-length", "resources[2].data[1]"),
        ("inline key that is no column", [{"a": 1, "b": 2}], "column-extra", "resources[2].data[0].b"),
        ("inline cell that is no number", [{"a": 1}, {"a": "x"}], "cell-number", "resources[2].data[1].a"),
        ("inline number that is not whole", [{"a": 1.5}], "cell-type", "resources[2].data[0].a"),
        ("inline object in a cell", [{"a": {"b": 1}}], "cell-number", "resources[2].data[0].a"),
        ("inline header of another name", [["b"], [1]], "column-extra", "resources[2].data[0]: b"),
    ]
    for name, data, code, column in inline:

        def change(d: dict[str, Any], data: Any = data) -> None:
            d["resources"].append(deepcopy(rows_of) | {"data": data})

        yield _case("shape", name, code, JSON, 0, column, change, also=("column-missing",))


def _number_cases() -> Iterator[Case]:
    """Cells that are no whole number or no decimal as data write it."""
    for cell in (
        *(
            "1.250",
            "12,5",
            "1,250",
            "1.250.000",
            "1 250",
            "1_250",
            "12a",
            "a12",
            "0x1F",
            "1e",
            "e5",
            "--5",
            "5-",
            "+-5",
        ),
        *("NaN", "nan", "INF", "-INF", "Infinity", "một", "12%", "$12", "١٢", "５", "²", "Ⅷ", "½", "−5", "–5", "1'250"),
        *("12\u00a0000", "1\u202f250", "12.5", "1/2", "=1+1", "true", "null", "NA", "-", ".", "12.", "#REF!", "1,2,3"),
    ):
        whole = cell in ("1.250", "12.5", "12.")
        yield _case(
            "numbers",
            f"people {cell!r}",
            "cell-type" if whole else "cell-number",
            "counts.csv",
            2,
            "people",
            counts=_with("people", cell),
        )
    for cell in (
        "2,5",
        "1.250.5",
        "1,250.5",
        "2.5.",
        "2..5",
        "2.5%",
        "NaN",
        "INF",
        "٢٫٥",
        "2·5",
        "2.5e",
        "1e5000",
        "2 .5",
    ):
        yield _case("numbers", f"share {cell!r}", "cell-number", "counts.csv", 2, "share", counts=_with("share", cell))
    for cell in (" 12", "12 ", "\t12", "\u00a012"):
        yield _case("numbers", f"space {cell!r}", "cell-space", "counts.csv", 2, "people", counts=_with("people", cell))
    thousands = COUNTS.replace("2.5,", "17.034,").replace("2.75", "1.250")
    yield _case("numbers", "thousands with points", "thousands-shape", "counts.csv", 2, "share", counts=thousands)
    for cell, name in (("-1", "minimum"), ("9000001", "maximum")):
        yield _case("numbers", name, "cell-constraint", "counts.csv", 2, "people", counts=_with("people", cell))
    grouped = _field("people", groupChar=".")
    for cell in ("12.50", "1.2500", "12500.000", ".250", "1.250.", "1..250", "1,250"):
        code = "cell-type" if cell == "1,250" else "cell-number"  # With groups of points, a comma is for decimals.
        yield _case(
            "numbers", f"groups {cell!r}", code, "counts.csv", 2, "people", grouped, counts=_with("people", cell)
        )
    comma = _field("share", decimalChar=",", groupChar=".")
    for cell in ("1.25", "2,5,1", "1,250.5"):
        content = _with("share", cell).replace("2.75", '"2,75"')
        yield _case(
            "numbers", f"decimal comma {cell!r}", "cell-number", "counts.csv", 2, "share", comma, counts=content
        )
    other: list[tuple[str, dict[str, Any], str]] = [
        ("2023-02-30", {"type": "date"}, "cell-type"),
        ("2023-2-3", {"type": "date"}, "cell-type"),
        ("31/12/2023", {"type": "date"}, "cell-type"),
        ("20231231", {"type": "date"}, "cell-type"),
        ("2023-12-31", {"type": "date", "format": "%d/%m/%Y"}, "cell-type"),
        ("31/13/2023", {"type": "date", "format": "%d/%m/%Y"}, "cell-type"),
        ("25:00:00", {"type": "time"}, "cell-type"),
        ("2023-12-31 10:00:00", {"type": "datetime"}, "cell-type"),
        ("2023-12-31T24:30:00Z", {"type": "datetime"}, "cell-type"),
        ("23", {"type": "year"}, "cell-type"),
        ("2023.0", {"type": "year"}, "cell-type"),
        ("2023-13", {"type": "yearmonth"}, "cell-type"),
        ("2023-1", {"type": "yearmonth"}, "cell-type"),
        ("yes", {"type": "boolean"}, "cell-type"),
        ("có", {"type": "boolean", "trueValues": ["Có"], "falseValues": ["Không"]}, "cell-type"),
        ("200,10", {"type": "geopoint"}, "cell-type"),
        ("107.58", {"type": "geopoint"}, "cell-type"),
        ("107.58;16.46", {"type": "geopoint"}, "cell-type"),
        ("[107.58]", {"type": "geopoint", "format": "array"}, "cell-type"),
        ('{"lon": 1}', {"type": "geopoint", "format": "object"}, "cell-type"),
        ("{a: 1}", {"type": "object"}, "cell-type"),
        ("[1]", {"type": "object"}, "cell-type"),
        ('{"a": 1, "a": 2}', {"type": "object"}, "cell-type"),
        ('{"a": NaN}', {"type": "object"}, "cell-type"),
        ("{}", {"type": "array"}, "cell-type"),
        ("[" * 5000, {"type": "array"}, "cell-type"),
        ('{"type": "Circle"}', {"type": "geojson"}, "cell-type"),
        ("P1Y2", {"type": "duration"}, "cell-type"),
        ("1 năm", {"type": "duration"}, "cell-type"),
        ("1;x", {"type": "list", "delimiter": ";", "itemType": "integer"}, "cell-number"),
        ("a@b", {"type": "string", "format": "email"}, "cell-type"),
        ("example.org", {"type": "string", "format": "uri"}, "cell-type"),
        ("123", {"type": "string", "format": "uuid"}, "cell-type"),
        ("####", {"type": "string", "format": "binary"}, "cell-type"),
        ("abcd", {"type": "string", "constraints": {"maxLength": 3}}, "cell-constraint"),
        ("a", {"type": "string", "constraints": {"minLength": 2}}, "cell-constraint"),
        ("a1", {"type": "string", "constraints": {"pattern": "[a-z]+"}}, "cell-constraint"),
        ("c", {"type": "string", "constraints": {"enum": ["a", "b"]}}, "cell-enum"),
        ("3", {"type": "integer", "constraints": {"enum": [1, 2]}}, "cell-enum"),
        ("d", {"type": "string", "categories": ["a", {"value": "b", "label": "B"}]}, "cell-enum"),
        ("5", {"type": "integer", "constraints": {"exclusiveMaximum": 5}}, "cell-constraint"),
        ("5", {"type": "integer", "constraints": {"exclusiveMinimum": "5"}}, "cell-constraint"),
        ("2023-01-01", {"type": "date", "constraints": {"minimum": "2023-01-02"}}, "cell-constraint"),
        ("2022-12", {"type": "yearmonth", "constraints": {"minimum": "2023-01"}}, "cell-constraint"),
    ]
    for number, (cell, declared, code) in enumerate(other):
        change = _field("note", **declared)
        name = f"{declared['type']} {cell[:24]!r} {number}"
        content = _with("note", cell).replace("Hai", "")
        yield _case("numbers", name, code, "counts.csv", 2, "note", change, counts=content)


def _unicode_cases() -> Iterator[Case]:
    signs = "\x00\x01\x08\x0b\x0c\x1b\x7f\x80\x9f\ufeff\ufffe\uffff\ufdd0\ufdef\u202d\u202e\U0001fffe\U0010ffff"
    for sign in signs:
        content = COUNTS.replace("Hai", f"H{sign}i")
        name = f"U+{ord(sign):04X}"
        yield _case("unicode", f"{name} in a cell", "control-character", "counts.csv", 3, counts=content)
        row, column = (0, "title") if sign < " " else (3, "")  # JSON writes the first as escapes
        yield _case("unicode", f"{name} in a title", "control-character", JSON, row, column, _titled(f"G{sign}i"))
    for sign in "\u202a\u202b\u2066\u2067\u2068":
        yield _case(
            "unicode",
            f"U+{ord(sign):04X} not closed",
            "direction-open",
            "counts.csv",
            2,
            "note",
            counts=_with("note", f"a{sign}b"),
        )
    for sign in "\u202c\u2069":
        yield _case(
            "unicode",
            f"U+{ord(sign):04X} not opened",
            "direction-open",
            "counts.csv",
            2,
            "note",
            counts=_with("note", f"a{sign}b"),
        )
    half = _text().replace("Gói mẫu", "Gói \\ud83d")
    yield _case("unicode", "half a character in a title", "control-character", JSON, 0, "title", json=half)
    yield _case(
        "unicode",
        "NUL as an escape",
        "control-character",
        JSON,
        0,
        "title",
        json=_text().replace("Gói mẫu", "Gói\\u0000"),
    )
    yield _case("unicode", "a key in no NFC", "not-nfc", JSON, 0, "cafe\u0301", lambda d: d.update({"cafe\u0301": 1}))
    yield _case(
        "unicode",
        "a header in no NFC",
        "not-nfc",
        "counts.csv",
        1,
        "cafe\u0301",
        _field("note", name="cafe\u0301"),
        counts=COUNTS.replace("note", "cafe\u0301"),
    )
    yield _case(
        "unicode",
        "a header composed otherwise",
        "column-extra",
        "counts.csv",
        1,
        "cafe\u0301",
        _field("note", name="café"),
        counts=COUNTS.replace("note", "cafe\u0301"),
        also=("column-missing",),
    )


def _key_cases() -> Iterator[Case]:
    def twice(name: str, column: str, change: Change | None, cells: tuple[str, str], shown: str = "") -> Case:
        content = _with(column, cells[0]).splitlines()
        content[2] = _with(column, cells[1], 3).splitlines()[2]
        return _case(
            "keys", name, "key-twice", "counts.csv", 3, shown or column, change, counts="\n".join(content) + "\n"
        )

    yield twice("primary key", "id", None, ("a1", "a1"))
    yield twice("primary key NFC and NFD", "id", None, ("café", "cafe\u0301"))
    yield twice("primary key as a text", "id", _schema(primaryKey="id"), ("x", "x"))
    unique = {"constraints": {"unique": True}}
    yield twice("unique text", "note", _field("note", **unique), ("x", "x"))
    yield twice("unique NFC and NFD", "note", _field("note", **unique), ("Huế", "Hue\u0302\u0301"))
    yield twice("unique whole number", "people", _field("people", **unique), ("7", "7"))
    yield twice("unique number, a zero more", "share", _field("share", **unique), ("2.5", "2.50"))
    yield twice("unique number, a plus", "people", _field("people", **unique), ("7", "+7"))
    yield twice("unique number, an exponent", "share", _field("share", **unique), ("100", "1e2"))
    yield twice("unique day", "day", _field("day", **unique), ("2023-01-01", "2023-01-01"))
    yield twice("unique keys of one column", "note", _schema(uniqueKeys=[["note"]]), ("x", "x"))
    yield twice("unique keys as a text", "note", _schema(uniqueKeys=["note"]), ("x", "x"))
    yield twice(
        "unique keys of two columns", "note", _schema(uniqueKeys=[["province", "note"]]), ("x", "x"), "province, note"
    )
    yield twice(
        "primary key of two columns",
        "year",
        _schema(primaryKey=["province", "year"]),
        ("2023", "2023"),
        "province, year",
    )
    for name, change in (
        ("primary key", None),
        ("of two", _schema(primaryKey=["id", "year"])),
        ("as a text", _schema(primaryKey="id")),
    ):
        yield _case("keys", f"{name} empty", "cell-required", "counts.csv", 2, "id", change, counts=_with("id", ""))
    yield _case(
        "keys",
        "primary key NA",
        "cell-required",
        "counts.csv",
        2,
        "id",
        _schema(missingValues=["", "NA"]),
        counts=_with("id", "NA"),
    )
    yield _case("keys", "required empty", "cell-required", "counts.csv", 2, "province", counts=_with("province", ""))
    yield _case(
        "keys",
        "required NA",
        "cell-required",
        "counts.csv",
        2,
        "province",
        _schema(missingValues=["NA"]),
        counts=_with("province", "NA"),
        also=("cell-type", "cell-number"),
    )
    yield _case(
        "keys",
        "required, missing in the field",
        "cell-required",
        "counts.csv",
        2,
        "province",
        _field("province", missingValues=["x"]),
        counts=_with("province", "x"),
    )
    yield _case(
        "keys",
        "required, missing in the resource",
        "cell-required",
        "counts.csv",
        2,
        "province",
        _set(missingValues=["", "x"]),
        counts=_with("province", "x"),
    )
    yield _case(
        "keys",
        "required, missing in the package",
        "cell-required",
        "counts.csv",
        2,
        "province",
        lambda d: d.update(missingValues=["", "x"]),
        counts=_with("province", "x"),
    )
    yield _case(
        "keys",
        "a key of a column that is not there",
        "descriptor-value",
        JSON,
        0,
        "resources[0].schema.uniqueKeys[0]",
        _schema(uniqueKeys=[["x"]]),
    )
    yield _case(
        "keys",
        "unique keys that are a number",
        "descriptor-value",
        JSON,
        0,
        "resources[0].schema.uniqueKeys",
        _schema(uniqueKeys=1),
    )
    yield _case(
        "keys",
        "a key that names a column twice",
        "descriptor-value",
        JSON,
        0,
        "resources[0].schema.primaryKey",
        _schema(primaryKey=["id", "id"]),
    )


def _reference_cases() -> Iterator[Case]:
    for cell in ("huế", "Hue", "HUE", "hue ", " hue", "hu", "x", "hue,qb", "h\u200bue", "qb\u00a0"):
        yield _case(
            "references", f"{cell!r}", "key-unknown", "counts.csv", 2, "province", counts=_with("province", cell)
        )

    def key(**values: Any) -> Change:
        return lambda d: _counts(d)["schema"]["foreignKeys"][0].update(values)

    at = "resources[0].schema.foreignKeys"
    wrong: list[tuple[str, str, Change]] = [
        ("keys that are an object", at, _schema(foreignKeys={})),
        ("a key that is a text", f"{at}[0]", _schema(foreignKeys=["province"])),
        ("no reference", f"{at}[0]", lambda d: _counts(d)["schema"]["foreignKeys"][0].pop("reference")),
        ("no fields", f"{at}[0].fields", lambda d: _counts(d)["schema"]["foreignKeys"][0].pop("fields")),
        ("no fields there", f"{at}[0].reference", key(reference={"resource": "provinces"})),
        ("a column that is not here", f"{at}[0].fields", key(fields=["x"])),
        ("two columns for one", f"{at}[0].reference.fields", key(fields=["province", "note"])),
        ("no such table", "resources.counts.schema.foreignKeys", key(reference={"resource": "x", "fields": ["code"]})),
        (
            "no such column there",
            "resources.counts.schema.foreignKeys",
            key(reference={"resource": "provinces", "fields": ["x"]}),
        ),
        ("a table that is a number", f"{at}[0].reference", key(reference={"resource": 7, "fields": ["code"]})),
        ("fields that are numbers", f"{at}[0].fields", key(fields=[1])),
    ]
    for name, column, change in wrong:
        yield _case("references", name, "descriptor-value", JSON, 0, column, change)
    yield _case(
        "references",
        "to a file that is no table",
        "descriptor-value",
        JSON,
        0,
        at.replace("[0]", ".counts"),
        lambda d: (
            d["resources"].append({"name": "paper", "path": "a.pdf"}),
            key(reference={"resource": "paper", "fields": ["code"]})(d),
        ),
        files={"a.pdf": b"%PDF"},
    )
    own = _schema(foreignKeys=[{"fields": ["note"], "reference": {"resource": "", "fields": ["id"]}}])
    yield _case(
        "references",
        "to itself",
        "key-unknown",
        "counts.csv",
        2,
        "note",
        own,
        counts=_with("note", "a9", 2).replace("Hai", "a1"),
    )
    own = _schema(foreignKeys=[{"fields": "note", "reference": {"fields": "id"}}])
    yield _case(
        "references",
        "to itself, version 2",
        "key-unknown",
        "counts.csv",
        2,
        "note",
        own,
        counts=_with("note", "a9", 2).replace("Hai", "a1"),
    )
    two = _schema(
        foreignKeys=[
            {"fields": ["province", "note"], "reference": {"resource": "provinces", "fields": ["code", "name"]}}
        ]
    )
    yield _case(
        "references",
        "of two columns",
        "key-unknown",
        "counts.csv",
        3,
        "province, note",
        two,
        counts=COUNTS.replace("Một", "Thừa Thiên Huế").replace("Hai", "Quảng Bình"),
    )
    number = _schema(foreignKeys=[{"fields": ["year"], "reference": {"resource": "provinces", "fields": ["code"]}}])
    yield _case("references", "a number to a text", "key-unknown", "counts.csv", 2, "year", number)
    yield _case(
        "references",
        "a row of the other table gone",
        "key-unknown",
        "counts.csv",
        4,
        "province",
        provinces="code,name\nhue,Huế\n",
    )
    yield _case(
        "references", "the other table empty", "key-unknown", "counts.csv", 2, "province", provinces="code,name\n"
    )


def _hash_cases() -> Iterator[Case]:
    content = COUNTS.encode()
    sha, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content, usedforsecurity=False).hexdigest()
    for name, stated in (
        ("another sha256", f"sha256:{'0' * 64}"),
        ("another md5", "0" * 32),
        ("another md5 with its name", f"md5:{'0' * 32}"),
        ("another sha1", f"sha1:{'0' * 40}"),
        ("another sha512", f"sha512:{'0' * 128}"),
        ("one digit", f"sha256:{sha[:-1]}{'0' if sha[-1] != '0' else '1'}"),
        ("of the other file", f"sha256:{hashlib.sha256(PROVINCES.encode()).hexdigest()}"),
        ("of other line ends", "sha256:" + hashlib.sha256(content.replace(b"\n", b"\r\n")).hexdigest()),
    ):
        yield _case("hash", name, "hash-differs", "counts.csv", 0, "resources[0].hash", _set(hash=stated))
    no_hash: list[tuple[str, Any]] = [
        ("unknown kind", f"crc32:{'0' * 8}"),
        ("no digits", "sha256:"),
        ("no hex", f"sha256:{'z' * 64}"),
        ("a number", 12),
        ("a list", [sha]),
        ("too short", "abc"),
    ]
    for name, stated in no_hash:
        yield _case("hash", name, "descriptor-value", JSON, 0, "resources[0].hash", _set(hash=stated))
    for size in (0, 1, len(content) - 1, len(content) + 1, 10**9):
        yield _case("hash", f"{size} bytes", "bytes-differ", "counts.csv", 0, "resources[0].bytes", _set(bytes=size))
    for number in (-1, "many", 1.5, True):
        yield _case("hash", f"bytes {number}", "descriptor-value", JSON, 0, "resources[0].bytes", _set(bytes=number))
    for rows in (0, 2, 4, 10**6):
        yield _case("hash", f"{rows} rows", "rows-differ", "counts.csv", 0, "resources[0].rows", _set(rows=rows))
    yield _case(
        "hash",
        "in stats",
        "hash-differs",
        "counts.csv",
        0,
        "resources[0].hash",
        _set(stats={"hash": f"md5:{'0' * 32}"}),
    )
    yield _case("hash", "rows in stats", "rows-differ", "counts.csv", 0, "resources[0].rows", _set(stats={"rows": 9}))
    yield _case(
        "hash",
        "of the first part alone",
        "hash-differs",
        "counts.csv",
        0,
        "resources[0].hash",
        _set(path=["counts.csv", "more.csv"], hash=f"md5:{md5}"),
        files={"more.csv": "b1,hue,2023,1,1,2023-12-31,x\n"},
    )
    yield _case(
        "hash",
        "a file to download",
        "hash-differs",
        "a.pdf",
        0,
        "resources[2].hash",
        lambda d: d["resources"].append({"name": "a", "path": "a.pdf", "hash": "0" * 32}),
        files={"a.pdf": b"%PDF"},
    )


def _limit_cases() -> Iterator[Case]:
    packed = _set(path="counts.csv.gz")
    zeros = gzip.compress(b"0" * 120_000_000, 1)
    good = gzip.compress(COUNTS.encode(), mtime=0)
    yield _case(
        "limits", "gz of 120 MB", "file-too-large", "counts.csv.gz", change=packed, files={"counts.csv.gz": zeros}
    )
    for name, packed_content in (
        ("cut gz", good[:-9]),
        ("gz that is none", COUNTS.encode()),
        ("gz with a wrong sum", good[:-8] + b"\0\0\0\0" + good[-4:]),
        ("gz with a broken body", good[:12] + b"\xff" * 20 + good[32:]),
        ("zip named gz", b"PK\x03\x04" + bytes(40)),
        ("gz with more behind", good + b"more"),
    ):
        yield _case(
            "limits",
            name,
            "packed-damaged",
            "counts.csv.gz",
            change=packed,
            files={"counts.csv.gz": packed_content},
        )
    yield _case("limits", "bzip2", "descriptor-value", JSON, 0, "resources[0].compression", _set(compression="bz2"))
    yield _case(
        "limits",
        "zip",
        "format-unsupported",
        JSON,
        0,
        "resources[0].format",
        _set(path="a.zip"),
        files={"a.zip": b"PK"},
    )
    for ending in ("zip", "bz2", "xz", "7z"):
        yield _case(
            "limits",
            f"CSV said to be in {ending}",
            "format-unsupported",
            JSON,
            0,
            "resources[0].format",
            _set(path=f"counts.csv.{ending}", format="csv"),
            files={f"counts.csv.{ending}": b"PK"},
        )
    many = [{"name": f"r{n}", "path": "counts.csv"} for n in range(2001)]
    yield _case(
        "limits", "2,001 resources", "descriptor-value", JSON, 0, "resources", lambda d: d.update(resources=many)
    )
    deep = '{"name": "mau", "resources": ' + "[" * 20_000 + "]" * 20_000 + "}"
    yield _case("limits", "deep JSON", "descriptor-json", JSON, 1, json=deep)
    long = '{"name": "' + "a" * 11_000_000 + '"}'
    yield _case("limits", "a descriptor of 11 MB", "file-too-large", JSON, json=long)
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    yaml = "datapackage.yaml"
    yield _case("limits", "YAML aliases", "descriptor-yaml", yaml, json=None, files={yaml: bomb})
    yield _case("limits", "deep YAML", "descriptor-yaml", yaml, json=None, files={yaml: "x: " + "[" * 5000})
    yield _case("limits", "long YAML", "file-too-large", yaml, json=None, files={yaml: "# " + "x" * 1_000_001})
    for pattern in ("(a+)+b", "(a|aa)+b", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", r"(\w+\s?)*!"):
        table = _with("note", ("a" if "x" not in pattern else "x") * 60)
        yield _case(
            "limits",
            f"pattern {pattern}",
            "descriptor-value",
            JSON,
            0,
            "resources.counts.schema.note.constraints.pattern",
            _field("note", constraints={"pattern": pattern}),
            counts=table,
        )
    yield _case(
        "limits",
        "a pattern of 2,000 characters",
        "descriptor-value",
        JSON,
        0,
        "resources.counts.schema.note.constraints.pattern",
        _field("note", constraints={"pattern": "a" * 2000}),
    )
    yield _case("limits", "a cell of 3 MB", "csv-syntax", "counts.csv", 2, counts=_with("note", "x" * 3_000_000))
    columns = ",".join(f"c{n}" for n in range(2000))
    wide = columns + "\n" + (",".join("1234567890" for _ in range(2000)) + "\n") * 3
    yield _case(
        "limits",
        "2,000 columns that are not declared",
        "column-extra",
        "counts.csv",
        1,
        "c0",
        counts=wide,
        also=("column-missing",),
    )
    for digits in (1001, 100_000):
        yield _case(
            "limits",
            f"a number of {digits} digits",
            "cell-number",
            "counts.csv",
            2,
            "people",
            counts=_with("people", "9" * digits),
        )


# ---- odd and right -------------------------------------------------------------------------------------------------


def odd() -> Iterator[Case]:
    """Yield packages that are unusual and right: nothing but notices may be said of them."""
    yield from _odd_descriptors()
    yield from _odd_files()
    yield from _odd_cells()
    yield from _odd_keys()


_odd = partial(_case, "odd")


def _yaml(text: str = "") -> str:
    """Return the sample descriptor in YAML, its second table with the schema of an anchor."""
    return (
        "name: mau\ntitle: Gói mẫu\ncreated: 2023-12-31\nversion: 1.10\n"
        "x-key: &key [code]\nresources:\n"
        "- name: counts\n  path: counts.csv\n  schema:\n    fields:\n"
        "    - {name: id, type: string}\n    - {name: province, type: string}\n    - {name: year, type: year}\n"
        "    - {name: people, type: integer}\n    - {name: share, type: number, constraints: {minimum: 0.5}}\n"
        "    - {name: day, type: date}\n    - {name: note, type: string}\n    primaryKey: id\n"
        "- name: provinces\n  path: provinces.csv\n  schema:\n    fields: [{name: code}, {name: name}]\n"
        f"    primaryKey: *key\n{text}"
    )


def _odd_descriptors() -> Iterator[Case]:
    yield _odd("as it is")
    yield _odd("with CRLF", json=_text().replace("\n", "\r\n"))
    yield _odd("on one line", json=json.dumps(DESCRIPTOR))
    yield _odd(
        "of version 2", change=lambda d: d.update({"$schema": "https://datapackage.org/profiles/2.0/datapackage.json"})
    )
    yield _odd("type table", change=_set(profile=None, type="table"))
    yield _odd("no profile", change=_set(profile=None))
    yield _odd("another name than the folder's", change=lambda d: d.update(name="something-else"))
    yield _odd("a name in upper case", change=lambda d: d.update(name="Some_Thing"))
    yield _odd("no name", change=lambda d: d.pop("name"))
    yield _odd(
        "licences with a URL", change=lambda d: d.update(licenses=[{"id": "x", "title": "X", "url": "http://x.org"}])
    )
    yield _odd("no licences", change=lambda d: d.pop("licenses"))
    yield _odd("a remote $schema", change=lambda d: d.update({"$schema": "https://127.0.0.1/x.json"}))
    yield _odd("a remote profile", change=lambda d: d.update(profile="https://127.0.0.1/x.json"))
    yield _odd("lists a hundred deep", json=_text().replace('"licenses"', f'"x": {"[" * 99}{"]" * 99}, "licenses"', 1))
    yield _odd("unknown keys", change=lambda d: d.update({"x-mine": {"a": [1, 2.5, None]}, "_y": True}))
    yield _odd("numbers of any size", change=lambda d: d.update({"big": 10**400, "small": 1e-300}))
    yield _odd("null for a text", change=lambda d: d.update(description=None, homepage=None))
    yield _odd("words of other types", change=lambda d: d.update(title=1, licenses="MIT", keywords="x", version=2))
    yield _odd("words as long as they may be", change=lambda d: d.update(title="x" * 500, description="x" * 20_000))
    yield _odd("Arabic title", change=lambda d: d.update(title="الأرقام"))
    yield _odd("title with emoji", change=lambda d: d.update(title="👩‍👩‍👧 1️⃣"))
    yield _odd("title with markup", change=lambda d: d.update(title="<b>&amp;</b> {{ x }} `y`"))
    yield _odd("description of several lines", change=lambda d: d.update(description="# A\n\n- b\n\tc"))
    yield _odd("resource name of version 2", change=lambda d: d["resources"][0].update(name="Số dân (2023)"), rows=0)
    yield _odd("a schema in a file", change=_set(schema="s.json"), files={"s.json": _counts(DESCRIPTOR)["schema"]})
    yield _odd(
        "a schema in a file in a folder",
        change=_set(schema="a/s.json"),
        files={"a/s.json": _counts(DESCRIPTOR)["schema"]},
    )
    yield _odd("a dialect in a file", change=_set(dialect="d.json"), files={"d.json": {"delimiter": ","}})
    yield _odd("no schema", change=lambda d: (_counts(d).pop("schema"), _counts(d).pop("profile")))
    yield _odd(
        "fields without types",
        change=lambda d: [f.pop("type") for f in _counts(d)["schema"]["fields"] if f["name"] != "people"],
    )
    yield _odd("an unknown format of a text", change=_field("note", format="x-mine"))
    yield _odd("fieldsMatch as a list", change=_schema(fieldsMatch=["exact"]))
    yield _odd("right hash sha256", change=_set(hash=f"sha256:{hashlib.sha256(COUNTS.encode()).hexdigest()}"))
    yield _odd("right hash md5", change=_set(hash=hashlib.md5(COUNTS.encode(), usedforsecurity=False).hexdigest()))
    yield _odd(
        "right hash in upper case", change=_set(hash=f"SHA256:{hashlib.sha256(COUNTS.encode()).hexdigest().upper()}")
    )
    yield _odd("right bytes", change=_set(bytes=len(COUNTS.encode())))
    yield _odd("right rows", change=_set(rows=3))
    yield _odd("other files in the folder", files={"README.md": "x", "a/b.txt": "y", ".git/config": "z"})
    yield _odd("a link in a hidden folder", files={".git/x": lambda p: p.symlink_to("/etc")})
    yaml = "datapackage.yaml"
    yield _odd("YAML", json=None, files={yaml: _yaml()})
    yield _odd("yml", json=None, files={"datapackage.yml": _yaml()})
    yield _odd("YAML that is JSON", json=None, files={yaml: json.dumps(DESCRIPTOR, ensure_ascii=False)})
    yield _odd("YAML with words like no", json=None, files={yaml: _yaml("no: off\nyes: 12:30\nnull_: ~\n")})
    yield _odd("YAML with merged keys", json=None, files={yaml: _yaml("a: &a {b: 1}\nc: {<<: *a, d: 2}\n")})
    yield _odd(
        "YAML with tags", json=None, files={yaml: _yaml("a: !!str 7\nb: !!int 7\nc: !!bool true\nd: !!null ~\n")}
    )
    yield _odd("YAML merged from two", json=None, files={yaml: _yaml("a: &a {b: 1}\nc: {<<: [*a, {d: 2}]}\n")})
    yield _odd("YAML folded text", json=None, files={yaml: _yaml("description: >\n  một\n  hai\n")})
    yield _odd("JSON beside YAML", files={yaml: "broken: ["})


def _odd_files() -> Iterator[Case]:
    rows = COUNTS.splitlines()
    yield _odd("with CRLF in the table", counts=COUNTS.replace("\n", "\r\n"))
    yield _odd("with CR", counts=COUNTS.replace("\n", "\r"))
    yield _odd("no line end at the end", counts=COUNTS.rstrip("\n"))
    yield _odd("blank lines at the end", counts=COUNTS + "\n\n")
    yield _odd("commas at the end", counts=COUNTS + ",,,,,,\n")
    yield _odd("a header alone", rows=0, counts=rows[0] + "\n", provinces=PROVINCES)
    yield _odd("every cell quoted", counts="\n".join(",".join(f'"{c}"' for c in r.split(",")) for r in rows) + "\n")
    yield _odd("a byte order mark", counts=b"\xef\xbb\xbf" + COUNTS.encode())
    yield _odd("a quote within a cell", cell=(0, "note", 'Một "hai"'), counts=COUNTS.replace("Một", '"Một ""hai"""'))
    yield _odd("a comma within a cell", cell=(0, "note", "Một, hai"), counts=COUNTS.replace("Một", '"Một, hai"'))
    yield _odd("lines within a cell", cell=(0, "note", "Một\nhai, ba"), counts=COUNTS.replace("Một", '"Một\nhai, ba"'))
    poem = "Trăm năm, trong cõi\nngười ta,\nchữ tài"
    yield _odd("a poem in a cell", cell=(0, "note", poem), counts=COUNTS.replace("Một", f'"{poem}"'))
    yield _odd("space around a cell", cell=(0, "note", " Một "), counts=COUNTS.replace("Một", " Một "))
    for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "pipes"), ("^", "carets"), (":", "colons")):
        yield _odd(name, change=_set(dialect={"delimiter": sign}), counts=COUNTS.replace(",", sign))
    yield _odd("tsv", change=_set(path="a.tsv"), files={"a.tsv": COUNTS.replace(",", "\t")})
    yield _odd("format tsv", change=_set(path="a.txt", format="tsv"), files={"a.txt": COUNTS.replace(",", "\t")})
    yield _odd(
        "txt with a dialect",
        change=_set(path="a.txt", dialect={"delimiter": ";"}),
        files={"a.txt": COUNTS.replace(",", ";")},
    )
    yield _odd(
        "dialect as frictionless writes it",
        change=_set(dialect={"csv": {"delimiter": ";"}}),
        counts=COUNTS.replace(",", ";"),
    )
    yield _odd(
        "single quotes",
        change=_set(dialect={"quoteChar": "'"}),
        cell=(0, "note", 'Một, "hai"'),
        counts=COUNTS.replace("Một", "'Một, \"hai\"'"),
    )
    yield _odd(
        "an escape",
        change=_set(dialect={"escapeChar": "\\", "doubleQuote": False}),
        cell=(0, "note", 'Một "hai"'),
        counts=COUNTS.replace("Một", '"Một \\"hai\\""'),
    )
    yield _odd(
        "no quotes",
        change=_set(dialect={"quoteChar": None, "delimiter": "\t"}),
        cell=(0, "note", 'Mộ"t'),
        counts=COUNTS.replace("Một", 'Mộ"t').replace(",", "\t"),
    )
    yield _odd("space after commas", change=_set(dialect={"skipInitialSpace": True}), counts=COUNTS.replace(",", ", "))
    yield _odd(
        "comments", change=_set(dialect={"commentChar": "#"}), counts="# nguồn: x\n" + COUNTS.replace("a2", "# a,b\na2")
    )
    yield _odd("header on line 2", change=_set(dialect={"headerRows": [2]}), counts="Bảng 1\n" + COUNTS)
    yield _odd(
        "header of two lines",
        change=_set(dialect={"headerRows": [1, 2], "headerJoin": ""}),
        cell=(0, "id", "a1"),
        counts="id,province,year,people,sh,day,note\n,,,,are,,\n" + "\n".join(rows[1:]) + "\n",
    )
    yield _odd(
        "comment rows", change=_set(dialect={"commentRows": [2]}), counts=COUNTS.replace("\n", "\nđơn vị,,,,,,\n", 1)
    )
    yield _odd("no header", change=_set(dialect={"header": False}), counts="\n".join(rows[1:]) + "\n")
    yield _odd(
        "header in any case",
        change=_set(dialect={"caseSensitiveHeader": False}),
        counts=rows[0].upper() + "\n" + "\n".join(rows[1:]) + "\n",
    )
    yield _odd(
        "fields in any order",
        change=_schema(fieldsMatch="equal"),
        cell=(0, "people", "1200"),
        counts=COUNTS.replace("year,people", "people,year")
        .replace("2022,1200", "1200,2022")
        .replace("2023,1250", "1250,2023")
        .replace("2023,950", "950,2023"),
    )
    yield _odd(
        "fields more than declared",
        change=_schema(fieldsMatch=["subset"]),
        cell=(1, "x", "8"),
        counts=COUNTS.replace("note\n", "note,x\n")
        .replace("Một", "Một,7")
        .replace("Hai", "Hai,8")
        .replace("2023-12-31,\n", "2023-12-31,,9\n"),
    )
    fewer = "\n".join(row.rpartition(",")[0] for row in rows) + "\n"
    yield _odd("fields fewer than declared", change=_schema(fieldsMatch="superset"), cell=(0, "note", ""), counts=fewer)
    yield _odd("fields partly declared", change=_schema(fieldsMatch="partial"), counts=fewer)
    for name in ("utf-16", "utf-16-le", "cp1258", "iso-8859-1", "windows-1252", "cp1252", "UTF8", "utf_8", "ASCII"):
        codec = "utf-8" if name in ("UTF8", "utf_8") else name
        text = COUNTS.replace("Một", "é" if "8859" in name or "125" in name else "mot")
        yield _odd(f"encoding {name}", change=_set(encoding=name), counts=text.encode(codec))
    gz = gzip.compress(COUNTS.encode(), mtime=0)
    yield _odd("gz", change=_set(path="counts.csv.gz"), files={"counts.csv.gz": gz})
    yield _odd(
        "gz in two pieces",
        change=_set(path="counts.csv.gz"),
        files={"counts.csv.gz": gzip.compress(COUNTS[:50].encode()) + gzip.compress(COUNTS[50:].encode())},
    )
    yield _odd(
        "gz as declared", change=_set(path="counts.bin", compression="gz", format="csv"), files={"counts.bin": gz}
    )
    more = "b1,hue,2023,1,1,2023-12-31,x\nb2,hue,2023,1,1,2023-12-31,y\n"
    two = _set(path=["counts.csv", "more.csv"])
    yield _odd("parts, the header in the first", change=two, rows=5, cell=(3, "id", "b1"), files={"more.csv": more})
    yield _odd(
        "parts, each with the header",
        change=two,
        rows=5,
        cell=(3, "id", "b1"),
        files={"more.csv": f"{rows[0]}\n{more}"},
    )
    yield _odd("a part of the header alone", change=two, files={"more.csv": rows[0]})
    yield _odd("an empty part", change=two, files={"more.csv": ""})
    yield _odd("a list of one part", change=_set(path=["counts.csv"]))
    yield _odd(
        "parts that are packed",
        change=_set(path=["counts.csv.gz", "more.csv.gz"]),
        rows=5,
        files={"counts.csv.gz": gz, "more.csv.gz": gzip.compress(more.encode())},
    )
    yield _odd(
        "a path with spaces and accents",
        change=_set(path="số liệu/năm 2023 (1).csv"),
        files={"số liệu/năm 2023 (1).csv": COUNTS},
    )
    records = [dict(zip(rows[0].split(","), row.split(","), strict=True)) for row in rows[1:]]
    lists = [row.split(",") for row in rows]
    yield _odd("inline objects", change=_set(path=None, data=records), cell=(0, "people", "1200"))
    yield _odd("inline lists", change=_set(path=None, data=lists), cell=(0, "people", "1200"))
    yield _odd(
        "inline numbers and nulls",
        change=_set(
            path=None, data=[{**row, "people": int(row["people"]), "share": 2.5, "note": None} for row in records]
        ),
        cell=(2, "note", ""),
    )
    yield _odd(
        "inline objects that lack keys",
        change=_set(path=None, data=[{k: v for k, v in row.items() if k != "note"} for row in records]),
    )
    yield _odd("inline without a header", change=_set(path=None, data=lists[1:], dialect={"header": False}))
    yield _odd("rows in a JSON file", change=_set(path="a.json", format="json"), files={"a.json": json.dumps(records)})
    for file in ("a.pdf", "a.html", "a.svg", "a.tar.gz", "a", "a.geojson", "a.zip", "a.xlsx"):
        yield _odd(
            f"a file to download: {file}",
            change=_with_file(file),
            files={file: b"<script>alert(1)</script>\0\xff"},
        )
    yield _odd(
        "an object to download", change=lambda d: d["resources"].append({"name": "more", "data": {"a": [1, 2.5]}})
    )
    yield _odd("a text to download", change=lambda d: d["resources"].append({"name": "more", "data": "xin chào"}))


def _odd_cells() -> Iterator[Case]:
    cells: list[tuple[str, dict[str, Any]]] = [
        ("-7", {"type": "integer"}),
        ("+7", {"type": "integer"}),
        ("0", {"type": "integer"}),
        ("1 250", {"type": "integer", "groupChar": " "}),
        ("1.250.000", {"type": "integer", "groupChar": "."}),
        ("12 người", {"type": "integer", "bareNumber": False}),
        ("1.5e3", {"type": "number"}),
        (".5", {"type": "number"}),
        ("5.", {"type": "number"}),
        ("0.00001", {"type": "number"}),
        ("123456789012345678901234567890.123456789", {"type": "number"}),
        ("17.034", {"type": "number"}),
        ("17.034", {"type": "number", "decimalChar": "."}),
        ("17.034", {"type": "number", "groupChar": ".", "decimalChar": ","}),
        ("-1.234,5", {"type": "number", "groupChar": ".", "decimalChar": ","}),
        ("95%", {"type": "number", "bareNumber": False}),
        ("$1,250.5", {"type": "number", "bareNumber": False, "groupChar": ","}),
        ("-€ 5", {"type": "number", "bareNumber": False}),
        ("TRUE", {"type": "boolean"}),
        ("0", {"type": "boolean"}),
        ("Có", {"type": "boolean", "trueValues": ["Có"], "falseValues": ["Không"]}),
        ("31/12/2023", {"type": "date", "format": "%d/%m/%Y"}),
        ("09/28/20", {"type": "date", "format": "%x"}),
        ("31/12/2023", {"type": "date", "format": "fmt:%d/%m/%Y"}),
        ("cuối năm", {"type": "date", "format": "any"}),
        ("23:59:00", {"type": "time"}),
        ("23:59", {"type": "time", "format": "%H:%M"}),
        ("2023-12-31T23:59:00Z", {"type": "datetime"}),
        ("2023-12-31T23:59:00", {"type": "datetime"}),
        ("2023-12-31T23:59:00.123+07:00", {"type": "datetime"}),
        ("2020-09-28T17:04:04Z", {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"}),
        ("1833", {"type": "year"}),
        ("-0500", {"type": "year"}),
        ("2023-11", {"type": "yearmonth"}),
        ("P1Y2M3DT4H5M6.7S", {"type": "duration"}),
        ("-P1D", {"type": "duration"}),
        ("107.58,16.46", {"type": "geopoint"}),
        ("-70.5, -33", {"type": "geopoint"}),
        ("[107.58, 16.46]", {"type": "geopoint", "format": "array"}),
        ('{"lat": 16, "lon": 107}', {"type": "geopoint", "format": "object"}),
        ('{"a": {"b": []}}', {"type": "object"}),
        ("[1, null]", {"type": "array"}),
        ('{"type": "Point", "coordinates": [1, 2]}', {"type": "geojson"}),
        ('{"type": "Topology", "arcs": []}', {"type": "geojson", "format": "topojson"}),
        ("1;2;3", {"type": "list", "delimiter": ";", "itemType": "integer"}),
        ("a,b", {"type": "list"}),
        ("a.b+c@mail.example.vn", {"type": "string", "format": "email"}),
        ("https://example.org/số?a=1#b", {"type": "string", "format": "uri"}),
        ("95ecc380-afe9-11e4-9b6c-751b66dd541e", {"type": "string", "format": "uuid"}),
        ("aGFpIG5nw6Bu", {"type": "string", "format": "binary"}),
        ("NA", {"type": "integer", "missingValues": ["", "NA"]}),
        (
            "-99",
            {
                "type": "integer",
                "missingValues": [{"value": "", "label": "?"}, {"value": "-99", "label": "x"}],
                "constraints": {"minimum": 0},
            },
        ),
        ("5", {"type": "integer", "constraints": {"enum": [5, 6]}}),
        ("5.0", {"type": "number", "constraints": {"enum": [5]}}),
        ("2", {"type": "string", "categories": [{"value": "2", "label": "Hai"}]}),
        ("abc", {"type": "string", "constraints": {"pattern": "^[a-z]+$", "minLength": 3, "maxLength": 3}}),
        ("a-b-c", {"type": "string", "constraints": {"pattern": "([a-z]-?)+"}}),
        ("a" * 60, {"type": "string", "constraints": {"pattern": "[a-z]*"}}),
        ("=1+1", {"type": "string"}),
        ("-Organ, @x +y", {"type": "string"}),
        ("<script>alert(1)</script>", {"type": "string"}),
        ("{{ 7*7 }} ${x} `y` [z](javascript:x)", {"type": "string"}),
        ("Ελλάδα", {"type": "string"}),
        ("नेपाल", {"type": "string"}),
        ("العربية \u2067abc\u2069", {"type": "string"}),
        ("עברית\u200f", {"type": "string"}),
        ("\u0374 caf\u0065\u0301", {"type": "string"}),
        ("👩‍👩‍👧", {"type": "string"}),
        ("a\u00a0b\u202fc", {"type": "string"}),
        ("a\tb", {"type": "string"}),
        ("x" * 100_000, {"type": "string"}),
        ("None", {"type": "string"}),
        ("2023-02-30", {"type": "any"}),
    ]
    for number, (cell, declared) in enumerate(cells):
        yield _odd(
            f"{declared['type']} {cell[:30]!r} {number}",
            change=_field("note", **declared),
            cell=(0, "note", cell),
            counts=_with("note", cell).replace("Hai", ""),
        )
    measured = COUNTS.replace("2.5,", "17.034,").replace("2.75", "1.25")
    yield _odd("decimals of three places and others", counts=measured)
    yield _odd(
        "decimals of three places, said so",
        change=_field("share", decimalChar="."),
        counts=COUNTS.replace("2.5,", "17.034,").replace("2.75", "1.250"),
    )
    yield _odd(
        "decimals of three places beside thousands",
        counts=COUNTS.replace("2.5,", "17.034,").replace("2.75", "1.250").replace("950,3,", "950,2300,"),
    )


def _odd_keys() -> Iterator[Case]:
    yield _odd(
        "no keys",
        change=lambda d: [r["schema"].pop(k, None) for r in d["resources"] for k in ("primaryKey", "foreignKeys")],
    )
    yield _odd(
        "unique with empty cells", change=_field("note", constraints={"unique": True}), counts=COUNTS.replace("Hai", "")
    )
    yield _odd("unique keys", change=_schema(uniqueKeys=[["province", "year"]]))
    yield _odd("a key of two columns", change=_schema(primaryKey=["province", "year"]))
    own = [{"fields": ["note"], "reference": {"resource": "", "fields": ["id"]}}]
    yield _odd(
        "a key to itself", change=_schema(foreignKeys=own), counts=COUNTS.replace("Một", "a2").replace("Hai", "a1")
    )
    yield _odd(
        "an empty reference", change=_schema(foreignKeys=own), counts=COUNTS.replace("Một", "").replace("Hai", "a1")
    )
    yield _odd(
        "a key of two columns, one empty",
        change=_schema(
            foreignKeys=[
                {"fields": ["province", "note"], "reference": {"resource": "provinces", "fields": ["code", "name"]}}
            ]
        ),
        counts=COUNTS.replace("Một", "Thừa Thiên Huế").replace("Hai", ""),
    )
    yield _odd(
        "a key to another package",
        change=_schema(
            foreignKeys=[
                {
                    "fields": ["province"],
                    "reference": {"package": "https://127.0.0.1/x", "resource": "y", "fields": ["z"]},
                }
            ]
        ),
    )
    yield _odd(
        "keys that go round",
        change=lambda d: d["resources"][1]["schema"].update(
            foreignKeys=[{"fields": ["code"], "reference": {"resource": "counts", "fields": ["province"]}}]
        ),
    )
    number = [{"fields": ["share"], "reference": {"resource": "", "fields": ["share"]}}]
    yield _odd("a key of numbers", change=_schema(foreignKeys=number))
    yield _odd(
        "a key composed otherwise", counts=COUNTS.replace("qb", "que\u0301"), provinces=PROVINCES.replace("qb", "qué")
    )


# ---- claims --------------------------------------------------------------------------------------------------------


def claims() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield cells of the example's claims that are wrong: a name, the claim, the column, the cell and the code."""
    formulas = (
        *(
            "jobs_women + jobs_mem",
            "jobs_women +",
            "+ * jobs_women",
            "(jobs_women",
            "jobs_women)",
            "jobs_women jobs_men",
        ),
        *(
            "jobs_women / 0",
            "jobs_women / (1 - 1)",
            "jobs_women ** 2",
            "jobs_women // 2",
            "jobs_women % 2",
            "1e5",
            "1,5",
        ),
        *(
            "jobs_women = jobs_men",
            "jobs_women + 'a'",
            "jobs_women.real",
            "jobs_women[0]",
            "lambda: 1",
            "a if b else c",
        ),
        *(
            "__import__('os')",
            "{{ jobs_women }}",
            "=1+1",
            "[",
            "[]",
            "jobs_women + [x",
            "count()",
            "all()",
            "max(1, 2)",
        ),
        *(
            "jobs_women; jobs_men",
            "jobs_women\u00a0+ jobs_men",
            "jobs_women − jobs_men",
            "٣ + 1",
            "(" * 500 + "1" + ")" * 500,
        ),
    )
    for formula in formulas:
        code = "cell-lines" if "\n" in formula else "formula"
        yield (f"formula {formula[:40]}", "jobs_sum", "formula", formula, code)
    yield ("no such rule", "jobs_sum", "rule", "summe", "cell-enum")
    yield ("no such basis", "jobs_sum", "basis", "guessed", "cell-enum")
    yield ("no rule", "jobs_sum", "rule", "", "cell-required")
    yield ("a line that is no number", "jobs_sum", "line", "mười", "cell-number")
    yield ("an id of capitals", "jobs_sum", "claim_id", "Jobs sum", "cell-pattern")
    yield ("an id twice", "jobs_sum", "claim_id", "jobs_attained", "key-twice")


SILENT = frozenset(
    (
        *(
            f"json: {name}"
            for name in (
                "NaN",
                "Infinity",
                "minus Infinity",
                "name twice",
                "type twice",
                "twice by an escape",
                "YAML key twice",
            )
        ),
        *(
            f"descriptor: {name}"
            for name in (
                "empty resources",
                "a group sign that is the decimal sign",
                "a digit as group sign",
                "another end of lines",
            )
        ),
        *(
            f"path: {name}"
            for name in ("a link to a file", "a link within", "a link to a folder", "a twin in other case")
        ),
        *(f"encoding: {name} not declared" for name in ("cp1258", "iso-8859-1", "cp1252")),
        *(f"encoding: the bytes {name}" for name in ("80", "c0af", "ff", "eda080", "f5808080", "e282", "fe")),
        *(
            f"shape: {name}"
            for name in (
                *("space in the header", "semicolons", "tabs", "a quote that is not closed", "letters after a quote"),
                *("a quote that is not closed at the end", "a quote within quotes", "two quotes that merge rows"),
                *("quotes that merge three rows", "a part with another header", "a part with swapped columns"),
                *("a part with a column less", "a part with a longer row", "a part with a wrong cell"),
                *("a part with semicolons", "a part with a quote not closed", "inline key that is no column"),
            )
        ),
        *(f"numbers: people {cell!r}" for cell in ("1_250", "١٢", "５")),
        *(f"numbers: share {cell!r}" for cell in ("NaN", "INF", "1e5000")),
        *(f"numbers: space {cell!r}" for cell in (" 12", "12 ", "\t12", "\u00a012")),
        *(
            f"numbers: {name}"
            for name in (
                "thousands with points",
                "decimal comma '1.25'",
                "decimal comma '1,250.5'",
                "date '2023-2-3' 1",
            )
        ),
        *(
            f"unicode: {name}"
            for name in (
                *("U+0000 in a cell", "U+001B in a title", "U+202E in a cell", "U+FDD0 in a cell", "U+2067 not closed"),
                *("half a character in a title", "NUL as an escape", "a header in no NFC"),
            )
        ),
        *(
            f"keys: {name}"
            for name in (
                *(
                    "primary key NFC and NFD",
                    "unique NFC and NFD",
                    "unique keys of one column",
                    "unique keys as a text",
                ),
                *("unique keys of two columns", "of two empty", "a key of a column that is not there"),
                *("unique keys that are a number", "a key that names a column twice"),
            )
        ),
        *(
            f"hash: {name}"
            for name in (
                "another sha1",
                "another sha512",
                "unknown kind",
                "0 rows",
                "in stats",
                "of the first part alone",
            )
        ),
    )
)
"""Malformed packages that frictionless alone calls valid."""


# ---- what reading makes of each ------------------------------------------------------------------------------------

GOLDEN = Path(__file__).parent / "golden" / "corpus"
_LONGEST_LINE = 400
# Words, and places, of libraries: they differ from one version of Python to another.
_OF_LIBRARIES = frozenset(("csv-syntax", "descriptor-json", "descriptor-yaml", "packed-damaged"))


def _line(*parts: object) -> str:
    """Return parts as one line, a long one by its beginning and a sum."""
    line = " ".join(str(part) for part in parts if str(part))
    if not line.isprintable() or not unicodedata.is_normalized("NFC", line):
        line = line.encode("unicode_escape").decode()
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]} … {hashlib.sha256(line.encode()).hexdigest()[:12]}"


def _fault_line(item: Fault) -> str:
    """Return a fault as a line: level, code, place, cell, details."""
    is_theirs = item.code in _OF_LIBRARIES or item.column.endswith("constraints.pattern")
    row = "" if item.code == "descriptor-json" else item.row or ""
    details = "" if is_theirs else json.dumps(dict(item.details), ensure_ascii=False)
    return _line(item.level, item.code, f"{item.file}:{row}:{item.column}", repr(item.cell), details, item.rest or "")


def told(package: Package | None, faults: tuple[Fault, ...]) -> str:
    """Return what reading made of a package as lines: its faults, its tables, its other files."""
    lines = [_fault_line(item) for item in faults]
    for table in package.tables if package is not None else ():
        keys = [key for key in (table.primary_key, *table.foreign_keys) if key]
        words = [table.title, table.title_en, table.description, table.description_en]
        about = "" if words == [table.resource, table.resource, "", ""] else words
        parts = [(part.path, len(part.content) if part.path[-3:] != ".gz" else "", part.rows) for part in table.parts]
        named = "" if table.resource == table.name else table.resource
        lines.append(_line("table", table.name, named, table.path, about, parts, keys))
        plain = Field("", "")
        for one in table.fields:
            said = {f.name: getattr(one, f.name) for f in fields(one)}
            lines.append(_line(" ", *(f"{k}={v!r}" for k, v in said.items() if v != getattr(plain, k))))
        lines += [_line(" ", line, row) for line, row in zip(table.lines[:4], table.rows, strict=False)]
        lines.append(_line(" ", hashlib.sha256(table.content).hexdigest()[:12], f"{len(table.rows)} rows"))
    for file in package.attachments if package is not None else ():
        titles = [file.title, file.title_en]
        lines.append(_line("file", file.name, file.file, file.resource, file.path, titles, file.content[:60]))
    return "\n".join(lines)


def line_of(case: Case) -> str:
    """Return the line that names a case in the golden files."""
    return _line(f"{case.family}:", case.name)


def golden(name: str) -> dict[str, str]:
    """Return what reading should make of each case of a table, by its name."""
    blocks = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").split("\n## ")
    return {block.partition("\n")[0]: block.partition("\n")[2].rstrip("\n") for block in blocks[1:]}


def _write_golden() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, cases in (("malformed", malformed()), ("odd", odd())):
        lines = [f"What reading makes of each package of `tests/corpus.py`: {name}.\n"]
        for case in cases:
            with TemporaryDirectory() as folder:
                package, faults = read_package(case.write(Path(folder)))
            shown = told(package if name == "odd" else None, faults)
            lines.append(f"\n## {line_of(case)}\n{shown}\n")
        (GOLDEN / f"{name}.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    _write_golden()
