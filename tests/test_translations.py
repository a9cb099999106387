"""What has no English yet is said once for each column, and stops nothing."""

from pathlib import Path
from typing import Any

import pytest

from build_tools.faults import Fault, stops
from build_tools.schemas import resource
from tests.makers import Project, copy_example, edit_cell, edit_descriptor, edit_text


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example project, which is whole in both languages."""
    return copy_example(tmp_path)


def notices(project: Project) -> list[Fault]:
    """Return the notices of what has no English; there may be no other fault."""
    faults = project.faults()
    assert {item.code for item in faults} <= {"untranslated"}
    assert not stops(faults)
    return list(faults)


def test_note_without_english_is_noticed_once_for_its_column(project: Project) -> None:
    """However many notes there are, one notice counts them and names the first rows."""
    rows = [
        edit_cell(project.report / "figures.csv", key, "note", "Số tròn.") for key in ("jobs_created", "jobs_women")
    ]
    found = notices(project)
    assert [(item.file, item.row, item.column) for item in found] == [("figures.csv", rows[0], "note_en")]
    assert dict(found[0].details) == {"count": "2", "where": f"{rows[0]}, {rows[1]}"}


def test_column_left_out_counts_as_empty(project: Project) -> None:
    """A package without the optional column is sound, and its notes are counted as not translated."""
    edit_cell(project.report / "claims.csv", "jobs_sum", "note", "Hai phần.")
    assert [(item.file, item.column) for item in notices(project)] == [("claims.csv", "note_en")]


def test_name_and_definition_without_english_are_noticed(project: Project) -> None:
    """The vocabulary is held to the same: a name, a definition."""
    table = project.packages / "vocabulary" / "indicators.csv"
    edit_cell(table, "ty-le-ho-ngheo", "definition_en", "")
    edit_cell(table, "chi-viec-lam", "name_en", "")
    faults = {(item.column, item.code) for item in project.faults() if item.level == "notice"}
    assert faults == {("definition_en", "untranslated"), ("name_en", "untranslated")}


def test_descriptor_without_english_is_noticed(project: Project) -> None:
    """Titles of the package, of its tables and of their columns too."""

    def change(descriptor: dict[str, Any]) -> None:
        del descriptor["title_en"]
        del descriptor["resources"][0]["title_en"]
        for field in descriptor["resources"][1]["schema"]["fields"][:7]:
            del field["title_en"]

    edit_descriptor(project.report, change)
    found = {(item.column, dict(item.details)["count"]) for item in notices(project)}
    assert found == {("title_en", "1"), ("title_en", "7")}
    assert len(notices(project)) == 3


def test_draft_needs_no_translation_yet(project: Project) -> None:
    """What is not settled in Vietnamese is not asked for in English."""
    edit_cell(project.report / "figures.csv", "jobs_created", "note", "Số tròn.")
    edit_descriptor(project.report, lambda d: d.update(draft={"guessed": []}))
    assert "untranslated" not in {item.code for item in project.faults()}


def test_optional_column_stands_at_the_end(project: Project) -> None:
    """A package may leave an English column out, but not put it elsewhere."""

    def move(descriptor: dict[str, Any]) -> None:
        figures = next(item for item in descriptor["resources"] if item["name"] == "figures")
        figures["schema"]["fields"].insert(0, figures["schema"]["fields"].pop())

    assert {field["name"] for field in resource("figures")["schema"]["fields"]} - {
        field["name"] for field in resource("figures", optional=False)["schema"]["fields"]
    } == {"note_en"}
    header = (project.report / "figures.csv").read_text("utf-8").splitlines()[0]
    edit_text(project.report / "figures.csv", header, "note_en," + header.removesuffix(",note_en"))
    edit_descriptor(project.report, move)
    assert "columns-of-standard" in {item.code for item in project.faults()}
