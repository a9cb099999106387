"""Targets and their outcomes: printed or derived, of one report or several, held beside each other and never graded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from build_tools.audit.finding import Finding
from build_tools.audit.promises import Promise, Result, as_json, promises, results
from build_tools.figures import Figure, ReportData, Unit
from tests.makers import copy_example


@dataclass(frozen=True)
class Stated:
    """A report as far as promises read it."""

    data: ReportData
    findings: tuple[Finding, ...]
    results: tuple[Result, ...] = ()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Stated:
    """The example report, which prints one target and what became of it."""
    checked = copy_example(tmp_path_factory.mktemp("example")).check()
    found = checked.reports[0]
    return Stated(found.data, found.findings, found.results)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Unit]:
    """The units of the example's vocabulary."""
    return copy_example(tmp_path_factory.mktemp("units")).check().vocabulary.units


def with_figures(report: Stated, package: str, *figures: Figure) -> Stated:
    """Return another report that states only these figures."""
    facts = replace(report.data.facts, package=package)
    data = replace(report.data, facts=facts, figures=tuple(replace(f, package=package) for f in figures), claims=())
    return Stated(data, ())


def of(report: Stated, figure_id: str) -> Figure:
    """Return a figure of the report."""
    return report.data.by_id()[figure_id]


def jobs(found: tuple[Promise, ...]) -> tuple[Promise, ...]:
    """Return the promises about jobs."""
    return tuple(promise for promise in found if promise.figure.indicator == "giai-quyet-viec-lam")


def test_printed_target_with_its_outcome(report: Stated, units: Mapping[str, Unit]) -> None:
    """The attainment that is printed stands beside the one that the arithmetic gives."""
    (promise,) = jobs(promises([report], units))
    assert (promise.kind, promise.target, promise.figure.figure_id) == ("printed", Decimal(1200), "jobs_target")
    assert [figure.figure_id for figure in promise.outcomes] == ["jobs_created"]
    assert promise.attainment is not None and promise.attainment.value == Decimal("104.17")
    assert promise.computed is not None and f"{promise.computed:.4f}" == "104.1667"
    assert not promise.is_open and promise.due == "2023-12-31"


def test_target_without_outcome_is_open(report: Stated, units: Mapping[str, Unit]) -> None:
    """A target for a coming year has no outcome, and nothing is worked out for it."""
    target = replace(of(report, "jobs_target"), period_start="2024-01-01", period_end="2024-12-31")
    (promise,) = promises([with_figures(report, "sau", target)], units)
    assert promise.is_open and promise.computed is None and promise.attainment is None


def test_outcome_may_stand_in_a_later_report(report: Stated, units: Mapping[str, Unit]) -> None:
    """The report of the next year answers the target that an earlier one set."""
    target, outcome = of(report, "jobs_target"), of(report, "jobs_created")
    earlier = with_figures(report, "truoc", target)
    later = with_figures(report, "sau", outcome)
    (promise,) = promises([earlier, later], units)
    assert [figure.address for figure in promise.outcomes] == ["sau#jobs_created"]
    assert promise.computed is not None and f"{promise.computed:.2f}" == "104.17"


@pytest.mark.parametrize(
    "column", ["indicator", "place", "body", "breakdown", "period_end", "measure", "extent"], ids=lambda c: c
)
def test_outcome_of_another_thing_is_none(report: Stated, units: Mapping[str, Unit], column: str) -> None:
    """What counts something else, or counts it otherwise, is no outcome of the target."""
    outcome = replace(of(report, "jobs_created"), **{column: "each_year" if column == "extent" else "2099-12-31"})  # type: ignore[arg-type]
    (promise,) = jobs(promises([with_figures(report, "truoc", of(report, "jobs_target"), outcome)], units))
    assert promise.outcomes == ()


def test_one_target_in_two_reports_is_one_promise(report: Stated, units: Mapping[str, Unit]) -> None:
    """A target printed twice with one amount is told once, with the other place beside it."""
    target = of(report, "jobs_target")
    again = replace(target, figure_id="jobs_target_again")
    (promise,) = promises([with_figures(report, "mot", target), with_figures(report, "hai", again)], units)
    assert promise.figure.address == "mot#jobs_target"
    assert [figure.address for figure in promise.also] == ["hai#jobs_target_again"]
    assert promise.moved == ()


def test_target_that_moved_between_documents_is_named(report: Stated, units: Mapping[str, Unit]) -> None:
    """Two amounts for one thing are two promises, and each names the other."""
    target = of(report, "jobs_target")
    found = promises(
        [with_figures(report, "mot", target), with_figures(report, "hai", replace(target, value=Decimal(1300)))], units
    )
    assert {promise.target: [f.address for f in promise.moved] for promise in found} == {
        Decimal(1200): ["hai#jobs_target"],
        Decimal(1300): ["mot#jobs_target"],
    }


def test_machine_form(report: Stated, units: Mapping[str, Unit]) -> None:
    """The JSON has the keys that were promised, numbers as text."""
    (record,) = [r for r in as_json(promises([report], units)) if r["indicator"] == "giai-quyet-viec-lam"]
    assert {"id", "indicator", "place", "period", "target", "claimed", "computed", "outcome"} <= set(record)
    assert (record["target"], record["claimed"]) == ("1200", "104.17")
    assert record["outcome"] == ["mau-2023-viec-lam#jobs_created = 1250"]


@pytest.mark.parametrize(("direction", "target"), [("down", "2.9"), ("up", "2.1")])
def test_target_follows_from_a_gap_to_the_plan(
    report: Stated, units: Mapping[str, Unit], direction: str, target: str
) -> None:
    """A rate of 2,5 that is 0,4 below its plan had a plan of 2,9; one that is 0,4 above it had 2,1."""
    rate = of(report, "poverty_rate")
    gap = replace(
        rate,
        figure_id="gap",
        measure="gap",
        base="plan",
        direction=direction,
        value=Decimal("0.4"),
        unit="diem-phan-tram",
    )
    (result,) = results(replace(report.data, figures=(rate, gap), claims=()), (), units)
    assert (result.target, result.target_kind, result.target_figure) == (Decimal(target), "derived", gap)
    assert result.claim_id == ""


def test_attainment_without_a_finding_has_no_target(report: Stated, units: Mapping[str, Unit]) -> None:
    """Where the claim of an attainment could not be judged, nothing is assumed and no target follows."""
    figures = tuple(of(report, name) for name in ("jobs_created", "jobs_attainment"))
    (result,) = results(replace(report.data, figures=figures), (), units)
    assert (result.target, result.target_kind, result.claim_id) == (None, "none", "jobs_attained")


@pytest.mark.parametrize("change", [{"value_high": Decimal(1300)}, {"unit": "ho"}], ids=["range", "other unit"])
def test_no_percentage_of_what_is_no_amount_of_one_unit(
    report: Stated, units: Mapping[str, Unit], change: dict[str, object]
) -> None:
    """A target that is a range, or counts in another unit, stands beside its outcome without a percentage."""
    target = replace(of(report, "jobs_target"), **change)  # type: ignore[arg-type]
    reports = [with_figures(report, "truoc", target), with_figures(report, "sau", of(report, "jobs_created"))]
    (promise,) = promises(reports, units)
    assert promise.outcomes and promise.computed is None
