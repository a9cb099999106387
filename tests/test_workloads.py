"""Packages made for measuring are sound ones: what is measured is what a real build does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build_tools import site_model, workloads
from build_tools.build import build_site, language_config
from build_tools.checks import check
from build_tools.render.page_views import PageView
from build_tools.settings import read_settings
from build_tools.sources import Sources
from build_tools.words import read_words
from tests.conftest import PROJECT


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


def test_no_page_lists_without_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings and promises of many reports go on over pages, each on one; every page leads to the others."""
    monkeypatch.setattr(site_model, "MOST_FINDINGS", 40)
    workloads.reports(tmp_path / "datapackages", tmp_path / "texts", 4)
    settings = replace(read_settings(PROJECT), packages=tmp_path / "datapackages", reports=None, out=tmp_path / "out")
    built = build_site(replace(settings, languages=("vi",), social_images=False))
    assert built.site is not None
    found = [finding for report in built.checked.reports for finding in report.findings]
    rounded = sum(finding.verdict == "rounded" for finding in found)
    for address, wanted in (("doi-chieu/ket-luan/rounded/", rounded), ("cam-ket/", len(built.checked.promises))):
        folders = [built.site / address, *sorted((built.site / address).glob("trang-*/"))]
        pages = [(folder / "index.html").read_text("utf-8") for folder in folders]
        rows = [page.count("<tr") - page.count("<thead") for page in pages]
        assert len(pages) > 1 and max(rows) == 40 and sum(rows) == wanted
        for number, page in enumerate(pages, 1):
            assert all(f"trang-{n}/" in page for n in range(2, len(pages) + 1) if n != number)


def test_no_list_grows_with_the_packages(tmp_path: Path) -> None:
    """Packages go on over pages of a list, of which each links to few others; the sections lead to their first page."""
    workloads.tables(tmp_path / "p", 12)
    site = check(tmp_path / "p", None).plan()
    listed = [page for page in site.pages if page.template == "data"]
    assert [page.address for page in listed] == ["du-lieu/"]
    many = replace(site, packages=site.packages * 100)
    pages = list(site_model._list_of_packages(many.packages))
    assert len(pages) == 1200 // site_model.MOST_PACKAGES and pages[1].address == "du-lieu/trang-2/"
    words = read_words("vi", Sources(), "vi")
    settings = read_settings(PROJECT)
    view = PageView(many, words, settings, {}, "", {})
    shown = [package for page in pages for package in view.rows_of(page, many.packages)]
    assert shown == list(many.packages)
    assert [link["text"] for link in view.part_links(pages[11], "du-lieu/")] == ["1", *map(str, range(9, 16)), "24"]
    assert len(view.part_links(pages[0], "du-lieu/")) == 5
    config: Any = language_config(settings, replace(many, pages=tuple(pages)), words)
    assert config["nav"][-1] == {words.text("section.data"): "du-lieu/index.md"}
