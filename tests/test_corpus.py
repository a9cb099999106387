"""Whatever package is given: the right message for one that is wrong, and no false alarm for one that is odd."""

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import frictionless
import pytest
from frictionless import system

from build_tools import gathering, packages, patterns
from build_tools.descriptors import NAMES
from build_tools.faults import MOST_OF_A_KIND, Fault, as_json, limited, message, place, remedy, stops
from build_tools.packages import ACCEPTABLE, read_package
from tests.corpus import DESCRIPTOR, HOSTILE_PATHS, SILENT, Case, claims, golden, line_of, malformed, odd, told
from tests.makers import Project, copy_example, edit_cell

MALFORMED = list(malformed())
ODD = list(odd())
CLAIMS = list(claims())
GOLDEN_MALFORMED, GOLDEN_ODD = golden("malformed"), golden("odd")


def _name(case: Case) -> str:
    return f"{case.family}: {case.name}"


def _check_words(item: Fault) -> None:
    """A message and its remedy stand in both languages, on one line, every brace filled."""
    for language in ("vi", "en"):
        for words in (message(item, language), remedy(item, language), place(item, language)):
            assert words.strip() and "\n" not in words
        assert not re.search(r"\{[a-z_]+\}", remedy(item, language).replace(item.cell, ""))
    assert as_json([item], "vi")[0]["code"] == item.code


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns are given up after one second."""
    monkeypatch.setattr(patterns, "SECONDS", 1)


def test_nothing_is_told_of_cases_that_are_gone() -> None:
    """The golden files tell of the cases there are and of no other."""
    assert list(GOLDEN_MALFORMED) == list(map(line_of, MALFORMED))
    assert list(GOLDEN_ODD) == list(map(line_of, ODD))


def test_the_tables_are_as_long_as_they_should_be() -> None:
    """At least 300 malformed packages in 12 families, 60 that frictionless calls valid, 100 odd ones, 40 paths."""
    families = Counter(case.family for case in MALFORMED)
    families["claims"] = len(CLAIMS)
    assert sum(families.values()) >= 300
    assert len(families) == 12 and min(families.values()) >= 20
    assert len(SILENT) >= 60
    assert len(ODD) >= 100
    assert len(HOSTILE_PATHS) >= 40
    for cases in (MALFORMED, ODD):
        twice = [name for name, n in Counter(map(_name, cases)).items() if n > 1]
        assert not twice


@pytest.mark.parametrize("case", MALFORMED, ids=_name)
def test_what_is_wrong_is_named(case: Case, tmp_path: Path) -> None:
    """A malformed package is refused without a traceback, for what is wrong with it, at its place, and nothing else.

    All that is said of it, to the word, stands in tests/golden/corpus.
    """
    faults = read_package(case.write(tmp_path))[1]
    assert stops(faults)
    found = [item for item in faults if (item.code, item.file) == (case.code, case.file)]
    at = [(item.row, item.column) for item in found]
    assert any(case.row in (0, row) and case.column in ("", column) for row, column in at), faults
    assert {item.code for item in faults if item.level == "error"} <= {case.code} | case.also
    assert list(faults) == sorted(faults)
    for item in found[:3]:
        _check_words(item)
    assert told(None, faults) == GOLDEN_MALFORMED[line_of(case)]


@pytest.mark.parametrize("case", ODD, ids=_name)
def test_what_is_odd_and_right_is_read(case: Case, tmp_path: Path) -> None:
    """An odd package is read without an error or a warning, every row and cell as it stands.

    What it comes to, column by column, stands in tests/golden/corpus.
    """
    package, faults = read_package(case.write(tmp_path))
    assert not [item for item in faults if item.level != "notice"]
    assert package is not None
    table = package.tables[0]
    assert case.rows in (0, len(table.rows)) and len(table.rows) == len(table.lines)
    if case.cell is not None:
        row, column, cell = case.cell
        assert table.rows[row][table.columns.index(column)] == cell
    assert told(package, faults) == GOLDEN_ODD[line_of(case)]


@pytest.mark.parametrize("case", [case for case in MALFORMED if _name(case) in SILENT], ids=_name)
def test_frictionless_alone_would_let_it_through(case: Case, tmp_path: Path) -> None:
    """What our own layer is for: frictionless calls the package valid, though it is wrong."""
    folder = case.write(tmp_path)
    logging.getLogger("frictionless").setLevel(logging.CRITICAL)
    descriptor = next(folder / name for name in NAMES if (folder / name).is_file())
    with system.use_context(trusted=False, http_session=packages._NoNetwork()):
        assert frictionless.validate(str(descriptor)).valid
    assert stops(read_package(folder)[1])


@pytest.mark.parametrize("case", CLAIMS, ids=lambda case: case[0])
def test_a_claim_that_is_wrong_is_named(case: tuple[str, str, str, str, str], tmp_path: Path) -> None:
    """A claim that cannot be worked out is refused at its row and column."""
    _, key, column, cell, code = case
    project: Project = copy_example(tmp_path)
    row = edit_cell(project.report / "claims.csv", key, column, cell)
    faults = project.faults()
    assert stops(faults)
    found = [item for item in faults if (item.code, item.file, item.row) == (code, "claims.csv", row)]
    assert found, faults
    _check_words(found[0])


# ---- nothing is opened outside, nothing is fetched -----------------------------------------------------------------

_watchers: list[list[tuple[str, str]]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    for seen in _watchers:
        if event in ("open", "os.listdir", "os.scandir", "subprocess.Popen"):
            if isinstance(arguments[0], int):
                continue  # A file that was opened already, and seen then.
            seen.append((event, str(arguments[0])))
        elif event.startswith(("socket.", "urllib.", "os.system", "os.exec")):
            seen.append((event, ""))


sys.addaudithook(_watch)


@contextmanager
def _watched() -> Iterator[list[tuple[str, str]]]:
    """Gather the files that are opened and the sockets that are made."""
    seen: list[tuple[str, str]] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)


@pytest.mark.parametrize("case", [case for case in MALFORMED if case.family == "path"], ids=_name)
def test_no_path_leads_out(case: Case, tmp_path: Path) -> None:
    """A hostile path is refused, and no file outside the package and no socket is opened."""
    folder = case.write(tmp_path)
    assert stops(read_package(folder)[1])  # The first reading may load modules; the second opens what it needs.
    with _watched() as seen:
        faults = read_package(folder)[1]
    assert stops(faults)
    assert [(event, path) for event, path in seen if not Path(path).is_relative_to(folder)] == []


def test_the_watch_sees_what_leaves(tmp_path: Path) -> None:
    """An opened file and a socket are seen."""
    import socket

    with _watched() as seen:
        (tmp_path / "a").write_text("x", encoding="utf-8")
        socket.socket().close()
    assert ("open", str(tmp_path / "a")) in seen
    assert any(event.startswith("socket.") for event, _ in seen)


# ---- bounds --------------------------------------------------------------------------------------------------------


def _sample(folder: Path, rows: int) -> Path:
    target = folder / "mau"
    target.mkdir()
    lines = "".join(f"a{n},hue,2023,{n},1,2023-12-31,x{n}\n" for n in range(rows))
    (target / "counts.csv").write_text("id,province,year,people,share,day,note\n" + lines, encoding="utf-8")
    (target / "provinces.csv").write_text("code,name\nhue,Huế\n", encoding="utf-8")
    (target / "datapackage.json").write_text(json.dumps(DESCRIPTOR), encoding="utf-8")
    return target


@pytest.mark.parametrize(("name", "value", "says"), [("MOST_MEMORY", 3_000_000, "MB"), ("MOST_SECONDS", 0, "seconds")])
def test_a_package_over_its_bound_is_refused(
    name: str, value: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that takes more time or memory than it may is refused by name, and one that does not is read."""
    folder = _sample(tmp_path, 10_000)
    assert read_package(folder)[0] is not None
    monkeypatch.setattr(gathering, name, value)
    package, faults = read_package(folder)
    assert package is None
    assert [item.code for item in faults] == ["package-over-bound"]
    assert says in message(faults[0], "en")


_MEASURE = """
import resource, sys, time
from pathlib import Path
from build_tools.packages import read_package
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
package, faults = read_package(Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, [item.code for item in faults])
"""


@pytest.mark.long
def test_a_large_package_stays_within_its_memory(tmp_path: Path, project_root: Path) -> None:
    """A package too large for its bound is refused before it has taken more."""
    import subprocess

    folder = _sample(tmp_path, 1_000_000)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(folder)], capture_output=True, text=True, check=True, cwd=project_root
    )
    kilobytes, _, codes = done.stdout.partition(" ")
    assert "package-over-bound" in codes
    assert int(kilobytes) * 1024 <= gathering.MOST_MEMORY * 1.1


def test_many_faults_of_a_kind_are_counted(tmp_path: Path) -> None:
    """At most the first hundred faults of a kind in a file are listed, the others counted."""
    folder = _sample(tmp_path, 1_000)
    counts = folder / "counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace("2023-12-31", "31/12/2023"), encoding="utf-8")
    faults = read_package(folder)[1]
    assert len(faults) == MOST_OF_A_KIND
    assert [item.row for item in faults] == list(range(2, 102))
    assert faults[-1].rest == 900
    assert limited(faults)[1] == {("mau", "counts.csv", "cell-type"): 900}


# ---- errors that are accepted --------------------------------------------------------------------------------------


def _accepting(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write a package with an error in row 3: people is `x`."""
    target = _sample(folder, 3)
    counts = target / "counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace("a1,hue,2023,1,", "a1,hue,2023,x,"), encoding="utf-8")
    descriptor = json.loads(json.dumps(DESCRIPTOR))
    change(descriptor)
    (target / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return target


ENTRY = {"code": "cell-number", "resource": "counts", "field": "people", "rows": [3], "reason": "Bản gốc in như vậy."}


def test_an_accepted_error_is_published_and_shown(tmp_path: Path) -> None:
    """An error that the descriptor accepts with a reason becomes a warning for readers; the cell stays as it stands."""
    package, faults = read_package(_accepting(tmp_path, lambda d: d.update(accepted=[ENTRY])))
    assert package is not None and not stops(faults)
    (item,) = package.shown
    assert (item.level, item.code, item.row, item.cell) == ("warning", "cell-number", 3, "x")
    assert "Bản gốc in như vậy." in remedy(item, "vi") and "Bản gốc in như vậy." in remedy(item, "en")
    assert package.tables[0].rows[1][3] == "x"
    assert package.accepted[0].reason == "Bản gốc in như vậy."


@pytest.mark.parametrize(
    "other",
    [{"rows": [2]}, {"field": "share"}, {"resource": "provinces"}, {"code": "cell-type"}],
    ids=lambda other: next(iter(other)),
)
def test_another_error_is_not_accepted(other: dict[str, Any], tmp_path: Path) -> None:
    """What is accepted of one row, column, table or kind is not accepted of another, and the idle entry is noticed."""
    package, faults = read_package(_accepting(tmp_path, lambda d: d.update(accepted=[ENTRY | other])))
    assert [(item.code, item.level) for item in faults] == [
        ("cell-number", "error"),
        ("accepted-unused", "notice"),
    ] or [(item.code, item.level) for item in faults] == [("accepted-unused", "notice"), ("cell-number", "error")]
    assert package is not None


def test_what_is_unsafe_cannot_be_accepted() -> None:
    """No path, encoding, syntax or bound is among what may be accepted."""
    safe = ("cell-", "key-", "row-", "rows-", "bytes-", "hash-", "thousands-")
    assert [code for code in ACCEPTABLE if not code.startswith(safe)] == []


# ---- what a package becomes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("a.pdf", ".pdf"),
        ("a.PDF", ".PDF"),
        ("a.tar.gz", ".tar.gz"),
        ("a.html", ".html.txt"),
        ("a.svg", ".svg.txt"),
        ("a.js", ".js.txt"),
        ("a.xml", ".xml.txt"),
        ("a.html.gz", ".html.gz.txt"),
        ("a", ".txt"),
        ("a.p<b", ".txt"),
    ],
)
def test_no_browser_runs_an_attachment(path: str, ending: str) -> None:
    """A file that a browser might run is offered under a name that it shows as text."""
    assert packages.offered_ending(path) == ending


def test_a_table_is_offered_as_plain_csv(tmp_path: Path) -> None:
    """Plain CSV stays byte for byte; any other is offered as UTF-8 with commas, its parts as they are beside it."""
    cases = {case.name: case for case in ODD}
    plain = read_package(cases["with CRLF in the table"].write(tmp_path / "a"))[0]
    assert plain is not None and plain.tables[0].content == (tmp_path / "a/mau/counts.csv").read_bytes()
    tabs = read_package(cases["parts that are packed"].write(tmp_path / "b"))[0]
    assert tabs is not None
    table = tabs.tables[0]
    assert table.content.startswith(b"id,province,year,people,share,day,note\na1,hue,2022,1200,")
    assert [(part.path, part.rows) for part in table.parts] == [("counts.csv.gz", 3), ("more.csv.gz", 2)]
    assert table.parts[0].content == (tmp_path / "b/mau/counts.csv.gz").read_bytes()
