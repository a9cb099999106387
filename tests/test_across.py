"""The same thing in several reports: found when it is the same, else left apart, and classed by its difference."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from build_tools.audit.across import KINDS, Relation, across, as_json
from build_tools.figures import Figure, Unit
from tests.makers import copy_example


@pytest.fixture
def example(tmp_path: Path) -> tuple[dict[str, Figure], dict[str, Unit]]:
    """The figures of the example report by id, and its units."""
    checked = copy_example(tmp_path).check()
    return dict(checked.reports[0].data.by_id()), dict(checked.vocabulary.units)


MISPRINT = ("same", "misprint")

CLASSES: dict[str, tuple[str, Callable[[Figure], Figure], tuple[str, ...]]] = {
    "the same number": ("jobs_created", lambda f: f, ("same",)),
    "more decimals": ("poverty_rate", lambda f: replace(f, value=Decimal("2.50")), ("same",)),
    "another scale": (
        "jobs_money",
        lambda f: replace(f, unit="dong", value=Decimal(32_000_000_000)),
        ("same",),
    ),
    "another number": ("jobs_created", lambda f: replace(f, value=Decimal(1300)), ("differs",)),
    "another unit": ("jobs_created", lambda f: replace(f, unit="ho"), ("unit",)),
    "a later cut-off": (
        "jobs_created",
        lambda f: replace(f, value=Decimal(1300), as_of="2023-12-31"),
        ("later",),
    ),
    "an estimate that became final": (
        "jobs_created",
        lambda f: replace(f, value=Decimal(1300), status="estimate", as_of="2023-11"),
        ("status", "later"),
    ),
    "two lower bounds": ("jobs_money", lambda f: replace(f, value=Decimal(33)), ("bounds",)),
    "a number and less than the same number": (
        "jobs_created",
        lambda f: replace(f, qualifier="under"),
        ("differs",),
    ),
    "an exact number and a lower bound": (
        "jobs_money",
        lambda f: replace(f, value=Decimal(33), qualifier="exact"),
        ("bounds",),
    ),
    "an exact number below a lower bound": (
        "jobs_money",
        lambda f: replace(f, value=Decimal(31), qualifier="exact"),
        ("differs",),
    ),
    "rounded to fewer places": ("poverty_rate", lambda f: replace(f, value=Decimal("2.47")), ("same",)),
    "at least a number that was counted": ("jobs_created", lambda f: replace(f, qualifier="at_least"), ("bounds",)),
    "a range with another low end": ("households", lambda f: replace(f, value=Decimal(16)), ("differs",)),
    "a range with another high end": ("households", lambda f: replace(f, value_high=Decimal(21)), ("differs",)),
    "a number that lies in a range": (
        "households",
        lambda f: replace(f, value=Decimal(18), value_high=None),
        ("same",),
    ),
    "a misprint": ("jobs_created", lambda f: replace(f, spans=(replace(f.spans[0], reading="misprint"),)), MISPRINT),
}


@pytest.mark.parametrize("case", CLASSES.values(), ids=CLASSES.keys())
def test_statements_are_classed_by_their_difference(
    example: tuple[dict[str, Figure], dict[str, Unit]],
    case: tuple[str, Callable[[Figure], Figure], tuple[str, ...]],
) -> None:
    """Each difference has its class; the same amount in other decimals or another scale is the same."""
    figures, units = example
    name, change, classes = case
    other = replace(change(figures[name]), package="another-report")
    (group,) = across([*figures.values(), other], units)
    assert group.classes == classes
    assert [figure.package for figure in group.figures] == ["mau-2023-viec-lam", "another-report"]


@pytest.mark.parametrize("column", ["place", "body", "breakdown", "period_end", "stance", "measure", "extent", "base"])
def test_other_things_stay_apart(example: tuple[dict[str, Figure], dict[str, Unit]], column: str) -> None:
    """Figures that differ in what they speak of are never put side by side as one thing."""
    figures, units = example
    other = replace(figures["jobs_created"], package="another-report", **{column: "something-else"})  # type: ignore[arg-type]
    assert across([*figures.values(), other], units) == ()


def test_one_report_is_not_held_against_itself(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """A figure printed twice by one report is no agreement between reports."""
    figures, units = example
    again = replace(figures["jobs_created"], figure_id="jobs_again")
    assert across([*figures.values(), again], units) == ()


@pytest.mark.parametrize("change", [{"value": None}, {"value": Decimal("1e50")}, {"value_high": Decimal("1e50")}])
def test_what_is_no_number_is_held_against_nothing(
    example: tuple[dict[str, Figure], dict[str, Unit]], change: dict[str, Decimal | None]
) -> None:
    """A number beyond recovery, or longer than any that is printed, stands beside no other."""
    figures, units = example
    other = replace(figures["households"], package="another-report", **change)  # type: ignore[arg-type]
    assert across([*figures.values(), other], units) == ()


def test_machine_form(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """The JSON names the thing, its class and its figures by address."""
    figures, units = example
    other = replace(figures["jobs_created"], package="another-report")
    (record,) = as_json(across([*figures.values(), other], units))
    assert record["class"] == ["same"]
    assert record["figures"] == ["mau-2023-viec-lam#jobs_created", "another-report#jobs_created"]
    assert {"id", "indicator", "place", "body", "breakdown", "period"} < set(record)


# What a relation makes of two figures that print 1250 and 1300, and of two that print the same.
RELATED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "copy_of": (("copy", "differs"), ("same", "copy")),
    "scope": (("scope",), ("same", "scope")),
    "later": (("later",), ("same",)),
    "misprint": (("misprint",), ("same", "misprint")),
    "unclear": (("unclear",), ("same", "unclear")),
}


@pytest.mark.parametrize("kind", RELATED)
def test_a_relation_names_the_difference(example: tuple[dict[str, Figure], dict[str, Unit]], kind: str) -> None:
    """What somebody found by reading stands as a class; a difference with a reason no longer just differs."""
    figures, units = example
    for value, classes in zip((Decimal(1300), figures["jobs_created"].value), RELATED[kind], strict=True):
        other = replace(figures["jobs_created"], package="another-report", value=value)
        relation = Relation(
            2, "jobs", "another-report#jobs_created", "mau-2023-viec-lam#jobs_created", kind, "vì", "as"
        )
        (group,) = across([*figures.values(), other], units, [relation])
        assert group.classes == classes
        assert group.relations == (relation,)


def test_a_relation_joins_what_speaks_of_other_things(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """A figure that counts another body stands beside the one it was related to; the address is that of the first."""
    figures, units = example
    other = replace(figures["jobs_created"], package="another-report", body="so")
    relation = Relation(2, "jobs", other.address, figures["jobs_created"].address, "scope", "vì", "as")
    (group,) = across([*figures.values(), other], units, [relation])
    assert group.classes == ("same", "scope")
    assert [figure.package for figure in group.figures] == ["mau-2023-viec-lam", "another-report"]


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2023-01-01", "2023-12-31", "2023"),
        ("2021-01-01", "2023-12-31", "2021-2023"),
        ("2023-01-01", "2023-06-30", "2023-01-01-2023-06-30"),
    ],
)
def test_the_id_names_the_period(
    example: tuple[dict[str, Figure], dict[str, Unit]], start: str, end: str, period: str
) -> None:
    """A year is its number, years from one to another are two, and any other period is told by its days."""
    figure = replace(example[0]["jobs_created"], period_start=start, period_end=end)
    (group,) = across([figure, replace(figure, package="another-report")], example[1])
    assert group.id == f"giai-quyet-viec-lam--mau--toan-tinh--{period}--actual--level--total"


def test_what_is_not_the_same_is_kept_apart(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """Two figures that look alike and are said not to be the same thing never stand side by side."""
    figures, units = example
    other = replace(figures["jobs_created"], package="another-report")
    relation = Relation(2, "jobs", other.address, figures["jobs_created"].address, "not_same", "vì", "as")
    assert across([*figures.values(), other], units, [relation]) == ()


def test_every_kind_of_relation_is_tried() -> None:
    """A kind that is added needs its rule here."""
    assert set(RELATED) | {"not_same"} == set(KINDS)


def test_the_difference_is_of_the_largest_and_the_least(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """It is in the unit of the first, and there is none where the numbers agree or have no common unit."""
    figures, units = example
    for unit, value, expected in (
        ("nguoi", Decimal(1300), Decimal(50)),
        ("nguoi", Decimal(1250), None),
        ("ho", Decimal(1300), None),
    ):
        other = replace(figures["jobs_created"], package="another-report", value=value, unit=unit)
        (group,) = across([*figures.values(), other], units)
        assert group.difference == expected, (unit, value)
