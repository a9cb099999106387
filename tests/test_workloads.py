"""Packages made for measuring are sound ones: what is measured is what a real build does."""

from pathlib import Path

import pytest

from build_tools import site_model, workloads
from build_tools.checks import check


def test_made_tables_are_sound_and_always_the_same(tmp_path: Path) -> None:
    """Made packages have no fault and two tables of 200 rows, and are the same bytes every time."""
    for name in ("one", "two"):
        workloads.tables(tmp_path / name, 3)
    checked = check(tmp_path / "one", None)
    assert not [fault for fault in checked.faults if fault.level == "error"]
    assert [len(table.rows) for package in checked.packages for table in package.tables] == [workloads.ROWS] * 6
    assert _contents(tmp_path / "one") == _contents(tmp_path / "two")


def test_made_reports_are_sound(tmp_path: Path) -> None:
    """Made reports hold 150 figures, 300 spans and 25 claims that agree, and account for every digit of their texts."""
    workloads.reports(tmp_path / "datapackages", tmp_path / "texts", 11)
    checked = check(tmp_path / "datapackages", tmp_path / "texts")
    assert checked.faults == ()
    assert len(checked.reports) == 11
    for report in checked.reports:
        data = report.data
        assert (len(data.figures), len(data.spans), len(data.claims)) == (150, 300, workloads.CLAIMS)
        assert report.coverage.text_at_hand and not report.coverage.open
        assert {finding.verdict for finding in report.findings} <= {"exact", "rounded"}


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_chart_stands_on_the_page_that_has_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an indicator goes on over several pages so do its charts, so that no page grows with the reports."""
    monkeypatch.setattr(site_model, "MOST_ROWS", 20)
    workloads.reports(tmp_path / "datapackages", tmp_path / "texts", 10)
    site = check(tmp_path / "datapackages", None).plan()
    addresses = {page.address for page in site.pages}
    singles = [chart for chart in site.charts if chart.figure is not None]
    assert {chart.part for chart in singles} == {1, 2, 3}
    for chart in singles:
        rows = site.figures_of(chart.indicator)[(chart.part - 1) * 20 : chart.part * 20]
        assert chart.figure in rows and chart.page in addresses
