"""Change one thing anywhere and it is noticed: a digit, a locator, a unit, a row; file, row and column are named."""

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from build_tools.audit import Finding, audit
from build_tools.audit.across import across
from build_tools.checks import Checked, account_of, check
from build_tools.faults import Fault
from build_tools.figures import Claim, Figure, ReportData, Span, Unit
from build_tools.packages import read_package
from build_tools.reports import Report as ReportText
from build_tools.reports import read_report, unit_faults
from build_tools.site_model import Report
from tests.makers import PROJECT, remove_row

SEED = 20231231
OF_A_KIND = 60  # mutations of each kind for each report; all of them in the long run


@pytest.fixture(scope="module")
def checked(reports_folder: Path) -> Checked:
    """The packages of this project, the texts at hand."""
    return check(PROJECT / "datapackages", reports_folder)


@pytest.fixture(scope="module")
def reports(checked: Checked) -> list[Report]:
    """The reports of this project, their texts at hand."""
    return list(checked.reports)


def other_digit(text: str, at: int, chance: random.Random) -> str:
    """Return the text with another digit in one place."""
    return text[:at] + chance.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1 :]


def noticed(data: ReportData, text: ReportText) -> list[Fault]:
    """Return what the account of a report says is wrong."""
    return account_of(data, text)[1]


def sample(items: list[object], chance: random.Random, long: bool) -> list[object]:
    """Return the items to change: some of them, all in a long run."""
    return items if long else chance.sample(items, min(OF_A_KIND, len(items)))


def with_value(data: ReportData, figure: Figure, value: Decimal) -> ReportData:
    """Return the report with another value in one row."""
    figures = tuple(replace(f, value=value) if f is figure else f for f in data.figures)
    return replace(data, figures=figures)


def with_span(data: ReportData, span: Span, **changes: object) -> ReportData:
    """Return the report with other cells in one row of its ledger."""
    spans = tuple(replace(s, **changes) if s is span else s for s in data.spans)  # type: ignore[arg-type]
    return replace(data, spans=spans)


def mutations(
    report: Report, chance: random.Random, long: bool
) -> Iterator[tuple[str, ReportData, ReportText, tuple[str, int]]]:
    """Yield changed reports, each with its text and where the change must be noticed: file and row."""
    data, text = report.data, report.text
    assert text is not None
    for figure in (f for f in data.figures if f.value is not None):
        written = str(figure.value)
        at = chance.choice([i for i, c in enumerate(written) if c.isdigit()])
        mutated = with_value(data, figure, Decimal(other_digit(written, at, chance)))
        yield f"value of {figure.address}", mutated, text, ("figures.csv", figure.row)
    for span in sample(list(data.spans), chance, long):
        assert isinstance(span, Span)
        column = chance.choice(["line", "start", "length"])
        moved = getattr(span, column) + chance.choice([-1, 1])
        mutated = with_span(data, span, **{column: moved})
        yield f"{column} of row {span.row}", mutated, text, ("ledger.csv", span.row)
    for span in sample([s for s in data.spans if any(c.isdigit() for c in s.as_written)], chance, long):
        assert isinstance(span, Span)
        line = text.lines[span.line - 1]
        places = [i for i in range(span.start - 1, span.start - 1 + span.length) if line[i].isdigit()]
        changed = other_digit(line, chance.choice(places), chance)
        lines = (*text.lines[: span.line - 1], changed, *text.lines[span.line :])
        yield f"text at row {span.row}", data, replace(text, lines=lines, sha256="0" * 64), ("ledger.csv", span.row)


def test_every_changed_digit_is_noticed(reports: list[Report], long_run: bool) -> None:
    """At least five hundred single changes, every one reported with its file and row, and a column."""
    chance = random.Random(SEED)  # noqa: S311  (the same changes in every run)
    tried, missed = 0, []
    for report in reports:
        assert noticed(report.data, report.text) == []  # type: ignore[arg-type]
        for what, data, text, (file, row) in mutations(report, chance, long_run):
            tried += 1
            faults = noticed(data, text)
            if not [f for f in faults if (f.file, f.row) == (file, row) and f.column]:
                missed.append(f"{report.name}: {what}: {faults[:2]}")
    assert not missed, "\n".join(missed[:20])
    assert tried >= 500 or len(reports) < 3


def test_every_missing_figure_is_noticed(reports: list[Report]) -> None:
    """Take any row out of figures.csv: the span that printed it, in ledger.csv, names a figure that is not there."""
    for report in reports:
        data, text = report.data, report.text
        assert text is not None
        for figure in data.figures:
            rest = tuple(other for other in data.figures if other is not figure)
            found = [fault for fault in noticed(replace(data, figures=rest), text) if fault.cell == figure.figure_id]
            assert {fault.row for fault in found} == {span.row for span in figure.spans} != set(), figure.address


def test_every_missing_span_is_noticed(reports: list[Report], long_run: bool) -> None:
    """Take any row out of ledger.csv: the number that stood there is open."""
    chance = random.Random(SEED)  # noqa: S311
    for report in reports:
        assert report.text is not None
        for span in sample(list(report.data.spans), chance, long_run):
            rest = tuple(other for other in report.data.spans if other is not span)
            faults = noticed(replace(report.data, spans=rest), report.text)
            assert [fault for fault in faults if fault.code == "digit-open"], (report.name, span)


def test_every_changed_high_end_is_noticed(reports: list[Report]) -> None:
    """Change a digit of the high end of any range, or take it away: it does not follow from what is printed."""
    chance = random.Random(SEED)  # noqa: S311
    changed = 0
    for report in reports:
        data, text = report.data, report.text
        assert text is not None
        for figure in (f for f in data.figures if f.value_high is not None):
            written = str(figure.value_high)
            at = chance.choice([i for i, c in enumerate(written) if c.isdigit()])
            for high in (Decimal(other_digit(written, at, chance)), None):
                figures = tuple(replace(f, value_high=high) if f is figure else f for f in data.figures)
                faults = noticed(replace(data, figures=figures), text)
                assert ("figures.csv", figure.row) in {(fault.file, fault.row) for fault in faults}, figure.address
                changed += 1
    assert changed or len(reports) < 3


# Of a unit the text says something only where a word follows the number. At the end of a line it does not, and where
# the report prints another unit than it means (`unit_written`) it is not asked.
WITHOUT_WORD = 1 / 10


def test_changed_units_of_money_are_noticed(checked: Checked) -> None:
    """Millions made billions, or the other way round: the words after the number say otherwise, of nine in ten sums."""
    units = checked.vocabulary.units
    money = [(r, f) for r in checked.reports for f in r.data.figures if units[f.unit].quantity == "money"]
    tried, missed = 0, []
    for report, figure in money:
        assert report.text is not None
        for other in units.values():
            if other.quantity == "money" and other.scale != units[figure.unit].scale:
                tried += 1
                if not list(unit_faults(report.text, [replace(figure, unit=other.unit)], units)):
                    missed.append(f"{figure.address} as {other.unit}")
    assert len(missed) <= tried * WITHOUT_WORD, missed


@pytest.mark.parametrize("times", [10, Decimal("0.1")])
def test_a_changed_scale_is_noticed(checked: Checked, times: Decimal) -> None:
    """A scale in units.csv that is ten times too large or too small is contradicted by a text that uses the unit."""
    units = checked.vocabulary.units
    for unit in units.values():
        used = [(report.text, f) for report in checked.reports for f in report.data.figures if f.unit == unit.unit]
        if unit.scale == 1 or not used:
            continue
        wrong = {**units, unit.unit: replace(unit, scale=unit.scale * times)}
        assert [item for text, f in used if text for item in unit_faults(text, [f], wrong)], unit.unit


# --- Rows that somebody decided -------------------------------------------------------------------------------------
#
# No text says which claims must be made of it, so a claim that is gone is missed only by what refers to it. The same
# holds of a relation. What nobody can notice is said by the tests below, so that nobody relies on its being noticed.


def others(report: Report, claims: tuple[Claim, ...], units: Iterable[Unit]) -> tuple[dict[str, Finding], list[str]]:
    """Return the findings of the claims that are left, and the claims that can no longer be judged."""
    findings, faults = audit(report.data.figures, claims, units)
    return {finding.claim_id: finding for finding in findings}, [item.claim_id for item in faults]


def test_a_missing_claim_is_noticed_where_something_refers_to_it(checked: Checked, tmp_path: Path) -> None:
    """A claim with items leaves rows of claim_items.csv behind, and one that another counts leaves that one unjudged.

    Any other claim leaves all findings but its own as they were.
    """
    units = tuple(checked.vocabulary.units.values())
    for report in checked.reports:
        before = {finding.claim_id: finding for finding in report.findings}
        with_items = [claim for claim in report.data.claims if claim.items]
        if with_items:
            package = tmp_path / report.name
            shutil.copytree(PROJECT / "datapackages" / report.name, package)
            remove_row(package / "claims.csv", with_items[0].claim_id)
            assert {f.file for f in read_package(package)[1]} == {"claim_items.csv"}, report.name
        for claim in report.data.claims:
            rest = tuple(other for other in report.data.claims if other is not claim)
            findings, unjudged = others(report, rest, units)
            counted = [other.claim_id for other in rest if f"count({claim.claim_id})" in other.formula]
            assert unjudged == sorted(counted), claim.claim_id
            assert findings == {name: f for name, f in before.items() if name not in (claim.claim_id, *counted)}


def test_every_missing_item_is_noticed(checked: Checked) -> None:
    """Take any row out of claim_items.csv: what is counted is one less, and the finding of the claim another."""
    units = tuple(checked.vocabulary.units.values())
    for report in checked.reports:
        before = {finding.claim_id: finding for finding in report.findings}
        for claim in report.data.claims:
            for item in claim.items:
                fewer = replace(claim, items=tuple(other for other in claim.items if other is not item))
                claims = tuple(fewer if other is claim else other for other in report.data.claims)
                findings, unjudged = others(report, claims, units)
                assert claim.claim_id in unjudged or findings[claim.claim_id] != before[claim.claim_id], item


def test_every_missing_relation_changes_what_stands_side_by_side(checked: Checked) -> None:
    """Take any row out of relations.csv: its reason is gone from the page, and nothing else tells of it.

    The classes change only where no other row and no column of figures.csv says the same.
    """
    figures = [figure for report in checked.reports for figure in report.data.figures]
    relations = {relation for group in checked.across for relation in group.relations}
    assert relations
    for relation in relations:
        rest = sorted(relations - {relation}, key=lambda other: other.row)
        assert across(figures, checked.vocabulary.units, rest) != checked.across, relation.id


def test_text_on_disk_that_was_changed_is_noticed(reports: list[Report], reports_folder: Path, tmp_path: Path) -> None:
    """A text file with one digit changed is told from the one that was transcribed, and the span is named."""
    for report in reports:
        assert report.text is not None
        content = (reports_folder / report.text.file).read_text(encoding="utf-8")
        at = next(i for i, c in enumerate(content) if c.isdigit())
        path = tmp_path / report.text.file
        path.write_text(other_digit(content, at, random.Random(SEED)), encoding="utf-8")  # noqa: S311
        faults = noticed(report.data, read_report(path))
        assert {"text-changed", "locator"} <= {fault.code for fault in faults}
