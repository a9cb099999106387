"""Reading a package, piece by piece: what each piece returns and refuses, at its bounds."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import frictionless
import pytest

from build_tools import descriptors, folders, gathering, packages, patterns, rows
from build_tools.cells import MOST_DEPTH, Field
from build_tools.descriptors import Accepted, Dialect, Resource, decode, read_accepted, read_document, slug_of
from build_tools.faults import Fault, fault, message, suggestion
from build_tools.folders import DamagedError, TooLargeError, odd_entries, path_problem, read_bytes, twin, unpack
from build_tools.gathering import ACCEPTABLE, STEP, Budget, Gathering, OverBoundError
from build_tools.packages import Package, read_package, read_packages
from build_tools.patterns import PatternError, not_matching
from build_tools.table_checks import TableCheck
from build_tools.tables import Table
from tests.corpus import COUNTS, DESCRIPTOR, PROVINCES
from tests.makers import PROJECT

FILES: Mapping[str, str | bytes] = {"counts.csv": COUNTS, "provinces.csv": PROVINCES}


def write(
    folder: Path,
    change: Callable[[dict[str, Any]], object] = lambda _: None,
    files: Mapping[str, str | bytes] = FILES,
    name: str = "mau",
) -> Path:
    """Write the sample package with its descriptor changed; return where it is."""
    descriptor = deepcopy(DESCRIPTOR)
    change(descriptor)
    target = folder / name
    target.mkdir(parents=True)
    (target / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for file, content in files.items():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        (target / file).write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def read(folder: Path) -> Package:
    """Return a package that is sound."""
    package, faults = read_package(folder)
    assert package is not None, faults
    return package


def places(faults: tuple[Fault, ...]) -> list[tuple[str, str, str]]:
    """Return the code, file and column of each fault."""
    return [(item.code, item.file, item.column) for item in faults]


# ---- packages ------------------------------------------------------------------------------------------------------


def test_a_package_and_its_parts(tmp_path: Path) -> None:
    """A table is had by its name; a text in its language, else as it is; what is no text is none."""
    package = read(write(tmp_path, lambda d: d.update(title_en="Sample", homepage=7, note_vi="chữ", note="word")))
    assert package.table("provinces") is package.tables[1]
    assert package.table("x") is None
    assert [package.text("title", language) for language in ("vi", "en", "")] == ["Gói mẫu", "Sample", "Gói mẫu"]
    assert [package.text("note", language) for language in ("vi", "en")] == ["chữ", "word"]
    assert package.text("homepage", "vi") == package.text("nothing", "en") == ""
    assert package.kind == "other"
    (line, record), *_ = package.tables[1].records()
    assert (line, record) == (2, {"code": "hue", "name": "Thừa Thiên Huế"})


@pytest.mark.parametrize(
    ("name", "changes", "kind"),
    [
        ("mau", {"report": {}}, "report"),
        ("vocabulary", {}, "vocabulary"),
        ("across", {}, "across"),
        ("vocabulary", {"report": {}}, "report"),
        ("reports", {"reports": {}}, "other"),
    ],
)
def test_kinds(name: str, changes: dict[str, Any], kind: str, tmp_path: Path) -> None:
    """What says that it is a report is one; two packages are ours by their names; all else others made."""
    package = read(write(tmp_path, lambda d: (d.update(name=name), d.update(changes)), name=name))
    assert package.kind == kind


@pytest.mark.parametrize("version", ["1", "1.2.0", "2023-11-09", "v1", "1.0+a.b", "a" * 32])
def test_a_version_that_can_name_a_file(version: str, tmp_path: Path) -> None:
    """A version of letters, digits and . + - between them is one."""
    assert read(write(tmp_path, lambda d: d.update(version=version))).version == version


@pytest.mark.parametrize("version", ["", ".", "1/2", "-1", "1-", "a" * 33, "1 2", "ấ", "../a", None])
def test_a_version_that_cannot(version: str | None, tmp_path: Path) -> None:
    """Any other version names no file."""
    assert read(write(tmp_path, lambda d: d.update(version=version))).version == ""


def test_the_sum_is_of_all_content(tmp_path: Path) -> None:
    """The sum of a package changes with its descriptor, with a table and with another file, and with nothing else."""
    beside = {"name": "paper", "path": "a.pdf"}
    with_file: Callable[[dict[str, Any]], object] = lambda d: d["resources"].append(beside)  # noqa: E731
    sums = [
        read(write(tmp_path / "a", with_file, {**FILES, "a.pdf": b"1"})).sha256,
        read(write(tmp_path / "b", with_file, {**FILES, "a.pdf": b"2"})).sha256,
        read(write(tmp_path / "c", with_file, {**FILES, "a.pdf": b"1", "counts.csv": COUNTS + "\n"})).sha256,
        read(write(tmp_path / "d", lambda d: (with_file(d), d.update(x=1)), {**FILES, "a.pdf": b"1"})).sha256,
    ]
    assert len(set(sums)) == 4
    assert read(write(tmp_path / "e", with_file, {**FILES, "a.pdf": b"1", "README.md": "x"})).sha256 == sums[0]
    written = (tmp_path / "a/mau/datapackage.json").read_bytes()
    digest = hashlib.sha256(written)
    for content in (COUNTS.encode(), PROVINCES.encode(), b"1"):
        digest.update(hashlib.sha256(content).digest())
    assert sums[0] == digest.hexdigest()


def test_a_folder_of_packages(tmp_path: Path) -> None:
    """Packages come sorted by name; hidden folders and files beside them are none; links are refused."""
    for name in ("b", "Á", ".git", "c"):
        write(tmp_path, name=name)
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "z").symlink_to(tmp_path / "b")
    (tmp_path / "y.md").symlink_to(tmp_path / "README.md")
    found, faults = read_packages(tmp_path)
    assert [package.name for package in found] == ["a", "b", "c"]
    assert [(item.package, item.code, item.cell) for item in faults] == [
        ("README.md", "folder-entry", ""),
        ("b", "folder-entry", ""),
    ] or [item.code for item in faults] == ["folder-entry", "folder-entry"]
    assert [message(item, "en") for item in faults] == [message(faults[0], "en")] * 2
    assert "a link" in message(faults[0], "en")


def test_two_folders_of_one_address(tmp_path: Path) -> None:
    """The second folder of an address is refused and names the first; the others are read."""
    for name in ("Mau", "mau", "nau"):
        write(tmp_path, name=name)
    found, faults = read_packages(tmp_path)
    assert [package.name for package in found] == ["mau", "nau"]
    assert [(item.package, item.code, item.cell, dict(item.details)) for item in faults] == [
        ("mau", "package-twice", "mau", {"other": "Mau"})
    ]


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    """A folder that is not there, or holds no folder, is named with its path."""
    assert [(item.code, item.cell) for item in read_packages(tmp_path / "x")[1]] == [
        ("folder-missing", str(tmp_path / "x"))
    ]
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    assert [(item.code, item.package, item.cell) for item in read_packages(tmp_path)[1]] == [
        ("folder-empty", tmp_path.name, str(tmp_path))
    ]


def test_the_folder_itself(tmp_path: Path) -> None:
    """A folder that is a link is refused, one that is not there is missing, a pipe is no folder."""
    (tmp_path / "a").symlink_to(write(tmp_path))
    (faulty,) = read_package(tmp_path / "a")[1]
    assert (faulty.code, dict(faulty.details)["entry"]) == ("folder-entry", ".")
    assert [item.code for item in read_package(tmp_path / "x")[1]] == ["folder-missing"]
    os.mkfifo(tmp_path / "p")
    assert [item.code for item in read_package(tmp_path / "p")[1]] == ["folder-missing"]


@pytest.mark.parametrize(
    ("called", "name"),
    [("số liệu", "so-lieu"), ("a_b", "a-b"), ("A", "a"), ("a--b", "a-b"), ("x.y", "x-y"), ("mau", "mau")],
)
def test_a_folder_has_an_address(called: str, name: str, tmp_path: Path) -> None:
    """The folder's name gives the address, without accents, words joined by hyphens."""
    assert read(write(tmp_path, name=called)).name == name


def test_a_folder_that_gives_no_address(tmp_path: Path) -> None:
    """A folder of other letters, or of ours with capitals, is told what it may be called."""
    (faulty,) = read_package(write(tmp_path, name="數據"))[1]
    assert (faulty.code, dict(faulty.details)) == ("folder-name", {"suggestion": "package"})
    found = read_package(write(tmp_path, lambda d: d.update(report={}, name="Số_liệu"), name="Số_liệu"))[1]
    assert [(item.code, dict(item.details).get("suggestion")) for item in found if not item.file] == [
        ("folder-name", "so-lieu")
    ]


# ---- packages of our own -------------------------------------------------------------------------------------------


def first(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Change the first resource."""
    return lambda d: d["resources"][0].update(values)


OURS: list[tuple[str, Callable[[dict[str, Any]], object], Mapping[str, str | bytes], list[tuple[str, str, str]]]] = [
    ("as it is", lambda _: None, FILES, []),
    ("another name", lambda d: d.update(name="x"), FILES, [("descriptor-value", "datapackage.json", "name")]),
    ("no name", lambda d: d.pop("name"), FILES, [("descriptor-value", "datapackage.json", "name")]),
    *(
        (f"a resource {name}", first(name=name), FILES, [("descriptor-value", "datapackage.json", "resources[0].name")])
        for name in ("Counts", "cóunts", "a b", "a--b", "-a", "a-", "a/b")
    ),
    *((f"a resource {name}", first(name=name), FILES, []) for name in ("a-b", "a_b", "a.b", "a1", "1", "a-b_c.d")),
    ("UTF-8 as utf_8", first(encoding="UTF_8"), FILES, []),
    ("UTF-8 as utf8", first(encoding="utf8"), FILES, []),
    (
        "another encoding",
        first(encoding="cp1258"),
        FILES,
        [("descriptor-value", "datapackage.json", "resources[0].encoding")],
    ),
    (
        "a list of paths",
        first(path=["counts.csv"]),
        FILES,
        [("descriptor-value", "datapackage.json", "resources[0].path")],
    ),
    (
        "no CSV",
        first(path="counts.tsv"),
        {**FILES, "counts.tsv": COUNTS.replace(",", "\t")},
        [("path-unsafe", "datapackage.json", "resources[0].path")],
    ),
    ("semicolons", first(dialect={"delimiter": ";"}), {**FILES, "counts.csv": COUNTS.replace(",", ";")}, []),
    (
        "carets",
        first(dialect={"delimiter": "^"}),
        {**FILES, "counts.csv": COUNTS.replace(",", "^")},
        [("descriptor-value", "datapackage.json", "resources[0].dialect.delimiter")],
    ),
    (
        "a schema in a file",
        first(schema="s.json"),
        {**FILES, "s.json": json.dumps(DESCRIPTOR["resources"][0]["schema"])},
        [("descriptor-value", "datapackage.json", "resources[0].schema.fields")],
    ),
    (
        "a mark",
        lambda _: None,
        {**FILES, "counts.csv": b"\xef\xbb\xbf" + COUNTS.encode()},
        [("byte-order-mark", "counts.csv", "")],
    ),
    (
        "a blank row at the end",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS + "\n"},
        [("row-blank", "counts.csv", "")],
    ),
    (
        "space",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("Một", " Một")},
        [("cell-space", "counts.csv", "note")],
    ),
    (
        "lines",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("Một", '"M\n"')},
        [("cell-lines", "counts.csv", "note")],
    ),
    (
        "a return",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("Một", '"M\r"')},
        [("cell-lines", "counts.csv", "note")],
    ),
    (
        "no NFC",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("Một", "e\u0301")},
        [("not-nfc", "counts.csv", "note")],
    ),
    (
        "a number in words",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("1200", "1200x")},
        [("cell-number", "counts.csv", "people")],
    ),
    (
        "above a maximum",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("1200", "9000001")},
        [("cell-constraint", "counts.csv", "people")],
    ),
    (
        "a leading zero",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("1200", "01200")},
        [("cell-number", "counts.csv", "people")],
    ),
    (
        "no place of a pattern",
        lambda d: d["resources"][0]["schema"]["fields"][6].update(constraints={"pattern": "[A-Z].*"}),
        {**FILES, "counts.csv": COUNTS.replace("Hai", "hai")},
        [("cell-pattern", "counts.csv", "note")],
    ),
    (
        "none of a list",
        lambda d: d["resources"][0]["schema"]["fields"][6].update(constraints={"enum": ["Một", "Ba"]}),
        FILES,
        [("cell-enum", "counts.csv", "note")],
    ),
    (
        "a key",
        lambda _: None,
        {**FILES, "counts.csv": COUNTS.replace("2022,hue", "2022,hu").replace("a1,hue", "a1,hu")},
        [("key-unknown", "counts.csv", "province")],
    ),
]


@pytest.mark.parametrize(("changed", "files", "expected"), [case[1:] for case in OURS], ids=[case[0] for case in OURS])
def test_packages_of_our_own_keep_narrower_rules(
    changed: Callable[[dict[str, Any]], object],
    files: Mapping[str, str | bytes],
    expected: list[tuple[str, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One plain CSV file for each table, plain names, UTF-8, every cell as we write it; what else there is is named."""
    monkeypatch.setattr(packages, "second_opinion", lambda *_: [])
    folder = write(tmp_path, lambda d: (d.update(name="vocabulary"), changed(d)), files, "vocabulary")
    faults = read_package(folder)[1]
    assert [place for place in places(faults) if place[0] != "key-unknown" or expected] == expected


def test_what_a_pattern_of_ours_is_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell of ours that a pattern refuses is shown one that it takes: a day where days stand, else an id."""
    monkeypatch.setattr(packages, "second_opinion", lambda *_: [])

    def change(d: dict[str, Any]) -> None:
        d["name"] = "vocabulary"
        for field, name in (
            (d["resources"][0]["schema"]["fields"][6], "as_of"),
            (d["resources"][1]["schema"]["fields"][1], "name"),
        ):
            field.update(name=name, constraints={"pattern": "[0-9]+"})

    files = {**FILES, "counts.csv": COUNTS.replace("note", "as_of")}
    faults = read_package(write(tmp_path, change, files, "vocabulary"))[1]
    assert {(item.column, dict(item.details)["example"], dict(item.details)["expected"]) for item in faults} == {
        ("as_of", "2023-11-09", "[0-9]+"),
        ("name", "jobs_created", "[0-9]+"),
    }


def test_nothing_is_asked_of_frictionless_where_we_found_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second opinion is asked for sound packages of ours alone."""
    asked: list[str] = []

    def ask(name: str, _: Path) -> list[Fault]:
        asked.append(name)
        return []

    monkeypatch.setattr(packages, "second_opinion", ask)
    read_package(write(tmp_path / "a", lambda d: d.update(name="vocabulary"), name="vocabulary"))
    read_package(write(tmp_path / "b", lambda d: d.update(name="x"), name="vocabulary"))
    read_package(write(tmp_path / "c", name="mau"))
    assert asked == ["vocabulary"]


def test_thesecond_opinion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every error and warning that frictionless has is a fault at its place; so is that it could not read at all."""
    cell = SimpleNamespace(row_number=3, field_name="people", message="a cell")
    task = SimpleNamespace(
        place="counts.csv", errors=[cell, SimpleNamespace(message="a table")], warnings=["a warning"]
    )
    report = SimpleNamespace(errors=[SimpleNamespace(message="a package")], tasks=[task])
    monkeypatch.setattr(
        frictionless, "validate", lambda path: report if path.endswith("mau/datapackage.json") else None
    )
    found = packages.second_opinion("mau", tmp_path / "mau")
    assert [(f.code, f.file, f.row, f.column, dict(f.details)["problem"]) for f in found] == [
        ("frictionless", "datapackage.json", 0, "", "a package"),
        ("frictionless", "counts.csv", 3, "people", "a cell"),
        ("frictionless", "counts.csv", 0, "", "a table"),
        ("frictionless", "counts.csv", 0, "", "a warning"),
    ]

    def refuse(_: str) -> None:
        raise frictionless.FrictionlessException("all of it")

    monkeypatch.setattr(frictionless, "validate", refuse)
    (only,) = packages.second_opinion("mau", tmp_path)
    assert (only.file, dict(only.details)["problem"]) == ("datapackage.json", "all of it")


def test_frictionless_fetches_nothing(tmp_path: Path) -> None:
    """While frictionless is asked, nothing leads to the network, and it trusts no path out of the package."""
    folder = write(tmp_path, lambda d: d["resources"][0].update(path="http://127.0.0.1:9/a.csv"))
    (found,) = (item for item in packages.second_opinion("mau", folder) if "fetches" in dict(item.details)["problem"])
    assert "a build fetches nothing (get)" in dict(found.details)["problem"]
    assert packages.second_opinion("mau", write(tmp_path / "x", lambda d: d["resources"][0].update(path="../a.csv")))


# ---- files and tables ----------------------------------------------------------------------------------------------


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    """A file to download has an address, titles and an ending that no browser runs; its parts are numbered."""

    def change(d: dict[str, Any]) -> None:
        d["resources"] += [
            {"name": "Bản gốc", "path": "a.pdf", "title": "Bản gốc (PDF)", "description": "x", "description_en": "y"},
            {"name": "parts", "path": ["a.pdf", "b.html"], "title_en": "Parts"},
            {"name": "số", "data": {"a": [1, 2.50]}},
        ]

    package = read(write(tmp_path, change, {**FILES, "a.pdf": b"1", "b.html": b"2"}))
    found = [(one.name, one.file, one.title, one.title_en, one.path, one.content) for one in package.attachments]
    assert found == [
        ("ban-goc", "ban-goc.pdf", "Bản gốc (PDF)", "Bản gốc (PDF)", "a.pdf", b"1"),
        ("parts-1", "parts-1.pdf", "parts", "Parts", "a.pdf", b"1"),
        ("parts-2", "parts-2.html.txt", "parts", "Parts", "b.html", b"2"),
        ("so", "so.json", "số", "số", "datapackage.json", b'{"a": [1, 2.5]}\n'),
    ]
    assert [one.resource for one in package.attachments] == ["Bản gốc", "parts", "parts", "số"]
    assert (package.attachments[0].description, package.attachments[0].description_en) == ("x", "y")
    assert (package.attachments[1].description, package.attachments[1].description_en) == ("", "")


def test_a_file_that_is_missing_leaves_no_package(tmp_path: Path) -> None:
    """Where a file is not there, its resource is named, and no package is returned; the others are read."""
    folder = write(
        tmp_path,
        lambda d: d["resources"].append({"name": "paper", "path": ["a.pdf", "b.pdf"]}),
        {**FILES, "b.pdf": b""},
    )
    package, (faulty,) = read_package(folder)
    assert package is None
    assert (faulty.code, faulty.file, dict(faulty.details)) == ("file-missing", "a.pdf", {"resource": "paper"})


def test_words_of_a_table(tmp_path: Path) -> None:
    """A table has the titles and descriptions of its resource, its name where there are none."""
    words = {"title": "Số đếm", "title_en": "Counts", "description": "mô tả", "description_en": "about"}
    one, other = read(write(tmp_path, lambda d: d["resources"][0].update(words))).tables
    assert (one.title, one.title_en, one.description, one.description_en) == tuple(words.values())
    assert (other.title, other.title_en, other.description, other.description_en) == ("provinces", "provinces", "", "")
    plain = read(write(tmp_path / "x", lambda d: d["resources"][0].update(title="Số đếm"))).tables[0]
    assert (plain.title, plain.title_en) == ("Số đếm", "Số đếm")


def test_addresses_of_tables(tmp_path: Path) -> None:
    """A table of another's package is called by its address, also where a key refers to it; one of ours by its name."""

    def change(d: dict[str, Any]) -> None:
        d["resources"][0]["name"], d["resources"][1]["name"] = "Số đếm", "數據"
        d["resources"][0]["schema"]["foreignKeys"][0]["reference"]["resource"] = "數據"

    counts, provinces = read(write(tmp_path, change)).tables
    assert (counts.name, counts.resource, provinces.name, provinces.resource) == ("so-dem", "Số đếm", "bang-2", "數據")
    assert [key.table for key in counts.foreign_keys] == ["bang-2"]


@pytest.mark.parametrize(
    ("stated", "where"),
    [
        ({"stats": {"rows": 4, "bytes": 1, "hash": "0" * 32}}, ["bytes", "hash", "rows"]),
        ({"rows": 4, "stats": {"rows": 3}}, ["rows"]),
        ({"rows": "4"}, []),
        ({"rows": True}, []),
        ({"hash": ""}, []),
        ({"bytes": None}, []),
    ],
)
def test_what_is_stated_of_a_file(stated: dict[str, Any], where: list[str], tmp_path: Path) -> None:
    """Bytes, hash and rows are held to the file, also in stats, where the resource itself does not say them."""
    faults = read_package(write(tmp_path, first(**stated)))[1]
    assert [item.column.removeprefix("resources[0].") for item in faults] == where


def test_rows_are_not_counted_where_one_was_left_out(tmp_path: Path) -> None:
    """A row that cannot stand in the table is a fault of its own; the number of rows is not one more."""
    files = {**FILES, "counts.csv": COUNTS.replace("Hai", "Hai,x")}
    faults = read_package(write(tmp_path, first(rows=3), files))[1]
    assert [item.code for item in faults] == ["row-length"]


def test_a_fault_of_one_resource_keeps_only_that_from_being_read(tmp_path: Path) -> None:
    """A resource whose declaration is wrong is not read, the others are; a key to it is no further fault."""

    def change(d: dict[str, Any]) -> None:
        d["resources"][1]["path"] = "../a.csv"

    files = {**FILES, "counts.csv": COUNTS.replace("1200", "x")}
    package, faults = read_package(write(tmp_path, change, files))
    assert package is None
    assert [(item.code, item.file) for item in faults] == [
        ("cell-number", "counts.csv"),
        ("path-unsafe", "datapackage.json"),
    ]


# ---- what is gathered ----------------------------------------------------------------------------------------------


def gather(*accepted: Accepted) -> Gathering:
    """Return a gathering of the resource counts."""
    found = Gathering("mau", "datapackage.json", False, accepted)
    found.resource = "counts"
    return found


def test_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much as the bound may be taken, in pieces too, and no byte more."""
    monkeypatch.setattr(gathering, "MOST_MEMORY", 5_000_000)
    budget = Budget()
    budget.spend(3_000_000)
    budget.spend(2_000_000)
    with pytest.raises(OverBoundError) as error:
        budget.spend(1)
    assert error.value.what == "5 MB bộ nhớ / of memory"


def test_time_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much of this thread's time as the bound may pass, and no more; that of children is added."""
    now = SimpleNamespace(thread=100.0, user=5.0, system=7.0)
    monkeypatch.setattr(time, "thread_time", lambda: now.thread)
    monkeypatch.setattr(os, "times", lambda: SimpleNamespace(children_user=now.user, children_system=now.system))
    budget = Budget()
    now.thread += 10
    budget.spend(0)
    now.thread += 0.5
    with pytest.raises(OverBoundError) as error:
        budget.spend(0)
    assert error.value.what == "10 giây / seconds"
    budget = Budget()
    with budget.children():
        now.user += 4
        now.system += 5
    now.thread += 1
    budget.spend(0)
    with pytest.raises(OverBoundError), budget.children():
        now.user += 0.5


def test_children_are_counted_also_when_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of processes counts though what they were started for raised."""
    now = SimpleNamespace(user=0.0)
    monkeypatch.setattr(os, "times", lambda: SimpleNamespace(children_user=now.user, children_system=0.0))
    budget = Budget()

    def fail() -> None:
        with budget.children():
            now.user += 11
            raise ValueError

    with pytest.raises(OverBoundError):
        fail()


def test_time_is_looked_at_while_faults_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many faults come to an end too: each two thousandth of a kind looks at the clock."""
    found = gather()
    monkeypatch.setattr(gathering, "MOST_SECONDS", -1)
    for _ in range(STEP - 1):
        found.say("counts.csv", "row-blank", row=2)
    with pytest.raises(OverBoundError):
        found.say("counts.csv", "row-blank", row=2)


def test_looking_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look at the clock takes no memory: a package of nothing is within a bound of nothing."""
    monkeypatch.setattr(gathering, "MOST_MEMORY", 0)
    found = gather()
    with found.budget.children():
        pass
    for _ in range(STEP):
        found.say("counts.csv", "row-blank", row=2)
    assert Gathering("mau", "datapackage.json", False, ()).resource == ""


def test_bounds_are_those_that_are_documented() -> None:
    """The guide says the bounds, and which codes may be accepted."""
    guide = (PROJECT / "docs" / "guides" / "packages.md").read_text(encoding="utf-8")

    def in_millions(number: int) -> int:
        assert not number % 1_000_000
        return number // 1_000_000

    for number, words in (
        (gathering.MOST_SECONDS, "{} seconds"),
        (in_millions(gathering.MOST_MEMORY), "{} MB,"),
        (in_millions(folders.MOST_BYTES), "file of more than {} MB"),
        (folders.MOST_ENTRIES, "{:,} files"),
        (in_millions(descriptors.MOST_BYTES), "descriptor of more than {} MB"),
        (descriptors.MOST_YAML, "{:,} characters of YAML"),
        (descriptors.MOST_NODES, "{:,} values of YAML"),
        (descriptors.MOST_RESOURCES, "{:,} resources"),
        (in_millions(rows.LONGEST_CELL), "cell of more than {} MB"),
        (patterns.LONGEST, "pattern of more than {:,} characters"),
        (patterns.SECONDS, "takes more than {} seconds"),
        (MOST_DEPTH, "{} deep"),
    ):
        assert words.format(number) in " ".join(guide.split()), words
    listed = re.search(r"The codes that may be accepted: (.*?)\.\n", guide, re.DOTALL)
    assert listed is not None
    assert re.findall("`([a-z-]+)`", listed[1]) == sorted(ACCEPTABLE)


def test_the_first_hundred_of_a_kind_are_kept() -> None:
    """Of a kind in a file the first hundred are kept and the last of them counts the rest; other kinds do not count."""
    found = gather()
    for row in range(2, 103):
        found.say("counts.csv", "row-blank", row=row)
        found.say("more.csv", "row-blank", row=row)
    found.say("more.csv", "row-blank", row=103)
    found.say("counts.csv", "not-utf8", byte="0x80", position=1)
    faults = found.found(False)
    assert [(item.file, item.row, item.rest) for item in faults if item.rest] == [
        ("counts.csv", 101, 1),
        ("more.csv", 101, 2),
    ]
    assert len(faults) == 201
    assert all(item.package == "mau" for item in faults)


def entry(**values: Any) -> Accepted:
    """Return an entry of `accepted`."""
    return replace(Accepted("accepted[0]", "row-blank", "counts", "Bản gốc vậy."), **values)


def test_what_is_accepted_is_a_warning() -> None:
    """An accepted fault is a warning with its reason, in Vietnamese where there is no other; it counts by itself."""
    found = gather(entry(rows=(2,)), entry(where="accepted[1]", rows=(3,), reason_en="As printed."))
    for row in (2, 3, 4):
        found.say("counts.csv", "row-blank", row=row)
    one, two, three = found.found(False)
    assert (one.level, dict(one.details)) == ("warning", {"accepted": "Bản gốc vậy.", "accepted_en": "Bản gốc vậy."})
    assert (two.level, dict(two.details)["accepted_en"]) == ("warning", "As printed.")
    assert (three.level, three.details) == ("error", ())


def test_an_entry_that_meets_nothing_is_noticed() -> None:
    """An entry of `accepted` that meets no fault is noticed, unless something could not be read."""
    found = gather(entry(), entry(where="accepted[1]", code="key-twice"))
    found.say("counts.csv", "row-blank", row=2)
    assert [item.code for item in found.found(True)] == ["row-blank"]
    (_, unused) = found.found(False)
    assert (unused.code, unused.file, unused.column, unused.cell) == (
        *("accepted-unused", "datapackage.json", "accepted[1]", "key-twice"),
    )


def test_what_may_not_be_accepted_is_not() -> None:
    """An entry for a code that is not among those that may be accepted does nothing."""
    found = gather(entry(code="not-utf8"))
    found.say("counts.csv", "not-utf8", byte="0x80", position=1)
    assert [item.level for item in found.found(True)] == ["error"]


@pytest.mark.parametrize(
    ("values", "item", "covered"),
    [
        ({}, ("row-blank", 2, "a"), True),
        ({}, ("row-length", 2, "a"), False),
        ({"resource": "x"}, ("row-blank", 2, "a"), False),
        ({"field": "a"}, ("row-blank", 2, "a"), True),
        ({"field": "a"}, ("row-blank", 2, "b, a"), True),
        ({"field": "a"}, ("row-blank", 2, "ba"), False),
        ({"field": "b, a"}, ("row-blank", 2, "b, a"), True),
        ({"rows": (2, 3)}, ("row-blank", 3, "a"), True),
        ({"rows": (2, 3)}, ("row-blank", 4, "a"), False),
    ],
)
def test_what_an_entry_covers(values: dict[str, Any], item: tuple[str, int, str], covered: bool) -> None:
    """An entry covers faults of its code and resource, and of its column and rows where it names them."""
    code, row, column = item
    details: dict[str, object] = {"found": 1, "expected": 2, "columns": "a"} if code == "row-length" else {}
    assert (
        entry(**values).covers(fault("mau", "a.csv", code, row=row, column=column, details=details), "counts")
        is covered
    )


ENTRY = {"code": "cell-type", "resource": "counts", "reason": "vì vậy"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"code": "path-unsafe"}, "code"),
        ({"resource": "x"}, "resource"),
        ({"reason": " "}, "reason"),
        ({"reason": 7}, "reason"),
        ({"rows": "2"}, "rows"),
        ({"rows": ["2"]}, "rows"),
        ({"rows": [True]}, "rows"),
    ],
)
def test_entries_that_are_wrong(change: dict[str, Any], where: str) -> None:
    """An entry of `accepted` that is wrong is named, and the others are read."""
    descriptor = {"resources": [{"name": "counts"}, 7], "accepted": [{**ENTRY, **change}, ENTRY]}
    found, faults = read_accepted("mau", "datapackage.json", descriptor, ACCEPTABLE)
    assert [one.where for one in found] == ["accepted[1]"]
    assert [(item.code, item.file, item.column) for item in faults] == [
        ("descriptor-value", "datapackage.json", f"accepted[0].{where}")
    ]


def test_entries_that_are_right() -> None:
    """An entry has its rows, its column and both reasons; there may be 500 of them and no more."""
    full = {**ENTRY, "rows": [2, 9], "field": "people", "reason_en": "so"}
    descriptor: dict[str, Any] = {"resources": [{"name": "counts"}], "accepted": [full]}
    found, faults = read_accepted("mau", "datapackage.json", descriptor, ACCEPTABLE)
    assert found == (Accepted("accepted[0]", "cell-type", "counts", "vì vậy", "people", (2, 9), "so"),)
    assert faults == []
    assert read_accepted("mau", "datapackage.json", {}, ACCEPTABLE) == ((), [])
    descriptor["accepted"] = [ENTRY] * 500
    assert len(read_accepted("mau", "datapackage.json", descriptor, ACCEPTABLE)[0]) == 500
    descriptor["accepted"] = [ENTRY] * 501
    assert [item.column for item in read_accepted("mau", "datapackage.json", descriptor, ACCEPTABLE)[1]] == ["accepted"]
    assert [item.column for item in read_accepted("m", "d", {"accepted": [7]}, ACCEPTABLE)[1]] == ["accepted[0]"]


# ---- rows ----------------------------------------------------------------------------------------------------------


def test_what_rows_take() -> None:
    """A row takes 96 bytes and eight for each cell; a cell 64 and its letters, twice as much with accents, once."""
    same = "x" * 10
    assert rows._size_of([]) == 0
    assert rows._size_of([(same,)]) == 96 + 8 + 64 + 10
    assert rows._size_of([(same, same), (same, same)]) == 2 * (96 + 16) + 64 + 10
    assert rows._size_of([("đ" * 10,)]) == 96 + 8 + 90 + 20


def test_equal_cells_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal cells of a column are one object, as long as there are not too many different ones."""
    monkeypatch.setattr(rows, "REMEMBERED", 2)
    kept: list[dict[str, str]] = [{}]
    first, second, third = "".join(("a", "1")), "".join(("b", "1")), "".join(("c", "1"))
    for cell in (first, second, third):
        assert rows._kept((cell,), kept)[0] is cell
    assert rows._kept(("".join(("a", "1")),), kept)[0] is first
    again = "".join(("c", "1"))
    assert rows._kept((again,), kept)[0] is again


@pytest.mark.parametrize(
    ("text", "dialect", "found"),
    [
        ("a,b\n1,2\n", {}, [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a,b\r\n1,2", {}, [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a,b\r1,2\r", {}, [(1, ["a", "b"]), (2, ["1", "2"])]),
        ('a,"b\nc"\n1,2\n', {}, [(1, ["a", "b\nc"]), (3, ["1", "2"])]),
        ("a\n\nb\n", {}, [(1, ["a"]), (2, []), (3, ["b"])]),
        ("# x\na\n# y\nb\n", {"comment": "#"}, [(2, ["a"]), (4, ["b"])]),
        ('"a\n# b"\n', {"comment": "#"}, [(1, ["a\n# b"])]),
        ("a;b\n", {"delimiter": ";"}, [(1, ["a", "b"])]),
        ("a, b\n", {"skips_space": True}, [(1, ["a", "b"])]),
        ("a, b\n", {}, [(1, ["a", " b"])]),
        ("'a,b',c\n", {"quote": "'"}, [(1, ["a,b", "c"])]),
        ('"a,b"\n', {"quote": None}, [(1, ['"a', 'b"'])]),
        ('"a""b"\n', {}, [(1, ['a"b'])]),
        ('"a\\"b"\n', {"escape": "\\", "doubled": False}, [(1, ['a"b'])]),
        ('"a""b\\"c"\n', {"escape": "\\", "doubled": True}, [(1, ['a"b"c'])]),
        ('"a""b"\n', {"escape": '"', "doubled": False}, [(1, ['a"b'])]),
    ],
)
def test_lines_of_a_csv_text(text: str, dialect: dict[str, Any], found: list[tuple[int, list[str]]]) -> None:
    """Each row comes with the line on which it begins, as the dialect writes rows; comments are passed by."""
    assert list(rows._Lines(text, Dialect(**dialect))) == found


def test_how_many_lines_a_row_has() -> None:
    """A row knows how many lines it stands on."""
    reader = rows._Lines('a\n"b\nc\nd"\ne\n', Dialect())
    assert [reader.lines_of_row for _ in reader] == [1, 3, 1]


def test_memory_is_looked_at_while_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rows take is counted as they are read, from CSV, from JSON and where many are blank."""
    fields = {"fields": [{"name": "a"}]}
    texts = {
        "a.csv": "a\n" + "".join(f"{n}\n" for n in range(3 * STEP)),
        "b.json": json.dumps([{"a": str(n)} for n in range(3 * STEP)]),
        "c.csv": "a\n" + "\n" * 100 * STEP,
    }
    monkeypatch.setattr(gathering, "MOST_MEMORY", 1_000_000)
    for number, (file, text) in enumerate(texts.items()):
        one = {"name": "a", "path": file, "format": file.rpartition(".")[2], "schema": fields}
        folder = write(tmp_path / str(number), lambda d, one=one: d.update(resources=[one]), {file: text})  # type: ignore[misc]
        assert [item.code for item in read_package(folder)[1]] == ["package-over-bound"], file


# ---- cells of a column, keys and references ------------------------------------------------------------------------


def table_faults(field: Field, cells: list[str], **changes: Any) -> list[Fault]:
    """Return what is wrong with a table of one column."""
    table = Table(
        "t", "t.csv", "", "", (field,), tuple((cell,) for cell in cells), tuple(range(2, len(cells) + 2)), b""
    )
    table = replace(table, **changes)
    resource = SimpleNamespace(
        format="csv", paths=("t.csv",), unique_keys=(), foreign_keys=(), where="resources[0]", name="t"
    )
    found = gather()
    check = TableCheck(found, resource, table)  # type: ignore[arg-type]
    check.cells()
    check.keys()
    return found.found(False)


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["17.034", "950"], 2),
        (["950", "1.250", "2.500"], 3),
        (["-1.250", "-3", "0"], 2),
        (["1.250", "", "7"], 2),
        (["1.250", "2.500"], 0),
        (["950", "7"], 0),
        (["1.250", "7", "2.5"], 0),
        (["1.250", "7", "1000"], 0),
        (["1.250", "07"], 0),
        (["0.250", "7"], 0),
        (["1.2500", "7"], 0),
        (["1234.250", "7"], 0),
        (["123.250", "-12"], 2),
    ],
)
def test_points_that_separate_thousands(cells: list[str], row: int) -> None:
    """They do where each number from a thousand on has one and none below has; told once, at the first."""
    faults = [item for item in table_faults(Field("a", "number"), cells) if item.code == "thousands-shape"]
    assert [item.row for item in faults] == ([row] if row else [])
    for item in faults:
        assert dict(item.details)["correction"] == item.cell.replace(".", "")


@pytest.mark.parametrize(
    ("field", "cells", "codes"),
    [
        (
            Field("a", "string", shortest=2, longest=3),
            ["a", "ab", "abc", "abcd"],
            {2: "cell-constraint", 5: "cell-constraint"},
        ),
        (
            Field("a", "array", shortest=1, longest=2),
            ["[]", "[1]", "[1,2]", "[1,2,3]"],
            {2: "cell-constraint", 5: "cell-constraint"},
        ),
        (Field("a", "object", shortest=1, longest=1), ["{}", '{"a": 123456}'], {2: "cell-constraint"}),
        (
            Field("a", "integer", minimum="1", maximum="3"),
            ["0", "1", "3", "4"],
            {2: "cell-constraint", 5: "cell-constraint"},
        ),
        (Field("a", "integer", above="1", below="3"), ["1", "2", "3"], {2: "cell-constraint", 4: "cell-constraint"}),
        (Field("a", "datetime", minimum="2023-01-01T00:00:00Z"), ["2022-01-01T00:00:00"], {}),
        (
            Field("a", "integer"),
            ["007", "0", "-07", "+07", "70", "0x"],
            {2: "cell-leading-zero", 4: "cell-leading-zero", 5: "cell-leading-zero", 7: "cell-number"},
        ),
        (Field("a", "number"), ["0.5", "00.5"], {3: "cell-leading-zero"}),
        (Field("a", "string"), ["007"], {}),
        (
            Field("a", "integer"),
            ["7 ", "\t7", "x ", " "],
            {2: "cell-space", 3: "cell-space", 4: "cell-number", 5: "cell-number"},
        ),
        (Field("a", "string"), ["a\ufffd", "\ufffd"], {2: "letters-lost", 3: "letters-lost"}),
        (Field("a", "string"), ["e\u0301", "é"], {2: "cell-not-nfc"}),
        (
            Field("a", "string"),
            ["\u202aa\u202c", "\u2067a\u2069", "\u202aa", "a\u202c", "\u202c\u202a", "\u202a\u2066a\u2069\u202c"],
            {4: "direction-open", 5: "direction-open", 6: "direction-open"},
        ),
        (Field("a", "integer", enum=("1", "2")), ["1", "2", "3", "1.0"], {4: "cell-enum", 5: "cell-type"}),
        (Field("a", "number", enum=("1", "2")), ["1.0", "2.00", "3"], {4: "cell-enum"}),
        (Field("a", "integer", enum=("x", "1")), ["1", "2"], {3: "cell-enum"}),
        (Field("a", "string", enum=("x",)), ["x", "", "X"], {4: "cell-enum"}),
        (Field("a", "string", required=True), ["x", ""], {3: "cell-required"}),
        (Field("a", "string", required=True, missing=("-",)), ["-", ""], {2: "cell-required"}),
        (Field("a", "string", unique=True), ["x", "", "", "y", "x"], {6: "key-twice"}),
        (Field("a", "number", unique=True), ["1", "1.0", "1e0", "10"], {3: "key-twice", 4: "key-twice"}),
        (Field("a", "number", unique=True), ["1e999", "1E+999", "1e1000"], {3: "key-twice", 4: "cell-number"}),
        (Field("a", "string", unique=True), ["1", "1.0", "é", "e\u0301"], {5: "cell-not-nfc key-twice"}),
        (Field("a", "integer", unique=True), ["x", "x"], {2: "cell-number", 3: "cell-number key-twice"}),
        (Field("a", "string", pattern="[a-z]+"), ["a", "A", "", "a1"], {3: "cell-constraint", 5: "cell-constraint"}),
    ],
)
def test_cells_of_a_column(field: Field, cells: list[str], codes: dict[int, str]) -> None:
    """Each cell is judged by its column: type, bounds, lengths, lists, letters, once or not."""
    found: dict[int, str] = {}
    for item in sorted(table_faults(field, cells), key=lambda item: item.code):
        if item.code != "thousands-shape":
            found[item.row] = f"{found.get(item.row, '')} {item.code}".strip()
    assert found == codes


@pytest.mark.parametrize(
    ("field", "cell", "details"),
    [
        (Field("a", "string", shortest=2), "a", {"constraint": "minLength", "expected": "2"}),
        (Field("a", "string", longest=2), "abc", {"constraint": "maxLength", "expected": "2"}),
        (Field("a", "integer", minimum="2"), "1", {"constraint": "minimum", "expected": "2"}),
        (Field("a", "integer", maximum="2"), "3", {"constraint": "maximum", "expected": "2"}),
        (Field("a", "integer", above="2"), "2", {"constraint": "exclusiveMinimum", "expected": "2"}),
        (Field("a", "integer", below="2"), "2", {"constraint": "exclusiveMaximum", "expected": "2"}),
        (Field("a", "string", pattern="b"), "a", {"constraint": "pattern", "expected": "b"}),
        (Field("a", "string", required=True, description="mô tả", title="tên"), "", {"expected": "mô tả"}),
        (Field("a", "string", required=True, title="tên"), "", {"expected": "tên"}),
        (Field("a", "string", required=True), "", {"expected": "string"}),
    ],
)
def test_what_was_expected_of_a_cell(field: Field, cell: str, details: dict[str, str]) -> None:
    """A fault says which rule a cell breaks and what the rule asks for."""
    (item,) = table_faults(field, [cell])
    assert (item.row, item.column, item.cell, dict(item.details)) == (2, "a", cell, details)


def test_hints_are_given_for_the_first_alone() -> None:
    """The nearest word is looked for twenty times in a column, among the first thousand words."""
    words = tuple(f"tỉnh-{n:04}" for n in range(1001))
    faults = table_faults(Field("a", "string", enum=words), [f"tinh-{n:04}" for n in range(22)])
    near = [bool(dict(item.details)["suggestion_en"]) for item in faults]
    assert near == [True] * 20 + [False] * 2
    assert dict(faults[0].details)["expected"].count(", ") == 999
    (far,) = table_faults(Field("a", "string", enum=("x",) * 1000 + ("tỉnh",)), ["tinh"])
    assert dict(far.details)["suggestion_vi"] == ""


def test_verdicts_are_remembered_of_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal cells are judged once, as long as there are not too many different ones; what is said is the same."""
    monkeypatch.setattr("build_tools.table_checks.REMEMBERED", 1)
    assert [item.row for item in table_faults(Field("a", "integer"), ["1", "x", "1", "x"])] == [3, 5]


def test_a_key_may_be_empty_or_not() -> None:
    """A primary key is not empty, which is said once where the column itself says so; its rows are told apart."""
    key = {"primary_key": ("a",)}
    (item,) = table_faults(Field("a", "string"), ["x", ""], **key)
    assert (item.code, item.row, dict(item.details)) == (
        "cell-required",
        3,
        {"expected": "khóa chính / the primary key"},
    )
    assert [item.code for item in table_faults(Field("a", "string", required=True), ["x", ""], **key)] == [
        "cell-required"
    ]
    (item,) = table_faults(Field("a", "string"), ["x", "y", "x", "y "], **key)
    assert (item.code, item.row, item.column, item.cell, dict(item.details)) == (
        "key-twice",
        4,
        "a",
        "x",
        {"first": "2"},
    )


def test_time_is_looked_at_in_each_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging cells and comparing keys come to an end within the bounds."""
    monkeypatch.setattr(gathering, "MOST_SECONDS", -1)
    with pytest.raises(OverBoundError):
        table_faults(Field("a", "string"), ["x"])
    monkeypatch.setattr(gathering, "MOST_SECONDS", 10)
    monkeypatch.setattr(gathering, "MOST_MEMORY", 160 * STEP)
    table_faults(Field("a", "string", unique=True), ["x"])
    monkeypatch.setattr(gathering, "MOST_MEMORY", 160 * STEP - 1)
    with pytest.raises(OverBoundError):
        table_faults(Field("a", "string", unique=True), ["x"])


def test_references_to_what_is_not_there(tmp_path: Path) -> None:
    """A cell that refers to no row is named with the table and the nearest value; an empty one refers to nothing."""
    files = {**FILES, "counts.csv": COUNTS.replace("a1,hue", "a1,hues").replace("a2,hue", "a2,zzz")}
    one, two = read_package(write(tmp_path, files=files))[1]
    assert (one.code, one.file, one.row, one.column, one.cell) == ("key-unknown", "counts.csv", 2, "province", "hues")
    assert dict(one.details) == {
        "table": "provinces",
        "suggestion_vi": " (có phải hue?)",
        "suggestion_en": " (did you mean hue?)",
    }
    assert dict(two.details) == {"table": "provinces", "suggestion_vi": "", "suggestion_en": ""}


def test_a_suggestion_is_near() -> None:
    """The nearest word is suggested, if one is near; nothing for nothing."""
    assert suggestion("hues", ("hue", "qb"))["suggestion_en"] == " (did you mean hue?)"
    assert suggestion("xyz", ("hue", "qb")) == {"suggestion_vi": "", "suggestion_en": ""}
    assert suggestion("", ("",))["suggestion_vi"] == ""


def test_rows_of_parts_and_of_json_have_their_places(tmp_path: Path) -> None:
    """A fault of a row names the part in which it stands, and in JSON its place there."""
    lines = COUNTS.splitlines()
    wrong = f"{lines[0]}\nb1,hue,2023,x,1,2023-12-31,\n"
    folder = write(
        tmp_path / "a",
        first(path=["counts.csv", "more.csv", "last.csv"]),
        {
            **FILES,
            "more.csv": lines[0] + "\n",
            "last.csv": wrong,
        },
    )
    assert [(item.file, item.row) for item in read_package(folder)[1]] == [("last.csv", 2)]
    records = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    files = {**FILES, "a.json": json.dumps(records[:2]), "b.json": json.dumps([records[2] | {"people": "x"}])}
    folder = write(tmp_path / "b", first(path=["a.json", "b.json"], format="json"), files)
    assert [(i.file, i.row, i.column) for i in read_package(folder)[1]] == [("b.json", 0, "[0].people")]


# ---- the folder ----------------------------------------------------------------------------------------------------


def test_what_may_not_stand_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links, pipes and devices are named wherever they stand, but in hidden folders; so is a folder of too many."""
    for name in ("a/b/c.txt", ".git/x", "d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert list(odd_entries(tmp_path)) == []
    (tmp_path / "a/link").symlink_to("b")
    (tmp_path / ".git/link").symlink_to("x")
    (tmp_path / "a/to\udcff").symlink_to("b")
    os.mkfifo(tmp_path / "a/b/pipe")
    assert sorted(odd_entries(tmp_path)) == [
        ("a/b/pipe", "thiết bị hoặc ống / a device or pipe"),
        ("a/link", "liên kết / a link"),
        ("a/to\\udcff", "liên kết / a link"),
    ]
    monkeypatch.setattr(folders, "MOST_ENTRIES", 7)
    assert len(list(odd_entries(tmp_path))) == 3  # a, d.txt, b, link, to, c.txt, pipe
    monkeypatch.setattr(folders, "MOST_ENTRIES", 6)
    assert [what for entry, what in odd_entries(tmp_path) if entry == "."] == [
        "thư mục có quá 6 tệp / a folder of more than 6 files"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "a.csv",
        "a/b.csv",
        "số liệu/năm 2023 (1).csv",
        "a..b.csv",
        "a-b_c.csv",
        "x" * 196 + ".csv",
        "a/" * 248 + "bc.c",
        "coming.csv",
        "X.csv",
        "a.b/c",
    ],
)
def test_paths_that_may_be_followed(path: str) -> None:
    """A path of ordinary names within the package has no problem."""
    assert path_problem(path) == ""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("http://a/b.csv", "an address"),
        ("c:a.csv", "an address"),
        ("a://b", "an address"),
        ("1://b", "an address"),
        ("a+b:c", "an address"),
        ("con.", "a reserved name"),
        ("a/" + "x" * 197 + ".csv/b", "too long"),
        ("/a.csv", "not relative"),
        ("~a.csv", "not relative"),
        ("a\\b", "not relative"),
        ("../a.csv", "leads out"),
        ("a%20b.csv", "leads out"),
        ("$a.csv", "leads out"),
        (".a.csv", "a hidden part"),
        ("a/.b/c.csv", "a hidden part"),
        ("a\x07.csv", "a control character"),
        ("a\u2029.csv", "a control character"),
        ("a\u00ad.csv", "a control character"),
        ("e\u0301.csv", "not in NFC"),
        ("nul.csv", "a reserved name"),
        ("a/LPT1", "a reserved name"),
        ("com0", "a reserved name"),
        ("a?.csv", "one of the characters"),
        ("1a:b", "one of the characters"),
        ("", "no name of a file"),
        ("a/", "no name of a file"),
        ("a /b.csv", "no name of a file"),
        ("a./b.csv", "no name of a file"),
        ("x" * 197 + ".csv", "too long"),
        ("ố" * 67 + ".csv", "too long"),
        ("a/" * 248 + "bcd.c", "too long"),
    ],
)
def test_paths_that_may_not(path: str, words: str) -> None:
    """Any other path says, in both languages, why it is not followed."""
    vietnamese, _, english = path_problem(path).partition(" / ")
    assert words in english and vietnamese


def test_twins(tmp_path: Path) -> None:
    """A name that some systems take for another beside it is found, in each part of a path; itself is no twin."""
    for name in ("a/B.csv", "a/b.csv", "A2/c.csv", "a2/c.csv", "d/ﬁ.csv", "d/fi.csv", "e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "d/\udcff.csv").write_text("x", encoding="utf-8")  # a name that is no text
    known: dict[Path, dict[str, list[str]]] = {}
    assert [twin(tmp_path, path, known) for path in ("a/b.csv", "a2/c.csv", "d/fi.csv", "e.csv")] == [
        *("B.csv", "A2", "ﬁ.csv", ""),
    ]
    (tmp_path / "E.csv").write_text("x", encoding="utf-8")
    assert twin(tmp_path, "e.csv", known) == ""  # the folder was looked into before
    assert twin(tmp_path, "e.csv", {}) == "E.csv"


def test_files_are_read_within_bounds(tmp_path: Path) -> None:
    """A file is read up to the bound; what is none, or leads through a link, is not there."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_bytes(b"12345")
    assert read_bytes(tmp_path, "a/b") == b"12345"
    assert read_bytes(tmp_path, "a/b", 5) == b"12345"
    with pytest.raises(TooLargeError) as error:
        read_bytes(tmp_path, "a/b", 4)
    assert error.value.bytes == 5
    (tmp_path / "l").symlink_to("a")
    (tmp_path / "f").symlink_to("a/b")
    os.mkfifo(tmp_path / "p")
    for path in ("x", "a", "l/b", "f", "p", "a\0"):
        assert read_bytes(tmp_path, path) is None
    inner = tmp_path / "l2"
    inner.symlink_to("a")
    assert read_bytes(inner, "b") == b"12345"  # how the folder itself is reached is no matter of its files


def test_a_file_that_grows_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has more than it said is refused all the same."""
    (tmp_path / "a").write_bytes(b"12345")
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda n: SimpleNamespace(st_mode=real(n).st_mode, st_size=0))
    with pytest.raises(TooLargeError) as error:
        read_bytes(tmp_path, "a", 3)
    assert error.value.bytes == 4


def test_packed_files_have_bounds() -> None:
    """What is packed is unpacked up to the bound; what cannot be is damaged."""
    assert unpack(gzip.compress(b"12345"), 5) == b"12345"
    with pytest.raises(TooLargeError) as error:
        unpack(gzip.compress(b"12345"), 4)
    assert error.value.bytes == 5
    for content in (b"", b"x", gzip.compress(b"12345")[:-1], b"\x1f\x8b\x08" + b"\xff" * 30):
        if content:
            with pytest.raises(DamagedError) as damage:
                unpack(content)
            assert str(damage.value)


# ---- patterns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "is_quick"),
    [
        ("abc", True),
        ("[a-z]+", True),
        ("a{2}b{3}", True),
        ("[+*?|]{2,3}", True),
        (r"\+\*a+", True),
        ("a|b", True),
        ("[]+*]+", True),
        ("a+b+", False),
        ("a?b?", False),
        ("(a|b)+", False),
        ("(a|b){2}", False),
        ("a{1,}b{,2}", False),
        (r"(a)\1", False),
        ("(?i)a", False),
        ("(?:a)", False),
    ],
)
def test_patterns_that_come_to_an_end(pattern: str, is_quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one repetition, no choice within one, nothing looked up: such a pattern is tried here, any other not."""
    monkeypatch.setattr(patterns, "_elsewhere", lambda *_: frozenset({"elsewhere"}))
    assert (not_matching(pattern, ["\n"]) == frozenset({"elsewhere"})) is not is_quick


@pytest.mark.parametrize("pattern", ["[a-z]{2}", "([a-z])([a-z])", "[a-z]?[a-z]+x?"])
def test_a_pattern_matches_the_whole(pattern: str) -> None:
    """A text matches as a whole or not, tried here or elsewhere."""
    wrong = not_matching(pattern, ["ab", "a1", "1ab", "abc1", ""])
    assert {"a1", "1ab", "abc1", ""} <= wrong and "ab" not in wrong


def test_a_pattern_has_a_bound() -> None:
    """A pattern of a thousand characters may be used; a longer one, or one that is none, says why not."""
    assert not_matching("a" * 1000, ["a" * 1000]) == frozenset()
    with pytest.raises(PatternError, match=r"^dài quá 1000 ký tự / more than 1000 characters$"):
        not_matching("a" * 1001, [])
    for pattern in ("(", "[a", "a{9999999999999}", "*"):
        with pytest.raises(PatternError) as error:
            not_matching(pattern, [])
        assert str(error.value)


def test_a_pattern_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the other process is stopped, by its own clock or by ours, the pattern is given up."""
    monkeypatch.setattr(patterns, "SECONDS", 1)
    words = r"^không xong trong 1 giây / takes more than 1 seconds$"
    with pytest.raises(PatternError, match=words):
        not_matching("(a+)+b", ["a" * 60])
    asked: dict[str, Any] = {}

    def late(command: list[str], **options: Any) -> None:
        asked.update(options, command=command)
        raise subprocess.TimeoutExpired("x", options["timeout"])

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(PatternError, match=words):
        not_matching("(a+)+b", ["a"])
    # It waits for a slow machine, and the other process reads nothing that was set up here.
    assert (asked["timeout"], asked["env"], asked["command"][1:3]) == (5, {}, ["-I", "-S"])
    assert json.loads(asked["input"]) == [1, "(a+)+b", ["a"]]


@pytest.mark.parametrize("pattern", sorted(patterns.ours()))
def test_a_pattern_of_our_own_tables_comes_to_an_end(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own patterns are tried here, whatever they look like: a long text that almost matches is no trouble."""
    monkeypatch.setattr(patterns, "_elsewhere", lambda *_: pytest.fail("sent to another process"))
    texts = [piece * (500_000 // len(piece)) + end for piece in ("a", "a-", "1.", "-a", "1-", "_") for end in ("", "!")]
    refused = not_matching(pattern, texts)
    assert {text for text in texts if text.endswith("!")} <= refused


def test_the_other_process_answers_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes the places of the texts that do not match, within its own bounds of time."""
    import io
    import resource
    import sys

    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, value: limits.append((kind, value)))
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps([2, "(a|b)+", ["ab", "c", "abc"]])))
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    patterns._answer()
    assert json.loads(out.getvalue()) == [1, 2]
    assert limits == [(resource.RLIMIT_CPU, (2, 3)), (resource.RLIMIT_CORE, (0, 0))]


# ---- the descriptor ------------------------------------------------------------------------------------------------


def test_the_descriptor_that_is_read(tmp_path: Path) -> None:
    """JSON goes before YAML; where there is none, the JSON is missing."""
    assert descriptors.find_descriptor(tmp_path) == "datapackage.json"
    for name in ("datapackage.yml", "datapackage.yaml", "datapackage.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
        assert descriptors.find_descriptor(tmp_path) == name


def test_a_document_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON is read up to its bound, YAML up to its own in characters; a file that is not there is missing."""
    (tmp_path / "a.json").write_text('{"a": 1}', encoding="utf-8")
    (tmp_path / "a.yml").write_text("a: é", encoding="utf-8")
    monkeypatch.setattr(descriptors, "MOST_BYTES", 8)
    monkeypatch.setattr(descriptors, "MOST_YAML", 4)
    assert read_document("mau", tmp_path, "a.json") == ({"a": 1}, [])
    assert read_document("mau", tmp_path, "a.yml") == ({"a": "é"}, [])
    monkeypatch.setattr(descriptors, "MOST_BYTES", 7)
    monkeypatch.setattr(descriptors, "MOST_YAML", 3)
    for file, size, most in (("a.json", "8", "7"), ("a.yml", "4", "3")):
        found, (item,) = read_document("mau", tmp_path, file)
        assert found is None
        assert (item.code, item.file, dict(item.details)) == ("file-too-large", file, {"bytes": size, "most": most})
    for file, code in (("b.json", "file-missing"), ("datapackage.yml", "no-descriptor")):
        found, (item,) = read_document("mau", tmp_path, file)
        assert (found, item.code, dict(item.details)) == (None, code, {"resource": file})


def test_yaml_that_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that an alias repeats count again; as many as the bound are read."""
    (tmp_path / "a.yml").write_text("a: &a [1, 2]\nb: [*a, *a]\n", encoding="utf-8")
    for most, is_read in ((14, True), (13, True), (12, False)):
        monkeypatch.setattr(descriptors, "MOST_NODES", most)
        assert (read_document("mau", tmp_path, "a.yml")[0] == {"a": [1, 2], "b": [[1, 2], [1, 2]]}) is is_read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1.50", Decimal("1.50")),
        ("1e3", Decimal("1e3")),
        ("1e9999", "1e9999"),
        (".5", ".5"),
        ("12:30", "12:30"),
        ("2023-12-31", "2023-12-31"),
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("=", "="),
        ("!!str 7", "7"),
        ("[1, a]", [1, "a"]),
        ("'7'", "7"),
    ],
)
def test_yaml_as_json_has_it(text: str, value: object, tmp_path: Path) -> None:
    """A value of YAML is what JSON could say, numbers exact; anything else is text."""
    (tmp_path / "a.yaml").write_text(f"a: {text}\n", encoding="utf-8")
    found, faults = read_document("mau", tmp_path, "a.yaml")
    assert (found, faults) == ({"a": value}, [])
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "row", "code"),
    [
        ("a: 1\nb: [1\n", 3, "descriptor-yaml"),
        ("a: 1\n\n  b: 2\n", 3, "descriptor-yaml"),
        ("a: 1\nb: 2\na: 3\n", 3, "descriptor-duplicate-key"),
        ("a: &a [*a]\n", 1, "descriptor-yaml"),
        ("a: 1\nb: !x 2\n", 2, "descriptor-yaml"),
        ("a: 1\n? [b]\n: 2\n", 2, "descriptor-yaml"),
    ],
)
def test_yaml_that_is_wrong_says_where(text: str, row: int, code: str, tmp_path: Path) -> None:
    """A fault of YAML names the line, as far as it is known."""
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    found, (item,) = read_document("mau", tmp_path, "a.yaml")
    assert (found, item.code, item.file, item.row) == (None, code, "a.yaml", row)


def test_an_empty_yaml_is_nothing(tmp_path: Path) -> None:
    """A document without a value is null."""
    (tmp_path / "a.yaml").write_text("# x\n", encoding="utf-8")
    assert read_document("mau", tmp_path, "a.yaml") == (None, [])


@pytest.mark.parametrize(
    ("content", "encoding", "code", "row", "details"),
    [
        (b"a\nb\x80c", "utf-8", "not-utf8", 2, {"byte": "0x80", "position": "4"}),
        (b"a\n\xe2\x82", "utf-8", "not-utf8", 2, {"byte": "0xe2", "position": "3"}),
        (b"a\n\xd2", "cp1253", "not-in-encoding", 2, {"byte": "0xd2", "position": "3", "encoding": "cp1253"}),
        (b"\xef\xbb\xbfa", "utf-8", "byte-order-mark", 1, {}),
        (b"a\nb\x00c", "utf-8", "control-character", 2, {"character": "U+0000"}),
        ("a\n\u202eb".encode(), "utf-8", "control-character", 2, {"character": "U+202E"}),
        (b"a\0\n\0", "utf-8", "not-utf8", 1, {"byte": "0x00", "position": "2"}),
        (b"a", "utf-16-le", "not-in-encoding", 1, {"byte": "0x61", "position": "1", "encoding": "utf-16-le"}),
    ],
)
def test_what_is_no_text(content: bytes, encoding: str, code: str, row: int, details: dict[str, str]) -> None:
    """Bytes that are no plain text in their encoding are named with line and place."""
    text, (item,) = decode("mau", "a.csv", content, encoding)
    assert (text, item.package, item.file, item.code, item.row) == (None, "mau", "a.csv", code, row)
    assert dict(item.details) == details


def test_control_characters_are_named_up_to_a_thousand() -> None:
    """Each control character is named, up to a thousand and one: then it is no text. Tab and line ends are none."""
    assert decode("mau", "a.csv", b"a\tb\r\nc\x85") == (None, decode("mau", "a.csv", b"a\tb\r\nc\x85")[1])
    assert decode("mau", "a.csv", "a\tb\r\nc\u0085".encode()) == ("a\tb\r\nc\u0085", [])
    assert len(decode("mau", "a.csv", b"\x01 " * 1000)[1]) == 1000
    assert len(decode("mau", "a.csv", b"\x01 " * 1200)[1]) == 1001


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Đà Nẵng", "da-nang"),
        ("a_b", "a_b"),
        ("  A  b ", "a-b"),
        ("--a--", "a"),
        ("數", ""),
        ("x" * 120, "x" * 100),
        ("ﬁ", "fi"),
    ],
)
def test_addresses_of_names(name: str, slug: str) -> None:
    """A name as an address is lower case, without accents, words joined by hyphens, a hundred letters at most."""
    assert slug_of(name) == slug


def resource(**changes: Any) -> tuple[Resource, list[Fault]]:
    """Return the one resource of a descriptor, and what is wrong with it."""
    declared = {"name": "t", "path": "t.csv", **changes}
    declared = {key: value for key, value in declared.items() if value is not None}
    (found,), faults = descriptors.read_resources("mau", Path(), "datapackage.json", {"resources": [declared]})
    return found, faults


@pytest.mark.parametrize(
    ("changes", "kind", "is_table", "packed"),
    [
        ({}, "csv", True, False),
        ({"path": "t.CSV"}, "csv", True, False),
        ({"path": "t.tsv"}, "csv", True, False),
        ({"path": "t.tab"}, "csv", True, False),
        ({"path": "t.csv.gz"}, "csv", True, True),
        ({"path": "t.pdf"}, "pdf", False, False),
        ({"path": "t"}, "", False, False),
        ({"path": "t", "format": "csv"}, "csv", True, False),
        ({"path": "t", "format": ".CSV"}, "csv", True, False),
        ({"path": "t.bin", "mediatype": "text/csv"}, "csv", True, False),
        ({"path": "t.bin", "mediatype": "text/csv; charset=utf-8"}, "csv", True, False),
        ({"path": "t.bin", "mediatype": "text/tab-separated-values"}, "csv", True, False),
        ({"path": "t.txt"}, "txt", False, False),
        ({"path": "t.txt", "dialect": {}}, "csv", True, False),
        ({"path": "t.txt", "schema": {"fields": [{"name": "a"}]}}, "csv", True, False),
        ({"path": "t.json"}, "json", False, False),
        ({"path": "t.json", "type": "table"}, "json", True, False),
        ({"path": "t.json", "profile": "tabular-data-resource"}, "json", True, False),
        ({"path": "t.bin", "format": "csv", "compression": "gz"}, "csv", True, True),
        ({"compression": "no"}, "csv", True, False),
        ({"path": None, "data": [{"a": 1}]}, "inline", True, False),
        ({"path": None, "data": [[1]]}, "inline", True, False),
        ({"path": None, "data": []}, "inline", False, False),
        ({"path": None, "data": [1]}, "inline", False, False),
        ({"path": None, "data": {"a": 1}}, "inline", False, False),
        ({"path": ["t.csv.gz", "u.csv"]}, "csv", True, False),
        ({"path": "t.csv.zip", "format": "csv"}, "zip", False, False),
        ({"path": "t.tgz"}, "tgz", False, False),
    ],
)
def test_what_a_resource_is(changes: dict[str, Any], kind: str, is_table: bool, packed: bool) -> None:
    """A table by its format, its ending, its media type, its schema or its rows; anything else is a file."""
    found, faults = resource(**changes)
    assert (found.format, found.is_table, found.packed, faults) == (kind, is_table, packed, [])


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, {}),
        ({"delimiter": ";"}, {"delimiter": ";", "is_declared": True}),
        ({"delimiter": "\\t"}, {"delimiter": "\t", "is_declared": True}),
        ({"csv": {"delimiter": "|"}}, {"delimiter": "|", "is_declared": True}),
        ({"quoteChar": "'"}, {"quote": "'"}),
        ({"quoteChar": None}, {"quote": None}),
        ({"quoteChar": False}, {"quote": None}),
        ({"quoteChar": ""}, {"quote": None}),
        ({"escapeChar": "\\"}, {"escape": "\\", "doubled": False}),
        ({"escapeChar": "\\", "doubleQuote": True}, {"escape": "\\"}),
        ({"escapeChar": '"'}, {}),
        ({"doubleQuote": False}, {"doubled": False}),
        ({"skipInitialSpace": True}, {"skips_space": True}),
        ({"header": False}, {"header_rows": ()}),
        ({"header": False, "headerRows": [1]}, {"header_rows": ()}),
        ({"headerRows": [2, 3]}, {"header_rows": (2, 3)}),
        ({"headerRows": [999]}, {"header_rows": (999,)}),
        ({"headerJoin": "-"}, {"header_join": "-"}),
        ({"commentRows": [1]}, {"comment_rows": (1,)}),
        ({"commentChar": "//"}, {"comment": "//"}),
        ({"commentChar": "#" * 10}, {"comment": "#" * 10}),
        ({"commentChar": None}, {}),
        ({"caseSensitiveHeader": False}, {"any_case": True}),
        ({"caseSensitiveHeader": True}, {}),
        ({"nullSequence": "NA"}, {"null": "NA"}),
        ({"nullSequence": 7}, {}),
        ({"lineTerminator": "\r\n", "csvddfVersion": "1.2", "$schema": "x"}, {}),
        ({"lineTerminator": "\\r\\n"}, {}),
        ({"sheetNumber": 1, "sheetName": None}, {}),
    ],
)
def test_dialects(declared: dict[str, Any], expected: dict[str, Any]) -> None:
    """A dialect is read by the names of either version; what is not declared is as RFC 4180 has it."""
    found, faults = resource(dialect=declared)
    assert (found.dialect, faults) == (Dialect(**expected), [])
    assert found.missing == (("", "NA") if expected.get("null") else ("",))


@pytest.mark.parametrize(
    ("declared", "where"),
    [
        ({"delimiter": ""}, ".delimiter"),
        ({"delimiter": "::"}, ".delimiter"),
        ({"delimiter": "\n"}, ".delimiter"),
        ({"delimiter": "é"}, ".delimiter"),
        ({"delimiter": 7}, ".delimiter"),
        ({"quoteChar": "ab"}, ".quoteChar"),
        ({"escapeChar": 1}, ".escapeChar"),
        ({"delimiter": '"'}, ""),
        ({"escapeChar": ","}, ""),
        ({"doubleQuote": "no"}, ".doubleQuote"),
        ({"skipInitialSpace": 1}, ".skipInitialSpace"),
        ({"header": None}, ".header"),
        ({"headerRows": 1}, ".headerRows"),
        ({"headerRows": [0]}, ".headerRows"),
        ({"headerRows": [1000]}, ".headerRows"),
        ({"headerRows": ["1"]}, ".headerRows"),
        ({"commentRows": [True]}, ".commentRows"),
        ({"commentChar": "#" * 11}, ".commentChar"),
        ({"commentChar": 7}, ".commentChar"),
        ({"caseSensitiveHeader": "x"}, ".caseSensitiveHeader"),
        ({"lineTerminator": "|"}, ".lineTerminator"),
        ({"sheetName": "x"}, ".sheetName"),
        ({"sheetNumber": 2}, ".sheetNumber"),
        ({"table": "x"}, ".table"),
        ({"property": "rows"}, ".property"),
    ],
)
def test_dialects_that_are_wrong(declared: dict[str, Any], where: str) -> None:
    """What cannot be read of a dialect is named."""
    _, faults = resource(dialect=declared)
    assert [(item.code, item.column) for item in faults] == [("descriptor-value", f"resources[0].dialect{where}")]


def column(**declared: Any) -> tuple[Field, list[str]]:
    """Return a column as it is declared, and the places of what is wrong with it."""
    found, faults = resource(schema={"fields": [{"name": "a", **declared}]})
    assert found.fields is not None
    return found.fields[0], [item.column.removeprefix("resources[0].schema.fields[0].") for item in faults]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, {"type": "any"}),
        ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
        ({"type": "string", "format": "x"}, {"type": "string"}),
        ({"type": "date", "format": "%d/%m/%Y"}, {"type": "date", "format": "%d/%m/%Y"}),
        ({"type": "date", "format": "%d" + "x" * 97}, {"type": "date", "format": "%d" + "x" * 97}),
        ({"type": "date", "format": None}, {"type": "date"}),
        ({"type": "number", "decimalChar": ","}, {"type": "number", "decimal_char": ",", "says_decimal": True}),
        ({"type": "number", "groupChar": " "}, {"type": "number", "group_char": " ", "says_decimal": True}),
        (
            {"type": "integer", "groupChar": "."},
            {"type": "integer", "group_char": ".", "decimal_char": ",", "says_decimal": True},
        ),
        ({"type": "number", "bareNumber": False}, {"type": "number", "bare_number": False}),
        ({"type": "boolean", "trueValues": ["x"]}, {"type": "boolean", "true_values": ("x",)}),
        (
            {"type": "list", "itemType": "integer", "delimiter": ";"},
            {"type": "list", "item_type": "integer", "delimiter": ";"},
        ),
        ({"missingValues": ["-"]}, {"type": "any", "missing": ("-",)}),
        ({"missingValues": [{"value": "-", "label": "x"}, ""]}, {"type": "any", "missing": ("-", "")}),
        (
            {"title": "T", "title_en": "E", "description": "D", "description_en": "N", "unit": "kg"},
            {"type": "any", "title": "T", "title_en": "E", "description": "D", "description_en": "N", "unit": "kg"},
        ),
        ({"title": 7, "unit": []}, {"type": "any"}),
        ({"constraints": {"required": True, "unique": True}}, {"type": "any", "required": True, "unique": True}),
        ({"constraints": {"required": None}}, {"type": "any"}),
        (
            {"type": "integer", "constraints": {"minimum": 1, "maximum": "2"}},
            {"type": "integer", "minimum": "1", "maximum": "2"},
        ),
        ({"type": "date", "constraints": {"exclusiveMinimum": "2023-01-01"}}, {"type": "date", "above": "2023-01-01"}),
        ({"type": "year", "constraints": {"exclusiveMaximum": 2023}}, {"type": "year", "below": "2023"}),
        ({"constraints": {"minLength": 0, "maxLength": 3}}, {"type": "any", "shortest": 0, "longest": 3}),
        (
            {"constraints": {"enum": [1, "a", True, None, 2.50, {"b": [1]}]}},
            {"type": "any", "enum": ("1", "a", "true", "", "2.5", '{"b": [1]}')},
        ),
        ({"constraints": {"pattern": "a+"}}, {"type": "any", "pattern": "a+"}),
        ({"categories": ["a", {"value": "b", "label": "B"}]}, {"type": "any", "enum": ("a", "b")}),
        ({"categories": ["a"], "constraints": {"enum": ["b"]}}, {"type": "any", "enum": ("b",)}),
        ({"constraints": None, "categories": "x"}, {"type": "any"}),
    ],
)
def test_columns(declared: dict[str, Any], expected: dict[str, Any]) -> None:
    """A column is what it is declared to be; what is not declared is as the standard has it."""
    assert column(**declared) == (Field("a", **expected), [])


@pytest.mark.parametrize(
    ("declared", "where"),
    [
        ({"type": "int"}, "type"),
        ({"type": []}, "type"),
        ({"type": "date", "format": "dd"}, "format"),
        ({"type": "date", "format": "%d" + "x" * 98}, "format"),
        ({"type": "geopoint", "format": 7}, "format"),
        ({"type": "string", "format": 7}, "format"),
        ({"constraints": []}, "constraints"),
        ({"constraints": {"jsonSchema": {}}}, "constraints.jsonSchema"),
        ({"type": "string", "constraints": {"minimum": 1}}, "constraints.minimum"),
        ({"type": "integer", "constraints": {"maximum": "x"}}, "constraints.maximum"),
        ({"constraints": {"minLength": "1"}}, "constraints.minLength"),
        ({"constraints": {"maxLength": -1}}, "constraints.maxLength"),
        ({"constraints": {"minLength": True}}, "constraints.minLength"),
        ({"constraints": {"required": 1}}, "constraints.required"),
        ({"constraints": {"unique": "x"}}, "constraints.unique"),
        ({"constraints": {"pattern": []}}, "constraints.pattern"),
        ({"constraints": {"enum": {}}}, "constraints.enum"),
        ({"decimalChar": "5"}, "decimalChar"),
        ({"groupChar": "ab"}, "groupChar"),
        ({"groupChar": "."}, "groupChar"),
        ({"delimiter": 7}, "delimiter"),
        ({"bareNumber": 0}, "bareNumber"),
        ({"trueValues": "x"}, "trueValues"),
        ({"falseValues": [0]}, "falseValues"),
        ({"trueValues": ["0"]}, "falseValues"),
        ({"itemType": "list"}, "itemType"),
        ({"missingValues": "x"}, "missingValues"),
        ({"missingValues": [1]}, "missingValues"),
        ({"missingValues": [{"label": "x"}]}, "missingValues"),
    ],
)
def test_columns_that_are_wrong(declared: dict[str, Any], where: str) -> None:
    """What is wrong with a column is named, once."""
    assert column(**declared)[1] == [where]


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"fields": []}, "fields"),
        ({"fields": {}}, "fields"),
        ({"fields": [{"name": "a"}, {"name": ""}]}, "fields[1]"),
        ({"fields": [{"name": "a"}, "b"]}, "fields[1]"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "fields"),
        ({"primaryKey": "b"}, "primaryKey"),
        ({"primaryKey": ["a", "a"]}, "primaryKey"),
        ({"primaryKey": {"a": 1}}, "primaryKey"),
        ({"uniqueKeys": "a"}, "uniqueKeys"),
        ({"uniqueKeys": [["a"], ["b"]]}, "uniqueKeys[1]"),
        ({"fieldsMatch": "some"}, "fieldsMatch"),
        ({"fieldsMatch": ["exact", "equal"]}, "fieldsMatch"),
        ({"foreignKeys": {}}, "foreignKeys"),
        ({"foreignKeys": ["a"]}, "foreignKeys[0]"),
        ({"foreignKeys": [{"fields": "a"}]}, "foreignKeys[0]"),
        ({"foreignKeys": [{"fields": "a", "reference": {"resource": 7, "fields": "a"}}]}, "foreignKeys[0].reference"),
        ({"foreignKeys": [{"fields": "a", "reference": {"fields": [1]}}]}, "foreignKeys[0].reference"),
        ({"foreignKeys": [{"fields": "a", "reference": {"fields": ["a", "b"]}}]}, "foreignKeys[0].reference.fields"),
        ({"foreignKeys": [{"fields": "b", "reference": {"fields": "a"}}]}, "foreignKeys[0].fields"),
        ({"foreignKeys": [{"fields": [], "reference": {"fields": "a"}}]}, "foreignKeys[0].fields"),
        ({"missingValues": "x"}, "missingValues"),
    ],
)
def test_schemas_that_are_wrong(schema: dict[str, Any], where: str) -> None:
    """What is wrong with a schema is named, once."""
    _, faults = resource(schema={"fields": [{"name": "a"}], **schema})
    assert [(item.code, item.column) for item in faults] == [("descriptor-value", f"resources[0].schema.{where}")]


def test_a_schema() -> None:
    """Keys are lists of columns however they are written; a key to another package is noticed and passed by."""
    keys = [
        {"fields": "a", "reference": {"resource": "u", "fields": "x"}},
        {"fields": ["a", "b"], "reference": {"resource": "", "fields": ["b", "a"]}},
        {"fields": ["a"], "reference": {"package": "https://a/b", "resource": "u", "fields": ["x"]}},
    ]
    schema = {
        "fields": [{"name": "a"}, {"name": "b"}],
        "primaryKey": "a",
        "uniqueKeys": [["a", "b"], "b", []],
        "fieldsMatch": ["subset"],
        "foreignKeys": keys,
    }
    found, faults = resource(schema=schema)
    assert (found.primary_key, found.unique_keys, found.fields_match) == (("a",), (("a", "b"), ("b",)), "subset")
    assert [(key.fields, key.resource, key.targets) for key in found.foreign_keys] == [
        (("a",), "u", ("x",)),
        (("a", "b"), "", ("b", "a")),
    ]
    assert [(item.level, item.code, item.column, item.cell) for item in faults] == [
        ("notice", "foreign-key-outside", "resources[0].schema.foreignKeys[2].reference.package", "https://a/b")
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("ascii", "utf-8"),
        ("latin1", "iso8859-1"),
        ("windows-1258", "cp1258"),
        ("utf-16", "utf-16"),
        ("UTF_16LE", "utf-16le"),
        ("ucs-2", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-8-sig", "utf-8-sig"),
    ],
)
def test_encodings(name: str, found: str) -> None:
    """An encoding is known by its names."""
    one, faults = resource(encoding=name)
    assert (one.encoding, faults) == (found, [])


@pytest.mark.parametrize(
    "name", ["utf-7", "hex", "rot13", "idna", "x", "", "a" * 41, "utf/8", 8, "undefined", "unicode_escape"]
)
def test_encodings_that_are_none(name: object) -> None:
    """What reads no text, or is not known, is refused."""
    one, faults = resource(encoding=name)
    assert [(item.column, one.encoding) for item in faults] == [("resources[0].encoding", "utf-8")]


def test_how_many_resources_there_may_be(tmp_path: Path) -> None:
    """There may be two thousand resources; names and addresses stand once."""
    many = [{"name": f"r{n}", "path": "a.csv"} for n in range(2000)]
    found, faults = descriptors.read_resources("mau", tmp_path, "datapackage.json", {"resources": many})
    assert (len(found), faults) == (2000, [])
    found, faults = descriptors.read_resources("mau", tmp_path, "d", {"resources": [*many, {"name": "x", "path": "a"}]})
    assert [(len(found), item.column, dict(item.details)["found"]) for item in faults] == [(0, "resources", "2001")]
    twice = [{"name": "Số", "path": "a.csv"}, {"name": "so", "path": "a.csv"}]
    found, faults = descriptors.read_resources("mau", tmp_path, "d", {"resources": twice})
    assert [(item.code, item.file, item.column, item.cell) for item in faults] == [
        ("resource-twice", "d", "resources[1].name", "so")
    ]
    longest = [{"name": "x" * 200, "path": "a.csv"}, {"name": "y" * 201, "path": "a.csv"}]
    found, faults = descriptors.read_resources("mau", tmp_path, "d", {"resources": longest})
    assert [item.column for item in faults] == ["resources[1].name"]


def test_texts_of_a_document_are_texts(tmp_path: Path) -> None:
    """Half characters, control characters and keys in no NFC are named at their place, however deep."""
    text = '{"a": ["x", {"b\\u0001": "\\ud800"}], "e\\u0301": 1, "c": {"d": "\\u202e"}}'
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    _, faults = read_document("mau", tmp_path, "a.json")
    assert [(item.code, item.column, dict(item.details).get("character")) for item in faults] == [
        ("control-character", "a[1].b\x01", "U+0001"),
        ("control-character", "a[1].b\x01", "U+D800"),
        ("not-nfc", "e\u0301", None),
        ("control-character", "c.d", "U+202E"),
    ]


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({"title": "x", "title_en": None, "licenses": [{}], "keywords": ["a"]}, []),
        ({"title": 7}, [("metadata-odd", "title")]),
        ({"description_en": []}, [("metadata-odd", "description_en")]),
        ({"licenses": "MIT"}, [("metadata-odd", "licenses")]),
        ({"sources": ["x"]}, [("metadata-odd", "sources")]),
        ({"contributors": {}}, [("metadata-odd", "contributors")]),
        ({"keywords": "x"}, [("metadata-odd", "keywords")]),
        ({"keywords": [1]}, [("metadata-odd", "keywords")]),
        ({"version": "1" * 101}, [("descriptor-value", "version")]),
        ({"created": "1" * 100, "homepage": "x" * 2000}, []),
        ({"homepage": "x" * 2001}, [("descriptor-value", "homepage")]),
        (
            {"resources": [7, {"title": 7, "sources": 1}]},
            [("metadata-odd", "resources[1].title"), ("metadata-odd", "resources[1].sources")],
        ),
        ({"resources": 7}, []),
    ],
)
def test_words_about_a_package(changes: dict[str, Any], faulty: list[tuple[str, str]]) -> None:
    """Words of other types than the standard's are noticed, too long ones refused."""
    found = list(descriptors.metadata_faults("mau", "datapackage.json", changes))
    assert [(item.code, item.column) for item in found] == faulty
    assert all(item.file == "datapackage.json" and item.package == "mau" for item in found)
