"""Tables of packages in one form: bytes and order may change, a cell never."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools.canonical import canonical, tidy_package
from build_tools.cli import main
from tests.makers import copy_example, edit_descriptor

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Draw rows of one length, none of them a line without a sign."""
    width = draw(st.integers(2, 4))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5))


def read(content: bytes) -> list[list[str]]:
    """Return the rows of a table."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@given(tables(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.booleans())
def test_no_cell_changes(rows: list[list[str]], end: str, quoting: int, mark: bool) -> None:
    """Whatever cells hold and however they were written, what comes back holds the same, and is in form already."""
    written = io.StringIO()
    csv.writer(written, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    content = (b"\xef\xbb\xbf" if mark else b"") + written.getvalue().encode()
    try:
        if read(content) != rows:
            return  # the writer of Python lost a lone CR: not what this test is about
    except csv.Error:
        return
    made = canonical(content)
    if made is None:
        assert any("\r" in cell for row in rows for cell in row), "only a CR has no such form"
        return
    assert read(made) == rows
    assert canonical(made) == made
    assert not made.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("content", "made"),
    [
        (b'\xef\xbb\xbfa,b\r\n"1","x, y"\r\n', b'a,b\n1,"x, y"\n'),
        (b"a,b\n1,2", b"a,b\n1,2\n"),
        (b"a,b\n\n1,2\n\n\n", b"a,b\n1,2\n"),
        (b"a,b\n 1 ,1.0\n", b"a,b\n 1 ,1.0\n"),
        (b"a,b\n1\n", None),
        (b"a,b\n\xff,1\n", None),
        (b'a,b\n"1,2\n', None),
        (b"", None),
    ],
)
def test_the_form_of_a_table(content: bytes, made: bytes | None) -> None:
    """UTF-8 without a mark, LF, quotation marks where needed; spaces stay; what is no table is left alone."""
    assert canonical(content) == made


def test_the_ledger_stands_in_the_order_of_the_text() -> None:
    """Rows are sorted by line and start as numbers; rows of one place keep their order; no number, no order."""
    order = ("line", "start")
    assert canonical(b"line,start,x\n10,2,a\n9,30,b\n9,4,c\n9,4,d\n", order) == (
        b"line,start,x\n9,4,c\n9,4,d\n9,30,b\n10,2,a\n"
    )
    assert canonical(b"line,start\nten,2\n", order) is None
    assert canonical(b"line,other\n1,2\n", order) is None


def test_what_is_in_form_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A table in form is not written again; one whose size is stated, or that others made, is left alone."""
    project = copy_example(tmp_path / "project")
    assert {one.state for one in tidy_package(project.report)} == {"unchanged"}
    figures, other = project.report / "figures.csv", project.packages / "others"
    broken = figures.read_bytes().replace(b"\n", b"\r\n")
    figures.write_bytes(broken)
    other.mkdir()
    (other / "figures.csv").write_bytes(broken)
    resources = [{"name": "figures", "path": "figures.csv"}]
    (other / "datapackage.json").write_text(json.dumps({"name": "others", "resources": resources}), encoding="utf-8")
    assert tidy_package(other) == ()
    edit_descriptor(project.report, lambda d: d["resources"][0].update(bytes=len(broken)))
    assert "figures.csv" not in {one.path.name for one in tidy_package(project.report)}
    assert figures.read_bytes() == broken


def test_format_says_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check ends with 1 and writes nothing; without it the table is written, and the next --check ends with 0."""
    project = copy_example(tmp_path / "project")
    monkeypatch.chdir(project.folder)
    ledger = project.report / "ledger.csv"
    right = ledger.read_bytes()
    head, *rows = right.splitlines(keepends=True)
    wrong = b"".join([head, *reversed(rows)])
    ledger.write_bytes(wrong)
    folder = f"datapackages/{project.report.name}"

    def run(*arguments: str) -> tuple[object, str]:
        with pytest.raises(SystemExit) as ended:
            main(["format", folder, *arguments])
        return ended.value.code, capsys.readouterr().out

    code, said = run("--check", "--json")
    assert (code, ledger.read_bytes()) == (1, wrong)
    assert {"file": f"{folder}/ledger.csv", "state": "changed"} in json.loads(said)["files"]
    assert run("--lang", "en") == (0, f"{folder}/ledger.csv: brought into form.\n")
    assert ledger.read_bytes() == right
    assert run("--check", "--lang", "en") == (0, "3 tables in form.\n")
    ledger.write_bytes(b"\xff")
    assert "left alone" in run("--lang", "en")[1]
    with pytest.raises(SystemExit) as ended:
        main(["format", "nothing-here"])
    assert ended.value.code == 2
