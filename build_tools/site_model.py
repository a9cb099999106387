"""Which pages, charts and downloads exist, what they hold, and where they live.

The plan is the same in every language: it holds records, and the renderers turn records into words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from build_tools.audit.across import Across
    from build_tools.audit.finding import Finding
    from build_tools.figures import Claim, Figure, ReportData
    from build_tools.packages import Package
    from build_tools.reports import Coverage
    from build_tools.reports import Report as ReportText
    from build_tools.vocabulary import Indicator, Place, Topic, Vocabulary

# Where the pages of each language stand: at the root, or in a folder of its own with the same addresses below it. Files
# to download hold both languages and stand once, at the root; only the images of charts are of one language.
PREFIXES = {"vi": "", "en": "en"}

MOST_ROWS = 60  # of figures on one page; what is more goes on on the next

# ---- what is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """One value drawn in a chart.

    `role` says how it is drawn: `actual` solid, `estimate` hollow, `target` a line, `target_derived` a dashed line,
    `derived` hollow and joined by dots (worked out by us, not printed), `total` what the parts make.
    """

    label: str  # the category or the period, as the reader sees it
    value: Decimal
    text: str  # the value as the reader sees it, with its unit where it has one: "17.034 người"
    role: str = "actual"


@dataclass(frozen=True)
class Chart:
    """A chart to draw: everything it shows, nothing of how.

    `kind`: `target` (a row per label: actual and, where there is one, target), `parts` (the parts of a total, largest
    first, in the unit of the total), `change` (one series over periods, in order of time).
    """

    chart: str  # its address, a slug
    kind: str
    title: str
    sentence: str  # what it shows, stated for whoever cannot see it
    unit: str  # the symbol of the unit, for the axis
    marks: tuple[Mark, ...]


# ---- what is held together -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """A figure that says what was achieved, with the target it is held against.

    `target_kind`: `printed`, `derived` (worked out from an attainment or a gap the report prints) or `none`.
    """

    figure: Figure
    target: Decimal | None = None
    target_kind: str = "none"
    target_figure: Figure | None = None  # the printed target, or the figure the derived one follows from
    attainment: Figure | None = None
    claim_id: str = ""  # the claim that states the relation

    @property
    def is_estimate(self) -> bool:
        """Whether the number is an estimate or "about": drawn hollow."""
        return self.figure.status == "estimate" or self.figure.qualifier == "about"


@dataclass(frozen=True)
class Promise:
    """A target and what became of it: the target as printed or derived, what is claimed, what the arithmetic gives."""

    figure: Figure  # the printed target, or the result whose target is derived
    target: Decimal
    kind: str  # printed or derived
    outcomes: tuple[Figure, ...]  # results of the same thing, of any report
    attainment: Figure | None = None
    computed: Decimal | None = None  # percent of the target, as the claim works it out

    @property
    def id(self) -> str:
        """The promise's address on its page."""
        return f"{self.figure.package}--{self.figure.figure_id}"

    @property
    def is_open(self) -> bool:
        """Whether no report states an outcome."""
        return not self.outcomes


@dataclass(frozen=True)
class Change:
    """A figure and the same thing earlier, worked out from a change that the report prints."""

    figure: Figure
    change: Figure
    earlier: Decimal
    earlier_period: str
    target: Result | None


@dataclass(frozen=True)
class Parts:
    """A total and its parts, as a claim of the report states them."""

    claim_id: str
    total: Figure
    parts: tuple[Figure, ...]


@dataclass(frozen=True)
class PlannedChart:
    """A chart that will be drawn: its address and the records it shows."""

    chart: str
    kind: str
    package: str
    indicator: str
    shows: Result | Change | Parts


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
        return next((result for result in self.results if result.figure.figure_id == figure_id), None)

    def claim(self, claim_id: str) -> Claim:
        """Return a claim by its id."""
        return next(claim for claim in self.data.claims if claim.claim_id == claim_id)

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
class Page:
    """A page to render: its template, where it lives, and the records it shows."""

    template: str
    address: str  # relative to the language's root, ending in a slash; "" is the home page
    subject: Any = None
    parent: str = ""  # the address of the section it belongs to
    part: int = 1  # of a list that goes on over several pages
    parts: int = 1


@dataclass(frozen=True)
class Site:
    """The whole site: every page, every chart, and the records all renderers read."""

    vocabulary: Vocabulary
    reports: tuple[Report, ...]  # newest period first
    packages: tuple[Package, ...]
    pages: tuple[Page, ...]
    charts: tuple[PlannedChart, ...]
    across: tuple[Across, ...] = ()

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure of every report, in the order of reports and of their texts."""
        return tuple(figure for report in self.reports for figure in report.data.figures)

    def report(self, name: str) -> Report:
        """Return the report of a package."""
        return next(report for report in self.reports if report.name == name)

    def figures_of(self, indicator: str) -> tuple[Figure, ...]:
        """Return the figures of an indicator, newest first, within a report in the order of its text."""
        found = [figure for figure in self.figures() if figure.indicator == indicator]
        return tuple(sorted(found, key=lambda f: (-int(f.period_end.replace("-", "")), f.package, f.row)))

    def charts_of(self, indicator: str) -> tuple[PlannedChart, ...]:
        """Return the charts of an indicator's page."""
        return tuple(chart for chart in self.charts if chart.indicator == indicator)

    def indicators(self) -> tuple[Indicator, ...]:
        """Return the indicators that have figures, in the order of the vocabulary."""
        used = {figure.indicator for figure in self.figures()}
        return tuple(i for i in self.vocabulary.indicators.values() if i.indicator in used)

    def indicators_of(self, topic: str) -> tuple[Indicator, ...]:
        """Return the indicators of a topic that have figures."""
        return tuple(indicator for indicator in self.indicators() if indicator.topic == topic)

    def topics(self) -> tuple[Topic, ...]:
        """Return the topics that have figures, in their order."""
        used = {indicator.topic for indicator in self.indicators()}
        return tuple(topic for topic in self.vocabulary.topics.values() if topic.topic in used)

    def places(self) -> tuple[Place, ...]:
        """Return the places that have figures or reports, in the order of the vocabulary."""
        used = {figure.place for figure in self.figures()} | {report.data.facts.place for report in self.reports}
        return tuple(place for place in self.vocabulary.places.values() if place.place in used)

    def reports_of(self, place: str) -> tuple[Report, ...]:
        """Return the reports whose body is of that place, newest first."""
        return tuple(report for report in self.reports if report.data.facts.place == place)

    def findings(self) -> tuple[tuple[Report, Finding], ...]:
        """Return every finding with its report."""
        return tuple((report, finding) for report in self.reports for finding in report.findings)


# ---- the plan ------------------------------------------------------------------------------------------------------


def plan_site(
    vocabulary: Vocabulary, packages: Sequence[Package], reports: Sequence[Report], across: Sequence[Across] = ()
) -> Site:
    """Return the plan of the site: every page with its address, every chart with what it shows."""
    ordered = tuple(sorted(reports, key=lambda r: (r.data.facts.period_end, r.name), reverse=True))
    bare = Site(vocabulary, ordered, tuple(packages), (), (), tuple(across))
    charts = tuple(_charts(bare))
    pages = [
        Page("home", ""),
        Page("reports", "bao-cao/"),
        Page("topics", "chu-de/"),
        Page("indicators", "chi-tieu/"),
        Page("places", "dia-phuong/"),
        Page("audit", "doi-chieu/"),
        Page("across", "doi-chieu/cheo/", parent="doi-chieu/"),
        Page("promises", "cam-ket/"),
        Page("lookup", "tra-cuu/"),
        Page("data", "du-lieu/"),
    ]
    pages += [Page("topic", f"chu-de/{t.topic}/", t, "chu-de/") for t in bare.topics()]
    pages += [page for i in bare.indicators() for page in _indicator_pages(i, len(bare.figures_of(i.indicator)))]
    pages += [Page("place", f"dia-phuong/{p.place}/", p, "dia-phuong/") for p in bare.places()]
    pages += [Page("report", f"bao-cao/{r.name}/", r, "bao-cao/") for r in ordered]
    pages += [Page("ledger", f"bao-cao/{r.name}/so/", r, "bao-cao/") for r in ordered]
    pages += [Page("text", f"bao-cao/{r.name}/van-ban/", r, "bao-cao/") for r in ordered if r.text is not None]
    pages += [Page("audit_report", f"doi-chieu/{r.name}/", r, "doi-chieu/") for r in ordered]
    pages += [Page("package", f"du-lieu/{p.name}/", p, "du-lieu/") for p in packages]
    pages += [
        Page("table", f"du-lieu/{p.name}/{table.name}/", (p, table), "du-lieu/") for p in packages for table in p.tables
    ]
    return Site(vocabulary, ordered, tuple(packages), tuple(pages), charts, tuple(across))


def _indicator_pages(indicator: Indicator, figures: int) -> Iterable[Page]:
    """Yield the page of an indicator, and the pages on which its list of figures goes on."""
    parts = max(-(-figures // MOST_ROWS), 1)
    for part in range(1, parts + 1):
        address = f"chi-tieu/{indicator.indicator}/" + (f"trang-{part}/" if part > 1 else "")
        yield Page("indicator", address, indicator, "chi-tieu/", part, parts)


def make_report(
    package: Package,
    data: ReportData,
    findings: Sequence[Finding],
    coverage: Coverage,
    vocabulary: Vocabulary,
    text: ReportText | None = None,
) -> Report:
    """Return a report with its results worked out."""
    return Report(package, data, tuple(findings), coverage, tuple(_results(data, findings, vocabulary)), text)


def period_year(figure: Figure) -> int | None:
    """Return the year of a figure whose period is one whole calendar year, else None."""
    start, end = figure.period_start, figure.period_end
    return int(start[:4]) if (start[4:], end[4:]) == ("-01-01", "-12-31") and start[:4] == end[:4] else None


def _same_thing(a: Figure, b: Figure) -> bool:
    """Whether two figures speak of the same thing, however they measure it."""
    return (a.indicator, a.place, a.body, a.breakdown, a.period_end) == (
        b.indicator,
        b.place,
        b.body,
        b.breakdown,
        b.period_end,
    )


def _results(data: ReportData, findings: Sequence[Finding], vocabulary: Vocabulary) -> Iterable[Result]:
    """Yield every level or share achieved, with the target that is printed for it or follows from what is."""
    by_claim = {finding.claim_id: finding for finding in findings}
    for figure in data.figures:
        if figure.stance != "actual" or figure.value is None:
            continue
        near = [other for other in data.figures if other is not figure and _same_thing(figure, other)]
        if figure.measure in ("level", "share") or (figure.measure == "change" and _printed_target(figure, near)):
            yield _result(figure, near, data, by_claim, vocabulary)


def _printed_target(figure: Figure, near: Sequence[Figure]) -> Figure | None:
    """Return the one target that is printed for a figure, in its own measure and unit."""
    found = [f for f in near if f.stance == "target" and f.measure == figure.measure and f.unit == figure.unit]
    return found[0] if len(found) == 1 and found[0].value is not None else None


def _result(
    figure: Figure,
    near: Sequence[Figure],
    data: ReportData,
    findings: Mapping[str, Finding],
    vocabulary: Vocabulary,
) -> Result:
    # An attainment may be of the level or of its change: the claim that works it out says of which.
    attainments = [f for f in near if f.measure == "attainment" and f.stance == "actual"]
    worked = {c.result: c for c in data.claims if figure.figure_id in _words(c.formula)}
    attainment = next((f for f in attainments if f.figure_id in worked), None)
    attained = worked[attainment.figure_id] if attainment is not None else None
    printed = _printed_target(figure, near)
    if printed is not None:
        claim_id = attained.claim_id if attained else ""
        return Result(figure, printed.value, "printed", printed, attainment, claim_id)
    if attainment is not None and attained is not None:
        finding = findings.get(attained.claim_id)
        assumed = [value for _, value in finding.assumed] if finding else []
        if len(assumed) == 1 and figure.figure_id in finding.inputs:  # type: ignore[union-attr]
            return Result(figure, assumed[0], "derived", attainment, attainment, attained.claim_id)
        return Result(figure, attainment=attainment, claim_id=attained.claim_id)
    gap = next((f for f in near if f.measure == "gap" and f.base == "plan" and f.value is not None), None)
    if gap is not None and figure.value is not None and _same_base(figure, gap, vocabulary):
        target = figure.value + gap.value if gap.direction == "down" else figure.value - gap.value  # type: ignore[operator]
        claim = next((c for c in data.claims if gap.figure_id in (c.result, *_words(c.formula))), None)
        return Result(figure, target, "derived", gap, None, claim.claim_id if claim else "")
    bound = next((c for c in data.claims if c.rule == "bound" and figure.figure_id in _words(c.formula)), None)
    return Result(figure, attainment=attainment, claim_id=bound.claim_id if bound else "")


def _words(formula: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z][a-z0-9_]*", formula))


def _same_base(a: Figure, b: Figure, vocabulary: Vocabulary) -> bool:
    return vocabulary.units[a.unit].base == vocabulary.units[b.unit].base


def promises(reports: Iterable[Report]) -> tuple[Promise, ...]:
    """Return every target of the reports, printed or derived, the latest period first."""
    reports = tuple(reports)
    actual = [f for report in reports for f in report.data.figures if f.stance == "actual" and f.value is not None]
    found = []
    for report in reports:
        computed = {finding.claim_id: finding.computed for finding in report.findings}
        results = {result.target_figure.figure_id: result for result in report.results if result.target_figure}
        for figure in report.data.figures:
            if figure.stance != "target" or figure.value is None:
                continue
            outcomes = tuple(f for f in actual if _same_thing(figure, f) and f.measure == figure.measure)
            result = results.get(figure.figure_id)
            attained = result.attainment if result else None
            percent = computed.get(result.claim_id) if result and attained else None
            found.append(Promise(figure, figure.value, "printed", outcomes, attained, percent))
        for result in report.results:
            if result.target_kind == "derived" and result.target is not None:
                percent = computed.get(result.claim_id) if result.attainment else None
                found.append(
                    Promise(result.figure, result.target, "derived", (result.figure,), result.attainment, percent)
                )
    return tuple(sorted(found, key=lambda p: (p.figure.period_end, p.figure.place, p.id), reverse=True))


def changes(report: Report, vocabulary: Vocabulary) -> Iterable[Change]:
    """Yield every figure whose earlier level follows from a change that the report prints."""
    for result in report.results:
        figure = result.figure
        for other in report.data.figures:
            if (
                figure.measure != "change"
                and other.measure == "change"
                and other.stance == "actual"
                and len(other.base) == 4
                and other.base.isdigit()
                and other.value is not None
                and other.value_high is None
                and figure.value is not None
                and _same_thing(figure, other)
                and figure.unit in vocabulary.units
                and _same_base(figure, other, vocabulary)
                and vocabulary.units[figure.unit].scale == vocabulary.units[other.unit].scale
            ):
                earlier = figure.value + other.value if other.direction == "down" else figure.value - other.value
                yield Change(figure, other, earlier, other.base, result if result.target is not None else None)


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


def _charts(site: Site) -> Iterable[PlannedChart]:
    """Yield the charts of every indicator and report, at most one of a kind for each pair."""
    for report in site.reports:
        planned: dict[str, PlannedChart] = {}
        for kind, figure, shows in _drawable(report, site.vocabulary):
            name = f"{figure.indicator}--{report.name}--{kind}"
            # A chart of a change shows the target too: one picture of one thing is enough.
            if kind == "target" and f"{figure.indicator}--{report.name}--change" in planned:
                continue
            planned.setdefault(name, PlannedChart(name, kind, report.name, figure.indicator, shows))
        yield from planned.values()


def _drawable(report: Report, vocabulary: Vocabulary) -> Iterable[tuple[str, Figure, Result | Change | Parts]]:
    for change in changes(report, vocabulary):
        yield "change", change.figure, change
    for result in report.results:
        if result.target is not None:
            yield "target", result.figure, result
    for whole in parts(report):
        yield "parts", whole.total, whole
