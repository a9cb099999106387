"""What two versions differ in: every planted change is named, and nothing else."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_tools.cli import main
from build_tools.diff import Cell, Count, Diff, PackageState, State, Verdict, Version, as_markdown, compare
from build_tools.packages import read_packages
from build_tools.render.downloads import zip_package
from build_tools.words import read_words
from tests.makers import REPORT, Project, copy_example, edit_cell, edit_descriptor, edit_text, remove_row

# -- the pure part ----------------------------------------------------------------------------------------------------

_ids = st.sampled_from(["a", "b", "c", "d"])
_cells = st.fixed_dictionaries({"value": st.text(max_size=3), "unit": st.sampled_from(["nguoi", "ho"])})
_packages = st.builds(
    PackageState,
    version=st.sampled_from(["0.1.0", "0.2.0"]),
    figures=st.dictionaries(_ids, _cells, max_size=3),
    verdicts=st.dictionaries(_ids, st.sampled_from(["exact", "fails"]), max_size=3),
    coverage=st.dictionaries(st.sampled_from(["figure", "year"]), st.integers(1, 3)),
)
_states = st.dictionaries(st.sampled_from(["mot", "hai"]), _packages)


def applied(diff: Diff, state: State) -> dict[str, PackageState]:
    """Return a state with everything that a diff says done to it."""
    versions = {name: package.version for name, package in state.items()}
    for version in diff.versions:
        versions[version.package] = version.new
    figures = {name: {i: dict(c) for i, c in package.figures.items()} for name, package in state.items()}
    verdicts = {name: dict(package.verdicts) for name, package in state.items()}
    coverage = {name: dict(package.coverage) for name, package in state.items()}
    for present in diff.removed:
        del figures[present.package][present.figure_id]
    for present in diff.added:
        figures.setdefault(present.package, {})[present.figure_id] = dict(present.cells)
    for cell in diff.changed:
        assert figures[cell.package][cell.figure_id][cell.column] == cell.old
        figures[cell.package][cell.figure_id][cell.column] = cell.new
    for verdict in diff.verdicts:
        verdicts.setdefault(verdict.package, {})[verdict.claim_id] = verdict.new
    for count in diff.coverage:
        coverage.setdefault(count.package, {})[count.kind] = count.new
    return {
        name: PackageState(
            version,
            figures.get(name, {}),
            {claim: verdict for claim, verdict in verdicts.get(name, {}).items() if verdict},
            {kind: n for kind, n in coverage.get(name, {}).items() if n},
        )
        for name, version in versions.items()
        if version
    }


@given(_states, _states)
def test_a_diff_done_to_the_old_gives_the_new(old: State, new: State) -> None:
    """Nothing that differs is left out, and nothing is said that does not."""
    assert applied(compare(old, new), old) == new


@given(_states)
def test_the_same_does_not_differ(state: State) -> None:
    """A state against itself gives an empty diff."""
    assert compare(state, state).is_empty


@given(_states, _states)
def test_turned_round_it_says_the_opposite(old: State, new: State) -> None:
    """What is added one way is removed the other, and old and new change places."""
    there, back = compare(old, new), compare(new, old)
    assert there.added == back.removed and there.removed == back.added
    assert {(c.package, c.figure_id, c.column, c.new, c.old) for c in there.changed} == {
        (c.package, c.figure_id, c.column, c.old, c.new) for c in back.changed
    }
    assert len(there.verdicts) == len(back.verdicts) and len(there.coverage) == len(back.coverage)


# -- two versions made by hand ----------------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Project:
    """The example project."""
    return copy_example(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Project:
    """The example project in a later version: a value and a status changed, a figure withdrawn with its claim."""
    project = copy_example(tmp_path / "new")
    figures, ledger = project.report / "figures.csv", project.report / "ledger.csv"
    edit_text(ledger, "1.250", "1.260")
    edit_cell(figures, "jobs_created", "value", "1260")
    edit_cell(figures, "jobs_created", "status", "provisional")
    remove_row(figures, "poverty_change")
    remove_row(project.report / "claims.csv", "poverty_fell")
    text = ledger.read_text("utf-8").splitlines(keepends=True)
    ledger.write_text("".join(line for line in text if ",poverty_change," not in line), "utf-8")
    edit_descriptor(project.report, lambda d: d.update(version="1.0.1"))
    return project


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command and return what it printed; it has to end well."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out = capsys.readouterr()
    assert ended.value.code == 0, out.err or out.out
    return out.out


def diff_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return what `diff --json` says."""
    said: dict[str, Any] = json.loads(printed(capsys, "diff", "--json", *arguments))
    return said


def test_every_planted_change_is_named_and_nothing_else(
    old: Project, new: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value and how it is printed, a status, a figure taken out, the verdicts on them, spans counted; no more."""
    said = diff_of(capsys, str(old.packages), str(new.packages))
    assert said["versions"] == [{"package": REPORT, "old": "1.0.0", "new": "1.0.1"}]
    assert said["added"] == []
    assert [(one["package"], one["figure_id"]) for one in said["removed"]] == [(REPORT, "poverty_change")]
    assert {(one["figure_id"], one["column"], one["old"], one["new"]) for one in said["changed"]} == {
        ("jobs_created", "value", "1250", "1260"),
        ("jobs_created", "status", "final", "provisional"),
        ("jobs_created", "as_written", "1.250", "1.260"),
    }
    flipped = {one["claim_id"]: (one["old"], one["new"]) for one in said["verdicts"]}
    assert flipped == {
        "jobs_attained": ("rounded", "fails"),
        "jobs_sum": ("exact", "fails"),
        "poverty_fell": ("unverifiable", ""),
    }
    assert [(c["kind"], c["old"] - c["new"]) for c in said["coverage"]] == [("figure", 1)]
    back = diff_of(capsys, str(new.packages), str(old.packages))
    assert back["added"] == said["removed"] and not back["removed"]
    assert back["added"][0]["cells"]["value"] == "0.5"


@pytest.mark.parametrize("form", ["folders", "package", "descriptor", "zip", "git"])
def test_every_form_of_a_version_gives_the_same(
    old: Project, new: Project, form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders, the folder or descriptor of a package, zips and revisions of git say the same of a report."""
    expected = diff_of(capsys, str(old.packages), str(new.packages))
    forms: dict[str, Callable[[], tuple[str, str]]] = {
        "folders": lambda: (str(old.packages), str(new.packages)),
        "package": lambda: (str(old.report), str(new.report)),
        "descriptor": lambda: (str(old.report / "datapackage.json"), str(new.packages)),
        "zip": lambda: (zipped(old), zipped(new)),
        "git": lambda: committed(old, new),
    }
    first, second = forms[form]()
    if form == "git":
        monkeypatch.chdir(old.folder)
    assert diff_of(capsys, first, second) == expected


def zipped(project: Project) -> str:
    """Write the zip of the report, as the site offers it, and return its path."""
    packages, _ = read_packages(project.packages)
    report = next(package for package in packages if package.kind == "report")
    path = project.folder / "report.zip"
    path.write_bytes(zip_package(report, next(p for p in packages if p.kind == "vocabulary")))
    return str(path)


def committed(old: Project, new: Project) -> tuple[str, str]:
    """Make the old project a repository whose second commit holds the new packages; return both revisions."""
    (old.folder / "site_src").mkdir()
    (old.folder / "mkdocs.yml").write_text('extra: {data_version: "1.0.0", data_date: 2024-01-01}\n', "utf-8")
    author = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(old.folder), *author, *arguments], check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "-m", "old")
    for path in new.report.iterdir():
        (old.report / path.name).write_bytes(path.read_bytes())
    git("commit", "--quiet", "-a", "-m", "new")
    return "HEAD~1", "HEAD"


def test_what_is_no_version_is_refused(old: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is nothing, an option in disguise and a package that cannot be read end as wrong use, and say so."""
    (old.report / "figures.csv").write_text("figure_id\n", "utf-8")
    for name, said in (("nowhere", "nowhere"), ("--output=x", "--output"), (str(old.packages), "figures.csv")):
        with pytest.raises(SystemExit) as ended:
            main(["diff", "--", name, str(old.packages)])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err.replace("\n", "")
    assert not (tmp_path / "x").exists()


def test_two_packages_are_no_versions_of_each_other(old: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A report against the vocabulary is a mistake, not an empty diff."""
    with pytest.raises(SystemExit) as ended:
        main(["diff", str(old.report), str(old.packages / "vocabulary")])
    assert ended.value.code == 2
    assert REPORT in capsys.readouterr().err.replace("\n", "")


# -- in words ---------------------------------------------------------------------------------------------------------

HOSTILE = "a | b\n# `c` <script> [x](y) *z* \\ &amp; ~~t~~"


def test_markdown_keeps_every_cell_in_its_row() -> None:
    """Signs of Markdown and line ends in a cell neither end its row nor become markup."""
    from markdown_it import MarkdownIt

    diff = Diff(
        versions=(Version("p", "0.1.0", ""),),
        changed=(Cell("p", "f", "note", HOSTILE, "_b_ x_y"),),
        verdicts=(Verdict("p", "c", "exact", "fails"),),
        coverage=(Count("p", "year", 1, 2),),
    )
    for language in ("vi", "en"):
        html = (
            MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(as_markdown(diff, read_words(language)))
        )
        assert html.count("<table>") == 4 and html.count("<tr>") == 8 and html.count("<h2>") == 4
        assert not any(tag in html for tag in ("<script", "<em>", "<code>", "<a ", "<s>", "<h1>"))
        assert "a | b # `c` &lt;script&gt; [x](y) *z* \\ &amp;amp; ~~t~~" in html
        assert "_b_ x_y" in html


def test_nothing_is_said_to_differ_where_nothing_does(old: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """The same folder twice: one sentence on a terminal and in Markdown, empty lists for machines."""
    same = [str(old.packages), str(old.packages)]
    assert printed(capsys, "diff", "--lang", "en", *same).startswith("The two versions do not differ")
    assert printed(capsys, "diff", "--markdown", "--lang", "en", *same).startswith("The two versions do not differ")
    assert not any(diff_of(capsys, *same).values())


def test_every_part_has_its_heading(old: Project, new: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal each part of a diff is a table below its heading."""
    out = printed(capsys, "diff", "--lang", "en", str(old.packages), str(new.packages))
    assert "Figures removed: 1" in out and "Packages of another version: 1" in out
    assert "Verdicts that flipped: 3" in out and "Counts of spans that changed: 1" in out


def test_terminal_shows_no_control_signs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets of a cell are no markup, and a sign that would steer the terminal is written as what it is."""
    states = [{"p": PackageState("0.1.0", {"f": {"note": note}})} for note in ("[bold]x[/]", "\u202ey\x1b[2J")]
    monkeypatch.setattr("build_tools.cli.read_states", lambda *_: states)
    out = printed(capsys, "diff", "OLD", "NEW")
    assert "[bold]x[/]" in out and "\\u202ey\\u001b[2J" in out
    assert "\u202e" not in out and "\x1b" not in out
