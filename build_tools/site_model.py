"""Which pages, charts and downloads exist, what they hold, and where they live.

The plan is the same in every language: it holds records, and the renderers turn records into words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from build_tools.audit.comparability import differences
from build_tools.audit.finding import VERDICTS
from build_tools.audit.promises import Promise, Result, results
from build_tools.history import OldVersion, Release, releases
from build_tools.series import Series, find_series
from build_tools.table_charts import KINDS, TableChart, charts_of_package, unique_names

if TYPE_CHECKING:
    from build_tools.audit.across import Across
    from build_tools.audit.finding import Finding
    from build_tools.chart_hints import ChartHint
    from build_tools.figures import Claim, Figure, ReportData, Response
    from build_tools.packages import Package, Table
    from build_tools.reports import Coverage
    from build_tools.reports import Report as ReportText
    from build_tools.table_charts import Ask
    from build_tools.vocabulary import Indicator, Place, Topic, Vocabulary

WITH_IMAGE = ("home", "topic", "indicator", "place", "report")

M = TypeVar("M")
K = TypeVar("K")

MOST_PANELS = 4  # of one chart; what is more is drawn in a further chart on the same scale
MOST_BESIDE = 4  # charts on one page that put figures side by side
MOST_ROWS = 60  # of figures on one page; what is more goes on on the next
MOST_PACKAGES = 50  # or reports, of each of which a page tells in a few lines
MOST_FINDINGS = 300  # and of findings or promises, of which a row is short

# ---- what is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """One value drawn in a chart.

    `role` says how it is drawn: `actual` solid, `estimate` hollow, `target` a line, `target_derived` a dashed line,
    `derived` dashed and joined by dots (worked out by us, not printed), `total` what the parts make, `total_estimate`
    the same where it is an estimate, `value` solid, of a table and of no report.
    """

    label: str  # the category or the period, as the reader sees it
    value: Decimal
    text: str  # the value as the reader sees it, with its unit where it has one: "17.034 người"
    role: str = "actual"
    panel: str = ""  # the small multiple it stands in, where a chart has several
    broken: str = ""  # why a series does not run on to it from the mark before, in words

    @property
    def full_label(self) -> str:
        """What it stands for, outside of the drawing too: `Quảng Bình, 2022` in a chart of several panels."""
        return f"{self.panel}, {self.label}" if self.panel else self.label

    at: Decimal | None = None  # the number of its day, in a chart over time


@dataclass(frozen=True)
class Chart:
    """A chart to draw: everything it shows, nothing of how.

    `kind`: `target` (a row per label: actual and, where there is one, target), `parts` (the parts of a total, largest
    first, in the unit of the total; without a total, any values by category), `series` (values over years in order of
    time, a panel for each series), `line` (any number of values over time, joined where nothing lies between).
    """

    chart: str  # its address, a slug
    kind: str
    title: str
    sentence: str  # what it shows, stated for whoever cannot see it
    unit: str  # the symbol of the unit, for the axis
    marks: tuple[Mark, ...]
    caveats: str = ""  # what keeps the values from being compared, in words under the chart
    beside: tuple[Decimal, ...] = ()  # values of other charts, which the scale takes in so that they compare
    publisher: str = "minhbach"  # whom a picture that stands alone names


# ---- what is held together -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """A total and its parts, as a claim of the report states them."""

    claim_id: str
    total: Figure
    parts: tuple[Figure, ...]


@dataclass(frozen=True)
class Beside:
    """Figures of one unit side by side, each with its target if any; `differ` is what the caption must say."""

    results: tuple[Result, ...]
    differ: tuple[str, ...]
    title_vi: str = ""  # as a package asks for it; empty where the plan puts places side by side
    title_en: str = ""


@dataclass(frozen=True)
class Years:
    """Series of one unit, a panel each; `reach` holds the values of the whole indicator, for one scale."""

    series: tuple[Series, ...]
    reach: tuple[Decimal, ...]


@dataclass(frozen=True)
class PlannedChart:
    """A chart that will be drawn: its address and the records it shows."""

    chart: str
    kind: str
    package: str
    indicator: str
    shows: Result | Years | Parts | Beside | TableChart
    table: str = ""  # of the package, where it is a table that is drawn
    part: int = 1  # of the indicator's pages, the one it stands on

    @property
    def page(self) -> str:
        """The address of the page it stands on."""
        if self.table:
            return f"du-lieu/{self.package}/{self.table}/"
        return f"chi-tieu/{self.indicator}/{_of_part(self.part)}"

    @property
    def figure(self) -> Figure | None:
        """The figure that it shows, None where it puts several side by side or draws a table."""
        if isinstance(self.shows, Result):
            return self.shows.figure
        return self.shows.total if isinstance(self.shows, Parts) else None

    @property
    def is_beside(self) -> bool:
        """Whether it puts figures of several places, kinds or years side by side."""
        return isinstance(self.shows, Beside | Years)


@dataclass(frozen=True)
class Report:
    """All that is known of one report: its package, its records, what the checks say, the account of its text."""

    package: Package
    data: ReportData
    findings: tuple[Finding, ...]
    coverage: Coverage
    results: tuple[Result, ...]
    text: ReportText | None = None  # the report's text, when it is at hand

    @property
    def name(self) -> str:
        """The package's name, and the report's address."""
        return self.package.name

    def result_of(self, figure_id: str) -> Result | None:
        """Return the result built on a figure."""
        return self._results.get(figure_id)

    @cached_property
    def _results(self) -> Mapping[str, Result]:
        return {result.figure.figure_id: result for result in reversed(self.results)}  # of two, the first

    def claim(self, claim_id: str) -> Claim:
        """Return a claim by its id."""
        return self._claims[claim_id]

    @cached_property
    def _claims(self) -> Mapping[str, Claim]:
        return {claim.claim_id: claim for claim in self.data.claims}

    def figure(self, name: str) -> Figure | None:
        """Return the figure that a claim of the report names, None for what is no figure."""
        return self._figures.get(name)

    @cached_property
    def _figures(self) -> Mapping[str, Figure]:
        return self.data.by_id()

    def response(self, claim_id: str) -> Response | None:
        """Return what became of asking about a finding, None when nobody asked."""
        return next((response for response in self.data.responses if response.finding == claim_id), None)

    def claim_address(self, claim_id: str) -> str:
        """Return where a claim's finding stands."""
        return f"doi-chieu/{self.name}/#{claim_id}"

    @property
    def headlines(self) -> tuple[Result, ...]:
        """The results the package puts first, else the first four of the report that have a target."""
        chosen = [self.result_of(figure_id) for figure_id in self.data.facts.headlines]
        first = [r for r in self.results if r.target_kind != "none" or r.attainment] or list(self.results)
        return tuple(r for r in chosen if r is not None) or tuple(first[:4])

    def findings_on(self, figures: Iterable[Figure]) -> tuple[Finding, ...]:
        """Return the findings in which any of the figures is an input."""
        ids = {figure.figure_id for figure in figures if figure.package == self.name}
        return tuple(finding for finding in self.findings if ids.intersection(finding.inputs))


@dataclass(frozen=True)
class Between:
    """What reports say together: the claims of the `across` package and what they come to."""

    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)  # of every report, by address

    def claim(self, claim_id: str) -> Claim:
        """Return a claim by its id."""
        return self._claims[claim_id]

    @cached_property
    def _claims(self) -> Mapping[str, Claim]:
        return {claim.claim_id: claim for claim in self.claims}

    def figure(self, name: str) -> Figure | None:
        """Return the figure that a claim names as `package#figure_id`, None for what is no figure."""
        return self.figures.get(name)

    def claim_address(self, claim_id: str) -> str:
        """Return where a claim's finding stands."""
        return f"doi-chieu/cheo/#{claim_id}"


Audited = Report | Between  # whose claims a finding is of


def figures_in(of: Audited, finding: Finding) -> tuple[Figure, ...]:
    """Return the figures a finding rests on, the result first."""
    names = dict.fromkeys([of.claim(finding.claim_id).result, *finding.inputs])
    return tuple(figure for figure in map(of.figure, names) if figure is not None)


# The files that hold the whole site, by kind.
WHOLE = {"zip": "tai-ve/minhbach.zip", "sqlite": "tai-ve/minhbach.sqlite", "parquet": "tai-ve/figures.parquet"}


@dataclass(frozen=True)
class Page:
    """A page to render: its template, where it lives, and the records it shows."""

    template: str
    address: str  # relative to the language's root, ending in a slash; "" is the home page
    subject: Any = None
    parent: str = ""  # the address of the section it belongs to
    part: int = 1  # of a list that goes on over several pages
    parts: int = 1
    rows: int = MOST_ROWS  # of that list, on each page

    @property
    def image(self) -> str:
        """The address of the picture that stands for the page where it is shared, empty for a page without one."""
        if self.template not in WITH_IMAGE or self.part > 1:
            return ""
        return f"hinh/{self.address.strip('/') or 'trang-chu'}.png"


@dataclass(frozen=True)
class Site:
    """The whole site: every page, every chart, and the records all renderers read."""

    vocabulary: Vocabulary
    reports: tuple[Report, ...]  # newest period first
    packages: tuple[Package, ...]
    pages: tuple[Page, ...]
    charts: tuple[PlannedChart, ...]
    across: tuple[Across, ...] = ()
    between: Between = field(default_factory=Between)
    promises: tuple[Promise, ...] = ()
    versions: Mapping[str, tuple[OldVersion, ...]] = field(default_factory=dict)  # earlier ones, by package

    def releases(self) -> tuple[Release, ...]:
        """Return the releases of all reports, the newest first."""
        found = [release for report in self.reports for release in self.releases_of(report)]
        return tuple(sorted(found, key=lambda release: release.date, reverse=True))

    def releases_of(self, report: Report) -> tuple[Release, ...]:
        """Return the releases of a report's package, the newest first."""
        descriptor, old = report.package.descriptor, self.versions.get(report.name, ())
        created = str(descriptor.get("created") or "")[:10]
        return releases(report.name, created, str(descriptor["version"]), report.data.changes, old)

    def version_day(self, package: Package) -> str:
        """Return the day of a package's version: of its changes, else of the first publication; empty if not known."""
        report = self._by_name.get(package.name)
        version = package.descriptor.get("version")
        days = [c.date for c in report.data.changes if c.version == version] if report is not None else []
        created = str(package.descriptor.get("created") or "")[:10]
        return days[-1] if days else created if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", created) else ""

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure of every report, in the order of reports and of their texts."""
        return self._figures

    @cached_property
    def _figures(self) -> tuple[Figure, ...]:
        return tuple(figure for report in self.reports for figure in report.data.figures)

    def report(self, name: str) -> Report:
        """Return the report of a package."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> Mapping[str, Report]:
        return {report.name: report for report in self.reports}

    def figure(self, address: str) -> Figure | None:
        """Return the figure that is called `package#figure_id`, None where there is none."""
        return self._by_address.get(address)

    @cached_property
    def _by_address(self) -> Mapping[str, Figure]:
        return {figure.address: figure for figure in self.figures()}

    def figures_at(self, place: str) -> tuple[Figure, ...]:
        """Return the figures of a place, report by report."""
        return self._by_place.get(place, ())

    @cached_property
    def _by_place(self) -> Mapping[str, tuple[Figure, ...]]:
        return grouped(self.figures(), lambda figure: figure.place)

    def figures_of(self, indicator: str) -> tuple[Figure, ...]:
        """Return the figures of an indicator, newest first, within a report in the order of its text."""
        return self._by_indicator.get(indicator, ())

    @cached_property
    def _by_indicator(self) -> Mapping[str, tuple[Figure, ...]]:
        found: dict[str, list[Figure]] = {}
        for figure in self.figures():
            found.setdefault(figure.indicator, []).append(figure)

        def order(figure: Figure) -> tuple[int, str, int]:
            return -int(figure.period_end.replace("-", "")), figure.package, figure.row

        return {indicator: tuple(sorted(figures, key=order)) for indicator, figures in found.items()}

    def charts_of(self, indicator: str) -> tuple[PlannedChart, ...]:
        """Return the charts of an indicator's page, those that put several figures side by side first."""
        return self._charts_by_indicator.get(indicator, ())

    def charts_of_package(self, package: str) -> tuple[PlannedChart, ...]:
        """Return the charts of a package, in the order of the plan."""
        return self._charts_by_package.get(package, ())

    def charts_of_table(self, package: str, table: str) -> tuple[PlannedChart, ...]:
        """Return the charts of a table that belongs to no report, in the order of the plan."""
        return self._charts_by_table.get((package, table), ())

    @cached_property
    def _charts_by_indicator(self) -> Mapping[str, tuple[PlannedChart, ...]]:
        return grouped(self.charts, lambda chart: chart.indicator)

    @cached_property
    def _charts_by_package(self) -> Mapping[str, tuple[PlannedChart, ...]]:
        return grouped(self.charts, lambda chart: chart.package)

    @cached_property
    def _charts_by_table(self) -> Mapping[tuple[str, str], tuple[PlannedChart, ...]]:
        return grouped(self.charts, lambda chart: (chart.package, chart.table))

    def indicators(self) -> tuple[Indicator, ...]:
        """Return the indicators that have figures, in the order of the vocabulary."""
        return self._indicators

    @cached_property
    def _indicators(self) -> tuple[Indicator, ...]:
        used = {figure.indicator for figure in self.figures()}
        return tuple(i for i in self.vocabulary.indicators.values() if i.indicator in used)

    def indicators_of(self, topic: str) -> tuple[Indicator, ...]:
        """Return the indicators of a topic that have figures."""
        return tuple(indicator for indicator in self.indicators() if indicator.topic == topic)

    def topics(self) -> tuple[Topic, ...]:
        """Return the topics that have figures, in their order."""
        return self._topics

    @cached_property
    def _topics(self) -> tuple[Topic, ...]:
        used = {indicator.topic for indicator in self.indicators()}
        return tuple(topic for topic in self.vocabulary.topics.values() if topic.topic in used)

    def topics_of(self, figures: Iterable[Figure]) -> frozenset[str]:
        """Return the topics that figures belong to."""
        return frozenset(self.vocabulary.indicators[figure.indicator].topic for figure in figures)

    def places(self) -> tuple[Place, ...]:
        """Return the places that have figures or reports, in the order of the vocabulary."""
        return self._places

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        used = {figure.place for figure in self.figures()} | {report.data.facts.place for report in self.reports}
        return tuple(place for place in self.vocabulary.places.values() if place.place in used)

    def reports_of(self, place: str) -> tuple[Report, ...]:
        """Return the reports whose body is of that place, newest first."""
        return self._reports_by_place.get(place, ())

    @cached_property
    def _reports_by_place(self) -> Mapping[str, tuple[Report, ...]]:
        return grouped(self.reports, lambda report: report.data.facts.place)

    def findings(self) -> tuple[tuple[Report, Finding], ...]:
        """Return every finding with its report."""
        return self._findings

    @cached_property
    def _findings(self) -> tuple[tuple[Report, Finding], ...]:
        return tuple((report, finding) for report in self.reports for finding in report.findings)


def grouped(members: Iterable[M], key: Callable[[M], K]) -> dict[K, tuple[M, ...]]:
    """Return members by what they have in common, in their own order."""
    found: dict[K, list[M]] = {}
    for member in members:
        found.setdefault(key(member), []).append(member)
    return {of: tuple(some) for of, some in found.items()}


def fits_spreadsheet(table: Table) -> bool:
    """Return whether a workbook holds a table whole: a longer cell, or more rows, it would cut in silence."""
    longest = max((len(cell) for row in table.rows for cell in row), default=0)
    return len(table.rows) < 2**20 and len(table.fields) <= 2**14 and longest <= 32_767


# ---- the plan ------------------------------------------------------------------------------------------------------


def plan_site(
    vocabulary: Vocabulary,
    packages: Sequence[Package],
    reports: Sequence[Report],
    across: Sequence[Across] = (),
    between: Between | None = None,
    promises: Sequence[Promise] = (),
    hints: Sequence[ChartHint] = (),
    versions: Mapping[str, tuple[OldVersion, ...]] | None = None,
    asks: Mapping[str, Sequence[Ask]] | None = None,
) -> Site:
    """Return the plan of the site: every page with its address, every chart with what it shows.

    `asks` holds the charts that packages of tables ask for, by package. Without a report there are no pages about
    reports, and the home page leads to the data.
    """
    ordered = tuple(sorted(reports, key=lambda r: (r.data.facts.period_end, r.name), reverse=True))
    together = (tuple(across), between or Between(), tuple(promises), versions or {})
    bare = Site(vocabulary, ordered, tuple(packages), (), (), *together)
    over_years = tuple(_over_years(bare))
    planned = [*over_years, *_places_beside(bare), *_asked(bare, hints), *_charts(bare, over_years)]
    charts = (*_on_their_pages(bare, planned), *_of_tables(packages, asks or {}))
    if not ordered:
        first = (Page("home_data", ""), Page("changes", "thay-doi/"), Page("lookup", "tra-cuu/"))
        pages_of_data = (*_list_of_packages(packages), *_whole(packages), *_data_pages(packages))
        return replace(bare, pages=(*first, *pages_of_data), charts=charts)
    pages = [
        Page("home", ""),
        *_pages_of_list("reports", "bao-cao/", None, "", len(ordered), MOST_PACKAGES),
        Page("topics", "chu-de/"),
        Page("indicators", "chi-tieu/"),
        Page("places", "dia-phuong/"),
        Page("audit", "doi-chieu/"),
        Page("across", "doi-chieu/cheo/", parent="doi-chieu/"),
        *_pages_of_list("promises", "cam-ket/", None, "", len(bare.promises), MOST_FINDINGS),
        Page("lookup", "tra-cuu/"),
        *_list_of_packages(packages),
        *_whole(packages),
        Page("changes", "thay-doi/"),
    ]
    pages += [Page("topic", f"chu-de/{t.topic}/", t, "chu-de/") for t in bare.topics()]
    for indicator in bare.indicators():
        n, address = len(bare.figures_of(indicator.indicator)), f"chi-tieu/{indicator.indicator}/"
        pages += _pages_of_list("indicator", address, indicator, "chi-tieu/", n)
    for place in bare.places():
        address = f"dia-phuong/{place.place}/"
        pages.append(Page("place", address, place, "dia-phuong/"))
        of_topics = Counter(vocabulary.indicators[f.indicator].topic for f in bare.figures_at(place.place))
        for topic in bare.topics():
            if n := of_topics[topic.topic]:
                pages += _pages_of_list("place_topic", f"{address}{topic.topic}/", (place, topic), address, n)
    pages += [Page("report", f"bao-cao/{r.name}/", r, "bao-cao/") for r in ordered]
    pages += [Page("ledger", f"bao-cao/{r.name}/so/", r, "bao-cao/") for r in ordered]
    pages += [Page("text", f"bao-cao/{r.name}/van-ban/", r, "bao-cao/") for r in ordered if r.text is not None]
    of_verdicts = Counter(finding.verdict for _, finding in bare.findings())
    for verdict in VERDICTS:
        if n := of_verdicts[verdict]:
            address = f"doi-chieu/ket-luan/{verdict}/"
            pages += _pages_of_list("audit_verdict", address, verdict, "doi-chieu/", n, MOST_FINDINGS)
    of_topics = Counter(
        topic for report, finding in bare.findings() for topic in bare.topics_of(figures_in(report, finding))
    )
    for topic in bare.topics():
        address, n = f"doi-chieu/chu-de/{topic.topic}/", of_topics[topic.topic]
        pages += _pages_of_list("audit_topic", address, topic, "doi-chieu/", n, MOST_FINDINGS)
    pages += [Page("audit_report", f"doi-chieu/{r.name}/", r, "doi-chieu/") for r in ordered]
    pages += _data_pages(packages)
    return replace(bare, pages=tuple(pages), charts=charts)


def _list_of_packages(packages: Sequence[Package]) -> Iterable[Page]:
    return _pages_of_list("data", "du-lieu/", None, "", len(packages), MOST_PACKAGES)


def _whole(packages: Sequence[Package]) -> tuple[Page, ...]:
    """Return the page of the files that hold the whole site, where there is something to hold."""
    return (Page("whole", "tai-ve/", parent="du-lieu/"),) if packages else ()


def _data_pages(packages: Sequence[Package]) -> Iterable[Page]:
    """Yield a page for each package and each of their tables."""
    for package in packages:
        yield Page("package", f"du-lieu/{package.name}/", package, "du-lieu/")
    for package in packages:
        for table in package.tables:
            yield Page("table", f"du-lieu/{package.name}/{table.name}/", (package, table), "du-lieu/")


def _of_tables(packages: Sequence[Package], asks: Mapping[str, Sequence[Ask]]) -> Iterable[PlannedChart]:
    """Yield the charts of the packages that are no reports and belong to none."""
    for package in packages:
        if package.kind != "other":
            continue
        found = list(charts_of_package(package.tables, asks.get(package.name, ())))
        for table in package.tables:
            for chart in unique_names([chart for of, chart in found if of is table]):
                kind = KINDS[chart.kind].drawn
                name = f"{package.name}--{table.name}--{chart.name}"
                yield PlannedChart(name, kind, package.name, "", chart, table.name)


def _pages_of_list(
    template: str, address: str, subject: Any, parent: str, n: int, rows: int | None = None
) -> Iterable[Page]:
    """Yield the page of a subject with a list of `n`, and the pages on which that list goes on."""
    rows = rows or MOST_ROWS
    parts = max(-(-n // rows), 1)
    for part in range(1, parts + 1):
        yield Page(template, address + _of_part(part), subject, parent, part, parts, rows)


def _of_part(part: int) -> str:
    """Return where a part of a list stands, below the list itself."""
    return f"trang-{part}/" if part > 1 else ""


def _on_their_pages(site: Site, charts: Iterable[PlannedChart]) -> Iterable[PlannedChart]:
    """Yield charts with the part of their indicator's pages they stand on: where the row of their figure is.

    Those that put figures side by side come first, a few on a page.
    """
    rows: dict[str, dict[str, int]] = {}
    beside: Counter[str] = Counter()
    for chart in charts:
        indicator = chart.indicator
        if indicator not in rows:
            rows[indicator] = {figure.address: n for n, figure in enumerate(site.figures_of(indicator))}
        if chart.figure is not None:
            yield replace(chart, part=rows[indicator][chart.figure.address] // MOST_ROWS + 1)
        else:
            last = max(-(-len(rows[indicator]) // MOST_ROWS), 1)
            yield replace(chart, part=min(beside[indicator] // MOST_BESIDE + 1, last))
            beside[indicator] += 1


def make_report(
    package: Package,
    data: ReportData,
    findings: Sequence[Finding],
    coverage: Coverage,
    vocabulary: Vocabulary,
    text: ReportText | None = None,
) -> Report:
    """Return a report with its results worked out."""
    return Report(package, data, tuple(findings), coverage, tuple(results(data, findings, vocabulary.units)), text)


def parts(report: Report) -> Iterable[Parts]:
    """Yield every total with its parts that a sum of the report states in figures of one unit and one indicator."""
    figures = report.data.by_id()
    for claim in report.data.claims:
        names = [name.strip() for name in claim.formula.split("+")]
        if claim.rule != "sum" or claim.result not in figures or any(name not in figures for name in names):
            continue
        total, members = figures[claim.result], tuple(figures[name] for name in names)
        if all(
            m.unit == total.unit and m.indicator == total.indicator and m.value is not None and m.value_high is None
            for m in (total, *members)
        ):
            yield Parts(claim.claim_id, total, tuple(sorted(members, key=lambda m: (-(m.value or 0), m.row))))


def _charts(site: Site, over_years: Sequence[PlannedChart]) -> Iterable[PlannedChart]:
    """Yield the charts of every indicator and report, at most one of a kind for each pair.

    A report that prints again what another printed gives no second picture of it, and neither does a target that a
    chart over years shows.
    """
    shown = {r.a for group in site.across for r in group.relations if r.kind == "copy_of"}
    for chart in over_years:
        shown |= {point.figure.address for one in chart.shows.series for point in one.points}  # type: ignore[union-attr]
    for report in site.reports:
        planned: dict[str, PlannedChart] = {}
        for kind, figure, shows in _drawable(report):
            if figure.address not in shown or kind == "parts":
                name = f"{figure.indicator}--{report.name}--{kind}"
                planned.setdefault(name, PlannedChart(name, kind, report.name, figure.indicator, shows))
        yield from planned.values()


def _over_years(site: Site) -> Iterable[PlannedChart]:
    """Yield the charts of every indicator that has series over years: those of one unit on one scale."""
    found: dict[tuple[str, str, str], list[Series]] = {}
    for one in find_series(((r.data.figures, r.results) for r in site.reports), site.vocabulary):
        figure = one.figure
        found.setdefault((figure.indicator, figure.unit, figure.measure), []).append(one)
    names: set[str] = set()
    for (indicator, _, _), series in found.items():
        points = [point for one in series for point in one.points]
        reach = tuple(v for point in points for v in (point.value, point.target) if v is not None)
        for start in range(0, len(series), MOST_PANELS):
            name = base = f"{indicator}--nam"
            if name in names:
                name = next(f"{base}-{n}" for n in range(2, len(names) + 2) if f"{base}-{n}" not in names)
            names.add(name)
            shows = Years(tuple(series[start : start + MOST_PANELS]), reach)
            yield PlannedChart(name, "series", shows.series[0].figure.package, indicator, shows)


def _places_beside(site: Site) -> Iterable[PlannedChart]:
    """Yield a chart for every indicator that several places report: the newest whole of each, where they compare.

    Places whose figures differ in more than their status are told apart in words and in the table, not in a picture.
    """
    vocabulary = site.vocabulary
    newest: dict[str, dict[str, Result]] = {}
    for report in site.reports:
        for result in report.results:
            figure = result.figure
            if figure.measure in ("level", "share") and not figure.breakdown and figure.value_high is None:
                newest.setdefault(figure.indicator, {}).setdefault(figure.place, result)
    for indicator in site.indicators():
        shown = tuple(newest.get(indicator.indicator, {}).values())
        if len(shown) > 1 and len({(r.figure.unit, r.figure.measure) for r in shown}) == 1:
            differ = differences([result.figure for result in shown], vocabulary.units, vocabulary.places)
            if set(differ) - {"status"}:
                continue
            name, package = f"{indicator.indicator}--noi", shown[0].figure.package
            yield PlannedChart(name, "target", package, indicator.indicator, Beside(shown, differ))


def _asked(site: Site, hints: Sequence[ChartHint]) -> Iterable[PlannedChart]:
    """Yield the charts that packages ask for."""
    for hint in hints:
        found = [site.report(figure.package).result_of(figure.figure_id) for figure in hint.figures]
        shown = tuple(r or Result(f) for r, f in zip(found, hint.figures, strict=True))
        beside = Beside(shown, hint.differ, hint.title_vi, hint.title_en)
        yield PlannedChart(hint.chart, "target", hint.figures[0].package, hint.figures[0].indicator, beside)


def _drawable(report: Report) -> Iterable[tuple[str, Figure, Result | Parts]]:
    for result in report.results:
        if result.target is not None:
            yield "target", result.figure, result
    for whole in parts(report):
        yield "parts", whole.total, whole
