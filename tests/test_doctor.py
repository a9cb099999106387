"""What `minhbach doctor` looks at: starting from a project that is well, each thing is broken once."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from build_tools import doctor, output
from build_tools.cli import app
from build_tools.doctor import BROKEN, BROWSERS, LOOK, OK, Look, examine
from build_tools.output import OutputFile
from build_tools.settings import Settings
from build_tools.words import read_words
from tests import conftest
from tests.makers import PROJECT, REPORT, copy_example, edit_cell, edit_descriptor, remove_row

WORDS = read_words("en")


@dataclass(frozen=True)
class Patient:
    """A project that is well, and may be made ill."""

    folder: Path
    settings: Settings

    def look(self, name: str) -> Look:
        """Return what is said of one thing."""
        (found,) = (look for look in examine(self.settings, WORDS) if look.name == name)
        return found


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """A copy of the example project that is committed, with a site that holds its tables."""
    project = copy_example(tmp_path / "project")
    shutil.copytree(PROJECT / "site_src", project.folder / "site_src")
    shutil.copy(PROJECT / "mkdocs.yml", project.folder)
    subprocess.run(["git", "init", "--quiet", str(project.folder)], check=True)
    (project.folder / ".gitignore").write_text("out/\n", encoding="utf-8")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "x")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "x")
    for arguments in (["add", "."], ["commit", "--quiet", "-m", "all"]):
        subprocess.run(["git", "-C", str(project.folder), *arguments], check=True)
    unused = set(doctor._column(project.packages / "vocabulary" / "indicators.csv", "indicator"))
    unused -= set(doctor._column(project.report / "figures.csv", "indicator"))
    for indicator in unused:
        remove_row(project.packages / "vocabulary" / "indicators.csv", indicator)
    subprocess.run(["git", "-C", str(project.folder), "commit", "--quiet", "--allow-empty", "-am", "used"], check=True)
    tables = [
        OutputFile(f"du-lieu/{path.parent.name}/{path.name}", path.read_bytes())
        for path in sorted(project.packages.glob("*/*.csv"))
    ]
    out = project.folder / "out"
    with output.Lock(out):
        staging = output.start_staging(out)
        output.add(staging, tables)
        output.seal(staging)
        output.swap(out, staging)
    settings = replace(project.settings(), project=project.folder, out=out, site_url="https://minhbach.example/")
    monkeypatch.setattr(shutil, "which", lambda name, **_: f"bin/{name}")
    return Patient(project.folder, replace(settings, repo_url="https://minhbach.example/repo"))


def test_who_is_well_is_told_so(patient: Patient) -> None:
    """In a sound project everything is ok, with no remedy."""
    looks = examine(patient.settings, WORDS)
    assert [(look.name, look.said) for look in looks if look.state != OK or look.remedy] == []
    assert len(looks) == 15


def _damage(patient: Patient) -> None:
    next((patient.settings.out / "site" / "du-lieu" / REPORT).iterdir()).write_text("x", encoding="utf-8")


def _edit_figure(patient: Patient) -> None:
    edit_cell(patient.settings.packages / REPORT / "figures.csv", "jobs_created", "note", "x")


def _new_template(patient: Patient) -> None:
    path = patient.folder / "site_src" / "templates" / "home.md"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 10_000_000))


def _no_text(patient: Patient) -> None:
    shutil.rmtree(patient.folder / "texts")


def _other_text(patient: Patient) -> None:
    for path in (patient.folder / "texts").iterdir():
        path.write_text("x", encoding="utf-8")


def _broken_descriptor(patient: Patient) -> None:
    (patient.settings.packages / REPORT / "datapackage.json").write_text("{", encoding="utf-8")


def _unused(patient: Patient) -> None:
    path = patient.settings.packages / "vocabulary" / "indicators.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, "nobody" + lines[-1][lines[-1].index(",") :], ""]), encoding="utf-8")


def _real_site(patient: Patient) -> None:
    (patient.settings.out / "site").unlink()
    (patient.settings.out / "site").mkdir()


def _no_font(patient: Patient) -> None:
    with (patient.folder / "site_src" / "assets" / "css" / "base.css").open("a", encoding="utf-8") as file:
        file.write('\n@font-face { font-family: x; src: url("../fonts/none.woff2") }\n')


def _uncommitted(patient: Patient) -> None:
    edit_descriptor(patient.settings.packages / REPORT, lambda descriptor: descriptor.update(note="x"))


def _no_site(patient: Patient) -> None:
    (patient.settings.out / "site").unlink()


@pytest.mark.parametrize(
    ("ill", "name", "state", "said"),
    [
        (_damage, "built site", BROKEN, "not as built"),
        (_edit_figure, "built site", LOOK, f"older than {REPORT}/figures.csv"),
        (_new_template, "built site", LOOK, "older than site_src/templates/home.md"),
        (_no_site, "built site", LOOK, "none yet"),
        (_no_text, f"text of {REPORT}", LOOK, "not at hand"),
        (_other_text, f"text of {REPORT}", BROKEN, "is not the text"),
        (_broken_descriptor, f"text of {REPORT}", BROKEN, "cannot be read"),
        (_unused, "vocabulary", LOOK, "nobody"),
        (_real_site, "folder to build in", BROKEN, "is no link"),
        (_no_font, "fonts", BROKEN, "none.woff2"),
        (_uncommitted, "data in git", LOOK, "1 file not committed"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_illness_is_seen(
    patient: Patient, ill: Callable[[Patient], None], name: str, state: str, said: str
) -> None:
    """One thing is broken, and is told with its remedy."""
    ill(patient)
    found = patient.look(name)
    assert found.state == state
    assert said in found.said
    assert found.remedy


@pytest.mark.parametrize("name", ["site_url", "repo_url"])
def test_a_setting_that_is_unset_is_told(patient: Patient, name: str) -> None:
    """An address that nobody set is worth a look, and no more."""
    without: dict[str, Any] = {name: ""}
    bare = Patient(patient.folder, replace(patient.settings, **without))
    assert bare.look(f"setting {name}").state == LOOK


def test_a_lock_that_is_held_is_told(patient: Patient) -> None:
    """While a build is at work, its process is named."""
    with output.Lock(patient.settings.out):
        found = patient.look("lock")
    assert found.state == LOOK
    assert str(os.getpid()) in found.said


def test_missing_programs_are_told(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without browser, git or rsync there is something to look at, and nothing broken."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    states: Mapping[str, str] = {look.name: look.state for look in examine(patient.settings, WORDS)}
    assert states["browser for tests"] == states["programs"] == LOOK


def test_little_space_is_told(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less free space than a build takes is told with both numbers."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5_000_000))
    found = patient.look("free space")
    assert found.state == LOOK
    assert found.said.startswith("5 MB")


def test_libraries_are_held_against_their_ranges(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of another version than was asked for, or none, is broken; one of an extra is not looked for."""
    monkeypatch.setattr(doctor, "requires", lambda _: ["jinja2<1", "no-such-library", "nor-this; extra == 'publish'"])
    found = [look for look in examine(patient.settings, WORDS) if look.name == "libraries"]
    assert [look.state for look in found] == [BROKEN, BROKEN]
    assert "no-such-library" in found[0].said
    assert "nor-this" not in found[0].said
    assert found[1].said.startswith("other than pyproject.toml asks: jinja2 3")


def test_an_engine_that_is_not_installed_is_told(patient: Patient) -> None:
    """A build with an engine that is not there could not begin."""
    other = Patient(patient.folder, replace(patient.settings, engine="no_such_engine"))
    assert other.look("engine").state == BROKEN


def test_the_browsers_are_those_of_the_tests() -> None:
    """What doctor looks for is what the tests would find."""
    assert BROWSERS == conftest.BROWSERS


def test_the_command_ends_with_1_only_for_what_is_broken(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0 with things to look at, 1 with something broken; --json holds the same."""
    monkeypatch.chdir(patient.folder)
    monkeypatch.setattr("build_tools.cli._settings", lambda _: replace(patient.settings, site_url=""))
    fine = CliRunner().invoke(app, ["doctor", "--lang", "en"])
    assert fine.exit_code == 0
    assert "look" in fine.output
    _no_font(patient)
    ill = CliRunner().invoke(app, ["doctor", "--json"])
    assert ill.exit_code == 1
    assert BROKEN in {look["state"] for look in json.loads(ill.output)["looks"]}
