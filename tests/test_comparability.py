"""Figures side by side: what keeps them from being compared is found, and whoever shows them says it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build_tools.audit.comparability import ASPECTS, differences, is_outside_validity
from build_tools.build import build_site
from build_tools.figures import Figure, Unit
from build_tools.vocabulary import Place
from tests.makers import copy_example, edit_cell, edit_descriptor
from tests.test_whole_build import words_of

Example = tuple[dict[str, Figure], Mapping[str, Unit], Mapping[str, Place]]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The figures of the example report by id, its units, and places with a change of borders."""
    checked = copy_example(tmp_path_factory.mktemp("example")).check()
    mau = checked.vocabulary.places["mau"]
    places = {"mau": replace(mau, valid_to="2024-12-31", successor="mau-moi")}
    places["mau-moi"] = replace(mau, place="mau-moi", valid_from="2025-01-01")
    return dict(checked.reports[0].data.by_id()), checked.vocabulary.units, places


CASES: dict[str, tuple[Callable[[Figure], Figure], tuple[str, ...]]] = {
    "the next year": (lambda f: replace(f, period_start="2024-01-01", period_end="2024-12-31"), ()),
    "another place": (lambda f: replace(f, place="noi-khac"), ()),
    "money of another scale": (lambda f: replace(f, unit="ty-dong"), ("unit",)),
    "households": (lambda f: replace(f, unit="ho"), ("unit",)),
    "five years": (lambda f: replace(f, period_start="2019-01-01"), ("period",)),
    "half a year": (lambda f: replace(f, period_end="2023-06-30"), ("period",)),
    "another body": (lambda f: replace(f, body="so"), ("scope",)),
    "an estimate": (lambda f: replace(f, status="estimate"), ("status",)),
    "an average": (lambda f: replace(f, extent="average_year"), ("extent",)),
    "a stock": (lambda f: replace(f, extent="stock"), ()),
    "the place that came after": (
        lambda f: replace(f, place="mau-moi", period_start="2025-01-01", period_end="2025-12-31"),
        ("borders",),
    ),
    "a time after the borders": (
        lambda f: replace(f, period_start="2025-01-01", period_end="2025-12-31"),
        ("borders",),
    ),
    "several at once": (lambda f: replace(f, body="so", status="provisional"), ("scope", "status")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_difference_is_named(example: Example, case: tuple[Callable[[Figure], Figure], tuple[str, ...]]) -> None:
    """A figure beside itself compares; one that differs in one thing does not, and the thing is named."""
    figures, units, places = example
    change, expected = case
    figure = figures["jobs_created"]
    assert differences([figure, figure], units, places) == ()
    assert differences([figure, change(figure)], units, places) == expected


def test_every_aspect_is_tried() -> None:
    """An aspect that is added needs a case."""
    assert {aspect for _, expected in CASES.values() for aspect in expected} == set(ASPECTS)


def test_scale_of_a_unit_is_no_difference(example: Example) -> None:
    """32 tỷ and 32.000 triệu have a common unit."""
    figures, units, places = example
    money = figures["jobs_money"]
    assert differences([money, replace(money, unit="dong")], units, places) == ()


def test_place_outside_its_dates(example: Example) -> None:
    """A figure of a time at which its place had other borders is found; one of the last day is not."""
    figures, _, places = example
    figure = figures["jobs_created"]
    assert not is_outside_validity(replace(figure, period_start="2024-12-31", period_end="2024-12-31"), places)
    assert is_outside_validity(replace(figure, period_start="2025-01-01", period_end="2025-01-01"), places)
    assert is_outside_validity(replace(figure, place="mau-moi"), places)


def test_place_of_other_borders_is_a_warning(tmp_path: Path) -> None:
    """The fault names row and column, and what the place's dates are."""
    project = copy_example(tmp_path)
    edit_cell(project.packages / "vocabulary" / "places.csv", "mau", "valid_to", "2022-12-31")
    found = project.faults()
    assert {fault.code for fault in found} == {"place-not-valid"}
    assert (found[0].file, found[0].row, found[0].column, found[0].level) == ("figures.csv", 2, "place", "warning")


# ---- charts that packages ask for ----------------------------------------------------------------------------------


def asking(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change of a descriptor: a sound wish for a chart, with some of it changed."""
    wish: dict[str, Any] = {
        "name": "viec-lam",
        "title": "Nam và nữ",
        "title_en": "Men and women",
        "figures": ["jobs_women", "jobs_men"],
        **changes,
    }

    def change(descriptor: dict[str, Any]) -> None:
        descriptor["charts"] = [{key: value for key, value in wish.items() if value is not None}]

    return change


def test_sound_wish_has_no_fault(tmp_path: Path) -> None:
    """Figures that compare may stand side by side."""
    project = copy_example(tmp_path)
    edit_descriptor(project.report, asking())
    checked = project.check()
    assert checked.faults == ()
    assert [hint.chart for hint in checked.hints] == ["mau-2023-viec-lam--viec-lam"]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"name": None}, "descriptor-value", "charts[0].name"),
    "a name that is no slug": ({"name": "Việc làm"}, "descriptor-value", "charts[0].name"),
    "no title": ({"title": ""}, "descriptor-value", "charts[0].title"),
    "a key nobody knows": ({"kind": "pie"}, "descriptor-value", "charts[0].kind"),
    "one figure": ({"figures": ["jobs_men"]}, "descriptor-value", "charts[0].figures"),
    "a figure twice": ({"figures": ["jobs_men", "jobs_men"]}, "descriptor-value", "charts[0].figures"),
    "a figure that is not there": ({"figures": ["jobs_men", "jobs_man"]}, "key-unknown", "charts[0].figures"),
    "a range": ({"figures": ["jobs_men", "households"]}, "descriptor-value", "charts[0].figures"),
    "an aspect nobody knows": ({"says": ["colour"]}, "descriptor-value", "charts[0].says"),
    "two units": ({"figures": ["jobs_men", "jobs_money"]}, "no-common-unit", "charts[0].figures"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_wish_that_cannot_be_met_is_named(tmp_path: Path, case: tuple[dict[str, Any], str, str]) -> None:
    """Each fault of a wish has its place in the descriptor, and stops the publication."""
    project = copy_example(tmp_path)
    changes, code, column = case
    edit_descriptor(project.report, asking(**changes))
    checked = project.check()
    assert [(fault.code, fault.column, fault.level) for fault in checked.faults] == [(code, column, "error")]
    assert checked.hints == ()


def test_unsaid_difference_is_found_and_said(tmp_path: Path) -> None:
    """An estimate beside a final number is a warning, and the chart says it; once the title says it, all is fine."""
    project = copy_example(tmp_path)
    edit_cell(project.report / "figures.csv", "jobs_men", "status", "estimate")
    edit_descriptor(project.report, asking())
    built = build_site(project.settings())
    found = built.checked.faults
    assert [(fault.code, fault.level) for fault in found] == [("not-comparable", "warning")]
    assert built.site is not None
    page = words_of(built.site / "chi-tieu" / "giai-quyet-viec-lam" / "index.html")
    assert "Nam và nữ" in page
    assert "Có số là ước tính hoặc sơ bộ, có số đã chốt." in page
    edit_descriptor(project.report, asking(says=["status"]))
    assert project.faults() == ()


def test_table_says_what_no_column_says(tmp_path: Path) -> None:
    """A place's tables have no column of the body that is counted: where bodies differ, a sentence below says so."""
    project = copy_example(tmp_path)
    built = build_site(project.settings())
    assert built.site is not None
    sentence = "Các con số đếm trên những phạm vi khác nhau."
    assert sentence not in words_of(built.site / "dia-phuong" / "mau" / "index.html")
    with (project.packages / "vocabulary" / "bodies.csv").open("a", encoding="utf-8") as file:
        file.write("so,Sở,The department,,\n")
    edit_cell(project.report / "figures.csv", "jobs_men", "body", "so")
    built = build_site(project.settings())
    assert built.site is not None, built.checked.faults
    assert sentence in words_of(built.site / "dia-phuong" / "mau" / "index.html")
