"""Change one digit anywhere and it is noticed: in a value, in a locator, in a text; file, row and column are named."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from build_tools.checks import account_of, check
from build_tools.faults import Fault
from build_tools.figures import Figure, ReportData, Span
from build_tools.reports import Report as ReportText
from build_tools.reports import read_report
from build_tools.site_model import Report
from tests.makers import PROJECT

SEED = 20231231
OF_A_KIND = 60  # mutations of each kind for each report; all of them in the long run


@pytest.fixture(scope="module")
def reports(reports_folder: Path) -> list[Report]:
    """The reports of this project, their texts at hand."""
    return list(check(PROJECT / "datapackages", reports_folder).reports)


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
    for figure in sample([f for f in data.figures if f.value is not None], chance, long):
        assert isinstance(figure, Figure)
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
