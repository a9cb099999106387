"""The same thing in several reports: found when it is the same, else left apart, and classed by its difference."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from build_tools.audit.across import across, as_json
from build_tools.figures import Figure, Unit
from tests.makers import copy_example


@pytest.fixture
def example(tmp_path: Path) -> tuple[dict[str, Figure], dict[str, Unit]]:
    """The figures of the example report by id, and its units."""
    checked = copy_example(tmp_path).check()
    return dict(checked.reports[0].data.by_id()), dict(checked.vocabulary.units)


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
    "an exact number and a lower bound": (
        "jobs_money",
        lambda f: replace(f, value=Decimal(33), qualifier="exact"),
        ("differs",),
    ),
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


def test_machine_form(example: tuple[dict[str, Figure], dict[str, Unit]]) -> None:
    """The JSON names the thing, its class and its figures by address."""
    figures, units = example
    other = replace(figures["jobs_created"], package="another-report")
    (record,) = as_json(across([*figures.values(), other], units))
    assert record["class"] == ["same"]
    assert record["figures"] == ["mau-2023-viec-lam#jobs_created", "another-report#jobs_created"]
    assert {"id", "indicator", "place", "body", "breakdown", "period"} < set(record)
