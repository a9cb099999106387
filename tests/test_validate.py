"""What `minhbach validate` prints of any package: for people, for programs, beside the lines of a code host."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from build_tools.cli import FINDINGS, FINE, WRONG_USE, app
from build_tools.faults import as_annotations, fault, stops
from build_tools.packages import read_package, read_packages
from tests.corpus import COUNTS, PROVINCES, Case, malformed, odd


def _case(name: str) -> Case:
    return next(case for case in (*malformed(), *odd()) if case.name == name)


def _validate(folder: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", str(folder), "--lang", "en", *more])
    return result.exit_code, result.stdout


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A package with 150 cells that are no days."""
    folder = _case("as it is").write(tmp_path)
    rows = "".join(f"b{n},hue,2023,1,1,31/12/2023,x\n" for n in range(150))
    (folder / "counts.csv").write_text(COUNTS + rows, encoding="utf-8")
    return folder


def test_a_sound_package_of_others_is_valid(tmp_path: Path) -> None:
    """A package in any folder is judged by itself and found sound."""
    code, said = _validate(_case("YAML").write(tmp_path))
    assert code == FINE and "mau" in said


def test_people_are_told_the_place_the_remedy_and_the_address(wrong: Path) -> None:
    """A fault shows file, line, column, cell, remedy, code and where it is explained; the rest is counted."""
    code, said = _validate(wrong)
    assert code == FINDINGS
    assert 'mau/counts.csv, line 5, column day: error: "31/12/2023"' in said.replace("“", '"').replace("”", '"')
    assert "[cell-type] docs/faults.md#cell-type" in said
    assert "50" in said.splitlines()[-1] and "cell-type" in said.splitlines()[-1]


def test_programs_are_told_the_same(wrong: Path) -> None:
    """The JSON holds the first hundred faults of a kind and the count of the others."""
    code, said = _validate(wrong, "--json")
    found: dict[str, Any] = json.loads(said)
    assert code == FINDINGS
    assert len(found["findings"]) == 100
    assert found["more"] == [{"package": "mau", "file": "counts.csv", "code": "cell-type", "count": 50}]
    assert found["findings"][0]["explanation"] == "docs/faults.md#cell-type"


def test_github_is_told_on_a_line_each(wrong: Path) -> None:
    """Each fault is one command of GitHub's with the path, the line and the level."""
    code, said = _validate(wrong, "--annotations", "github")
    lines = said.splitlines()
    assert code == FINDINGS and len(lines) == 100
    assert all(line.startswith("::error file=") for line in lines)
    assert f"{wrong.name}/counts.csv,line=5," in lines[0]


def test_no_cell_ends_an_annotation() -> None:
    """A line break or a command in a cell stays text of the annotation."""
    item = fault("mau", "a,b.csv", "not-nfc", row=2, column="x:y", cell="a\n::error::b%")
    (line,) = as_annotations([item], "en", "github", {}).splitlines()
    assert line.startswith("::error file=mau/a%2Cb.csv,line=2,title=x%3Ay::")
    assert "\\u000a" in line


def test_gitlab_is_told_in_its_report(wrong: Path) -> None:
    """GitLab's report has a description, a place, a level and a fingerprint of its own for each fault."""
    _, said = _validate(wrong, "--annotations", "gitlab")
    found = json.loads(said)
    assert len({one["fingerprint"] for one in found}) == len(found) == 100
    assert found[0]["location"]["lines"] == {"begin": 5} and found[0]["severity"] == "major"


def test_a_package_is_judged_outside_of_a_project(wrong: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package that is named is judged wherever the command runs; without one there has to be a project."""
    within = _validate(wrong)
    monkeypatch.chdir(tmp_path)
    assert _validate(wrong) == within and within[0] == FINDINGS
    assert "::error file=" in _validate(wrong, "--annotations", "github")[1]
    assert _validate(wrong, "--reports", "nowhere")[0] == WRONG_USE
    assert CliRunner().invoke(app, ["validate"]).exit_code == WRONG_USE


def test_another_host_is_wrong_use(wrong: Path) -> None:
    """A host that nobody knows is refused as wrong use."""
    assert _validate(wrong, "--annotations", "elsewhere")[0] == WRONG_USE


def test_a_folder_with_another_name_has_an_address(tmp_path: Path) -> None:
    """A folder whose name is no address gives one; two folders of one address are refused."""
    folder = _case("as it is").write(tmp_path)
    folder = folder.rename(tmp_path / "Số_liệu Đà Nẵng")
    package, faults = read_package(folder)
    assert package is not None and package.name == "so-lieu-da-nang" and not faults
    other = _case("as it is").write(tmp_path).rename(tmp_path / "so-lieu-da-nang")
    found, faults = read_packages(tmp_path)
    assert [item.code for item in faults] == ["package-twice"] and len(found) == 1
    assert other.is_dir()


def test_the_descriptor_names_the_package_too(tmp_path: Path) -> None:
    """A package may be given by the path of its descriptor, in YAML too."""
    for number, (name, file) in enumerate((("as it is", "datapackage.json"), ("YAML", "datapackage.yaml"))):
        folder = _case(name).write(tmp_path / str(number))
        package, faults = read_package(folder / file)
        assert package is not None and len(package.tables) == 2 and not stops(faults)


def test_all_faults_of_a_package_come_in_one_run(tmp_path: Path) -> None:
    """A fault of one resource keeps none of another from being named."""
    folder = _case("as it is").write(tmp_path)
    (folder / "counts.csv").write_text(COUNTS.replace("1200", "x").replace("2.5", "y"), encoding="utf-8")
    (folder / "provinces.csv").write_text(PROVINCES + "hue,Huế\n", encoding="utf-8")
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"] += [{"name": "a", "path": "../a.csv"}, {"name": "b", "path": "b.csv"}]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    found = [(item.file, item.code) for item in read_package(folder)[1]]
    assert found == [
        ("b.csv", "file-missing"),
        ("counts.csv", "cell-number"),
        ("counts.csv", "cell-number"),
        ("datapackage.json", "path-unsafe"),
        ("provinces.csv", "key-twice"),
    ]
