"""What a page leads with and what it leaves to the next: first sentences, the most telling rows, related pages."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from build_tools.audit.promises import Promise, Result
from build_tools.figures import Figure
from build_tools.formats import format_date
from build_tools.packages import Package, Table
from build_tools.render.audit_views import Found
from build_tools.render.data_views import DataView
from build_tools.render.social import Card
from build_tools.render.ways import Way, ways_to_read, ways_to_read_whole
from build_tools.site_model import WHOLE, Beside, Page, Report
from build_tools.vocabulary import Indicator, Place, Topic

MOST_TILES = 4  # results of one place or report, where a page has several
MOST_TELLING = 4  # figures of one topic on the page of a place; all stand on a page of their own
MOST_FINDINGS = 4
MOST_IN_LEAD = 2
MOST_REPORTS = 6


class PageView(DataView):
    """Makes what the templates of whole pages print."""

    most_promises = 5  # of a place, waiting or with an outcome
    most_silent = 8  # indicators that only others state

    # ---- home ------------------------------------------------------------------------------------------------------

    def telling_findings(self) -> tuple[Found, ...]:
        """Return the findings a reader would most want to know of those that do not agree, the reports in turn.

        Within a report those about what it puts first come before the others, then those that lie furthest apart.
        """
        by_report: dict[str, list[Found]] = {}
        for report, finding in self.with_verdict(("fails",)):
            by_report.setdefault(finding.package, []).append((report, finding))
        ranked = [sorted(found, key=self._rank_of_finding) for found in by_report.values()]
        in_turn = [pair for row in zip_longest(*ranked) for pair in row if pair is not None]
        return tuple(in_turn[:MOST_FINDINGS])

    def _rank_of_finding(self, pair: Found) -> tuple[bool, Decimal]:
        report, finding = pair
        first = {figure.indicator for figure in self.figures_in(report, finding)} & self._headlined
        apart = Decimal(0)
        if finding.difference is not None and finding.stated:
            apart = abs(finding.difference / finding.stated)
        return not first, -apart

    @cached_property
    def _headlined(self) -> frozenset[str]:
        """The indicators that some report puts first."""
        return frozenset(r.figure.indicator for report in self.site.reports for r in report.headlines)

    def failing(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """Return those of the findings that do not agree or cannot be read, no more than a page shows."""
        wanted = [pair for pair in found if pair[1].verdict in ("fails", "malformed")]
        return tuple(wanted[:MOST_FINDINGS])

    # ---- topic -----------------------------------------------------------------------------------------------------

    def lead_indicator(self, topic: Topic) -> Indicator | None:
        """Return the indicator of a topic that most places report as a whole, those put first by a report before."""

        def rank(indicator: Indicator) -> tuple[int, bool]:
            wholes = (f for f in self.site.figures_of(indicator.indicator) if _is_whole(f))
            return -len({figure.place for figure in wholes}), indicator.indicator not in self._headlined

        found = sorted(self.site.indicators_of(topic.topic), key=rank)
        return found[0] if found and rank(found[0])[0] else None

    def topic_lead(self, page: Page, topic: Topic) -> Markup:
        """Return the newest values of a topic's leading indicator in one sentence, else how much there is."""
        indicator = self.lead_indicator(topic)
        if indicator is None:
            return self.topic_counts(topic)
        said = self.indicator_sentence(page, indicator)
        name = Markup('<a href="{}">{}</a>').format(
            self.url(page, f"chi-tieu/{indicator.indicator}/"), indicator.name(self.language)
        )
        return self.t("topic.lead", name=name, said=said[0].lower() + said[1:])

    def topic_counts(self, topic: Topic) -> Markup:
        """Return how many figures, indicators and reports a topic has, in one sentence."""
        figures = self.figures_of_topic(topic.topic)
        return self.t(
            "topic.lede",
            figures=len(figures),
            indicators=len(self.site.indicators_of(topic.topic)),
            reports=len({figure.package for figure in figures}),
        )

    def topic_beside(self, page: Page, topic: Topic) -> list[dict[str, Any]]:
        """Return what several places report of a topic, one scale for each indicator: only what may be compared."""
        groups: list[dict[str, Any]] = []
        for planned in self.site.charts:
            shows = planned.shows
            if not isinstance(shows, Beside) or shows.title_vi:
                continue
            indicator = self.site.vocabulary.indicators[planned.indicator]
            if indicator.topic != topic.topic:
                continue
            chart = self.chart(planned)
            figures = [result.figure for result in shows.results]
            tiles = self.tiles(page, shows.results, icons=False, top=_top(shows.results))
            for tile, figure in zip(tiles, figures, strict=True):
                tile["label"] = f"{self.scope(figure)}, {self.period(figure)}"
                tile["label_href"] = self.url(page, f"dia-phuong/{figure.place}/")
            groups.append(
                {
                    "title": indicator.name(self.language),
                    "href": self.url(page, f"chi-tieu/{indicator.indicator}/"),
                    "text": self.words.text("topic.open_indicator"),
                    "rows": tiles,
                    "figures": figures,
                    "caveats": " ".join(filter(None, (self.words.text("topic.one_scale"), chart.caveats))),
                    "provenance": self._provenance_beside(page, figures),
                }
            )
        return groups

    def topic_places(self, page: Page, topic: Topic) -> list[dict[str, Any]]:
        """Return the main results of a topic place by place, the newest report of each first.

        What stands beside other places already is not said twice, and neither is what a second report prints again.
        """
        beside = {(_thing(f), f.place) for group in self.topic_beside(page, topic) for f in group["figures"]}
        found: dict[str, dict[tuple[str, str, str, str], Result]] = {}
        for report in self.site.reports:
            for result in self.results_of_topic(report, topic.topic):
                key = _thing(result.figure)
                place = report.data.facts.place
                if result.figure.place == place and (key, place) not in beside:
                    found.setdefault(place, {}).setdefault(key, result)
        groups = []
        for place, results in found.items():
            held = sorted(results.values(), key=lambda r: r.target is None and r.attainment is None)
            shown = held[:MOST_TILES]
            figures = [result.figure for result in shown]
            whens = {self.when(figure) for figure in figures}
            name = self.place_name(place)
            groups.append(
                {
                    "place": place,
                    "title": name if len(whens) > 1 else self.t("home.place_period", place=name, period=whens.pop()),
                    "text": self.words.text("topic.place_figures"),
                    "href": self.url(page, f"dia-phuong/{place}/{topic.topic}/"),
                    "rows": self.tiles(page, shown, icons=False, dated=len({self.when(f) for f in figures}) > 1),
                    "provenance": self.provenance_of_place(page, place, figures),
                }
            )
        return groups

    def provenance_of_place(self, page: Page, place: str, figures: Sequence[Figure]) -> dict[str, str]:
        """Return where figures of a place stand, report by report, with the links to the place's data and citation."""
        by_package: dict[str, list[Figure]] = {}
        for figure in figures:
            by_package.setdefault(figure.package, []).append(figure)
        parts = []
        for package, some in by_package.items():
            where = self.sources(some)
            short = self.site.report(package).data.facts.short(self.language)
            parts.append(f"{short}, {where[0].lower()}{where[1:]}" if where else short)
        return {
            "text": "; ".join(parts),
            "href": self.url(page, self.anchor(figures[0])),
            "csv_href": self.url(page, f"dia-phuong/{place}.csv"),
            "cite_href": self.url(page, f"dia-phuong/{place}/#trich-dan"),
        }

    def topic_table(self, page: Page, indicators: Iterable[Indicator]) -> dict[str, object]:
        """Return indicators, each with its newest result and that one's target, period and place in a report."""
        columns = [("indicator", "name"), ("value", "value"), ("target", "meta"), ("period", "meta")]
        columns += [("count", "meta"), ("source", "source")]
        rows: list[dict[str, Any]] = []
        for indicator in indicators:
            figures = self.site.figures_of(indicator.indicator)
            figure = self._newest(indicator) or figures[0]
            cells = [
                self._cell(page, figure, "thing"),
                self._cell(page, figure, "value"),
                self.short_target(page, self.site.report(figure.package).result_of(figure.figure_id)),
                self._cell(page, figure, "period"),
                str(self.t("indicator.count", n=len(figures))),
                self._cell(page, figure, "source"),
            ]
            rows.append({"id": "", "cells": cells})
        kept = [i for i in range(len(columns)) if any(row["cells"][i] for row in rows)]
        return {
            "caption": self.words.text("indicators.caption"),
            "columns": [{"label": self.words.text(f"column.{columns[i][0]}"), "role": columns[i][1]} for i in kept],
            "rows": [{**row, "cells": [row["cells"][i] for i in kept]} for row in rows],
        }

    # ---- place -----------------------------------------------------------------------------------------------------

    def place_lead(self, page: Page, place: Place) -> Markup:
        """Return what the newest report of a place puts first, in one sentence; how much there is where it has none."""
        report = self.place_report(place)
        figures = [r.figure for r in report.headlines if r.figure.place == place.place] if report else []
        if not figures:
            return self.place_counts(place)
        when = self.when(figures[0])
        results = [
            self.t("place.lead_result", name=_lower(self.result_name(f)), value=self.figure_link(page, f))
            for f in figures
            if self.when(f) == when
        ][:MOST_IN_LEAD]
        return self.t(
            "place.lead",
            when=when[0].upper() + when[1:],
            place=place.short(self.language),
            results=self.joined(results),
        )

    def place_counts(self, place: Place) -> Markup:
        """Return how many figures of how many reports speak of a place."""
        figures = self.figures_of_place(place.place)
        reports = len({figure.package for figure in figures})
        return self.t("place.lede", place=place.short(self.language), figures=len(figures), reports=reports)

    def place_facts(self, page: Page, place: Place) -> list[dict[str, object]]:
        """Return what is known of a place itself: what it belongs to, since when and until when, what it became."""
        places = self.site.vocabulary.places

        def named(code: str) -> list[dict[str, object]]:
            shown = {"text": places[code].name(self.language)}
            linked = code in {one.place for one in self.site.places()}
            return [{**shown, "href": self.url(page, f"dia-phuong/{code}/")} if linked else {**shown}]

        entries: list[tuple[str, object]] = []
        if place.parent in places:
            entries.append(("parent", named(place.parent)))
        if place.valid_from:
            entries.append(("valid_from", format_date(place.valid_from, self.language)))
        if place.valid_to:
            entries.append(("valid_to", format_date(place.valid_to, self.language)))
        if place.successor in places:
            entries.append(("successor", named(place.successor)))
        if self.place_note(place):
            entries.append(("note", self.place_note(place)))
        return [{"term": self.words.text(f"place.{key}"), "text": text} for key, text in entries]

    def other_reports(self, page: Page, place: Place) -> list[dict[str, object]]:
        """Return the reports of a place but the one that its page shows, as a list with their size."""
        reports = self.site.reports_of(place.place)
        shown = self.place_report(place)
        return [
            {
                "title": report.data.facts.title(self.language),
                "href": self.url(page, f"bao-cao/{report.name}/"),
                "icon": "file-document-outline",
                "where": self.report_period(report),
                "number": self.words.shown(len(report.data.figures)),
                "unit": self.words.text("places.figures"),
            }
            for report in [report for report in reports if report is not shown][:MOST_REPORTS]
        ]

    def place_report(self, place: Place) -> Report | None:
        """Return the newest report of a place, one with headlines before one without."""
        reports = self.site.reports_of(place.place)
        return next((report for report in reports if report.headlines), reports[0] if reports else None)

    def place_topics(self, page: Page, place: Place) -> list[dict[str, Any]]:
        """Return the topics a place has figures of: the newest and most telling of each, and where all stand."""
        figures = self.figures_of_place(place.place)
        groups: list[dict[str, Any]] = []
        for topic in self.site.topics():
            part = self.of_topic(figures, topic.topic)
            if not part:
                continue
            name = topic.name(self.language)
            caption = self.t("place.caption", topic=name)
            columns = ("thing", "value", "target", "period", "source")
            groups.append(
                {
                    "id": topic.topic,
                    "title": name,
                    "href": self.url(page, f"dia-phuong/{place.place}/{topic.topic}/"),
                    "text": str(self.t("place.all_of_topic", n=len(part))),
                    "table": self.figure_table(page, self.telling(part), caption, columns, whole=True),
                }
            )
        return groups

    def telling(self, figures: Iterable[Figure]) -> list[Figure]:
        """Return the newest and most telling of the figures, one of each thing: results held against a target first.

        After those come results of a whole, then results of a part; other figures only where there are no results.
        """
        ranked: list[tuple[int, int, int, Figure]] = []
        for n, figure in enumerate(figures):
            result = self.site.report(figure.package).result_of(figure.figure_id)
            held = result is not None and (result.target is not None or result.attainment is not None)
            rank = 0 if held else 1 if _is_whole(figure) else 2 if result is not None else 3
            ranked.append((rank, -int(figure.period_end.replace("-", "")), n, figure))
        chosen: dict[tuple[str, str, str, str], Figure] = {}
        best = min((rank for rank, *_ in ranked), default=0)
        for rank, *_, figure in sorted(ranked, key=lambda entry: entry[:3]):
            if rank < 3 or best == 3:  # a percentage of a plan stands beside its result, not in a row of its own
                chosen.setdefault(_thing(figure), figure)
        return list(chosen.values())[:MOST_TELLING]

    def place_promises(self, place: Place, is_open: bool) -> tuple[Promise, ...]:
        """Return the targets of a place that wait for an outcome, or those that have one."""
        every = self.open_promises() if is_open else self.met_promises()
        return tuple(promise for promise in every if promise.figure.place == place.place)

    def silent_on(self, place: Place) -> list[Figure]:
        """Return what reports of other places state and none of this place does: the newest figure of each indicator.

        Only indicators that another report puts first or holds against a target, those that most places state first.
        """
        own = {report.name for report in self.site.reports_of(place.place)}
        stated = {f.indicator for f in self.site.figures_at(place.place)}
        stated |= {f.indicator for name in own for f in self.site.report(name).data.figures}
        found: dict[str, dict[str, Figure]] = {}
        for report in self.site.reports:
            for result in report.results:
                figure = result.figure
                held = result.target is not None or result.attainment is not None or result in report.headlines
                if held and _is_whole(figure) and figure.indicator not in stated:
                    found.setdefault(figure.indicator, {}).setdefault(figure.place, figure)
        ordered = sorted(found.values(), key=lambda by_place: -len(by_place))
        return [next(iter(by_place.values())) for by_place in ordered]

    def indicator_links(self, page: Page, figures: Iterable[Figure]) -> list[dict[str, object]]:
        """Return links to the indicators of figures."""
        names = {f.indicator: self.site.vocabulary.indicators[f.indicator].name(self.language) for f in figures}
        return [{"text": name, "href": self.url(page, f"chi-tieu/{code}/")} for code, name in names.items()]

    # ---- related pages ---------------------------------------------------------------------------------------------

    def related_to_topic(self, page: Page, topic: Topic) -> list[dict[str, object]]:
        """Return the pages a reader of a topic may want next: by place, by report, and the calculations."""
        figures = self.figures_of_topic(topic.topic)
        places = [self.site.vocabulary.places[place] for place in dict.fromkeys(f.place for f in figures)]
        by_place = [(p.short(self.language), f"dia-phuong/{p.place}/{topic.topic}/") for p in places]
        packages = list(dict.fromkeys(figure.package for figure in figures))[:MOST_REPORTS]
        reports = [(self.site.report(name).data.facts.short(self.language), f"bao-cao/{name}/") for name in packages]
        more = [(self.words.text("section.audit"), f"doi-chieu/chu-de/{topic.topic}/")]
        more.append((self.words.text("section.promises"), "cam-ket/"))
        return self._groups_of_links(page, (("by_place", by_place), ("reports", reports), ("more", more)))

    def related_to_place(self, page: Page, place: Place) -> list[dict[str, object]]:
        """Return the pages a reader of a place may want next: its reports' calculations, other places, promises."""
        reports = self.site.reports_of(place.place)[:MOST_REPORTS]
        audits = [(report.data.facts.short(self.language), f"doi-chieu/{report.name}/") for report in reports]
        others = [p for p in self.site.places() if p is not place and p.level == place.level]
        beside = [(p.short(self.language), f"dia-phuong/{p.place}/") for p in others]
        more = [(self.words.text("section.promises"), "cam-ket/"), (self.words.text("section.data"), "du-lieu/")]
        return self._groups_of_links(page, (("audit", audits), ("places", beside), ("more", more)))

    def related_to_report(self, page: Page, report: Report) -> list[dict[str, object]]:
        """Return the pages a reader of a report may want next: others of its place, its topics, its parts."""
        facts = report.data.facts
        others = [r for r in self.site.reports_of(facts.place) if r is not report][:MOST_REPORTS]
        reports = [(r.data.facts.short(self.language), f"bao-cao/{r.name}/") for r in others]
        used = self.site.topics_of(report.data.figures)
        topics = [(t.name(self.language), f"chu-de/{t.topic}/") for t in self.site.topics() if t.topic in used]
        more = [
            (self.place_name(facts.place), f"dia-phuong/{facts.place}/"),
            (self.words.text("section.audit"), f"doi-chieu/{report.name}/"),
            (self.words.text("section.data"), f"du-lieu/{report.name}/"),
        ]
        return self._groups_of_links(page, (("same_place", reports), ("topics", topics), ("more", more)))

    def _groups_of_links(
        self, page: Page, groups: Iterable[tuple[str, Sequence[tuple[str, str]]]]
    ) -> list[dict[str, object]]:
        shown: list[dict[str, object]] = []
        for name, links in groups:
            entries = [
                {"text": text, "href": self.url(page, to), "current": to == page.address}
                for text, to in links
                if to in self._addresses
            ]
            if entries:
                shown.append({"label": self.words.text(f"related.{name}"), "links": entries})
        return shown

    @cached_property
    def _addresses(self) -> frozenset[str]:
        return frozenset(planned.address for planned in self.site.pages)

    # ---- report ----------------------------------------------------------------------------------------------------

    def section_title(self, section: str) -> str:
        """Return the heading of a section of a report, `Mục I.2`, or what stands before the first."""
        name = self.section_name(section) if section else self.words.text("report.no_section")
        return name[0].upper() + name[1:]

    def section_links(self, report: Report) -> list[dict[str, object]]:
        """Return the sections of a report that hold figures, as links on its page with how many each holds."""
        links: list[dict[str, object]] = []
        for n, (section, figures) in enumerate(self.by_section(report), 1):
            title = self.section_title(section)
            links.append({"text": f"{title}, {self.words.shown(len(figures))}", "href": f"#muc-{n}"})
        return links

    # ---- pictures for sharing --------------------------------------------------------------------------------------

    def social_cards(self, prefix: str) -> list[Card]:
        """Return the pictures that stand for pages where they are shared; `prefix` is where the language stands."""
        return [self._social_card(page, prefix) for page in self.site.pages if page.image]

    def _social_card(self, page: Page, prefix: str) -> Card:
        subject, words = page.subject, self.words
        result: Result | None = None
        figure: Figure | None = None
        kind, title = "", words.text("home.title")
        if isinstance(subject, Topic):
            kind, title = words.text("section.topics"), subject.name(self.language)
            indicator = self.lead_indicator(subject)
            figure = self._newest(indicator) if indicator else None
        elif isinstance(subject, Indicator):
            kind, title = words.text("section.indicators"), subject.name(self.language)
            figure = self._newest(subject)
        elif isinstance(subject, Place):
            kind, title = words.text("section.places"), subject.name(self.language)
            report = self.place_report(subject)
            result = report.headlines[0] if report and report.headlines else None
        elif isinstance(subject, Report):
            kind, title = words.text("section.reports"), subject.data.facts.title(self.language)
            result = subject.headlines[0] if subject.headlines else None
        if figure is not None:
            result = self.site.report(figure.package).result_of(figure.figure_id)
        elif result is not None:
            figure = result.figure
        if figure is not None:
            number, unit = self.value(figure), self.measured("", self.unit_of(figure))
            named = "" if isinstance(subject, Indicator) else self.result_name(figure)
            line = ", ".join(filter(None, (named, self.place_name(figure.place), self.period(figure))))
        else:
            number, unit, line = self._social_count(subject)
        bullet: dict[str, Any] = (self.bullet(result) if result else None) or {}
        return Card(
            path=f"{prefix}/{page.image}" if prefix else page.image,
            language=self.language,
            kind=kind,
            title=title,
            number=number,
            unit=unit,
            line=line,
            foot=words.text("social.foot"),
            site=self.settings.site_name,
            actual_percent=str(bullet.get("actual_percent") or ""),
            target_percent=str(bullet.get("target_percent") or ""),
            is_derived=bullet.get("target_kind") == "derived",
            is_estimate=bool(bullet.get("estimate")),
        )

    def _newest(self, indicator: Indicator) -> Figure | None:
        """Return the newest result of an indicator, of a whole where there is one."""
        figures = [f for f in self.site.figures_of(indicator.indicator) if f.stance == "actual" and f.value is not None]
        return next((figure for figure in figures if _is_whole(figure)), figures[0] if figures else None)

    def _social_count(self, subject: object) -> tuple[str, str, str]:
        """Return how many figures there are, for a page without a headline number: the number, its unit, a line."""
        if isinstance(subject, Place):
            figures = self.figures_of_place(subject.place)
        elif isinstance(subject, Topic):
            figures = self.figures_of_topic(subject.topic)
        elif isinstance(subject, Indicator):
            figures = self.site.figures_of(subject.indicator)
        else:
            figures = subject.data.figures if isinstance(subject, Report) else self.site.figures()
        reports = len({figure.package for figure in figures})
        line = self.words.fill("social.reports", reports=reports)
        return self.words.shown(len(figures)), self.measured("", self.words.text("places.figures")), line

    # ---- data ------------------------------------------------------------------------------------------------------

    def created(self, package: Package) -> str:
        """Return when a package was made, in words; empty where it does not say."""
        try:
            day = format_date(str(package.descriptor.get("created") or "")[:10], self.language)
        except ValueError:  # others may write there what they like
            return ""
        return self.words.fill("package.created_on", date=day)

    def whole_downloads(self, page: Page) -> dict[str, object]:
        """Return the files that hold the whole site as a table: what each holds, its rows, its size."""
        tables = sum(len(package.tables) for package in self.site.packages)
        rows_of = {
            "zip": sum(self.total_rows(package) for package in self.site.packages),
            "sqlite": sum(self.total_rows(package) for package in self.site.packages),
            "parquet": len(self.site.figures()),
        }
        counts = {"packages": len(self.site.packages), "tables": tables}
        columns: list[object] = [self.words.text(f"download.{name}") for name in ("file", "holds")]
        columns += [{"text": self.words.text(f"download.{name}"), "right": True} for name in ("rows", "size")]
        rows = [
            [
                {"text": path.rpartition("/")[2], "href": self.url(page, path)},
                self.words.fill(f"download.whole_{kind}", **counts),
                self.words.shown(rows_of[kind]),
                self.size(self.sizes[path]),
            ]
            for kind, path in WHOLE.items()
            if path in self.sizes
        ]
        return {"caption": self.words.text("download.whole"), "columns": columns, "rows": rows}

    def ways(self, package: Package, table: Table) -> list[Way]:
        """Return how a table is opened, program by program."""
        return ways_to_read(self.words, self.settings.absolute_url, package, table)

    def ways_of_whole(self) -> list[Way]:
        """Return how the files that hold the whole site are opened."""
        return ways_to_read_whole(self.words, self.settings.absolute_url)

    @staticmethod
    def main_table(package: Package) -> Table:
        """Return the table of a package that most readers want: its figures, else its first."""
        return package.table("figures") or package.tables[0]


def _is_whole(figure: Figure) -> bool:
    """Return whether a figure is a result of a whole: no part of it, no change, no percentage of a plan."""
    return figure.stance == "actual" and figure.measure in ("level", "share") and not figure.breakdown


def _thing(figure: Figure) -> tuple[str, str, str, str]:
    """Return what a figure speaks of, whenever it was and whoever says it."""
    return figure.indicator, figure.breakdown, figure.body, figure.measure


def _top(results: Iterable[Result]) -> Decimal:
    """Return the greatest number among results and their targets, for one scale."""
    numbers = [n for r in results for n in (r.figure.value, r.target) if n is not None]
    return max(numbers, default=Decimal(0))


def _lower(name: str) -> str:
    """Return a name as it stands inside a sentence; an abbreviation keeps its capitals."""
    return name if name[1:2].isupper() else name[0].lower() + name[1:]
