"""What a descriptor declares, where one thing bears on another: levels, lists, tags, what is wrong together."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from build_tools.descriptors import decode, read_document, read_resources
from tests.test_reading import resource


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!float 1.50", Decimal("1.50")),
        ("!!int 7", 7),
        ("!!bool true", True),
        ("!!bool FALSE", False),
        ("!!null ~", None),
        ("!!str 7", "7"),
        ("!!seq [7]", [7]),
        ("!!map {b: 7}", {"b": 7}),
    ],
)
def test_tags_of_json_values(text: str, value: object, tmp_path: Path) -> None:
    """A value that its tag says it is, and that JSON has, is read as that."""
    (tmp_path / "a.yaml").write_text(f"a: {text}\n", encoding="utf-8")
    assert read_document("mau", tmp_path, "a.yaml") == ({"a": value}, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !x 1\n", "could not determine a constructor for the tag '!x'"),
        ("a: !!bool maybe\n", "maybe is not what its tag says"),
        ("a: !!float 1_0\n", "1_0 is not what its tag says"),
        ("a: !!map [1]\n", "a mapping that is none"),
        ("? [b]\n: 2\n", "a key is no text"),
        ("a: &a [*a]\n", "an alias within what it names"),
        ("a: [1\n", "expected ',' or ']', but got '<stream end>'"),
        ("a: " + "[" * 120 + "]" * 120 + "\n", "nested too deeply"),
    ],
)
def test_what_is_wrong_with_yaml(text: str, words: str, tmp_path: Path) -> None:
    """A fault of YAML says what is wrong."""
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    found, (item,) = read_document("mau", tmp_path, "a.yaml")
    assert found is None and item.code == "descriptor-yaml"
    assert dict(item.details)["problem"] == words


def test_json_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    """A fault of JSON has its line and place; a key that stands twice its line."""
    for text, code, row in (
        ('{\n "a": }', "descriptor-json", 2),
        ('{\n "a": 1,\n "b": 2,\n "a": 3}', "descriptor-duplicate-key", 4),
        ('{\n "é": 1,\n "\\u00e9": 3}', "descriptor-duplicate-key", 3),
        ('{"a": 1e99999999}', "descriptor-json", 1),
    ):
        (tmp_path / "a.json").write_text(text, encoding="utf-8")
        found, (item,) = read_document("mau", tmp_path, "a.json")
        assert (found, item.code, item.row) == (None, code, row), text


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"ab\0c", "control-character"), (b"abc\0\0", "not-utf8"), (b"a" * 39 + b"\0" * 10, "control-character")],
)
def test_text_of_two_bytes(content: bytes, code: str) -> None:
    """Where more than a quarter of the bytes are NUL the text is of another encoding; else they are what is wrong."""
    assert {item.code for item in decode("mau", "a.csv", content)[1]} == {code}


MISSING: list[tuple[Callable[[dict[str, Any]], object], tuple[str, ...]]] = [
    (lambda _: None, ("",)),
    (lambda d: d.update(missingValues=["a"]), ("a",)),
    (lambda d: (d.update(missingValues=["a"]), d["resources"][0].update(missingValues=["b"])), ("b",)),
    (lambda d: d["resources"][0]["schema"].update(missingValues=["c"]), ("c",)),
    (
        lambda d: (
            d["resources"][0].update(missingValues=["b"]),
            d["resources"][0]["schema"].update(missingValues=["c"]),
        ),
        ("c",),
    ),
    (lambda d: d["resources"][0]["schema"]["fields"][0].update(missingValues=["d"]), ("d",)),
    (lambda d: d.update(missingValues=[]), ()),
    (lambda d: (d.update(missingValues=["a"]), d["resources"][0].update(dialect={"nullSequence": "N"})), ("a", "N")),
]


@pytest.mark.parametrize(("change", "missing"), MISSING)
def test_missing_values_of_the_innermost_level(
    change: Callable[[dict[str, Any]], object], missing: tuple[str, ...], tmp_path: Path
) -> None:
    """The column says what stands for no value, else the schema, the resource, the package."""
    declared: dict[str, Any] = {"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a"}]}}]}
    change(declared)
    (found,), faults = read_resources("mau", tmp_path, "datapackage.json", declared)
    assert found.fields is not None
    assert (found.fields[0].missing, faults) == (missing, [])


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"path": [7, "../a.csv", "", "b.csv"]}, ["path", "path", "path"]),
        ({"path": "a.xlsx", "schema": {"fields": []}}, ["format"]),
        ({"path": "a.xlsx", "type": "table", "encoding": "x"}, ["format"]),
        ({"path": None}, ["path"]),
        ({"path": []}, ["path"]),
        ({"data": [[1]]}, ["path"]),
        ({"compression": "zip"}, ["compression"]),
        ({"schema": "s.txt"}, ["schema"]),
        ({"schema": 7}, ["schema"]),
        ({"dialect": "../d.json"}, ["dialect"]),
        ({"name": ["a"]}, ["name"]),
    ],
)
def test_all_that_is_wrong_with_a_resource(changes: dict[str, Any], places: list[str]) -> None:
    """Each thing that is wrong is named; what is no table is not looked into."""
    _, faults = resource(**changes)
    assert [item.column.removeprefix("resources[0].") for item in faults] == places


def test_a_resource_of_another_kind_is_named_by_its_place(tmp_path: Path) -> None:
    """A resource that is no object is named, and the next keeps its number."""
    found, faults = read_resources("mau", tmp_path, "d", {"resources": ["a", {"name": "數", "path": "a.csv"}]})
    assert [item.column for item in faults] == ["resources[0]"]
    assert [(one.index, one.where, one.slug) for one in found] == [(1, "resources[1]", "bang-2")]


@pytest.mark.parametrize("name", ["charmap", "mbcs", "oem", "punycode", "raw_unicode_escape", "base64", "bz2", "uu"])
def test_codecs_that_are_no_encodings(name: str) -> None:
    """A codec that reads other things than text, or any byte as something, is no encoding of a table."""
    found, faults = resource(encoding=name)
    assert [(item.column, found.encoding) for item in faults] == [("resources[0].encoding", "utf-8")]
