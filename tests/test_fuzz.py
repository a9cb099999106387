"""Whatever is given to the readers, they come to an end with faults and never with a traceback."""

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from build_tools import patterns
from build_tools.cells import FORMATS, Field, UnreadableError, read_value
from build_tools.documents import read_document
from build_tools.errors import BuildError
from build_tools.faults import message, remedy
from build_tools.packages import read_package
from tests.corpus import COUNTS, DESCRIPTOR, PROVINCES
from tests.fuzz import READERS, seeds


@pytest.fixture(autouse=True, scope="module")
def impatient() -> Any:
    """Patterns are given up after one second."""
    before, patterns.SECONDS = patterns.SECONDS, 1
    yield
    patterns.SECONDS = before


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a descriptor."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _paths(item, (*path, key))
    return found


SAMPLE = deepcopy(DESCRIPTOR) | {
    "missingValues": [""],
    "accepted": [{"code": "cell-type", "resource": "counts", "field": "x", "rows": [1], "reason": "x"}],
}
SAMPLE["resources"].append({"name": "more", "data": [{"a": 1}, {"a": None}], "schema": {"fields": [{"name": "a"}]}})
SAMPLE["resources"][0] |= {
    "dialect": {"delimiter": ",", "quoteChar": '"', "header": True, "headerRows": [1], "commentChar": "#"},
    "encoding": "utf-8",
    "format": "csv",
    "mediatype": "text/csv",
    "compression": "no",
    "hash": "md5:" + "0" * 32,
    "bytes": 1,
    "rows": 3,
    "stats": {"rows": 3},
    "type": "table",
}
SAMPLE["resources"][0]["schema"] |= {"uniqueKeys": [["id"]], "fieldsMatch": "exact", "missingValues": ["", "NA"]}
SAMPLE["resources"][0]["schema"]["fields"][6] |= {
    "format": "default",
    "trueValues": ["1"],
    "decimalChar": ".",
    "groupChar": ",",
    "bareNumber": False,
    "itemType": "integer",
    "delimiter": ";",
    "categories": ["a", {"value": "b"}],
    "constraints": {"minLength": 1, "minimum": 1, "pattern": "[a-z]+", "enum": ["a"], "unique": True},
}
PATHS = _paths(SAMPLE)

WORDS = st.sampled_from(
    [
        *FORMATS,
        *(
            "",
            " ",
            "a",
            "x/y.csv",
            "../a",
            "counts.csv",
            "provinces",
            "id",
            "%d/%m/%Y",
            "%",
            "%Q",
            "%x",
            "\t",
            ";",
            "#",
        ),
        *("utf-16", "latin-1", "sha256:00", "NaN", "1e999", "-1", "(a", "[", "a{2,1}", "(?P<n>a)", "equal", "partial"),
        *("json", "tsv", "gz", "array", "object", "any", "topojson", "\x00", "\u202e", "\ud800", "é" * 50),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _read(descriptor: bytes, counts: bytes) -> None:
    """Read a package; all that is said of it has words in both languages."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "mau"
        folder.mkdir()
        (folder / "datapackage.json").write_bytes(descriptor)
        (folder / "counts.csv").write_bytes(counts)
        (folder / "provinces.csv").write_text(PROVINCES, encoding="utf-8")
        package, faults = read_package(folder)
        assert package is not None or faults
        for item in faults:
            for language in ("vi", "en"):
                assert message(item, language) and remedy(item, language)
        for table in package.tables if package else ():
            assert all(len(row) == len(table.fields) for row in table.rows)


@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=3))
def test_any_value_in_a_descriptor(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Any value may stand anywhere in a descriptor."""
    descriptor: Any = deepcopy(SAMPLE)
    for path, value in changes:
        at = descriptor
        try:
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # An earlier change took that place away.
    _read(json.dumps(descriptor).encode("utf-8", "surrogatepass"), COUNTS.encode())


@given(st.binary(max_size=300))
def test_any_bytes_as_a_descriptor(content: bytes) -> None:
    """Any bytes may be a descriptor."""
    _read(content, COUNTS.encode())


PIECES = st.sampled_from(
    [
        *(
            piece.encode()
            for piece in (",", "\n", "\r\n", "\r", '"', '""', ";", "\t", "#", "a1", "hue", "2023", "1.250")
        ),
        *(
            piece.encode()
            for piece in ("2023-12-31", "-", "NA", "ế", "e\u0301", "\u202e", "\ufeff", "=", "{", "[", " ")
        ),
        *(b"\x00", b"\xff", COUNTS.encode(), COUNTS.splitlines()[0].encode() + b"\n"),
    ]
)


@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_any_bytes_as_a_table(content: bytes) -> None:
    """Any bytes may be a table."""
    _read(json.dumps(DESCRIPTOR).encode(), COUNTS.splitlines()[0].encode() + b"\n" + content)
    _read(json.dumps(SAMPLE).encode(), content)


@given(
    st.sampled_from([(kind, form) for kind, forms in FORMATS.items() for form in forms]),
    st.text(max_size=30) | st.from_regex(r"[-+0-9.,eE/:TZPYMD{}\[\]\" ]{0,20}", fullmatch=True),
    st.sampled_from([".", ","]),
    st.sampled_from(["", ".", ",", " "]),
    st.booleans(),
)
def test_any_text_as_a_cell(kind: tuple[str, str], cell: str, decimal: str, group: str, bare: bool) -> None:
    """Any text may be a cell of any type: it has a value, or is refused with what was expected."""
    field = Field("a", kind[0], format=kind[1], decimal_char=decimal, group_char=group, bare_number=bare)
    refusal = _refusal(field, cell)
    assert refusal is None or (refusal.code in ("cell-type", "cell-number") and refusal.details)


def _refusal(field: Field, cell: str) -> UnreadableError | None:
    try:
        read_value(field, cell)
    except UnreadableError as error:
        return error
    return None


@given(st.integers(0, 400), st.integers(0, 120), st.binary(max_size=4))
@example(4, 58, b"")
def test_any_damage_to_a_word_file(start: int, length: int, instead: bytes) -> None:
    """A Word file from which bytes are missing or changed is read or refused with place and remedy."""
    whole = seeds("report")[1]
    with TemporaryDirectory() as name:
        path = Path(name) / "a.docx"
        path.write_bytes(whole[:start] + instead + whole[start + length :])
        try:
            assert read_document(path).text is not None
        except BuildError as error:
            refused = error
        else:
            return
    assert refused.what and refused.remedy


@pytest.mark.parametrize("reader", READERS)
def test_the_readers_of_make_fuzz_read_their_seeds(reader: str) -> None:
    """What `make fuzz` begins with is read without breaking."""
    for content in seeds(reader):
        READERS[reader](content)
