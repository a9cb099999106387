"""What became of published figures: the rows of changes.csv, the zips of earlier versions, what pages say of them."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from build_tools.archives import unpacked
from build_tools.checks import check
from build_tools.faults import Fault, message, remedy, stops
from build_tools.figures import Change
from build_tools.history import OldVersion, cell_of, releases, version_key
from build_tools.kept import kept_sites
from build_tools.render.downloads import make_zip
from build_tools.schemas import resource
from tests.makers import (
    CHANGE_COLUMNS,
    CHANGES,
    REPORT,
    Project,
    as_in_1_0_0,
    copy_example,
    edit_cell,
    edit_descriptor,
    keep_version,
    old_zip,
    put_changes,
    zip_of,
)


@pytest.fixture(scope="module")
def first_zip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The zip of the example in its version 1.0.0."""
    before = copy_example(tmp_path_factory.mktemp("first"))
    as_in_1_0_0(before)
    return zip_of(before)


@pytest.fixture
def project(tmp_path: Path, first_zip: bytes) -> Project:
    """The example in its version 1.1.0, with everything that changed said and the zip of 1.0.0 kept."""
    project = copy_example(tmp_path / "project")
    put_changes(project, CHANGES)
    keep_version(project, first_zip)
    return project


def codes(faults: Iterable[Fault]) -> set[tuple[str, int, str]]:
    """Return code, row and column of what is wrong, but for what has no English."""
    return {(f.code, f.row, f.column) for f in faults if f.code != "untranslated"}


# -- what is said is true ---------------------------------------------------------------------------------------------


def test_a_history_that_says_everything_is_right(project: Project) -> None:
    """Every kind of change, a column other than the value, and the zip of the version before: no fault."""
    checked = project.check()
    assert codes(checked.faults) == set()
    assert [old.version for old in checked.versions[REPORT]] == ["1.0.0"]


WRONG_ROWS = [
    ("unknown figure", 0, "figure_id", "jobs_creatd", {("key-unknown", 2, "figure_id")}),
    ("no version", 0, "version", "1.0", {("cell-pattern", 2, "version")}),
    ("leading zero", 0, "version", "1.0.01", {("cell-pattern", 2, "version")}),
    ("later than the package", 4, "version", "1.2.0", {("change-version", 6, "version")}),
    ("versions go back", 4, "version", "1.0.1", {("change-order", 6, "version")}),
    ("days go back", 1, "date", "2024-02-01", {("change-order", 3, "date"), ("change-order", 4, "date")}),
    ("two days of one version", 4, "date", "2024-04-03", {("change-order", 6, "date")}),
    ("no day", 0, "date", "01/03/2024", {("cell-type", 2, "date")}),
    ("unknown kind", 0, "kind", "mended", {("cell-enum", 2, "kind")}),
    ("no reason", 0, "reason", "", {("cell-required", 2, "reason")}),
    ("still there", 3, "figure_id", "jobs_women", {("change-withdrawn", 5, "figure_id")}),
    ("withdrawn without what it was", 3, "old", "", {("change-cells", 5, "old")}),
    ("withdrawn with something new", 3, "new", "31", {("change-cells", 5, "new")}),
    ("added with something old", 4, "old", "600", {("change-cells", 6, "old")}),
    ("nothing changed", 0, "new", "1249", {("change-cells", 2, "new")}),
    ("no such column", 2, "old", "statuss=provisional", {("change-cells", 4, "old")}),
    ("two columns", 2, "new", "stance=final", {("change-cells", 4, "new")}),
    ("not as it is now", 0, "new", "1251", {("change-not-so", 2, "new")}),
    ("column not as it is now", 2, "new", "status=estimate", {("change-not-so", 4, "new")}),
]


@pytest.mark.parametrize(
    ("row", "column", "cell", "expected"), [c[1:] for c in WRONG_ROWS], ids=[c[0] for c in WRONG_ROWS]
)
def test_one_wrong_cell_is_named(
    project: Project, row: int, column: str, cell: str, expected: set[tuple[str, int, str]]
) -> None:
    """Each thing that a row may have wrong is named with its row and column, in both languages."""
    rows = [list(one) for one in CHANGES]
    rows[row][CHANGE_COLUMNS.index(column)] = cell
    put_changes(project, rows)
    faults = project.faults()
    found = codes(faults)
    assert expected <= found
    assert {code for code, _, _ in found - expected} <= {"change-unlisted"}
    for item in faults:
        assert all(message(item, language) and remedy(item, language) for language in ("vi", "en"))


def test_the_last_of_several_changes_decides(project: Project) -> None:
    """A figure corrected twice has to be what the second row says; what the first one said is history."""
    twice = ["1.1.0", "2024-04-02", "jobs_created", "source", "1251", "1250", "Báo cáo thay thế."]
    put_changes(
        project, [["1.0.1", "2024-03-01", "jobs_created", "corrected", "1249", "1251", "Nhầm."], *CHANGES[1:], twice]
    )
    assert codes(project.faults()) == set()


# -- what changed is said ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", range(len(CHANGES)))
def test_what_is_not_said_is_named(project: Project, row: int) -> None:
    """Against the zip of the last version, a change without its row is a fault that names figure, old and new."""
    put_changes(project, [one for n, one in enumerate(CHANGES) if n != row])
    (found,) = [item for item in project.faults() if item.code == "change-unlisted"]
    column = {"withdrawn": "withdrawn", "added": "added"}.get(CHANGES[row][3], cell_of(CHANGES[row][4])[0])
    assert found.column == column
    assert CHANGES[row][2] in message(found, "en") and "1.0.0" in message(found, "vi")


def test_the_wording_of_a_note_needs_no_row(project: Project) -> None:
    """A note is ours to word: mending it changes no figure."""
    edit_cell(project.report / "figures.csv", "jobs_women", "note", "Chỉ tính lao động nữ.")
    assert codes(project.faults()) == set()


def test_without_the_zip_of_the_version_before_the_build_warns(project: Project) -> None:
    """A changed package that keeps no earlier version says so; it stops nothing."""
    (project.report / "versions" / "1.0.0.zip").unlink()
    faults = project.faults()
    assert codes(faults) == {("version-zip-missing", 2, "")}
    assert not stops(faults)


def test_the_published_zip_of_a_changed_package_is_valid(project: Project) -> None:
    """Whoever has only the zip, with its changes and without the earlier versions, is told of no fault."""
    path = project.folder / "published.zip"
    path.write_bytes(zip_of(project))
    with unpacked([path]) as opened:
        checked = check(project.packages, None, opened)
    assert codes(checked.faults) == set()
    assert len(checked.reports[0].data.changes) == len(CHANGES)


WRONG_FILES: list[tuple[str, str, Callable[[Project], bytes]]] = [
    ("its own version", "1.1.0.zip", lambda p: old_zip(p, "1.1.0")),
    ("a later version", "2.0.0.zip", lambda p: old_zip(p, "2.0.0")),
    ("another version than its name", "0.9.0.zip", lambda p: old_zip(p, "0.8.0")),
    ("no version", "old.zip", old_zip),
    ("no zip", "1.0.0.zip", lambda _: b"PK not really"),
    ("another kind of file", "1.0.0.tar", lambda _: b""),
    ("another package", "0.9.0.zip", lambda _: make_zip({"khac/datapackage.json": b'{"version": "0.9.0"}'})),
    ("no descriptor", "0.9.0.zip", lambda _: make_zip({f"{REPORT}/figures.csv": b"figure_id\n"})),
    ("leads out", "0.9.0.zip", lambda _: make_zip({f"{REPORT}/../../x": b""})),
    ("broken JSON", "0.9.0.zip", lambda _: make_zip({f"{REPORT}/datapackage.json": b"{"})),
    (
        "figures without ids",
        "0.9.0.zip",
        lambda _: make_zip({f"{REPORT}/datapackage.json": b'{"version": "0.9.0"}', f"{REPORT}/figures.csv": b"a\n1\n"}),
    ),
    (
        "broken CSV",
        "0.9.0.zip",
        lambda _: make_zip(
            {f"{REPORT}/datapackage.json": b'{"version": "0.9.0"}', f"{REPORT}/figures.csv": b'figure_id\n"a\n'}
        ),
    ),
]


@pytest.mark.parametrize(("name", "make"), [c[1:] for c in WRONG_FILES], ids=[c[0] for c in WRONG_FILES])
def test_what_is_no_earlier_version_is_named(project: Project, name: str, make: Callable[[Project], bytes]) -> None:
    """Only zips of this package, named after an earlier version of it, may stand in versions/."""
    (project.report / "versions" / "1.0.0.zip").rename(project.folder / "kept.zip")
    keep_version(project, make(project), name)
    found = [item for item in project.faults() if item.code == "version-zip"]
    assert [item.file for item in found] == [f"versions/{name}"]


def test_reason_in_english_is_required_only_where_the_table_says_so() -> None:
    """changes.csv may leave its English out; the relations between reports may not."""
    for table, whole in (("changes", False), ("relations", True)):
        names = [field["name"] for field in resource(table, optional=False)["schema"]["fields"]]
        assert ("reason_en" in names) == whole


def test_version_of_a_package_is_three_numbers(project: Project) -> None:
    """A package whose version cannot be ordered is refused: old versions are told by it."""
    edit_descriptor(project.report, lambda d: d.update(version="1.1"))
    assert ("descriptor-value", 0, "version") in codes(project.faults())


# -- by release -------------------------------------------------------------------------------------------------------


def changes() -> tuple[Change, ...]:
    """Return CHANGES as records."""
    return tuple(Change(n, *row) for n, row in enumerate(CHANGES, 2))


def test_releases_hold_every_change_once(project: Project) -> None:
    """The newest first, the first publication last with the version of the oldest zip."""
    found = releases(REPORT, "2024-02-01", "1.1.0", changes(), project.check().versions[REPORT])
    assert [(r.version, r.date, len(r.changes), r.is_first) for r in found] == [
        ("1.1.0", "2024-04-02", 4, False),
        ("1.0.1", "2024-03-01", 1, False),
        ("1.0.0", "2024-02-01", 0, True),
    ]
    assert [c.figure_id for c in found[0].of_kind("corrected")] == ["jobs_target"]
    assert [r.version for r in releases(REPORT, "2024-02-01", "0.1.0", (), ())] == ["0.1.0"]
    assert [r.version for r in releases(REPORT, "2024-02-01", "1.1.0", changes(), ())] == ["1.1.0", "1.0.1", ""]


def test_versions_are_ordered_as_numbers() -> None:
    """0.10.0 is later than 0.9.0, and what is no version is refused."""
    assert sorted(["0.10.0", "0.9.0", "1.0.0"], key=version_key) == ["0.9.0", "0.10.0", "1.0.0"]
    for text in ("1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n", ""):
        with pytest.raises(ValueError, match="no version"):
            version_key(text)


def test_the_table_is_as_the_example_writes_it(project: Project) -> None:
    """The table of the test is one that csv reads back as it stands."""
    text = (project.report / "changes.csv").read_text("utf-8")
    assert list(csv.reader(io.StringIO(text)))[1:] == CHANGES


def test_a_chart_that_an_earlier_version_asked_for_is_planned_again(tmp_path: Path) -> None:
    """What a kept version showed is planned as it was then: also a chart that its descriptor asked for."""
    project = copy_example(tmp_path)
    wish = {"name": "moi-gioi", "title": "Theo giới", "title_en": "By sex", "figures": ["jobs_women", "jobs_men"]}
    edit_descriptor(project.report, lambda descriptor: descriptor.update(charts=[wish]))
    old = OldVersion(REPORT, "1.0.0", zip_of(project), {})
    ((_, site),) = kept_sites([old])
    assert f"{REPORT}--moi-gioi" in {planned.chart for planned in site.charts}
