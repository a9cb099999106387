"""Packages as they are offered: the CSV of a table, what is packed, the endings of files, what null is."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from build_tools import gathering, packages
from build_tools.folders import TooLargeError
from build_tools.packages import offered_ending, read_package
from tests.corpus import COUNTS
from tests.test_reading import FILES, first, read, write


@pytest.mark.parametrize(
    ("changes", "content", "is_kept"),
    [
        ({}, COUNTS, True),
        ({}, COUNTS.replace("\n", "\r\n"), True),
        ({"dialect": {"delimiter": ","}}, COUNTS, True),
        ({"dialect": {"nullSequence": "x"}}, COUNTS, True),
        ({"encoding": "ascii"}, COUNTS.replace("Một", "x"), True),
        ({}, "\ufeff" + COUNTS, False),
        ({"dialect": {"delimiter": ";"}}, COUNTS.replace(",", ";"), False),
        ({"dialect": {"commentChar": "#"}}, COUNTS, False),
        ({"dialect": {"quoteChar": "'"}}, COUNTS, False),
        ({"encoding": "utf-16"}, COUNTS, False),
        ({"path": "counts.csv.gz"}, COUNTS, False),
        ({"path": ["counts.csv", "more.csv"]}, COUNTS, False),
        ({"path": "counts.tsv"}, COUNTS.replace(",", "\t"), False),
    ],
)
def test_csv_that_anyone_reads_alike_is_kept(
    changes: dict[str, Any], content: str, is_kept: bool, tmp_path: Path
) -> None:
    """A file of commas, double quotes and UTF-8 is offered as it stands, any other as its cells written so."""
    # Other line ends tell what is kept from what is written anew.
    text = content if is_kept else content.replace("\n", "\r\n")
    written = text.encode(changes.get("encoding", "utf-8"))
    path = changes.get("path", "counts.csv")
    file = path if isinstance(path, str) else path[0]
    files = {**FILES, file: gzip.compress(written) if file.endswith(".gz") else written, "more.csv": ""}
    table = read(write(tmp_path, first(**changes), files)).tables[0]
    assert table.content == (written if is_kept else COUNTS.encode())
    assert table.parts[0].content == files[file]


def test_columns_in_another_order_are_written_anew(tmp_path: Path) -> None:
    """Where the columns of a file are not those declared, the table offered has those that are read."""
    schema = {"fields": [{"name": "name"}, {"name": "code"}], "fieldsMatch": ["equal"], "primaryKey": "code"}
    folder = write(tmp_path, lambda d: d["resources"][1].update(schema=schema))
    assert read(folder).tables[1].content.startswith("name,code\nThừa Thiên Huế,hue\n".encode())


def test_null_is_an_empty_cell(tmp_path: Path) -> None:
    """In rows of JSON null stands for no value, whatever else does; in CSV only what is declared does."""
    fields = [{"name": "a", "type": "integer", "missingValues": ["-"]}]
    rows = [{"a": None}, {"a": "-"}, {"a": 7}]
    inline = {"resources": [{"name": "t", "data": rows, "schema": {"fields": fields}}]}
    package = read(write(tmp_path / "a", lambda d: d.update(inline), {}))
    assert package.tables[0].fields[0].missing == ("-", "")
    file = {"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": [*fields, {"name": "b"}]}}]}
    folder = write(tmp_path / "b", lambda d: d.update(file), {"t.csv": "a,b\n,x\n-,y\n"})
    assert [(item.code, item.row) for item in read_package(folder)[1]] == [("cell-number", 2)]
    plain = {"resources": [{"name": "t", "data": [{"a": None, "b": 1}]}]}
    package = read(write(tmp_path / "c", lambda d: d.update(plain), {}))
    assert [(one.type, one.missing) for one in package.tables[0].fields] == [("any", ("",))] * 2


def test_what_cannot_be_unpacked_is_named(tmp_path: Path) -> None:
    """A packed file that is damaged is named with what is wrong, and leaves no package."""
    folder = write(tmp_path, first(path="counts.csv.gz"), {**FILES, "counts.csv.gz": b"no gz"})
    package, (item,) = read_package(folder)
    assert package is None
    assert (item.code, item.file) == ("packed-damaged", "counts.csv.gz") and dict(item.details)["problem"]


def test_what_is_unpacked_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed file counts as it stands and unpacked, and its text again; one that is too large says beyond what."""
    spent: list[int] = []
    real = gathering.Budget.spend

    def note(self: gathering.Budget, size: int) -> None:
        spent.append(size)
        real(self, size)

    monkeypatch.setattr(gathering.Budget, "spend", note)
    packed = gzip.compress(COUNTS.encode())
    folder = write(tmp_path, first(path="counts.csv.gz"), {**FILES, "counts.csv.gz": packed})
    read(folder)
    size = len(COUNTS.encode())
    # The packed file, what is in it, its text, and the plain CSV that is offered.
    assert [one for one in spent if one in (len(packed), size, 2 * size)] == [len(packed), size, 2 * size, size]

    def refuse(_: bytes) -> bytes:
        raise TooLargeError(101)

    monkeypatch.setattr(packages, "unpack", refuse)
    package, (item,) = read_package(folder)
    assert package is None
    assert (item.code, item.file, dict(item.details)["bytes"]) == ("file-too-large", "counts.csv.gz", "> 100")


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("a/x.y.tar.gz", ".tar.gz"),
        ("a.b.pdf", ".pdf"),
        ("a.gz", ".gz"),
        ("a.tar.xz", ".xz.txt"),
        ("a.b/c", ".txt"),
        ("a.Csv", ".Csv"),
        ("a.Z", ".Z.txt"),
        ("a.p-q", ".txt"),
        ("a.abcdefghijk", ".txt"),
    ],
)
def test_endings_of_files(path: str, ending: str) -> None:
    """A file is offered under its own ending, two of them where it is packed, with .txt after one that might run."""
    assert offered_ending(path) == ending


def test_a_folder_of_links_and_pipes_says_all_of_them(tmp_path: Path) -> None:
    """Everything that may not stand in a folder is named, sorted, and nothing of the folder is read."""
    folder = write(tmp_path)
    (folder / "b").symlink_to("counts.csv")
    (folder / "a").symlink_to("counts.csv")
    (folder / "datapackage.json").write_text("{", encoding="utf-8")
    package, faults = read_package(folder)
    assert package is None
    assert [(item.code, item.file, dict(item.details)["entry"]) for item in faults] == [
        ("folder-entry", "", "a"),
        ("folder-entry", "", "b"),
    ]


def test_a_package_that_is_a_list(tmp_path: Path) -> None:
    """A descriptor that is no object is shown, cut short."""
    folder = write(tmp_path)
    (folder / "datapackage.json").write_text(json.dumps(["x" * 100]), encoding="utf-8")
    package, (item,) = read_package(folder)
    assert package is None
    assert (item.code, item.column, dict(item.details)["found"]) == (
        "descriptor-value",
        "datapackage.json",
        '["' + "x" * 78,
    )


HARMLESS = (
    *("avif", "gif", "jpeg", "jpg", "mp3", "mp4", "ogg", "pdf", "png", "tif", "tiff", "wav", "webm", "webp"),
    *("csv", "json", "jsonl", "geojson", "log", "md", "tab", "tsv", "txt", "yaml", "yml", "gz", "tar", "zip"),
    *("doc", "docx", "ods", "odt", "ppt", "pptx", "xls", "xlsx", "dbf", "gpkg", "nc", "parquet", "prj", "bin"),
    *("rda", "rds", "sav", "shp", "shx", "sqlite"),
)


@pytest.mark.parametrize("ending", HARMLESS)
def test_a_file_that_no_browser_runs_keeps_its_ending(ending: str) -> None:
    """Pictures, sound, documents, tables and archives are offered under their own endings."""
    assert offered_ending(f"a.{ending}") == f".{ending}"
    assert offered_ending(f"a.{ending}x") == f".{ending}x.txt" or f"{ending}x" in HARMLESS


def test_what_the_module_offers_is_there() -> None:
    """Each name that the module offers is one that it has."""
    assert [name for name in packages.__all__ if not hasattr(packages, name)] == []
